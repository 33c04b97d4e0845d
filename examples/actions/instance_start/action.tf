# Starts instances once, in the first apply and in each one that changes "day". By hand:
#
#   terraform apply -invoke=action.instance_start.workers
action "instance_start" "workers" {
  config {
    cloud        = "alicloud"
    instance_ids = ["i-bp1fgo8es0i2mp5fa3bq", "i-bp1fgo8es0i2mp5fa3br"]
    timeout      = "10m"
  }
}

variable "day" {
  description = "The day for which the workers are started."
  type        = string
  default     = "2026-03-02"
}

resource "terraform_data" "day" {
  input = var.day

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.instance_start.workers]
    }
  }
}
