package alicloud

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
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
	SpotStrategy        string
	InstanceType        string
	InstanceNetworkType string
	ZoneID              string `json:"ZoneId"`
	LocalStorageAmount  int64
	OperationLocks      struct {
		LockReason []lock
	}
	Tags struct {
		Tag []ecsTag
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

type ecsTag struct {
	TagKey, TagValue string
}

type lock struct {
	LockReason string
}

type addresses struct {
	IPAddress []string `json:"IpAddress"`
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
		"RegionId":    d.kit.Region,
		"InstanceIds": string(list),
		"MaxResults":  strconv.Itoa(batchSize),
	}
	return driverkit.DescribeByToken(ids, func(token string) (driverkit.Page, error) {
		return d.page(ctx, query, token, ids)
	})
}

// page sends a query for the page of a token.
func (d *Driver) page(
	ctx context.Context, query map[string]string, token string, ids []string,
) (driverkit.Page, error) {
	if token != "" {
		query["NextToken"] = token
	}
	var answer describeAnswer
	ex, err := d.call(ctx, actionDescribe, query, ids, &answer)
	if err != nil {
		return driverkit.Page{}, err
	}
	page := driverkit.Page{
		Next:       answer.NextToken,
		Incomplete: func(problem string) error { return d.kit.Incomplete(ex, answer.RequestID, problem) },
	}
	if answer.Instances == nil || answer.Instances.Instance == nil {
		return page, page.Incomplete("it has no list of instances")
	}
	for i := range *answer.Instances.Instance {
		one := &(*answer.Instances.Instance)[i]
		if one.InstanceID == "" {
			return page, page.Incomplete("it has an instance without an id")
		}
		page.Instances = append(page.Instances, instanceOf(one))
	}
	return page, nil
}

func instanceOf(e *ecsInstance) backend.Instance {
	in := backend.Instance{
		ID:              e.InstanceID,
		Name:            e.InstanceName,
		State:           states[e.Status].State,
		Raw:             e.Status,
		StoppedMode:     modes[e.StoppedMode],
		StopChargingBar: e.stopChargingBar(),
		ChargeType:      e.chargeType(),
		Type:            e.InstanceType,
		Zone:            e.ZoneID,
		PublicIP:        driverkit.First(e.PublicIPAddress.IPAddress...),
		PrivateIP:       driverkit.First(e.VpcAttributes.PrivateIPAddress.IPAddress...),
		Tags: driverkit.Tags(
			e.Tags.Tag,
			func(t ecsTag) (key, value string, ok bool) { return t.TagKey, t.TagValue, true },
		),
	}
	in.Blocked, in.StartBlocked = e.blocked()
	if e.EipAddress.IPAddress != "" {
		in.PublicIP, in.PublicIPKept = e.EipAddress.IPAddress, true
	}
	if in.PrivateIP == "" {
		// A classic network has it here.
		in.PrivateIP = driverkit.First(e.InnerIPAddress.IPAddress...)
	}
	return in
}
