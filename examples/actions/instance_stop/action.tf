# Stops instances once and waits until the cloud reports them as stopped:
#
#   terraform apply -invoke=action.instance_stop.batch
action "instance_stop" "batch" {
  config {
    cloud        = "tencentcloud"
    region       = "ap-guangzhou"
    instance_ids = ["ins-0abcd001", "ins-0abcd002", "ins-0abcd003"]

    stopped_mode     = "stop_charging"
    force_stop_after = "5m"
    max_failures     = 1
  }
}
