variable "awake" {
  description = "Whether the fleet runs."
  type        = bool
  default     = false
}

# One resource for many instances of one cloud and region. They are stopped and
# started in calls of up to 100.
resource "instance_fleet_power_state" "workers" {
  cloud  = "tencentcloud"
  region = "ap-guangzhou"
  state  = var.awake ? "running" : "stopped"

  instance_ids = [
    "ins-0abcd001",
    "ins-0abcd002",
    "ins-0abcd003",
  ]

  stopped_mode = "stop_charging"
  max_failures = 1

  timeouts {
    update = "15m"
  }
}

# The instances that failed, with the error of each.
output "not_as_declared" {
  value = {
    for id, instance in instance_fleet_power_state.workers.instances :
    id => instance.error if instance.error != null
  }
}
