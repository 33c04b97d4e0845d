package localcloud

import (
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

// wires is the one place that names the clouds.
func wires() []simulator.Wire {
	return []simulator.Wire{
		tencentcloud.New(),
	}
}
