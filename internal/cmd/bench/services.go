package main

import (
	"fmt"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// batchSize is how many ids one call may name; it is the same on all clouds
// (MaxResults and the lists of ids in each cloud's reference of DescribeInstances
// and StopInstances).
const batchSize = 100

// service is a cloud, or one of its products.
type service struct {
	name  string
	cloud string // its name in the provider and in the simulator
	// config is the body of the provider's object, without endpoint.
	config string
	// idPrefix and idDigits make ids that are valid for the cloud.
	idPrefix string
	idDigits int
	like     simulator.Instance
}

// services returns all of them. The first one is measured in full: it is the
// one whose limits are documented, and so enforced by the simulator.
func services() []service {
	return []service{
		{
			name: "tencentcloud", cloud: tencentcloud.Name, idPrefix: "ins-", idDigits: 8,
			config: fmt.Sprintf("region = %q\n    secret_id = %q\n    secret_key = %q", "ap-guangzhou", tencentcloud.DemoID, tencentcloud.DemoSecret),
		},
		{
			name: "alicloud", cloud: alicloud.Name, idPrefix: "i-bp1", idDigits: 12,
			config: fmt.Sprintf("region = %q\n    access_key = %q\n    secret_key = %q", "cn-hangzhou", alicloud.DemoID, alicloud.DemoSecret),
		},
		{
			name: "volcengine", cloud: volcengine.Name, idPrefix: "i-y", idDigits: 16,
			config: fmt.Sprintf("region = %q\n    access_key = %q\n    secret_key = %q", "cn-beijing", volcengine.DemoID, volcengine.DemoSecret),
		},
		zenlayer("vm"), zenlayer("zec"),
	}
}

func zenlayer(product string) service {
	return service{
		name: "zenlayercloud-" + product, cloud: zenlayercloud.Name, idPrefix: "1205", idDigits: 10,
		config: fmt.Sprintf("service = %q\n    access_key_id = %q\n    access_key_password = %q", product, zenlayercloud.DemoID, zenlayercloud.DemoSecret),
		like:   simulator.Instance{Extra: map[string]string{zenlayercloud.ServiceKey: product}},
	}
}

// id returns the id of an instance by its number.
func (s service) id(n int) string { return fmt.Sprintf("%s%0*d", s.idPrefix, s.idDigits, n) }

// ids returns the ids of the first n instances.
func (s service) ids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s.id(i)
	}
	return out
}
