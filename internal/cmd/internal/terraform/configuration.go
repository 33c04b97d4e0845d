package terraform

import (
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Head begins a configuration: it names the provider, and configures simulated
// services at an endpoint with keys that they take. settings are further lines of the
// provider's block.
func Head(services []simulator.Service, endpoint string, settings ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    instance = { source = %q }\n  }\n}\n\n", Source)
	b.WriteString("provider \"instance\" {\n")
	for _, s := range services {
		lines := strings.ReplaceAll(s.Configuration(s.Keys.Lasting), "\n", "\n    ")
		fmt.Fprintf(&b, "  %s {\n    %s\n    endpoint = %q\n  }\n", s.Cloud, lines, endpoint)
	}
	for _, line := range settings {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("}\n")
	return b.String()
}
