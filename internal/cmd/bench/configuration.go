package main

import (
	"fmt"
	"strings"
)

// source is the address under which the configurations ask for the provider.
// Without a host it is that of the CLI's own registry, so that Terraform and
// OpenTofu both take it for theirs.
const source = "instance-power/instance"

// configuration returns the provider's block and the resources of a run. The
// variable "state" says what they should be.
func configuration(s service, endpoint string, fleet bool, ids []string, settings ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    instance = { source = %q }\n  }\n}\n\n", source)
	fmt.Fprintf(&b, "variable \"state\" { type = string }\n\nprovider \"instance\" {\n  %s = {\n    %s\n    endpoint = %q\n  }\n", s.cloud, s.config, endpoint)
	for _, line := range settings {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("}\n\nlocals {\n  ids = [\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "    %q,\n", id)
	}
	b.WriteString("  ]\n}\n\n")
	if fleet {
		b.WriteString("resource \"instance_fleet_power_state\" \"all\" {\n  instance_ids = local.ids\n  state        = var.state\n}\n")
		return b.String()
	}
	b.WriteString("resource \"instance_power_state\" \"one\" {\n  count       = length(local.ids)\n  instance_id = local.ids[count.index]\n  state       = var.state\n}\n")
	return b.String()
}

// baseConfiguration is as many resources of Terraform's own that ask nobody.
func baseConfiguration(n int) string {
	return fmt.Sprintf("variable \"state\" { type = string }\n\nresource \"terraform_data\" \"one\" {\n  count = %d\n  input = var.state\n}\n", n)
}
