# Instances of the office run from Monday to Friday, on Saturday mornings, and
# for the nightly build from Sunday to Monday; not over the holidays, but all
# day on the date of the sale.

locals {
  office = {
    running       = ["mon-fri 08:00-19:30", "sat 10:00-14:00", "sun 22:00-02:00"]
    stopped_dates = ["2026-10-01/2026-10-07", "2027-01-01"]
    running_dates = ["2026-11-28"]
  }
}

# plantimestamp() is known in the plan, so that the plan shows the state.
resource "instance_power_state" "web" {
  cloud       = "tencentcloud"
  instance_id = "ins-r8hr2upy"
  state       = provider::instance::scheduled_state(local.office, "Asia/Shanghai", plantimestamp())
}

# A schedule that is a string fits into a tag on every cloud.
locals {
  tag = "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"
}

output "tagged" {
  value = provider::instance::scheduled_state(local.tag, "Asia/Shanghai", plantimestamp())
}
