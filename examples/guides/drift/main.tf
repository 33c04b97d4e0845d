terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

# Terraform controls the state: the next apply stops an instance that was started
# elsewhere.
resource "instance_power_state" "test" {
  cloud       = "tencentcloud"
  instance_id = "ins-test0001"
  state       = "stopped"
}

# Terraform sets the state once, at create. Later starts and stops by others do
# not appear in plans.
resource "instance_power_state" "shared" {
  cloud       = "tencentcloud"
  instance_id = "ins-shared01"
  state       = "stopped"

  lifecycle {
    ignore_changes = [state]
  }
}

# The same, but each release applies the state again.
variable "release" {
  type    = string
  default = "2026-11"
}

resource "terraform_data" "release" {
  input = var.release
}

resource "instance_power_state" "demo" {
  cloud       = "tencentcloud"
  instance_id = "ins-demo0001"
  state       = "running"

  lifecycle {
    ignore_changes       = [state]
    replace_triggered_by = [terraform_data.release]
  }
}
