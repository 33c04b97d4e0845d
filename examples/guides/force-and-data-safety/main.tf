terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

# The default: the guest is asked to shut down and is never forced. The apply
# fails if it does not shut down within the timeout.
resource "instance_power_state" "database" {
  cloud       = "alicloud"
  instance_id = "i-bp1database0000000"
  state       = "stopped"

  timeouts {
    create = "30m"
    update = "30m"
  }
}

# Asked to shut down, and forced if it is not stopped after five minutes.
resource "instance_power_state" "web" {
  cloud            = "zenlayercloud"
  instance_id      = "1205432187642034176"
  state            = "stopped"
  force_stop_after = "5m"
}

# Forced at once: nothing on its disks matters.
resource "instance_power_state" "runner" {
  cloud       = "tencentcloud"
  instance_id = "ins-runner01"
  state       = "stopped"
  force_stop  = true
}
