locals {
  instances = merge([
    for name, fleet in instance_fleet_power_state.this : {
      for id, instance in fleet.instances : "${name}/${id}" => instance
    }
  ]...)
}

output "states" {
  description = "The state of each instance, as the cloud reported it, by fleet and id."
  value       = { for id, instance in local.instances : id => instance.state }
}

output "charging" {
  description = "The instances whose compute is billed, as far as the clouds tell: null is unknown, and counts as billed here."
  value       = sort([for id, instance in local.instances : id if instance.charging != false])
}

output "failed" {
  description = "The instances that failed, with the reason. It can hold something only with max_failures."
  value       = { for id, instance in local.instances : id => instance.error if instance.error != null }
}
