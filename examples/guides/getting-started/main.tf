terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

# The simulated clouds. Without "endpoint", this is the real Tencent Cloud.
provider "instance" {
  tencentcloud {
    endpoint = "http://127.0.0.1:8090"
  }
}

resource "instance_power_state" "web" {
  cloud        = "tencentcloud"
  instance_id  = "ins-demoweb1"
  state        = "stopped"
  stopped_mode = "stop_charging"

  timeouts {
    create = "2m"
    update = "2m"
  }
}

output "web" {
  value = {
    status   = instance_power_state.web.status
    charging = instance_power_state.web.charging
  }
}
