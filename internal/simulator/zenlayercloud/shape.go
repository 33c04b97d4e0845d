package zenlayercloud

import (
	"maps"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// What all simulated instances have in common.
const (
	imageID            = "simulator-image"
	imageName          = "Debian 13"
	subnetID           = "simulator-subnet"
	securityGroupID    = "simulator-security-group"
	resourceGroupID    = "simulator-resource-group"
	resourceGroupName  = "Default Resource Group"
	internetChargeType = "ByTrafficPackage"
)

// shapeVM is the form of an instance of vm, the same in both versions (SDK
// source, InstanceInfo of vm20230313 and vm20260401). Nothing in it tells of
// the last operation, of a lock, or of charging while stopped.
func shapeVM(i simulator.Instance) map[string]any {
	out := shape(i)
	out["instanceStatus"] = i.Status
	out["instanceType"] = i.Type
	out["instanceChargeType"] = i.ChargeType
	out["cpuCount"] = 4
	out["internetChargeType"] = internetChargeType
	out["internetMaxBandwidthOut"] = 100
	out["publicIpv6Addresses"] = []string{}
	out["securityGroupIds"] = []string{securityGroupID}
	out["autoRenew"] = false
	out["period"] = nil
	out["nic"] = map[string]any{"wanName": "wan0", "lanName": "lan0"}
	out["tags"] = tags(i)
	if i.ChargeType == prePaid {
		out["autoRenew"] = true
		out["period"] = 12
		out["expiredTime"] = wireTime(i.CreatedAt.AddDate(1, 0, 0))
	}
	return out
}

// shapeZEC is the form of an instance of zec (SDK source, InstanceInfo of
// zec20240401 and zec20250901). The status has another name than in vm and in
// DescribeInstancesStatus, and there is no charge type.
func shapeZEC(i simulator.Instance, version string) map[string]any {
	out := shape(i)
	out["status"] = i.Status
	out["instanceType"] = i.Type
	out["cpu"] = 4
	out["timeZone"] = "Etc/UTC"
	out["nicNetworkType"] = "VirtioOnly"
	out["enableAgent"] = true
	out["enableAgentMonitor"] = true
	out["enableIpForward"] = false
	out["nics"] = []any{map[string]any{
		"nicId": "nic-" + i.ID, "name": "eth0", "instanceId": i.ID, "subnetId": subnetID, "securityGroupId": securityGroupID,
		"publicIpList": addresses(i.PublicIP, i.ElasticIP), "privateIpList": addresses(i.PrivateIP),
		"primaryIpv4": i.PrivateIP,
	}}
	if version == zecNew {
		out["securityGroupId"] = securityGroupID
		out["placementGroupId"] = nil
		out["loadBalancerIds"] = []string{}
		out["tags"] = tags(i)
	}
	return out
}

// shape is what the two services have in common.
func shape(i simulator.Instance) map[string]any {
	return map[string]any{
		"instanceId": i.ID, "instanceName": i.Name, "zoneId": i.Zone, "memory": 8,
		"imageId": imageID, "imageName": imageName, "keyId": nil, "subnetId": subnetID,
		"publicIpAddresses": addresses(i.PublicIP, i.ElasticIP), "privateIpAddresses": addresses(i.PrivateIP),
		"systemDisk": map[string]any{"diskId": "disk-" + i.ID, "diskSize": 40, "diskCategory": "SSD"}, "dataDisks": []any{},
		"resourceGroupId": resourceGroupID, "resourceGroupName": resourceGroupName,
		"createTime": wireTime(i.CreatedAt), "expiredTime": nil,
	}
}

// wireTime writes a time as the pages do: YYYY-MM-DDThh:mm:ssZ.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func tags(i simulator.Instance) map[string]any {
	list := []tag{}
	for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
		list = append(list, tag{Key: key, Value: i.Tags[key]})
	}
	return map[string]any{"tags": list}
}

func addresses(all ...string) []string {
	out := []string{}
	for _, a := range all {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}
