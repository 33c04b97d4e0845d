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
  description = "How many instances of each cloud are running, are stopped, and are still charged."
  value = {
    for cloud in toset(local.instances[*].cloud) : cloud => format("%d running, %d stopped, %d charged",
      length([for i in local.instances : i if i.cloud == cloud && i.state == "running"]),
      length([for i in local.instances : i if i.cloud == cloud && i.state == "stopped"]),
      length([for i in local.instances : i if i.cloud == cloud && i.charging == true]),
    )
  }
}
