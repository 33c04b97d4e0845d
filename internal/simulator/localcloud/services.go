package localcloud

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// Services is the table of services, and the one place outside of their own packages
// that names the simulated clouds. Servers, benchmarks, demonstrations and tests take
// their rows from it. The first one is that of the cloud whose limits are documented.
func Services() []simulator.Service {
	return slices.Concat(tencentcloud.Services(), alicloud.Services(), volcengine.Services(), zenlayercloud.Services())
}

// wires returns a wire for each cloud of the services.
func wires(services []simulator.Service) []simulator.Wire {
	var all []simulator.Wire
	seen := map[string]bool{}
	for _, s := range services {
		if !seen[s.Cloud] {
			all = append(all, s.New())
		}
		seen[s.Cloud] = true
	}
	return all
}
