package main

import (
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// singles is how many instances of each cloud are resources of their own.
const singles = 5

// clouds returns the first service of each cloud: a provider's configuration names
// a cloud once.
func clouds() []simulator.Service {
	var all []simulator.Service
	seen := map[string]bool{}
	for _, s := range localcloud.Services() {
		if !seen[s.Cloud] {
			all = append(all, s)
		}
		seen[s.Cloud] = true
	}
	return all
}

// configuration has single resources and a fleet on each cloud. Every instance has
// the state of the variable.
func configuration(services []simulator.Service, endpoint string, members int) string {
	var b strings.Builder
	b.WriteString(terraform.Head(services, endpoint))
	b.WriteString("\nvariable \"state\" { type = string }\n")
	for _, s := range services {
		ids := s.IDs(singles + members)
		fmt.Fprintf(&b, `
resource "instance_power_state" %[1]q {
  for_each    = toset(%[2]s)
  cloud       = %[1]q
  instance_id = each.key
  state       = var.state
}

resource "instance_fleet_power_state" %[1]q {
  cloud        = %[1]q
  instance_ids = %[3]s
  state        = var.state
}
`, s.Cloud, list(ids[:singles]), list(ids[singles:]))
	}
	return b.String()
}

// list is a list of texts in HCL.
func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
