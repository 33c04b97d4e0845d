package alicloud

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// describeAnswer is a page of DescribeInstances, as far as it matters here.
type describeAnswer struct {
	RequestID string `json:"RequestId"`
	NextToken string
	Instances *struct {
		Instance *[]ecsInstance
	}
}

type ecsInstance struct {
	InstanceID          string `json:"InstanceId"`
	InstanceName        string
	Status              string
	StoppedMode         string
	InstanceChargeType  string
	InstanceType        string
	InstanceNetworkType string
	LocalStorageAmount  int64
	OperationLocks      struct {
		LockReason []lock
	}
	Tags struct {
		Tag []struct {
			TagKey, TagValue string
		}
	}
	PublicIPAddress addresses `json:"PublicIpAddress"`
	InnerIPAddress  addresses `json:"InnerIpAddress"`
	EipAddress      struct {
		IPAddress string `json:"IpAddress"`
	}
	VpcAttributes struct {
		PrivateIPAddress addresses `json:"PrivateIpAddress"`
	}
}

type lock struct {
	LockReason string
}

type addresses struct {
	IPAddress []string `json:"IpAddress"`
}

func (a addresses) first() string {
	if len(a.IPAddress) == 0 {
		return ""
	}
	return a.IPAddress[0]
}

// Describe returns the instances that the cloud shows. It shows neither those
// that do not exist nor those that the credentials may not see: CheckAbsent
// tells the two apart.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("encode the ids: %w", err)
	}
	query := map[string]string{
		"RegionId":    d.region,
		"InstanceIds": string(list),
		"MaxResults":  strconv.Itoa(batchSize),
	}
	var found []backend.Instance
	pages := map[string]bool{}
	for {
		var page describeAnswer
		ex, err := d.call(ctx, actionDescribe, query, ids, &page)
		if err != nil {
			return nil, err
		}
		if page.Instances == nil || page.Instances.Instance == nil {
			return nil, d.incomplete(ex, page.RequestID, "DescribeInstances: the answer has no list of instances")
		}
		for i := range *page.Instances.Instance {
			one := &(*page.Instances.Instance)[i]
			if one.InstanceID == "" {
				return nil, d.incomplete(ex, page.RequestID, "DescribeInstances: the answer has an instance without an id")
			}
			known := slices.ContainsFunc(found, func(in backend.Instance) bool { return in.ID == one.InstanceID })
			if slices.Contains(ids, one.InstanceID) && !known {
				found = append(found, one.translate())
			}
		}
		if page.NextToken == "" {
			return found, nil
		}
		if pages[page.NextToken] {
			return nil, d.incomplete(ex, page.RequestID, "DescribeInstances: the answer names a page that was read already")
		}
		pages[page.NextToken] = true
		query["NextToken"] = page.NextToken
	}
}

func (e *ecsInstance) translate() backend.Instance {
	in := backend.Instance{
		ID:              e.InstanceID,
		Name:            e.InstanceName,
		State:           states[e.Status],
		Raw:             e.Status,
		StoppedMode:     modes[e.StoppedMode],
		StopChargingBar: e.stopChargingBar(),
		Prepaid:         e.InstanceChargeType == prePaid,
		PublicIP:        e.PublicIPAddress.first(),
		PrivateIP:       e.VpcAttributes.PrivateIPAddress.first(),
	}
	in.Blocked, in.StartBlocked = e.blocked()
	if e.EipAddress.IPAddress != "" {
		in.PublicIP, in.PublicIPKept = e.EipAddress.IPAddress, true
	}
	if in.PrivateIP == "" {
		// A classic network has it here.
		in.PrivateIP = e.InnerIPAddress.first()
	}
	if len(e.Tags.Tag) > 0 {
		in.Tags = make(map[string]string, len(e.Tags.Tag))
		for _, tag := range e.Tags.Tag {
			in.Tags[tag.TagKey] = tag.TagValue
		}
	}
	return in
}
