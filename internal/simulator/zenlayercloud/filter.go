package zenlayercloud

import (
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// match reports whether an instance fits all the filters of the request.
func (p *parameters) match(tx *simulator.Tx, i simulator.Instance) bool {
	for name, want := range p.text {
		if want != "" && !matchText(tx, i, name, want) {
			return false
		}
	}
	for name, want := range p.lists {
		if len(want) > 0 && !slices.ContainsFunc(want, func(v string) bool { return slices.Contains(values(name, i), v) }) {
			return false
		}
	}
	return p.matchTags(tx, i)
}

func matchText(tx *simulator.Tx, i simulator.Instance, name, want string) bool {
	switch name {
	case "instanceName":
		// vm: exact, or fuzzy with an asterisk at the end.
		part, isFuzzy := strings.CutSuffix(want, "*")
		if !isFuzzy {
			return i.Name == want
		}
		return fuzzy(tx, i.Name, part)
	case "name":
		// zec: always fuzzy.
		return fuzzy(tx, i.Name, strings.TrimSuffix(want, "*"))
	default:
		return slices.Contains(values(name, i), want)
	}
}

func fuzzy(tx *simulator.Tx, name, part string) bool {
	if tx.Setting(FuzzyName) == Prefix {
		return strings.HasPrefix(name, part)
	}
	return strings.Contains(name, part)
}

// values are what a filter of the name is compared with. What no simulated
// instance has, such as an address of IPv6, is an empty list.
func values(name string, i simulator.Instance) []string {
	switch name {
	case "instanceStatus", "status":
		return []string{i.Status}
	case "zoneId":
		return []string{i.Zone}
	case "instanceType":
		return []string{i.Type}
	case "resourceGroupId":
		return []string{resourceGroupID}
	case "internetChargeType":
		return []string{internetChargeType}
	case "imageId":
		return []string{imageID}
	case "subnetId":
		return []string{subnetID}
	case "securityGroupId":
		return []string{securityGroupID}
	case "publicIpAddresses":
		return addresses(i.PublicIP, i.ElasticIP)
	case "privateIpAddresses":
		return addresses(i.PrivateIP)
	case "ipv4Address":
		return addresses(i.PublicIP, i.ElasticIP, i.PrivateIP)
	default:
		return nil
	}
}

// matchTags compares tags and tag keys, each of them as the switch says.
func (p *parameters) matchTags(tx *simulator.Tx, i simulator.Instance) bool {
	has := func(t tag) bool {
		value, ok := i.Tags[t.Key]
		return ok && value == t.Value
	}
	hasKey := func(key string) bool {
		_, ok := i.Tags[key]
		return ok
	}
	one := tx.Setting(TagMatch) == AnyTag
	return enough(p.tags, has, one) && enough(p.tagKeys, hasKey, one)
}

// enough reports whether all of a list fit, or at least one. An empty list asks
// for nothing.
func enough[T any](list []T, fits func(T) bool, one bool) bool {
	if len(list) == 0 {
		return true
	}
	if one {
		return slices.ContainsFunc(list, fits)
	}
	return !slices.ContainsFunc(list, func(v T) bool { return !fits(v) })
}
