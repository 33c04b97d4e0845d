package alicloud

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// listing is a page of DescribeInstances, as far as it matters here.
type listing struct {
	RequestID string `json:"RequestId"`
	NextToken string
	Instances *struct {
		Instance *[]*instance
	}
}

type instance struct {
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
		Tag []tag
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

type tag struct {
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
	var answer listing
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
	return driverkit.Fill(page, *answer.Instances.Instance, instanceOf)
}

func instanceOf(from *instance) backend.Instance {
	in := backend.Instance{
		ID:              from.InstanceID,
		Name:            from.InstanceName,
		State:           states[from.Status].State,
		Raw:             from.Status,
		StoppedMode:     modes[from.StoppedMode],
		StopChargingBar: from.stopChargingBar(),
		ChargeType:      driverkit.WithSpot(chargeTypes[from.InstanceChargeType], from.SpotStrategy, noSpot),
		Type:            from.InstanceType,
		Zone:            from.ZoneID,
		PublicIP:        driverkit.First(from.PublicIPAddress.IPAddress...),
		PrivateIP:       driverkit.First(from.VpcAttributes.PrivateIPAddress.IPAddress...),
		Tags:            driverkit.Tags(from.Tags.Tag, tagOf),
	}
	in.Blocked, in.StartBlocked = from.blocked()
	if from.EipAddress.IPAddress != "" {
		in.PublicIP, in.PublicIPKept = from.EipAddress.IPAddress, true
	}
	if in.PrivateIP == "" {
		// A classic network has it here.
		in.PrivateIP = driverkit.First(from.InnerIPAddress.IPAddress...)
	}
	return in
}

func tagOf(t tag) (key, value string, ok bool) { return t.TagKey, t.TagValue, true }
