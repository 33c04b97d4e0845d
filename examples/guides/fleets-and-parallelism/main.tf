terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

provider "instance" {
  tencentcloud {
    region = "ap-guangzhou"

    # For each action. Half of the cloud's limit for starts and stops, since another
    # team's runs share the account.
    requests_per_second = 5
  }
}

resource "instance_fleet_power_state" "workers" {
  cloud        = "tencentcloud"
  instance_ids = ["ins-worker01", "ins-worker02", "ins-worker03"]
  state        = "stopped"

  # One or two may fail: the apply succeeds with a warning, and the next one
  # tries them again.
  max_failures = 2

  # For the whole fleet.
  timeouts {
    create = "15m"
    update = "15m"
  }
}

output "not_stopped" {
  value = {
    for id, worker in instance_fleet_power_state.workers.instances :
    id => worker.error if worker.state != "stopped"
  }
}
