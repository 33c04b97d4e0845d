# A state for each instance, instead of instance_ids and state.
resource "instance_fleet_power_state" "by_role" {
  cloud  = "tencentcloud"
  region = "ap-guangzhou"

  states = {
    "ins-0abcd004" = "running"
    "ins-0abcd005" = "stopped"
  }

  max_failures = "10%"
}
