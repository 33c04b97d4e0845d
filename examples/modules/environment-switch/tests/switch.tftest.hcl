# Tests of the module on simulated clouds, without an account. Install the simulator:
#
#   go install github.com/instance-power/terraform-provider-instance/cmd/instance-simulator@latest
#
# Then run in the folder of the module:
#
#   terraform init
#   tests/on-simulator terraform test
#
# You can also use a simulator that already runs with the instances of seed.json:
# export the variables that it prints, and run "terraform test". If it listens on
# another port, change endpoint below: a variable of a test file overrides
# terraform.tfvars and the command line.

variables {
  # Without an endpoint, a test would reach a real account.
  endpoint = "http://127.0.0.1:8090"

  instances = {
    alicloud      = { "cn-hangzhou" = ["i-bp1demoweb1", "i-bp1demoweb2"], "cn-shanghai" = ["i-uf6demoshanghai"] }
    tencentcloud  = { "ap-guangzhou" = ["ins-demoweb1", "ins-demoweb2"] }
    volcengine    = { "cn-beijing" = ["i-demoweb1", "i-demoweb2"] }
    zenlayercloud = ["vm-demo-web-1"]
  }
}

provider "instance" {
  alicloud { endpoint = var.endpoint }
  tencentcloud { endpoint = var.endpoint }
  volcengine { endpoint = var.endpoint }
  zenlayercloud { endpoint = var.endpoint }
}

run "turn_off" {
  variables {
    awake        = false
    stopped_mode = "stop_charging"
  }

  assert {
    condition     = length(output.states) == 8 && alltrue([for state in values(output.states) : state == "stopped"])
    error_message = "Not all of the 8 instances are stopped: ${jsonencode(output.states)}"
  }

  assert {
    condition     = join(" ", output.charging) == "zenlayercloud/vm-demo-web-1"
    error_message = "Only Zenlayer charges stopped instances, but these are charged: ${join(", ", output.charging)}"
  }

  assert {
    condition     = length(output.failed) == 0
    error_message = "Instances failed: ${jsonencode(output.failed)}"
  }
}

run "leave_an_instance_out" {
  variables {
    awake = false
    instances = {
      tencentcloud = { "ap-guangzhou" = ["ins-demoweb1"] }
    }
  }

  assert {
    condition     = join(" ", keys(output.states)) == "tencentcloud/ap-guangzhou/ins-demoweb1"
    error_message = "An instance that was taken out of the environment is still in it: ${jsonencode(output.states)}"
  }
}

run "turn_on" {
  variables {
    awake        = true
    stopped_mode = "stop_charging"
  }

  assert {
    condition     = length(output.states) == 8 && alltrue([for state in values(output.states) : state == "running"])
    error_message = "Not all of the 8 instances run: ${jsonencode(output.states)}"
  }
}

run "refuse_another_mode" {
  command = plan

  variables {
    awake        = false
    stopped_mode = "hibernate"
  }

  expect_failures = [var.stopped_mode]
}
