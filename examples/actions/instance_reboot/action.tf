# Reboots running instances once, and waits until they run again:
#
#   terraform apply -invoke=action.instance_reboot.gateways
#
# With dry_run = true it only prints what it would do.
action "instance_reboot" "gateways" {
  config {
    cloud        = "volcengine"
    region       = "cn-beijing"
    instance_ids = ["i-yabcdefghij000000001", "i-yabcdefghij000000002"]
    timeout      = "10m"
  }
}
