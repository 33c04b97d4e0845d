package tencentcloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func ids(set []*cvm.Instance) []string {
	var out []string
	for _, i := range set {
		out = append(out, *i.InstanceId)
	}
	return out
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f := setUp(t,
		simulator.Instance{
			ID: "ins-0000000a", Name: "web", Tags: map[string]string{"role": "web", "stage": "one"},
			CreatedAt: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		simulator.Instance{
			ID: "ins-0000000b", Name: "db", Status: "STOPPED", ChargeType: "PREPAID", Tags: map[string]string{"role": "db"},
		},
		simulator.Instance{
			ID: "ins-0000000c", Name: "spot", Zone: "ap-guangzhou-6", Spot: true, PrivateIP: "10.9.9.9",
			ElasticIP: "203.0.113.9",
		},
		simulator.Instance{ID: "ins-0000000d", Region: "ap-shanghai"},
	)
	const a, b, c = "ins-0000000a", "ins-0000000b", "ins-0000000c"
	for _, test := range []struct {
		name   string
		values []string
		want   []string
	}{
		{"instance-id", []string{a, b}, []string{a, b}},
		{"instance-name", []string{"db", "none"}, []string{b}},
		{"instance-state", []string{"RUNNING"}, []string{a, c}},
		{"instance-charge-type", []string{"SPOTPAID", "PREPAID"}, []string{b, c}},
		{"zone", []string{"ap-guangzhou-6"}, []string{c}},
		{"tag:role", []string{"web"}, []string{a}},
		{"tag:stage", []string{"two"}, nil},
		{"tag-key", []string{"role"}, []string{a, b}},
		{"tag-value", []string{"db"}, []string{b}},
		{"private-ip-address", []string{"10.9.9.9"}, []string{c}},
		{"public-ip-address", []string{"203.0.113.9"}, []string{c}},
		{"project-id", []string{"0"}, []string{a, b, c}},
		{"host-id", []string{"host-1"}, nil},
		{"creation-end-time", []string{"2024-01-03 00:00:00"}, []string{a}},
		{"creation-start-time", []string{"2024-01-03 00:00:00"}, []string{b, c}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := f.describe(t, func(r *cvm.DescribeInstancesRequest) {
				r.Filters = []*cvm.Filter{{Name: common.StringPtr(test.name), Values: common.StringPtrs(test.values)}}
			})
			if diff := cmp.Diff(test.want, ids(got)); diff != "" {
				t.Errorf("instances (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("two filters must both fit", func(t *testing.T) {
		t.Parallel()
		got := f.describe(t, func(r *cvm.DescribeInstancesRequest) {
			r.Filters = []*cvm.Filter{
				{Name: common.StringPtr("tag-key"), Values: common.StringPtrs([]string{"role"})},
				{Name: common.StringPtr("instance-state"), Values: common.StringPtrs([]string{"STOPPED"})},
			}
		})
		if diff := cmp.Diff([]string{b}, ids(got)); diff != "" {
			t.Errorf("instances (-want +got):\n%s", diff)
		}
	})
}

func TestPagesAreOfTwentyUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	all, err := f.cloud.SeedBulk(simulator.Bulk{Count: 130, IDPattern: "ins-########"})
	if err != nil {
		t.Fatal(err)
	}
	limit := func(n, offset int64) func(*cvm.DescribeInstancesRequest) {
		return func(r *cvm.DescribeInstancesRequest) { r.Limit, r.Offset = common.Int64Ptr(n), common.Int64Ptr(offset) }
	}
	for _, test := range []struct {
		name   string
		change func(*cvm.DescribeInstancesRequest)
		ids    []string
		want   []string
	}{
		{"a listing", nil, nil, all[:20]},
		{"a describe of 100 ids", nil, all[:100], all[:20]},
		{"a describe of 100 ids with a limit", limit(100, 0), all[:100], all[:100]},
		{"the second page", limit(100, 100), nil, all[100:]},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ids(f.describe(t, test.change, test.ids...))); diff != "" {
				t.Errorf("instances (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsolation(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001", Arrears: true}, simulator.Instance{
		ID: "ins-00000002", Recycled: true,
	},
		simulator.Instance{ID: "ins-00000003", Recycled: true, ChargeType: "PREPAID"})
	var got [][]string
	for _, i := range f.describe(t, nil) {
		got = append(got, []string{*i.InstanceState, *i.RestrictState, *i.IsolatedSource})
	}
	want := [][]string{
		{"SHUTDOWN", "PROTECTIVELY_ISOLATED", "ARREAR"}, {"SHUTDOWN", "PROTECTIVELY_ISOLATED", "MANMADE"}, {
			"SHUTDOWN", "EXPIRED", "EXPIRE",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state, restriction and source (-want +got):\n%s", diff)
	}
}

func TestDemoFleetCanBeOperated(t *testing.T) {
	t.Parallel()
	f := setUp(t, tencentcloud.New().DemoFleet()...)
	set := f.describe(t, nil)
	if len(set) < 8 {
		t.Errorf("the region of the demo has %d instances, want 8 or more", len(set))
	}
	for _, i := range set {
		// A malformed id would fail the whole call.
		f.describe(t, nil, *i.InstanceId)
	}
	if _, err := f.stop(t.Context(), stopCharging, "ins-demoweb1", "ins-demoprepaid"); err != nil {
		t.Error(err)
	}
	if err := f.start(t.Context(), "ins-demobatch"); err != nil {
		t.Error(err)
	}
}
