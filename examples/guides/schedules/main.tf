terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

variable "at" {
  description = "Time at which the schedules are evaluated, such as 2026-11-28T12:00:00+08:00; null is now."
  type        = string
  default     = null
}

locals {
  cloud    = "tencentcloud"
  regions  = toset(["ap-guangzhou", "ap-shanghai"])
  timezone = "Asia/Shanghai"

  # plantimestamp() is known in the plan, so that the plan shows the states.
  at = var.at != null ? var.at : plantimestamp()

  # The state that each instance's tag gives at that time; null if the tag is
  # malformed.
  states = {
    for region in local.regions : region => {
      for id, instance in data.instance_power_states.tagged[region].instances :
      id => try(provider::instance::scheduled_state(instance.tags.schedule, local.timezone, local.at), null)
    }
  }
  malformed = flatten([for states in local.states : [for id, state in states : id if state == null]])
}

# Every instance with a tag "schedule", such as
# "mon-fri 08:00-19:30 / sat+sun 10:00-14:00".
data "instance_power_states" "tagged" {
  for_each = local.regions

  cloud  = local.cloud
  region = each.key
  tags   = { schedule = "" }
}

# One fleet for each region.
resource "instance_fleet_power_state" "tagged" {
  for_each = local.regions

  cloud        = local.cloud
  region       = each.key
  states       = { for id, state in local.states[each.key] : id => state if state != null }
  stopped_mode = "stop_charging_if_supported"
  max_failures = "10%"
}

# A warning, so that one typo does not hold up the others.
check "tags" {
  assert {
    condition     = length(local.malformed) == 0
    error_message = "The tag \"schedule\" of these instances is not a schedule, and they are left as they are: ${join(", ", local.malformed)}."
  }
}
