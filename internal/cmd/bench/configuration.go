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
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    instance = { source = %q }\n  }\n}\n\n", terraform.Source)
	fmt.Fprintf(&b,
		"variable \"state\" { type = string }\n\nprovider \"instance\" {\n  %s {\n    %s\n    endpoint = %q\n  }\n", s.Cloud,
		strings.ReplaceAll(s.Configuration(s.Keys.Lasting), "\n", "\n    "), endpoint)
	for _, line := range settings {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("}\n\nlocals {\n  ids = [\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "    %q,\n", id)
	}
	b.WriteString("  ]\n}\n\n")
	if fleet {
		b.WriteString("resource \"instance_fleet_power_state\" \"all\" {\n  instance_ids = local.ids\n  state        = " +
			"var.state\n}\n")
		return b.String()
	}
	b.WriteString("resource \"instance_power_state\" \"one\" {\n  count       = length(local.ids)\n  instance_id = " +
		"local.ids[count.index]\n  state       = var.state\n}\n")
	return b.String()
}

// baseConfiguration is as many resources of Terraform's own that ask nobody.
func baseConfiguration(n int) string {
	return fmt.Sprintf(
		"variable \"state\" { type = string }\n\nresource \"terraform_data\" \"one\" {\n  count = %d\n  input = "+
			"var.state\n}\n",
		n,
	)
}
