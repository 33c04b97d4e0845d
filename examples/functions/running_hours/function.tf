locals {
  office = "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"
  from   = "2026-12-01T00:00:00+08:00"
  to     = "2027-01-01T00:00:00+08:00"

  hours = provider::instance::running_hours(local.office, "Asia/Shanghai", local.from, local.to)
  all   = provider::instance::running_hours("daily 00:00-24:00", "Asia/Shanghai", local.from, local.to)
}

# 296.5: the hours of December in which the office's machines run.
output "hours" {
  value = local.hours
}

# 0.3985...: the part of the month in which they run, and so of the price.
output "part" {
  value = local.hours / local.all
}
