# One fleet follows the schedules that its instances carry as a tag. "make demo"
# applies this after the first example, at the time that it gives as "at".

terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

provider "instance" {
  tencentcloud {
    region     = "ap-guangzhou"
    endpoint   = var.endpoint
    secret_id  = var.keys.tencentcloud.id
    secret_key = var.keys.tencentcloud.secret
  }
}

# Every instance with a tag "schedule", whatever its value.
data "instance_power_states" "office" {
  tags = { schedule = "" }
}

resource "instance_fleet_power_state" "office" {
  states = {
    for id, instance in data.instance_power_states.office.instances :
    id => provider::instance::scheduled_state(instance.tags.schedule, "Asia/Shanghai", var.at)
  }
}
