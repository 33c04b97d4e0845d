terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

resource "instance_power_state" "render" {
  cloud        = "alicloud"
  instance_id  = "i-bp1fgo8es0i2mp5fa3bq"
  state        = "stopped"
  stopped_mode = "stop_charging"
}

# Mixed instances: those that can stop charging do, and the others keep charging.
resource "instance_fleet_power_state" "night" {
  cloud        = "alicloud"
  instance_ids = ["i-bp1fgo8es0i2mp5fa3br", "i-bp1fgo8es0i2mp5fa3bs"]
  state        = "stopped"
  stopped_mode = "stop_charging_if_supported"
}

# Must be able to start at once, so it is billed while it is stopped.
resource "instance_power_state" "standby" {
  cloud        = "volcengine"
  instance_id  = "i-ybvjq7o2h0ay8n3vabcd"
  state        = "stopped"
  stopped_mode = "keep_charging"
}

# Already stopped in the other mode: only a start and a stop can change it.
resource "instance_power_state" "archive" {
  cloud         = "tencentcloud"
  instance_id   = "ins-archive1"
  state         = "stopped"
  stopped_mode  = "stop_charging"
  allow_restart = true
}

# The stopped instances of a region whose compute is still billed.
data "instance_power_states" "idle" {
  cloud    = "tencentcloud"
  states   = ["stopped"]
  charging = true

  # Read after the apply has changed the mode.
  depends_on = [instance_power_state.archive]
}

output "stopped_but_billed" {
  value = { for id, instance in data.instance_power_states.idle.instances : id => instance.instance_name }
}
