package tencentcloud

import (
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

const tagPrefix = "tag:"

// values returns what a filter of the name is compared with, and whether there
// is such a filter (https://cloud.tencent.com/document/api/213/15728). What no
// simulated instance has, such as a dedicated host, is an empty list.
func values(name string, i simulator.Instance) ([]string, bool) {
	if key, ok := strings.CutPrefix(name, tagPrefix); ok {
		if v, tagged := i.Tags[key]; tagged {
			return []string{v}, true
		}
		return nil, true
	}
	switch name {
	case "instance-id":
		return []string{i.ID}, true
	case "instance-name":
		return []string{i.Name}, true
	case "instance-state":
		return []string{i.Status}, true
	case "instance-charge-type":
		return []string{chargeType(i)}, true
	case "zone":
		return []string{i.Zone}, true
	case "uuid":
		return []string{signing.UUID(i.ID)}, true
	case "project-id":
		return []string{"0"}, true
	case "vpc-id":
		return []string{vpcID}, true
	case "subnet-id":
		return []string{subnetID}, true
	case "security-group-id":
		return []string{securityGroupID}, true
	case "private-ip-address":
		return addresses(i.PrivateIP), true
	case "public-ip-address":
		return addresses(i.ElasticIP, i.PublicIP), true
	case "tag-key":
		var keys []string
		for key := range i.Tags {
			keys = append(keys, key)
		}
		return keys, true
	case "tag-value":
		var all []string
		for _, v := range i.Tags {
			all = append(all, v)
		}
		return all, true
	case "host-id", "dedicated-cluster-id", "ipv6-address":
		return nil, true
	case creationStart, creationEnd:
		return nil, true
	default:
		return nil, false
	}
}

// The filters by time of creation, whose one value is a time.
const (
	creationStart = "creation-start-time"
	creationEnd   = "creation-end-time"
)

func (f filter) known() bool {
	_, ok := values(f.Name, simulator.Instance{ID: "ins-00000000"})
	return ok
}

// match reports whether one of the filter's values fits the instance.
func (f filter) match(i simulator.Instance) bool {
	if f.Name == creationStart || f.Name == creationEnd {
		return slices.ContainsFunc(f.Values, func(v string) bool {
			t, err := time.Parse(time.DateTime, v)
			return err == nil && !i.CreatedAt.Equal(t) && (i.CreatedAt.After(t) == (f.Name == creationStart))
		})
	}
	have, _ := values(f.Name, i)
	return slices.ContainsFunc(f.Values, func(v string) bool { return slices.Contains(have, v) })
}
