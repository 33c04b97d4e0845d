# Ten instances on several clouds, as they should be for the night: most of them
# stopped, three that work at night running. Something else created them; here
# is only said whether they run.
#
# "make demo" applies this to simulated clouds, which fleet.json fills. Nothing
# here needs an account.

terraform {
  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

provider "instance" {
  # No key: the token of the run, which HCP Terraform has in an environment variable, is
  # exchanged for keys that last an hour.
  alicloud {
    region       = "cn-hangzhou"
    endpoint     = var.endpoint
    sts_endpoint = var.endpoint

    assume_role_with_oidc {
      role_arn          = "acs:ram::1234567890123456:role/terraform-apply"
      oidc_provider_arn = "acs:ram::1234567890123456:oidc-provider/app.terraform.io"
    }
  }
  tencentcloud {
    region     = "ap-guangzhou"
    endpoint   = var.endpoint
    secret_id  = var.keys.tencentcloud.id
    secret_key = var.keys.tencentcloud.secret
  }
  volcengine {
    region     = "cn-beijing"
    endpoint   = var.endpoint
    access_key = var.keys.volcengine.id
    secret_key = var.keys.volcengine.secret
  }
  zenlayercloud {
    service             = "vm"
    endpoint            = var.endpoint
    access_key_id       = var.keys.zenlayercloud.id
    access_key_password = var.keys.zenlayercloud.secret
  }
}

# Tencent Cloud

# Stopped, and its CPU and memory are not paid for until it is started again.
resource "instance_power_state" "web" {
  cloud        = "tencentcloud"
  instance_id  = "ins-demoweb1"
  state        = "stopped"
  stopped_mode = "stop_charging"

  # The apply fails when the cloud does not report the state within this time.
  timeouts {
    create = "2m"
    update = "2m"
  }
}

# Stopped, in the mode that is the cloud's default.
resource "instance_power_state" "preview" {
  cloud       = "tencentcloud"
  instance_id = "ins-demopreview"
  state       = "stopped"
}

# Started, since it works at night.
resource "instance_power_state" "backup" {
  cloud       = "tencentcloud"
  instance_id = "ins-demobackup"
  state       = "running"
}

# Alibaba Cloud

resource "instance_power_state" "test" {
  cloud        = "alicloud"
  instance_id  = "i-demotest1"
  state        = "stopped"
  stopped_mode = "stop_charging"

  timeouts {
    create = "2m"
    update = "2m"
  }
}

# A destroy leaves an instance as it is, unless it is told otherwise: this one
# goes back to what it was before.
resource "instance_power_state" "build" {
  cloud       = "alicloud"
  instance_id = "i-demobuild"
  state       = "stopped"
  on_destroy  = "restore"
}

resource "instance_power_state" "report" {
  cloud       = "alicloud"
  instance_id = "i-demoreport"
  state       = "running"
}

# Volcengine: several instances with one block.

resource "instance_power_state" "render" {
  for_each = toset(["i-demorender1", "i-demorender2"])

  cloud        = "volcengine"
  instance_id  = each.key
  state        = "stopped"
  stopped_mode = "stop_charging"
}

# Zenlayer Cloud, which has no regions, and no stop without charging.

resource "instance_power_state" "edge" {
  cloud       = "zenlayercloud"
  instance_id = "vm-demo-edge"
  state       = "stopped"
}

resource "instance_power_state" "relay" {
  cloud       = "zenlayercloud"
  instance_id = "vm-demo-relay"
  state       = "running"
}
