import {
  to = instance_power_state.web
  identity = {
    cloud       = "tencentcloud"
    region      = "ap-guangzhou" # not for a cloud without regions
    instance_id = "ins-r8hr2upy"
  }
}
