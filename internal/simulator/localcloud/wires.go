package localcloud

import (
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// wires is the one place that names the clouds.
func wires() []simulator.Wire {
	return []simulator.Wire{
		alicloud.New(),
		tencentcloud.New(),
		volcengine.New(),
		zenlayercloud.New(),
	}
}
