package volcengine

import (
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// describeFields are the parameters of DescribeInstances (SDK source,
// DescribeInstancesInput).
func describeFields() map[string]shapeOf {
	return map[string]shapeOf{
		"InstanceIds": list, "MaxResults": integer, "NextToken": text,
		"InstanceName": text, "Status": text, "InstanceChargeType": text, "ZoneId": text, "VpcId": text,
		"ProjectName": text, "PrimaryIpAddress": text, "KeyPairName": text, "HpcClusterId": text,
		"DedicatedHostId": text, "DedicatedHostClusterId": text, "ScheduledInstanceId": text,
		"EipAddresses": list, "Ipv6Addresses": list, "InstanceTypes": list, "InstanceTypeIds": list,
		"InstanceTypeFamilies": list, "DeploymentSetIds": list, "DeploymentSetGroupNumbers": list,
		"AffinityGroupIds": list, "TagFilters": tags,
	}
}

// match returns the condition that all filters make together, nil when there
// are none. A query by tags sees no more than the first 1000 instances that it
// finds.
func (p *parameters) match() func(simulator.Instance) bool {
	if len(p.filters) == 0 && len(p.anyOf) == 0 && len(p.tagFilters) == 0 {
		return nil
	}
	tagged := 0
	return func(i simulator.Instance) bool {
		for name, value := range p.filters {
			have := values(name, i)
			if name == "InstanceName" {
				if !strings.Contains(i.Name, value) {
					return false
				}
				continue
			}
			if !slices.Contains(have, value) {
				return false
			}
		}
		for name, wanted := range p.anyOf {
			have := values(name, i)
			if !slices.ContainsFunc(wanted, func(v string) bool { return slices.Contains(have, v) }) {
				return false
			}
		}
		for _, f := range p.tagFilters {
			if !f.match(i) {
				return false
			}
		}
		if len(p.tagFilters) > 0 {
			tagged++
		}
		return tagged <= maxTagged
	}
}

func (f tagFilter) match(i simulator.Instance) bool {
	value, ok := i.Tags[f.key]
	return ok && (len(f.values) == 0 || slices.Contains(f.values, value))
}

// values are what a filter is compared with. What no simulated instance has,
// such as a dedicated host, is an empty list.
func values(name string, i simulator.Instance) []string {
	switch name {
	case "Status":
		return []string{i.Status}
	case "InstanceChargeType":
		return []string{i.ChargeType}
	case "ZoneId":
		return []string{i.Zone}
	case "VpcId":
		return []string{vpcID}
	case "ProjectName":
		return []string{projectName}
	case "PrimaryIpAddress":
		return []string{i.PrivateIP}
	case "EipAddresses":
		return publicAddresses(i)
	case "InstanceTypes", "InstanceTypeIds":
		return []string{i.Type}
	case "InstanceTypeFamilies":
		if n := strings.LastIndexByte(i.Type, '.'); n > 0 {
			return []string{i.Type[:n]}
		}
		return []string{i.Type}
	default:
		return nil
	}
}
