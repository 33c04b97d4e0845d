# For tests/switch.tftest.hcl alone. In OpenTofu, and in Terraform from some
# future version on, a test's provider block can read only variables that the
# module declares. Nothing else reads it.
variable "endpoint" {
  description = "For the tests of this module only: URL of the simulated clouds."
  type        = string
  default     = "http://127.0.0.1:8090"
}
