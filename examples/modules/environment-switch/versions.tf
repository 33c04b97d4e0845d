# "terraform test" needs Terraform 1.6 or OpenTofu 1.6; the module itself does
# with 1.3.
terraform {
  required_version = ">= 1.3"

  required_providers {
    instance = {
      source = "instance-power/instance"
    }
  }
}
