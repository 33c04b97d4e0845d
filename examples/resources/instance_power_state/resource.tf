# Stopped, without paying for its CPU and memory meanwhile.
resource "instance_power_state" "web" {
  cloud        = "tencentcloud"
  instance_id  = "ins-r8hr2upy"
  state        = "stopped"
  stopped_mode = "stop_charging"

  timeouts {
    create = "10m" # of the first apply
    update = "10m"
  }
}

# Stopped gracefully; the power is cut if the guest has not shut down after five
# minutes. A destroy restores the state in which the instance was found.
resource "instance_power_state" "batch" {
  cloud            = "alicloud"
  instance_id      = "i-bp1fgo8es0i2mp5fa3bq"
  state            = "stopped"
  force_stop_after = "5m"
  on_destroy       = "restore"
}

# Running, in a region other than the provider's default.
resource "instance_power_state" "api" {
  cloud       = "volcengine"
  region      = "cn-shanghai"
  instance_id = "i-ybvjq7o2h0ay8n3vabcd"
  state       = "running"
}

# A cloud without regions.
resource "instance_power_state" "edge" {
  cloud       = "zenlayercloud"
  instance_id = "1205432187642034176"
  state       = "running"
}
