locals {
  instances = concat(
    [
      instance_power_state.web,
      instance_power_state.preview,
      instance_power_state.backup,
      instance_power_state.test,
      instance_power_state.build,
      instance_power_state.report,
      instance_power_state.edge,
      instance_power_state.relay,
    ],
    values(instance_power_state.render),
  )
}

output "power" {
  description = "What each cloud says about its instances, in its own words, and whether CPU and memory are charged."
  value = {
    for i in local.instances : "${i.cloud} ${i.instance_name}" => join(", ", [
      i.status,
      i.charging == null ? "charging unknown" : i.charging ? "charged" : "not charged",
    ])
  }
}
