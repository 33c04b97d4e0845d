variable "endpoint" {
  description = "URL of the simulated clouds."
  type        = string
  default     = "http://127.0.0.1:8090"

  # An example must never reach a real account.
  validation {
    condition     = can(regex("^http://127\\.0\\.0\\.1:[0-9]+$", var.endpoint))
    error_message = "The endpoint must be http://127.0.0.1 with a port: this example is for simulated clouds only."
  }
}

variable "keys" {
  description = "Access key for each simulated cloud that takes one here."
  type        = map(object({ id = string, secret = string }))
  sensitive   = true
}
