package alicloud

import (
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// match reports whether an instance fits all filters of the request
// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances).
func (p *parameters) match(i simulator.Instance) bool {
	if len(p.filters) > 0 {
		have := filters(i)
		for name, want := range p.filters {
			if !slices.Contains(have[name], want) {
				return false
			}
		}
	}
	if pattern := p.message.get("InstanceName"); pattern != "" && !simulator.Wildcard(pattern, i.Name) {
		return false
	}
	for _, t := range p.tags {
		if value, ok := i.Tags[t.key]; !ok || t.value != "" && value != t.value {
			return false
		}
	}
	for name, want := range p.addresses {
		if !slices.ContainsFunc(want, func(a string) bool { return a != "" && slices.Contains(addresses(i)[name], a) }) {
			return false
		}
	}
	return true
}

// filters are the filters by one value, and what each is compared with.
func filters(i simulator.Instance) map[string][]string {
	family, _, _ := strings.Cut(strings.TrimPrefix(i.Type, "ecs."), ".")
	return map[string][]string{
		"Status": {i.Status}, "LockReason": locks(i), "InstanceChargeType": {i.ChargeType}, "ZoneId": {i.Zone},
		"InstanceType": {i.Type}, "InstanceTypeFamily": {"ecs." + family}, "InstanceNetworkType": {network(i)},
		"VpcId": inVPC(i, vpcID), "VSwitchId": inVPC(i, vSwitchID), "ImageId": {imageID},
		"SecurityGroupId": {securityGroupID}, "ResourceGroupId": {resourceGroupID}, "KeyPairName": nil,
	}
}

// addresses are the filters by address.
func addresses(i simulator.Instance) map[string][]string {
	all := map[string][]string{"PublicIpAddresses": {i.PublicIP}, "EipAddresses": {i.ElasticIP}}
	if i.Classic {
		all["InnerIpAddresses"] = []string{i.PrivateIP}
	} else {
		all["PrivateIpAddresses"] = []string{i.PrivateIP}
	}
	return all
}

func inVPC(i simulator.Instance, id string) []string {
	if i.Classic {
		return nil
	}
	return []string{id}
}
