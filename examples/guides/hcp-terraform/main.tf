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

# Neither this file nor the workspace has a key: the provider exchanges the token of
# the run. A plan gets a role that may only describe instances; terraform.applying
# needs Terraform 1.10 or OpenTofu 1.11. Leave out the clouds that you do not use.
provider "instance" {
  alicloud {
    region = "cn-hangzhou"
    assume_role_with_oidc {
      role_arn                = "acs:ram::1234567890123456:role/terraform-${terraform.applying ? "apply" : "plan"}"
      oidc_provider_arn       = "acs:ram::1234567890123456:oidc-provider/app.terraform.io"
      tfc_credential_tag_name = "ALICLOUD"
    }
  }

  tencentcloud {
    region = "ap-guangzhou"
    assume_role_with_web_identity {
      role_arn                = "qcs::cam::uin/100000000001:roleName/terraform-${terraform.applying ? "apply" : "plan"}"
      provider_id             = "app.terraform.io"
      tfc_credential_tag_name = "TENCENTCLOUD"
    }
  }

  volcengine {
    region = "cn-beijing"
    assume_role_with_oidc {
      role_trn                = "trn:iam::2100000001:role/terraform-${terraform.applying ? "apply" : "plan"}"
      tfc_credential_tag_name = "VOLCENGINE"
    }
  }

  # Zenlayer accepts no such token: set ZENLAYER_TOKEN in the workspace.
  zenlayercloud {
    service = "vm"
  }
}

resource "instance_fleet_power_state" "environment" {
  cloud        = "tencentcloud"
  instance_ids = ["ins-envweb01", "ins-envweb02", "ins-envdb001"]
  state        = var.awake ? "running" : "stopped"
}

resource "instance_power_state" "batch" {
  cloud       = "alicloud"
  instance_id = "i-bp1envbatch00000001"
  state       = var.awake ? "running" : "stopped"
}

resource "instance_power_state" "cache" {
  cloud       = "volcengine"
  instance_id = "i-yenvcache0000000001"
  state       = var.awake ? "running" : "stopped"
}

output "states" {
  value = { for id, instance in instance_fleet_power_state.environment.instances : id => instance.state }
}
