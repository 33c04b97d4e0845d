data "instance_power_state" "web" {
  cloud       = "tencentcloud"
  instance_id = "ins-r8hr2upy"
}

output "web_runs" {
  value = data.instance_power_state.web.state == "running"
}
