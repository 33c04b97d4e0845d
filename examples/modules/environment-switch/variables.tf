variable "awake" {
  description = "Whether the environment runs."
  type        = bool
}

variable "instances" {
  description = "The ids of the environment's instances: by region, and as one set on Zenlayer, which has no regions."
  type = object({
    alicloud      = optional(map(set(string)), {})
    tencentcloud  = optional(map(set(string)), {})
    volcengine    = optional(map(set(string)), {})
    zenlayercloud = optional(set(string), [])
  })
}

variable "stopped_mode" {
  description = "How instances are stopped where the cloud has a choice: \"keep_charging\", \"stop_charging\", or null for the account's default."
  type        = string
  default     = null

  validation {
    condition     = var.stopped_mode == null ? true : contains(["keep_charging", "stop_charging"], var.stopped_mode)
    error_message = "The stopped_mode must be \"keep_charging\", \"stop_charging\" or null."
  }
}

variable "max_failures" {
  description = "How many instances of one region may fail before the apply does."
  type        = number
  default     = 0
}

variable "timeout" {
  description = "How long the instances of one region may take, all together."
  type        = string
  default     = "20m"
}
