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
	InstanceTypeID               string `json:"InstanceTypeId"`
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
	found := driverkit.NewFound(ids)
	listed := 0
	next := ""
	for range maxPages {
		query := withIDs(ids)
		setNext(query, next)
		page, err := d.page(ctx, query, ids)
		if err != nil {
			if len(ids) == 1 && d.Fault(err).Kind == backend.KindNotFound {
				return nil, nil
			}
			return nil, err
		}
		listed += len(page.instances)
		for _, in := range page.instances {
			found.Add(in)
		}
		switch {
		case page.next == "" && !found.All() && page.total > listed:
			return nil, page.incomplete("it ends before all of its instances are listed")
		case page.next == "":
			all := found.Instances()
			for _, in := range all {
				d.tokens.observed(in.ID, in.State)
			}
			return all, nil
		case page.next == next:
			return nil, page.incomplete("it repeats its NextToken")
		}
		next = page.next
	}
	return nil, d.kit.Incomplete(&driverkit.Exchange{}, "", "its pages do not end")
}

func setNext(query url.Values, token string) {
	query.Set("MaxResults", strconv.Itoa(batchSize))
	if token != "" {
		query.Set("NextToken", token)
	}
}

// page is one page of a listing.
type page struct {
	instances []backend.Instance
	// total is 0 where the answer does not tell it.
	total int
	next  string
	// incomplete makes the error of a page that does not fit the others.
	incomplete func(problem string) error
}

func (d *Driver) page(ctx context.Context, query url.Values, ids []string) (page, error) {
	var answer listing
	call, err := d.call(ctx, actionDescribe, query, ids, &answer)
	if err != nil {
		return page{}, err
	}
	read := page{
		next:       answer.NextToken,
		incomplete: func(problem string) error { return d.kit.Incomplete(call.exchange, call.requestID, problem) },
	}
	if answer.TotalCount != nil {
		read.total = *answer.TotalCount
	}
	if answer.Instances == nil && answer.TotalCount == nil {
		// To take this for an empty list would mean that all are gone.
		return page{}, read.incomplete("it has no list of instances")
	}
	for _, item := range answer.Instances {
		if item == nil || item.InstanceID == "" {
			return page{}, read.incomplete("it lists an instance without an InstanceId")
		}
		read.instances = append(read.instances, item.translate())
	}
	return read, nil
}

func (i *instance) translate() backend.Instance {
	known := states[i.Status]
	in := backend.Instance{
		ID:              i.InstanceID,
		Name:            i.InstanceName,
		State:           known.State,
		Raw:             i.Status,
		StoppedMode:     modes[i.StoppedMode],
		StopChargingBar: i.stopChargingBar(),
		Blocked:         known.Blocked,
		AlwaysForced:    alwaysForced(i.InstanceTypeID),
		Prepaid:         i.prepaid(),
		PrivateIP:       i.privateIP(),
		Tags:            driverkit.Tags(i.Tags, readTag),
	}
	// The only public addresses are elastic ones, which a stop keeps in either
	// mode (https://www.volcengine.com/docs/6396/70468).
	in.PublicIP = i.EipAddress.IPAddress
	in.PublicIPKept = in.PublicIP != ""
	return in
}

func readTag(t *tag) (key, value string, ok bool) {
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
