terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

variable "awake" {
  description = "Whether the environment runs; a variable of the workspace."
  type        = bool
  default     = false
}

# Keys are environment variables of the workspace, and are nowhere in here.
provider "instance" {
  tencentcloud { region = "ap-guangzhou" }
}

resource "instance_fleet_power_state" "environment" {
  cloud        = "tencentcloud"
  instance_ids = ["ins-envweb01", "ins-envweb02", "ins-envdb001"]
  state        = var.awake ? "running" : "stopped"
}

output "states" {
  value = { for id, instance in instance_fleet_power_state.environment.instances : id => instance.state }
}
