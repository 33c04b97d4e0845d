terraform {
  required_version = ">= 1.8"

  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}

# Every attribute is optional. Credentials are best left to the environment
# variables that each cloud's own provider reads; a cloud is set up only when a
# resource uses it.
provider "instance" {
  alicloud { region = "cn-hangzhou" }
  tencentcloud { region = "ap-guangzhou" }
  volcengine { region = "cn-beijing" }
  zenlayercloud { service = "vm" }
}
