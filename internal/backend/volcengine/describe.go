package volcengine

import (
	"context"
	"net/url"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// listing is a page of DescribeInstances, as far as it matters here
// (https://api.volcengine.com/api-docs/view?serviceCode=ecs&version=2020-04-01&action=DescribeInstances).
type listing struct {
	TotalCount *int
	NextToken  string
	Instances  []*instance
}

type instance struct {
	InstanceID                   string `json:"InstanceId"`
	InstanceName                 string
	Status                       string
	StoppedMode                  string
	InstanceChargeType           string
	SpotStrategy                 string
	InstanceTypeID               string `json:"InstanceTypeId"`
	ZoneID                       string `json:"ZoneId"`
	ElasticScheduledInstanceType string
	ScheduledInstanceID          string      `json:"ScheduledInstanceId"`
	LocalVolumes                 []*struct{} // Only whether there is one matters.
	EipAddress                   struct {
		IPAddress string `json:"IpAddress"`
	}
	NetworkInterfaces []*networkInterface
	Tags              []*tag
}

type networkInterface struct {
	Type             string
	PrimaryIPAddress string `json:"PrimaryIpAddress"`
}

type tag struct {
	Key   *string
	Value string
}

// Describe returns the instances that DescribeInstances lists.
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	found, err := driverkit.DescribeByToken(ids, func(token string) (driverkit.Page, error) {
		return d.page(ctx, withIDs(ids), token, ids)
	})
	for _, in := range found {
		d.tokens.observed(in.ID, in.State)
	}
	return found, err
}

// page sends a query for the page of a token.
func (d *Driver) page(ctx context.Context, query url.Values, token string, ids []string) (driverkit.Page, error) {
	query.Set("MaxResults", strconv.Itoa(batchSize))
	if token != "" {
		query.Set("NextToken", token)
	}
	var answer listing
	call, err := d.call(ctx, actionDescribe, query, ids, &answer)
	if err != nil {
		return driverkit.Page{}, err
	}
	page := driverkit.Page{
		Next:       answer.NextToken,
		Incomplete: func(problem string) error { return d.kit.Incomplete(call.exchange, call.requestID, problem) },
	}
	if answer.TotalCount != nil {
		page.Total = *answer.TotalCount
	}
	if answer.Instances == nil && answer.TotalCount == nil {
		// To take this for an empty list would mean that all are gone.
		return page, page.Incomplete("it has no list of instances")
	}
	return driverkit.Fill(page, answer.Instances, instanceOf)
}

func instanceOf(from *instance) backend.Instance {
	known := states[from.Status]
	in := backend.Instance{
		ID:              from.InstanceID,
		Name:            from.InstanceName,
		State:           known.State,
		Raw:             from.Status,
		StoppedMode:     modes[from.StoppedMode],
		StopChargingBar: from.stopChargingBar(),
		Blocked:         known.Blocked,
		AlwaysForced:    alwaysForced(from.InstanceTypeID),
		ChargeType:      driverkit.WithSpot(chargeTypes[from.InstanceChargeType], from.SpotStrategy, noSpot),
		Type:            from.InstanceTypeID,
		Zone:            from.ZoneID,
		PrivateIP:       from.privateIP(),
		Tags:            driverkit.Tags(from.Tags, tagOf),
	}
	// The only public addresses are elastic ones, which a stop keeps in either
	// mode (https://www.volcengine.com/docs/6396/70468).
	in.PublicIP = from.EipAddress.IPAddress
	in.PublicIPKept = in.PublicIP != ""
	return in
}

func tagOf(t *tag) (key, value string, ok bool) {
	if t == nil || t.Key == nil {
		return "", "", false
	}
	return *t.Key, t.Value, true
}

// privateIP returns the address of the primary network interface, or of the
// first one that has an address.
func (i *instance) privateIP() string {
	first := ""
	for _, nic := range i.NetworkInterfaces {
		if nic == nil || nic.PrimaryIPAddress == "" {
			continue
		}
		if nic.Type == "primary" {
			return nic.PrimaryIPAddress
		}
		first = driverkit.First(first, nic.PrimaryIPAddress)
	}
	return first
}
