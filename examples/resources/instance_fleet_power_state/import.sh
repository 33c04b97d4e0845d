# cloud/region/ids: the ids separated by commas, without spaces.
terraform import instance_fleet_power_state.workers tencentcloud/ap-guangzhou/ins-0abcd001,ins-0abcd002,ins-0abcd003
