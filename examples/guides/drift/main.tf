terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

# Terraform has the say: what is started elsewhere is stopped by the next apply.
resource "instance_power_state" "test" {
  cloud       = "tencentcloud"
  instance_id = "ins-test0001"
  state       = "stopped"
}

# Terraform has the first word only. Afterwards, whoever needs the instance may
# start and stop it; plans stay empty.
resource "instance_power_state" "shared" {
  cloud       = "tencentcloud"
  instance_id = "ins-shared01"
  state       = "stopped"

  lifecycle {
    ignore_changes = [state, stopped_mode]
  }
}

# The same, but the state is declared anew with each release.
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
    ignore_changes       = [state, stopped_mode]
    replace_triggered_by = [terraform_data.release]
  }
}
