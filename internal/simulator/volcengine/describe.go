package volcengine

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// describeInstances serves
// https://docs.byteplus.com/en/docs/ecs/DescribeInstances. An instance that does
// not exist is left out; that is no error.
func (w *Wire) describeInstances(req *simulator.Request, p *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		query := simulator.Query{IDs: p.ids, Limit: defaultPage, Match: p.match()}
		if p.maxResults != nil {
			query.Limit = *p.maxResults
		}
		query.Offset, _ = p.offset()
		page, total := tx.Describe(query)
		instances := make([]map[string]any, len(page))
		for n, i := range page {
			instances[n] = shape(tx, i)
		}
		next := ""
		if end := query.Offset + len(page); len(page) > 0 && end < total {
			next = p.token(end)
		}
		return success(req, map[string]any{"TotalCount": total, "NextToken": next, "Instances": instances})
	})
}

// token makes the NextToken for the page that begins at an offset. It belongs
// to the query that it came from.
func (p *parameters) token(offset int) string {
	return base64.URLEncoding.EncodeToString([]byte(strconv.Itoa(offset) + "." + p.queryHash()))
}

// offset reads the NextToken; without one a listing begins at its beginning.
func (p *parameters) offset() (int, bool) {
	if p.nextToken == "" {
		return 0, true
	}
	raw, err := base64.URLEncoding.DecodeString(p.nextToken)
	if err != nil {
		return 0, false
	}
	number, hash, _ := strings.Cut(string(raw), ".")
	offset, err := strconv.Atoi(number)
	return offset, err == nil && offset > 0 && hash == p.queryHash()
}

// queryHash tells one query from another, whatever its page.
func (p *parameters) queryHash() string {
	var lines []string
	for line := range strings.Lines(p.fingerprint) {
		if !strings.HasPrefix(line, "NextToken=") && !strings.HasPrefix(line, "MaxResults=") {
			lines = append(lines, line)
		}
	}
	return signing.Hash([]byte(strings.Join(lines, "")))[:16]
}

// What all instances have in common.
const (
	vpcID       = "vpc-simulate"
	subnetID    = "subnet-simulate"
	groupID     = "sg-simulate"
	projectName = "default"
)

// beijing is the zone of the times in answers.
func beijing() *time.Location { return time.FixedZone("", 8*60*60) }

// shape is the form of an instance in an answer (SDK source,
// InstanceForDescribeInstancesOutput). It has no field about locks.
func shape(tx *simulator.Tx, i simulator.Instance) map[string]any {
	created := i.CreatedAt.In(beijing()).Format(time.RFC3339)
	digits := signing.Hash([]byte(i.ID))
	tags := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": i.Tags[key]})
	}
	out := map[string]any{
		"InstanceId": i.ID, "InstanceName": i.Name, "Status": i.Status, "StoppedMode": mode(tx, i),
		"InstanceChargeType": i.ChargeType, "SpotStrategy": spotStrategy(i), "SpotPriceLimit": 0,
		"ElasticScheduledInstanceType": scheduled(i), "ScheduledInstanceId": "",
		"InstanceTypeId": i.Type, "ZoneId": i.Zone, "VpcId": vpcID, "ProjectName": projectName,
		"Cpus": 2, "MemorySize": 8192, "CpuOptions": map[string]any{"CoreCount": 1, "ThreadsPerCore": 2},
		"LocalVolumes": localVolumes(i), "Volumes": []map[string]string{{"VolumeId": "vol-" + digits[:20]}},
		"Placement": map[string]string{
			"Affinity": "", "DedicatedHostClusterId": "", "DedicatedHostId": "", "Tenancy": "Default",
		},
		"NetworkInterfaces": []map[string]any{{
			"NetworkInterfaceId": "eni-" + digits[:20], "PrimaryIpAddress": i.PrivateIP, "Type": "primary",
			"SubnetId": subnetID, "VpcId": vpcID, "SecurityGroupIds": []string{groupID}, "Ipv6Addresses": []string{},
		}},
		"Hostname": i.Name, "Description": "", "ImageId": "image-simulate", "OsName": "veLinux 2.0", "OsType": "Linux",
		"DeletionProtection": false, "Uuid": signing.UUID(i.ID), "Tags": tags,
		"CreatedAt": created, "UpdatedAt": created, "ExpiredAt": "",
	}
	if i.ChargeType == prePaid {
		out["ExpiredAt"] = i.CreatedAt.In(beijing()).AddDate(1, 0, 0).Format(time.RFC3339)
	}
	if addresses := publicAddresses(i); len(addresses) > 0 {
		out["EipAddress"] = map[string]string{"AllocationId": "eip-" + digits[:20], "IpAddress": addresses[0]}
	}
	return out
}

// mode is what StoppedMode reads.
func mode(tx *simulator.Tx, i simulator.Instance) string {
	switch {
	case i.Status != stopped:
		if v := tx.Setting(RunningReads); v != Empty {
			return v
		}
		return ""
	case i.StoppedMode != stopCharging && ineligible(i) != nil:
		return tx.Setting(IneligibleReads)
	default:
		return modeOf(i)
	}
}

func spotStrategy(i simulator.Instance) string {
	if i.Spot {
		return "SpotAsPriceGo"
	}
	return "NoSpot"
}

func localVolumes(i simulator.Instance) []map[string]any {
	if !i.LocalDisk {
		return []map[string]any{}
	}
	return []map[string]any{{"Count": 1, "Size": 894, "VolumeType": "LOCAL_NVME_SSD"}}
}

// publicAddresses are what is bound to the instance. The cloud has no public
// address but an elastic one, so that both kinds look the same.
func publicAddresses(i simulator.Instance) []string {
	var out []string
	for _, a := range []string{i.ElasticIP, i.PublicIP} {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}
