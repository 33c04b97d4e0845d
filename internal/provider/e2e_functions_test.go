package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Errors of the functions point at the argument, and into it.
func TestEndToEndScheduleFunctionsThatFail(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		`scheduled_state({ running = ["mon-fry 08:00-19:30"] }, "UTC", timestamp())`: "Invalid value for \"schedule\" " +
			"parameter: running[0]: \"mon-fry 08:00-19:30\": \"fry\" is not a day: " +
			"write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends",
		`next_change("mon-fri 08:00-19:30 / sat,sun 10:00-14:00", "UTC", timestamp())`: "Invalid value for \"schedule\" " +
			"parameter: character 26: \",\" cannot be in a schedule",
		`running_hours("mon-fri 08:00-19:30 / sat+sun 10:00-9:00", "UTC", "2026-11-23T00:00:00Z", ` +
			`"2026-11-30T00:00:00Z")`: "Invalid value for \"schedule\" parameter: character ",
		`scheduled_state(lookup({}, "schedule", ""), "UTC", plantimestamp())`: "Invalid value for \"schedule\" " +
			"parameter: the schedule is empty",
		`scheduled_state(null, "UTC", plantimestamp())`: "Invalid value for \"schedule\" parameter: " +
			"argument must not be null",
		`scheduled_state({ running = [] }, "Europe/Berln", plantimestamp())`: "Invalid value for \"timezone\" " +
			"parameter: \"Europe/Berln\" is not a time zone",
		`running_hours("daily 08:00-09:00", "UTC", "2026-11-30T00:00:00Z", "2026-11-23T00:00:00Z")`: "Invalid value for " +
			"\"to\" parameter: the period ends before it begins",
	}
	var config strings.Builder
	n := 0
	for call := range wrong {
		n++
		fmt.Fprintf(&config, "output \"wrong%d\" {\n value = provider::instance::%s\n}\n", n, call)
	}
	o := newCLI(t, config.String()).do("plan")
	got := strings.Join(o.errors(""), "\n---\n")
	for call, want := range wrong {
		if !says(want).MatchString(got) {
			t.Errorf("%s: the errors do not say %q:\n%s", call, want, got)
		}
	}
	if got := len(o.errors("")); got != len(wrong) {
		t.Errorf("got %d errors, want %d", got, len(wrong))
	}
}

func TestEndToEndScheduleFunctions(t *testing.T) {
	t.Parallel()
	c := newCLI(t, `
variable "schedule" {
  type    = object({ running = list(string), stopped_dates = optional(set(string)) })
  default = { running = ["weekdays 08:00-19:30"] }
}
variable "tag" {
  type      = string
  default   = "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"
  sensitive = true
}
variable "any" {
  default = "daily 08:00-20:00"
}
resource "terraform_data" "tag" {
  input = "sun 22:00-02:00"
}
locals {
  office = { running = ["mon-fri 08:00-19:30"], stopped_dates = ["2026-12-24/2027-01-03"] }
  monday = "2026-11-23T12:00:00Z"
  tags   = { a = "mon-fri 08:00-19:30", b = "always", c = "" }
}
output "state" {
  value = provider::instance::scheduled_state(local.office, "Europe/Berlin", local.monday)
}
output "holiday" {
  value = provider::instance::scheduled_state(local.office, "Europe/Berlin", "2026-12-28T12:00:00Z")
}
output "next" {
  value = provider::instance::next_change(local.office, "Europe/Berlin", "2026-12-24T12:00:00Z")
}
output "never" {
  value = provider::instance::next_change({ running = [] }, "UTC", "2026-12-24T12:00:00Z") == null
}
output "variable" {
  value = provider::instance::next_change(var.schedule, "UTC", local.monday)
}
output "in_a_plan" {
  value = provider::instance::scheduled_state({ running = ["daily 00:00-24:00"] }, "UTC", plantimestamp())
}
output "sensitive" {
  value = nonsensitive(provider::instance::scheduled_state(var.tag, "UTC", "2026-11-28T12:00:00Z"))
}
output "hours" {
  value = nonsensitive(
    provider::instance::running_hours(var.tag, "UTC", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"))
}
output "any" {
  value = provider::instance::next_change(var.any, "UTC", local.monday)
}
output "resource" {
  value = provider::instance::next_change(terraform_data.tag.output, "UTC", local.monday)
}
output "conditional" {
  value = provider::instance::scheduled_state(var.any == "" ? "daily 00:00-24:00" : var.any, "UTC", local.monday)
}
output "for_each" {
  value = join(" ", [
    for k, tag in local.tags : try(provider::instance::scheduled_state(tag, "UTC", local.monday), "wrong-${k}")
  ])
}
output "can" {
  value = can(provider::instance::scheduled_state(local.tags.b, "UTC", plantimestamp()))
}
`)
	c.do("apply").succeeded(t)
	_, got := c.values()
	want := map[string]any{
		"state": "running", "holiday": "stopped", "next": "2027-01-04T08:00:00+01:00", "never": true,
		"variable": "2026-11-23T19:30:00Z", "in_a_plan": "running", "sensitive": "running", "hours": 65.5,
		"any": "2026-11-23T20:00:00Z", "resource": "2026-11-29T22:00:00Z", "conditional": "running",
		"for_each": "running wrong-b wrong-c", "can": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}
