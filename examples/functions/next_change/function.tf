locals {
  office = {
    running       = ["weekdays 08:00-19:30"]
    stopped_dates = ["2026-12-24/2027-01-03"]
  }
}

# When the next run is due, for a pipeline or a scheduler that starts it.
output "next_run" {
  value = provider::instance::next_change(local.office, "Europe/Berlin", plantimestamp())
}

# "2027-01-04T08:00:00+01:00": nothing changes over the holidays.
output "first_run_of_the_year" {
  value = provider::instance::next_change(local.office, "Europe/Berlin", "2026-12-24T12:00:00Z")
}
