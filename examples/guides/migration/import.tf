# Imported as they are. The first plan shows "4 to import, 0 to add, 0 to
# change", and the apply makes no start or stop call.
import {
  to = instance_power_state.alicloud
  id = "alicloud/cn-hangzhou/i-bp1fgo8es0i2mp5fa3bq"
}

resource "instance_power_state" "alicloud" {
  cloud       = "alicloud"
  region      = "cn-hangzhou"
  instance_id = "i-bp1fgo8es0i2mp5fa3bq"
  state       = "running"
}

import {
  to = instance_power_state.tencentcloud
  id = "tencentcloud/ap-guangzhou/ins-r8hr2upy"
}

resource "instance_power_state" "tencentcloud" {
  cloud       = "tencentcloud"
  region      = "ap-guangzhou"
  instance_id = "ins-r8hr2upy"
  state       = "running"
}

import {
  to = instance_power_state.volcengine
  id = "volcengine/cn-shanghai/i-ybvjq7o2h0ay8n3vabcd"
}

resource "instance_power_state" "volcengine" {
  cloud       = "volcengine"
  region      = "cn-shanghai"
  instance_id = "i-ybvjq7o2h0ay8n3vabcd"
  state       = "running"
}

# A cloud without regions has its service in place of the region.
import {
  to = instance_power_state.zenlayercloud
  id = "zenlayercloud/vm/1205432187642034176"
}

resource "instance_power_state" "zenlayercloud" {
  cloud       = "zenlayercloud"
  instance_id = "1205432187642034176"
  state       = "running"
}
