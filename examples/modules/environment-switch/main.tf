# Module environment-switch: one variable turns an environment off and on, on any
# of the clouds.
#
#   module "test_environment" {
#     source = "./modules/environment-switch"
#
#     awake        = var.awake
#     stopped_mode = "stop_charging"
#
#     instances = {
#       tencentcloud  = { "ap-guangzhou" = ["ins-r8hr2upy", "ins-5d8a23rs"] }
#       zenlayercloud = ["1205432187642034176"]
#     }
#   }
#
# The caller configures the provider. Only clouds that "instances" names need
# credentials. A destroy leaves the instances as they are.
#
# The tests in tests/ run on simulated clouds; see the head of tests/switch.tftest.hcl.

locals {
  # One fleet for each cloud and region, since calls are batched within one.
  fleets = merge(
    { for region, ids in var.instances.alicloud : "alicloud/${region}" => { cloud = "alicloud", region = region, ids = ids } },
    { for region, ids in var.instances.tencentcloud : "tencentcloud/${region}" => { cloud = "tencentcloud", region = region, ids = ids } },
    { for region, ids in var.instances.volcengine : "volcengine/${region}" => { cloud = "volcengine", region = region, ids = ids } },
    { "zenlayercloud" = { cloud = "zenlayercloud", region = null, ids = var.instances.zenlayercloud } },
  )
}

resource "instance_fleet_power_state" "this" {
  # No resource for a cloud without instances, so that it needs no credentials.
  for_each = { for name, fleet in local.fleets : name => fleet if length(fleet.ids) > 0 }

  cloud        = each.value.cloud
  region       = each.value.region
  instance_ids = each.value.ids
  state        = var.awake ? "running" : "stopped"

  # Zenlayer charges stopped instances like running ones, and has no mode.
  stopped_mode = each.value.cloud == "zenlayercloud" ? null : var.stopped_mode
  max_failures = var.max_failures

  timeouts {
    create = var.timeout
    update = var.timeout
  }
}
