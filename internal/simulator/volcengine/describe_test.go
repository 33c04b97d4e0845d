package volcengine_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func ids(out *ecs.DescribeInstancesOutput) []string {
	var all []string
	for _, i := range out.Instances {
		all = append(all, *i.InstanceId)
	}
	return all
}

func bulk(t *testing.T, f *fixture, count int, template simulator.Instance) []string {
	t.Helper()
	all, err := f.cloud.SeedBulk(simulator.Bulk{Count: count, IDPattern: "i-####", Template: template})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPages(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	all := bulk(t, f, 120, simulator.Instance{})
	t.Run("a page has ten instances unless told otherwise", func(t *testing.T) {
		out := f.describe(t, nil)
		if len(out.Instances) != 10 || *out.TotalCount != 120 || *out.NextToken == "" {
			t.Errorf("got %d of %d, token %q, want 10 of 120 and a token", len(out.Instances), *out.TotalCount, *out.NextToken)
		}
		if out = f.describe(t, nil, all[:100]...); len(out.Instances) != 10 || *out.TotalCount != 100 {
			t.Errorf("got %d of %d for a hundred ids, want 10 of 100", len(out.Instances), *out.TotalCount)
		}
	})
	t.Run("tokens lead through all pages once", func(t *testing.T) {
		var got []string
		for token, pages := "", 0; ; pages++ {
			out := f.describe(t, func(in *ecs.DescribeInstancesInput) {
				in.MaxResults = sdk.Int32(50)
				if token != "" {
					in.NextToken = sdk.String(token)
				}
			})
			got = append(got, ids(out)...)
			if token = *out.NextToken; token == "" {
				break
			}
			if pages > 3 {
				t.Fatal("the pages have no end")
			}
		}
		if diff := cmp.Diff(got, all); diff != "" {
			t.Errorf("got -, want +:\n%s", diff)
		}
	})
	t.Run("a hundred ids fit one page", func(t *testing.T) {
		out := f.describe(t, func(in *ecs.DescribeInstancesInput) { in.MaxResults = sdk.Int32(100) }, all[:100]...)
		if len(out.Instances) != 100 || *out.NextToken != "" {
			t.Errorf("got %d, token %q, want 100 and no token", len(out.Instances), *out.NextToken)
		}
	})
	token := *f.describe(t, nil).NextToken
	long := url.Values{}
	for n := range 101 {
		long.Set(fmt.Sprintf("InstanceIds.%d", n+1), "i-1")
	}
	for _, test := range []struct{ name, query string }{
		{"no results", "MaxResults=0"},
		{"too many results", "MaxResults=101"},
		{"results that are words", "MaxResults=all"},
		{"a next page that is no code", "NextToken=!"},
		{"a next page that is made up", "NextToken=MTA="},
		{"a next page of another query", "Status=RUNNING&NextToken=" + url.QueryEscape(token)},
		{"too many ids", long.Encode()},
	} {
		t.Run(test.name+", which is refused", func(t *testing.T) {
			wantAnswer(t, f.send(t, raw{query: test.query}), "InvalidArgument", 400)
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f := setUp(
		t,
		simulator.Instance{
			ID: "i-1", Name: "web-one", PrivateIP: "10.0.0.1", Tags: map[string]string{"role": "web", "tier": "gold"},
		},
		simulator.Instance{
			ID: "i-2", Name: "web-two", Status: "STOPPED", ElasticIP: "203.0.113.2", Tags: map[string]string{"role": "web"},
		},
		simulator.Instance{
			ID: "i-3", Name: "batch", ChargeType: "PrePaid", Type: "ecs.c3i.large", Tags: map[string]string{"role": "batch"},
		},
		simulator.Instance{ID: "i-4", Name: "other", Zone: "cn-beijing-b"},
		simulator.Instance{ID: "i-5", Name: "elsewhere", Region: "cn-shanghai"},
	)
	tag := func(key string, values ...string) *ecs.TagFilterForDescribeInstancesInput {
		filter := &ecs.TagFilterForDescribeInstancesInput{Key: sdk.String(key)}
		if len(values) > 0 {
			// An empty list that is not nil goes out as an empty parameter.
			filter.Values = sdk.StringSlice(values)
		}
		return filter
	}
	for _, test := range []struct {
		name string
		in   ecs.DescribeInstancesInput
		want []string
	}{
		{"nothing", ecs.DescribeInstancesInput{}, []string{"i-1", "i-2", "i-3", "i-4"}},
		{"part of a name", ecs.DescribeInstancesInput{InstanceName: sdk.String("web")}, []string{"i-1", "i-2"}},
		{"a status", ecs.DescribeInstancesInput{Status: sdk.String("STOPPED")}, []string{"i-2"}},
		{"a charge type", ecs.DescribeInstancesInput{InstanceChargeType: sdk.String("PrePaid")}, []string{"i-3"}},
		{"a zone", ecs.DescribeInstancesInput{ZoneId: sdk.String("cn-beijing-b")}, []string{"i-4"}},
		{"an address", ecs.DescribeInstancesInput{PrimaryIpAddress: sdk.String("10.0.0.1")}, []string{"i-1"}},
		{
			"public addresses",
			ecs.DescribeInstancesInput{EipAddresses: sdk.StringSlice([]string{"203.0.113.9", "203.0.113.2"})},
			[]string{"i-2"},
		},
		{"types", ecs.DescribeInstancesInput{InstanceTypeIds: sdk.StringSlice([]string{"ecs.c3i.large"})}, []string{"i-3"}},
		{
			"families of types",
			ecs.DescribeInstancesInput{InstanceTypeFamilies: sdk.StringSlice([]string{"ecs.c3i"})},
			[]string{"i-3"},
		},
		{"a project", ecs.DescribeInstancesInput{ProjectName: sdk.String("default")}, []string{"i-1", "i-2", "i-3", "i-4"}},
		{"another network", ecs.DescribeInstancesInput{VpcId: sdk.String("vpc-other")}, nil},
		{"what none has", ecs.DescribeInstancesInput{DedicatedHostId: sdk.String("dh-1")}, nil},
		{
			"the key of a tag",
			ecs.DescribeInstancesInput{TagFilters: []*ecs.TagFilterForDescribeInstancesInput{tag("tier")}},
			[]string{"i-1"},
		},
		{
			"values of a tag",
			ecs.DescribeInstancesInput{TagFilters: []*ecs.TagFilterForDescribeInstancesInput{tag("role", "batch", "web")}},
			[]string{"i-1", "i-2", "i-3"},
		},
		{
			"two tags",
			ecs.DescribeInstancesInput{
				TagFilters: []*ecs.TagFilterForDescribeInstancesInput{tag("role", "web"), tag("tier", "gold")},
			},
			[]string{"i-1"},
		},
		{
			"a tag and a status",
			ecs.DescribeInstancesInput{
				TagFilters: []*ecs.TagFilterForDescribeInstancesInput{tag("role", "web")}, Status: sdk.String("STOPPED"),
			},
			[]string{"i-2"},
		},
		{
			"ids",
			ecs.DescribeInstancesInput{InstanceIds: sdk.StringSlice([]string{"i-4", "i-absent", "i-1"})},
			[]string{"i-4", "i-1"},
		},
		{
			"ids and a status",
			ecs.DescribeInstancesInput{InstanceIds: sdk.StringSlice([]string{"i-1", "i-2"}), Status: sdk.String("RUNNING")},
			[]string{"i-1"},
		},
		{"the id of another region", ecs.DescribeInstancesInput{InstanceIds: sdk.StringSlice([]string{"i-5"})}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := f.describe(t, func(in *ecs.DescribeInstancesInput) { *in = test.in })
			if diff := cmp.Diff(ids(out), test.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
			if int(*out.TotalCount) != len(test.want) {
				t.Errorf("the total is %d, want %d", *out.TotalCount, len(test.want))
			}
		})
	}
}

func TestAQueryByTagsSeesNoMoreThanAThousand(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	bulk(t, f, 1005, simulator.Instance{Tags: map[string]string{"fleet": "big"}})
	out := f.describe(t, func(in *ecs.DescribeInstancesInput) {
		in.TagFilters = []*ecs.TagFilterForDescribeInstancesInput{{Key: sdk.String("fleet")}}
	})
	if *out.TotalCount != 1000 {
		t.Errorf("the total is %d, want 1000", *out.TotalCount)
	}
	if out = f.describe(t, nil); *out.TotalCount != 1005 {
		t.Errorf("the total without tags is %d, want 1005", *out.TotalCount)
	}
}

func TestAnInstanceInAnAnswer(t *testing.T) {
	t.Parallel()
	f := setUp(
		t,
		simulator.Instance{
			ID: "i-1", Name: "web", ElasticIP: "203.0.113.1", PrivateIP: "10.0.0.1", Tags: map[string]string{"role": "web"},
		},
		simulator.Instance{
			ID: "i-2", ChargeType: "PrePaid", LocalDisk: true, Spot: true,
			Extra: map[string]string{"elastic_scheduled_instance_type": "Esi"},
		},
		simulator.Instance{ID: "i-3", Locks: []string{"ResourceLocked"}},
	)
	i := f.shown(t, "i-1")
	type view struct {
		Name, Status, Charge, Spot, Scheduled, Type, Zone, Public, Private, Expires string
		Tags, Local                                                                 int
	}
	look := func(i *ecs.InstanceForDescribeInstancesOutput) view {
		v := view{
			*i.InstanceName, *i.Status, *i.InstanceChargeType, *i.SpotStrategy, *i.ElasticScheduledInstanceType,
			*i.InstanceTypeId, *i.ZoneId,
			"", *i.NetworkInterfaces[0].PrimaryIpAddress, *i.ExpiredAt, len(i.Tags), len(i.LocalVolumes),
		}
		if i.EipAddress != nil {
			v.Public = *i.EipAddress.IpAddress
		}
		return v
	}
	if diff := cmp.Diff(look(i), view{
		"web", "RUNNING", "PostPaid", "NoSpot", "NoEsi", "ecs.g3i.large", "cn-beijing-a", "203.0.113.1", "10.0.0.1", "", 1, 0,
	}); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	i = f.shown(t, "i-2")
	if *i.InstanceChargeType != "PrePaid" || *i.ExpiredAt == "" || len(i.LocalVolumes) != 1 ||
		*i.SpotStrategy != "SpotAsPriceGo" || *i.ElasticScheduledInstanceType != "Esi" || i.EipAddress != nil {
		t.Errorf("the other instance is %+v", look(i))
	}
	if body := f.send(t, raw{query: "InstanceIds.1=i-3"}).body; strings.Contains(body, "Lock") {
		t.Errorf("a lock shows in the answer:\n%s", body)
	}
}

func TestTheStoppedModeThatIsRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		instance       simulator.Instance
		setting, value string
		want           string
	}{
		{"running", simulator.Instance{}, "", "", "NotApplicable"},
		{"running, in the other spelling", simulator.Instance{}, volcengine.RunningReads, "Not-applicable", "Not-applicable"},
		{"running, as a charge that goes on", simulator.Instance{}, volcengine.RunningReads, "KeepCharging", "KeepCharging"},
		{"running, as nothing", simulator.Instance{}, volcengine.RunningReads, volcengine.Empty, ""},
		{"stopped, not through the API", simulator.Instance{Status: "STOPPED"}, "", "", "KeepCharging"},
		{
			"stopped, keeps charging",
			simulator.Instance{Status: "STOPPED", StoppedMode: "KeepCharging"},
			"", "",
			"KeepCharging",
		},
		{
			"stopped, does not charge",
			simulator.Instance{Status: "STOPPED", StoppedMode: "StopCharging"},
			"", "",
			"StopCharging",
		},
		{"stopped and prepaid", simulator.Instance{Status: "STOPPED", ChargeType: "PrePaid"}, "", "", "NotApplicable"},
		{
			"stopped and prepaid, as a charge that goes on",
			simulator.Instance{Status: "STOPPED", ChargeType: "PrePaid"},
			volcengine.IneligibleReads, "KeepCharging", "KeepCharging",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.instance.ID = "i-1"
			f := setUp(t, test.instance)
			if test.setting != "" {
				f.set(t, test.setting, test.value)
			}
			if got := *f.shown(t, "i-1").StoppedMode; got != test.want {
				t.Errorf("StoppedMode is %q, want %q", got, test.want)
			}
		})
	}
}

func TestUnknownParametersMayBeIgnored(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	wantAnswer(t, f.send(t, raw{query: "Surprise=1"}), "InvalidArgument", 400)
	f.set(t, volcengine.UnknownParameters, volcengine.Ignored)
	wantAnswer(t, f.send(t, raw{query: "Surprise=1"}), "", 200)
}
