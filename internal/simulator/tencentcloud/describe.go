package tencentcloud

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// query makes the shared machine's form of the page that is asked for.
func (p *parameters) query(tx *simulator.Tx) simulator.Query {
	q := simulator.Query{IDs: p.InstanceIDs, Limit: defaultPage}
	if len(p.InstanceIDs) > 0 && tx.Setting(PageOfIDs) == AllIDs {
		q.Limit = maxIDs
	}
	if p.Offset != nil {
		q.Offset = *p.Offset
	}
	if p.Limit != nil {
		q.Limit = *p.Limit
	}
	if len(p.Filters) > 0 {
		q.Match = func(i simulator.Instance) bool {
			return !slices.ContainsFunc(p.Filters, func(f filter) bool { return !f.match(i) })
		}
	}
	return q
}

// describeInstances serves
// https://cloud.tencent.com/document/api/213/15728. An instance that does not
// exist is left out; that is no error.
func (w *Wire) describeInstances(req *simulator.Request, params *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		page, total := tx.Describe(params.query(tx))
		set := make([]map[string]any, len(page))
		for n, i := range page {
			set[n] = shape(tx, i)
		}
		return simulator.JSON(http.StatusOK, map[string]any{"Response": map[string]any{
			"TotalCount": total, "InstanceSet": set, "RequestId": req.Call.RequestID,
		}})
	})
}

// describeInstancesStatus serves
// https://cloud.tencent.com/document/api/213/15738.
func (w *Wire) describeInstancesStatus(req *simulator.Request, params *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		page, total := tx.Describe(params.query(tx))
		set := make([]map[string]any, len(page))
		for n, i := range page {
			set[n] = map[string]any{"InstanceId": i.ID, "InstanceState": i.Status}
		}
		return simulator.JSON(http.StatusOK, map[string]any{"Response": map[string]any{
			"TotalCount": total, "InstanceStatusSet": set, "RequestId": req.Call.RequestID,
		}})
	})
}

// The networks that all instances are in.
const (
	vpcID           = "vpc-simulate"
	subnetID        = "subnet-simulate"
	securityGroupID = "sg-simulate"
)

// shape is the form of an instance in an answer.
func shape(tx *simulator.Tx, i simulator.Instance) map[string]any {
	disk := "CLOUD_PREMIUM"
	if i.LocalDisk {
		disk = "LOCAL_SSD"
	}
	tags := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": i.Tags[key]})
	}
	restrict, isolated := isolation(i)
	latest := i.LastOperation
	if tx.Setting(LatestOperation) == Null {
		latest = simulator.LastOperation{}
	}
	out := map[string]any{
		"InstanceId": i.ID, "InstanceName": i.Name, "InstanceType": i.Type, "InstanceState": i.Status,
		"CPU": 2, "Memory": 4, "Uuid": signing.UUID(i.ID), "OsName": "TencentOS Server 4", "ImageId": "img-simulate",
		"InternetAccessible": map[string]any{
			"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 5, "PublicIpAssigned": i.PublicIP != "",
		},
		"Placement":          map[string]any{"Zone": i.Zone, "ProjectId": 0},
		"InstanceChargeType": chargeType(i), "RestrictState": restrict, "IsolatedSource": isolated,
		"SystemDisk": map[string]any{"DiskType": disk, "DiskId": "disk-" + signing.UUID(i.ID)[:8], "DiskSize": 50},
		"DataDisks":  []any{}, "SecurityGroupIds": []string{securityGroupID}, "Tags": tags,
		"PrivateIpAddresses": addresses(i.PrivateIP), "PublicIpAddresses": addresses(i.ElasticIP, i.PublicIP),
		"StopChargingMode": mode(i, tx.Setting(IneligibleReads)), "RenewFlag": nil, "ExpiredTime": nil,
		"CreatedTime": i.CreatedAt.UTC().Format(time.RFC3339), "DisableApiTermination": false,
		"LatestOperation": null(latest.Action), "LatestOperationState": null(latest.State),
		"LatestOperationRequestId": null(latest.RequestID), "LatestOperationErrorMsg": null(latest.Message),
	}
	if !i.Classic {
		out["VirtualPrivateCloud"] = map[string]any{"VpcId": vpcID, "SubnetId": subnetID, "AsVpcGateway": false}
	}
	if i.ChargeType == prePaid {
		out["RenewFlag"] = "NOTIFY_AND_MANUAL_RENEW"
		out["ExpiredTime"] = i.CreatedAt.UTC().AddDate(1, 0, 0).Format(time.RFC3339)
	}
	return out
}

// mode is what StopChargingMode reads.
func mode(i simulator.Instance, ineligibleReads string) string {
	switch {
	case i.Status != stopped:
		return notApplicable
	case !eligible(i):
		return ineligibleReads
	case i.StoppedMode == "":
		return keepCharging
	default:
		return i.StoppedMode
	}
}

// protected is the lock that shows: it is a word of RestrictState (SDK source,
// Instance). Any other is told by the code of a refused call alone.
const protected = "PROTECTIVELY_ISOLATED"

// isolation is RestrictState and IsolatedSource.
func isolation(i simulator.Instance) (restrict, source string) {
	switch {
	case i.Arrears:
		return protected, "ARREAR"
	case i.Recycled && i.ChargeType == prePaid:
		return "EXPIRED", "EXPIRE"
	case i.Recycled:
		return protected, "MANMADE"
	case slices.Contains(i.Locks, protected):
		return protected, "NOTISOLATED"
	default:
		return "NORMAL", "NOTISOLATED"
	}
}

func chargeType(i simulator.Instance) string {
	if i.Spot {
		return spotPaid
	}
	return i.ChargeType
}

// null is nil for a text that the service has not.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func addresses(all ...string) []string {
	var out []string
	for _, a := range all {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}
