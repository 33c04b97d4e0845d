# The instances that are stopped and still billed.
data "instance_power_states" "paid" {
  cloud    = "alicloud"
  states   = ["stopped"]
  charging = true
}

output "stopped_and_paid" {
  value = { for id, one in data.instance_power_states.paid.instances : id => one.instance_name }
}

# All instances of a test environment, stopped.
data "instance_power_states" "test" {
  cloud = "tencentcloud"
  name  = "test-*"
  tags  = { env = "test" }
}

resource "instance_power_state" "test" {
  for_each = toset(data.instance_power_states.test.ids)

  cloud       = "tencentcloud"
  instance_id = each.value
  state       = "stopped"
}

# The running instances that can stop charging, by zone.
data "instance_power_states" "candidates" {
  cloud             = "alicloud"
  states            = ["running"]
  charge_types      = ["pay_as_you_go", "spot"]
  can_stop_charging = true
}

output "candidates" {
  value = {
    for id, one in data.instance_power_states.candidates.instances :
    one.zone => "${one.instance_name} (${one.instance_type})"...
  }
}

# Some instances by their ids, imported and kept running.
data "instance_power_states" "batch" {
  cloud        = "volcengine"
  instance_ids = ["i-ybvjq7o2h0ay8n3vabcd", "i-ybvjq7o2h0ay8n3vefgh"]
}

import {
  for_each = data.instance_power_states.batch.instances
  to       = instance_power_state.batch[each.key]
  id       = each.value.id
}

resource "instance_power_state" "batch" {
  for_each = data.instance_power_states.batch.instances

  cloud       = "volcengine"
  instance_id = each.key
  state       = "running"
}
