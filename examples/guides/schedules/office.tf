locals {
  # When the office's machines run.
  office = {
    running       = ["mon-fri 08:00-19:30", "sat 10:00-14:00"]
    stopped_dates = ["2026-12-24/2027-01-03"]
  }
}

# Overrides the schedule for one run: terraform apply -var override=running
variable "override" {
  description = "running or stopped; null follows the schedule."
  type        = string
  default     = null
}

resource "instance_fleet_power_state" "office" {
  cloud        = "tencentcloud"
  instance_ids = ["ins-office01", "ins-office02"]
  stopped_mode = "stop_charging"

  # plantimestamp() is known in the plan, so that the plan shows the state.
  state = var.override != null ? var.override : provider::instance::scheduled_state(local.office, "Asia/Shanghai", plantimestamp())
}

# When the next run is due; null if the schedule never changes.
output "next_change" {
  value = provider::instance::next_change(local.office, "Asia/Shanghai", plantimestamp())
}
