package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestEndToEndScheduleFunctions(t *testing.T) {
	t.Parallel()
	cliPath(t)
	output := func(name, want string) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(want))
	}
	wrong := func(expression, want string) resource.TestStep {
		return resource.TestStep{
			Config: fmt.Sprintf("output \"wrong\" {\n value = provider::instance::%s\n}\n", expression), ExpectError: says(want),
		}
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"instance": func() (tfprotov6.ProviderServer, error) { return newFunctionServer(), nil },
		},
		Steps: []resource.TestStep{
			wrong(`scheduled_state({ running = ["mon-fry 08:00-19:30"] }, "UTC", timestamp())`,
				`Invalid value for "schedule" parameter: running[0]: "mon-fry 08:00-19:30": "fry" is not a day: `+
					`write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends`),
			wrong(`next_change("mon-fri 08:00-19:30 / sat,sun 10:00-14:00", "UTC", timestamp())`,
				`Invalid value for "schedule" parameter: character 26: "," cannot be in a schedule`),
			wrong(`scheduled_state(lookup({}, "schedule", ""), "UTC", plantimestamp())`,
				`Invalid value for "schedule" parameter: the schedule is empty`),
			wrong(`scheduled_state(null, "UTC", plantimestamp())`,
				`Invalid value for "schedule" parameter: argument must not be null`),
			wrong(`scheduled_state({ running = [] }, "Europe/Berln", plantimestamp())`,
				`Invalid value for "timezone" parameter: "Europe/Berln" is not a time zone`),
			wrong(`running_hours("daily 08:00-09:00", "UTC", "2026-11-30T00:00:00Z", "2026-11-23T00:00:00Z")`,
				`Invalid value for "to" parameter: the period ends before it begins`),
			{
				Config: `
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
`,
				ConfigStateChecks: []statecheck.StateCheck{
					output("state", "running"), output("holiday", "stopped"), output("next", "2027-01-04T08:00:00+01:00"),
					statecheck.ExpectKnownOutputValue("never", knownvalue.Bool(true)),
					output("variable", "2026-11-23T19:30:00Z"), output("in_a_plan", "running"), output("sensitive", "running"),
					statecheck.ExpectKnownOutputValue("hours", knownvalue.Float64Exact(65.5)),
					output("any", "2026-11-23T20:00:00Z"), output("resource", "2026-11-29T22:00:00Z"),
					output("conditional", "running"),
					output("for_each", "running wrong-b wrong-c"), statecheck.ExpectKnownOutputValue("can", knownvalue.Bool(false)),
				},
			},
		},
	})
}
