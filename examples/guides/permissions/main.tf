terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

provider "instance" {
  preflight = "dry_run"

  alicloud { region = "cn-hangzhou" }
  volcengine { region = "cn-beijing" }
}

resource "instance_power_state" "web" {
  cloud       = "alicloud"
  instance_id = "i-bp1fgo8es0i2mp5fa3bq"
  state       = "stopped"
}

resource "instance_power_state" "api" {
  cloud       = "volcengine"
  instance_id = "i-ybvjq7o2h0ay8n3vabcd"
  state       = "stopped"
}
