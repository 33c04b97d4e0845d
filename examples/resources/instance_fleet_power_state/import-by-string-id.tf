import {
  to = instance_fleet_power_state.workers
  id = "tencentcloud/ap-guangzhou/ins-0abcd001,ins-0abcd002,ins-0abcd003"
}
