import {
  to = instance_power_state.web
  id = "tencentcloud/ap-guangzhou/ins-r8hr2upy"
}
