variable "price_of_hour" {
  description = "What an hour of each instance type costs."
  type        = map(number)
  default     = {}
}

locals {
  month = ["2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"]

  # The hours of the month in which each instance runs; null if its tag is no
  # schedule.
  hours = merge([
    for found in data.instance_power_states.tagged : {
      for id, instance in found.instances :
      id => try(provider::instance::running_hours(instance.tags.schedule, local.timezone, local.month...), null)
    }
  ]...)
}

output "cost_of_month" {
  value = sum(concat([0], flatten([
    for found in data.instance_power_states.tagged : [
      for id, instance in found.instances :
      local.hours[id] * lookup(var.price_of_hour, instance.instance_type, 0) if local.hours[id] != null
    ]
  ])))
}
