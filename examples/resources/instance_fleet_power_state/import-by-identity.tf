import {
  to = instance_fleet_power_state.workers
  identity = {
    cloud        = "tencentcloud"
    region       = "ap-guangzhou"
    instance_ids = ["ins-0abcd001", "ins-0abcd002", "ins-0abcd003"]
  }
}
