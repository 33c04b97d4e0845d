package main

import (
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// configuration returns the provider's block and the resources of a run. The
// variable "state" says what they should be.
func configuration(s service, endpoint string, fleet bool, ids []string, settings ...string) string {
	var b strings.Builder
	b.WriteString(terraform.Head([]service{s}, endpoint, settings...))
	b.WriteString("\nvariable \"state\" { type = string }\n\nlocals {\n  ids = [\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "    %q,\n", id)
	}
	b.WriteString("  ]\n}\n\n")
	if fleet {
		b.WriteString(`resource "instance_fleet_power_state" "all" {
  instance_ids = local.ids
  state        = var.state
}
`)
		return b.String()
	}
	b.WriteString(`resource "instance_power_state" "one" {
  count       = length(local.ids)
  instance_id = local.ids[count.index]
  state       = var.state
}
`)
	return b.String()
}

// baseConfiguration has as many resources of Terraform's own, which make no call.
func baseConfiguration(n int) string {
	return fmt.Sprintf(`variable "state" { type = string }

resource "terraform_data" "one" {
  count = %d
  input = var.state
}
`, n)
}
