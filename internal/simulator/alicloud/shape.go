package alicloud

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// What all instances have in common.
const (
	vpcID           = "vpc-simulator"
	vSwitchID       = "vsw-simulator"
	securityGroupID = "sg-simulator"
	resourceGroupID = "rg-simulator"
	imageID         = "aliyun_3_x64_20G_alibase_20250101.vhd"
)

// minute is how the service writes times: in UTC, without seconds.
const minute = "2006-01-02T15:04Z"

// never is the time at which an instance expires that does not.
const never = "2099-12-31T15:59Z"

// shape is the form of an instance in DescribeInstances.
func shape(i simulator.Instance, canStopCharging bool) map[string]any {
	created := i.CreatedAt.UTC().Format(minute)
	expires := never
	if i.ChargeType == prePaid {
		expires = i.CreatedAt.UTC().Add(365 * 24 * time.Hour).Format(minute)
	}
	disks, capacity := 0, 0
	if hasLocalDisk(i) {
		disks, capacity = 1, 1788
	}
	spot := "NoSpot"
	if i.Spot {
		spot = "SpotAsPriceGo"
	}
	tags := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
		tags = append(tags, map[string]string{"TagKey": key, "TagValue": i.Tags[key]})
	}
	reasons := []map[string]string{}
	for _, lock := range locks(i) {
		reasons = append(reasons, map[string]string{"LockReason": lock, "LockMsg": ""})
	}
	out := map[string]any{
		"InstanceId": i.ID, "InstanceName": i.Name, "Description": "", "HostName": i.Name, "RegionId": i.Region,
		"ZoneId": i.Zone,
		"Status": i.Status, "StoppedMode": mode(i, canStopCharging), "InstanceChargeType": i.ChargeType, "SpotStrategy": spot,
		"InstanceType": i.Type, "InstanceNetworkType": network(i), "Cpu": 2, "Memory": 8192, "OSType": "linux",
		"ImageId":            imageID,
		"LocalStorageAmount": disks, "LocalStorageCapacity": capacity, "Recyclable": i.Recycled, "DeletionProtection": false,
		"ExpiredTime": expires, "AutoReleaseTime": "", "StartTime": created, "CreationTime": created,
		"ResourceGroupId": resourceGroupID, "InternetChargeType": "PayByTraffic", "IoOptimized": true,
		"OperationLocks":         map[string]any{"LockReason": reasons},
		"Tags":                   map[string]any{"Tag": tags},
		"SecurityGroupIds":       map[string]any{"SecurityGroupId": []string{securityGroupID}},
		"DedicatedHostAttribute": map[string]any{"DedicatedHostId": "", "DedicatedHostName": ""},
		"PublicIpAddress":        addressList(i.PublicIP),
		"InnerIpAddress":         addressList(""),
		"EipAddress": map[string]any{
			"IpAddress": i.ElasticIP, "AllocationId": elasticID(i), "Bandwidth": 5, "InternetChargeType": "PayByTraffic",
			"IsSupportUnassociate": true,
		},
		"VpcAttributes": map[string]any{
			"VpcId": "", "VSwitchId": "", "NatIpAddress": "", "PrivateIpAddress": addressList(""),
		},
	}
	if i.Classic {
		out["InnerIpAddress"] = addressList(i.PrivateIP)
	} else {
		out["VpcAttributes"] = map[string]any{
			"VpcId": vpcID, "VSwitchId": vSwitchID, "NatIpAddress": "", "PrivateIpAddress": addressList(i.PrivateIP),
		}
	}
	return out
}

// mode is what StoppedMode reads. It is filled in for an instance that runs
// too, as in the sample of the reference page.
func mode(i simulator.Instance, canStopCharging bool) string {
	switch {
	case !canStopCharging:
		return notApplicable
	case i.Status != stopped || i.StoppedMode == "":
		return keepCharging
	default:
		return i.StoppedMode
	}
}

// locks are the reasons why an instance may not be operated.
func locks(i simulator.Instance) []string {
	all := slices.Clone(i.Locks)
	if i.Arrears && !slices.Contains(all, lockFinancial) {
		all = append(all, lockFinancial)
	}
	if i.Recycled && !slices.Contains(all, lockRecycling) {
		all = append(all, lockRecycling)
	}
	return all
}

// eligible reports whether a stop of the instance can stop the charging: in a
// VPC, pay-as-you-go, without local storage
// (https://www.alibabacloud.com/help/en/ecs/user-guide/economical-mode).
func eligible(tx *simulator.Tx, i simulator.Instance) bool {
	if i.Spot && tx.Setting(SpotStopCharging) == Ineligible {
		return false
	}
	return !i.Classic && i.ChargeType == postPaid && !hasLocalDisk(i)
}

// localFamilies are the types with local disks or persistent memory that the
// page of the economical mode excludes.
var localFamilies = regexp.MustCompile(`^ecs\.(i\d\w*|d\d\w*|gn5-[\w-]+|(ebm)?re6p[\w-]*)\.`)

func hasLocalDisk(i simulator.Instance) bool { return i.LocalDisk || localFamilies.MatchString(i.Type) }

func network(i simulator.Instance) string {
	if i.Classic {
		return "classic"
	}
	return "vpc"
}

func elasticID(i simulator.Instance) string {
	if i.ElasticIP == "" {
		return ""
	}
	return "eip-" + signing.Hash([]byte(i.ElasticIP))[:12]
}

func addressList(address string) map[string]any {
	list := []string{}
	if address != "" {
		list = append(list, address)
	}
	return map[string]any{"IpAddress": list}
}
