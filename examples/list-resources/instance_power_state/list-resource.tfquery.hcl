# The instances of an environment: "terraform query" shows them, and
# "terraform query -generate-config-out=found.tf" writes import blocks for
# them.
list "instance_power_state" "production" {
  provider = instance
  limit    = 1000

  config {
    cloud  = "tencentcloud"
    region = "ap-guangzhou"
    tags   = { env = "production" }
    states = ["running", "stopped"]
  }
}

# Instances that are stopped and still billed.
list "instance_power_state" "paid" {
  provider = instance
  limit    = 1000

  config {
    cloud    = "alicloud"
    states   = ["stopped"]
    charging = true
  }
}

# Instances that could stop charging while they are stopped.
list "instance_power_state" "candidates" {
  provider = instance
  limit    = 1000

  config {
    cloud             = "tencentcloud"
    charge_types      = ["pay_as_you_go"]
    can_stop_charging = true
  }
}
