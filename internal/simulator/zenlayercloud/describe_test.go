package zenlayercloud_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vmnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"
	zecnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20250901"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

var created = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestAnInstanceOfVM(t *testing.T) {
	t.Parallel()
	w := start(t, long, simulator.Instance{
		ID: "a", Name: "web", ChargeType: "PREPAID", CreatedAt: created, PublicIP: "203.0.113.5", PrivateIP: "10.0.0.5",
		Tags: map[string]string{"role": "web"},
	})
	c, err := vmnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	r := vmnew.NewDescribeInstancesRequest()
	r.SetContext(t.Context())
	r.InstanceIds = []string{"a"}
	resp, err := c.DescribeInstances(r)
	if err != nil {
		t.Fatal(err)
	}
	want := &vmnew.InstanceInfo{
		InstanceId: common.String("a"), InstanceName: common.String("web"), InstanceStatus: common.String("RUNNING"),
		ZoneId: common.String("SEL-A"), InstanceType: common.String("z2a.cpu.4"),
		InstanceChargeType: common.String("PREPAID"),
		PublicIpAddresses:  []string{"203.0.113.5"}, PrivateIpAddresses: []string{"10.0.0.5"},
		CreateTime: common.String("2026-01-02T03:04:05Z"), ExpiredTime: common.String("2027-01-02T03:04:05Z"),
		Period: common.Integer(12), AutoRenew: common.Bool(true), CpuCount: common.Integer(4), Memory: common.Integer(8),
		Tags: &vmnew.Tags{Tags: []*vmnew.Tag{{Key: common.String("role"), Value: common.String("web")}}},
	}
	ignored := cmpopts.IgnoreFields(vmnew.InstanceInfo{}, "ImageId", "ImageName", "SubnetId", "ResourceGroupId",
		"ResourceGroupName", "SecurityGroupIds", "SystemDisk", "DataDisks", "InternetChargeType", "InternetMaxBandwidthOut",
		"PublicIpv6Addresses", "Nic")
	if diff := cmp.Diff([]*vmnew.InstanceInfo{want}, resp.Response.DataSet, ignored); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	if got := w.lastCall(t).RequestID; common.ToString(resp.RequestId) != got ||
		common.ToString(resp.Response.RequestId) != got {
		t.Errorf("request ids are %v and %v, want %s", resp.RequestId, resp.Response.RequestId, got)
	}
}

func TestAnInstanceOfZEC(t *testing.T) {
	t.Parallel()
	i := zec("z", "STOPPED")
	i.CreatedAt, i.PrivateIP, i.ElasticIP, i.Tags = created, "10.0.0.6", "203.0.113.6", map[string]string{"role": "web"}
	w := start(t, long, i)
	c, err := zecnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	r := zecnew.NewDescribeInstancesRequest()
	r.SetContext(t.Context())
	resp, err := c.DescribeInstances(r)
	if err != nil {
		t.Fatal(err)
	}
	want := &zecnew.InstanceInfo{
		InstanceId: common.String("z"), InstanceName: common.String("z"), Status: common.String("STOPPED"),
		ZoneId: common.String("SEL-A"), PublicIpAddresses: []string{"203.0.113.6"}, PrivateIpAddresses: []string{"10.0.0.6"},
		CreateTime: common.String("2026-01-02T03:04:05Z"),
		Tags:       &zecnew.Tags{Tags: []*zecnew.Tag{{Key: common.String("role"), Value: common.String("web")}}},
	}
	only := cmpopts.IgnoreFields(zecnew.InstanceInfo{}, "InstanceType", "Cpu", "Memory", "ImageId", "ImageName",
		"TimeZone",
		"NicNetworkType", "SystemDisk", "DataDisks", "SubnetId", "SecurityGroupId", "EnableAgent", "EnableAgentMonitor",
		"EnableIpForward", "ResourceGroupId", "ResourceGroupName", "Nics", "LoadBalancerIds")
	if diff := cmp.Diff([]*zecnew.InstanceInfo{want}, resp.Response.DataSet, only); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	old := w.send(t, request("zec", "2024-04-01", "DescribeInstances", `{}`))
	if _, tagged := first(t, old)["tags"]; tagged {
		t.Errorf("version 2024-04-01 shows tags: %s", old.text)
	}
}

// first is the first object of a dataSet.
func first(t *testing.T, r reply) map[string]any {
	t.Helper()
	set, ok := r.response(t)["dataSet"].([]any)
	if !ok || len(set) == 0 {
		t.Fatalf("the answer %s has no data", r.text)
	}
	item, ok := set[0].(map[string]any)
	if !ok {
		t.Fatalf("the first item of %s is no object", r.text)
	}
	return item
}

func TestStatusHasItsOwnNameInEachAnswer(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"), zec("z", "RUNNING"))
	for _, test := range []struct{ service, version, action, has, hasNot string }{
		{"vm", "2026-04-01", "DescribeInstances", "instanceStatus", "status"},
		{"vm", "2026-04-01", "DescribeInstancesStatus", "instanceStatus", "status"},
		{"zec", "2025-09-01", "DescribeInstances", "status", "instanceStatus"},
		{"zec", "2024-04-01", "DescribeInstances", "status", "instanceStatus"},
		{"zec", "2025-09-01", "DescribeInstancesStatus", "instanceStatus", "status"},
	} {
		item := first(t, w.send(t, request(test.service, test.version, test.action, `{}`)))
		if item[test.has] != "RUNNING" || item[test.hasNot] != nil {
			t.Errorf("%s %s has %s %v and %s %v, want RUNNING and none", test.service, test.action, test.has, item[test.has],
				test.hasNot, item[test.hasNot])
		}
		if test.service == zenlayercloud.ZEC && item["instanceChargeType"] != nil {
			t.Errorf("an instance of zec has the charge type %v", item["instanceChargeType"])
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	vms := []simulator.Instance{
		{
			ID: "v1", Name: "web-1", Tags: map[string]string{"role": "web", "env": "prod"}, PublicIP: "203.0.113.1",
			PrivateIP: "10.9.0.1",
		},
		{ID: "v2", Name: "web-2", Status: "STOPPED", Tags: map[string]string{"role": "web"}, PrivateIP: "10.9.0.2"},
		{ID: "v3", Name: "old-web-1", Zone: "HKG-A", Type: "z4a.cpu.8", Tags: map[string]string{"env": "test"}},
	}
	w := start(t, long)
	for _, i := range vms {
		z := i
		z.ID, z.Extra = "z"+i.ID[1:], map[string]string{zenlayercloud.ServiceKey: zenlayercloud.ZEC}
		if err := w.cloud.Seed(i, z); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, vm, zec string // the request to either service; none where it has no such filter
		want          string // the digits of the ids
	}{
		{"nothing", `{}`, `{}`, "123"},
		{"ids", `{"instanceIds":["v3","v1"]}`, `{"instanceIds":["z3","z1"]}`, "31"},
		{"zone", `{"zoneId":"HKG-A"}`, `{"zoneId":"HKG-A"}`, "3"},
		{"status", `{"instanceStatus":"STOPPED"}`, `{"status":"STOPPED"}`, "2"},
		{
			"ids and status", `{"instanceIds":["v1","v2"],"instanceStatus":"RUNNING"}`,
			`{"instanceIds":["z1","z2"],"status":"RUNNING"}`, "1",
		},
		{"exact name", `{"instanceName":"web-1"}`, ``, "1"},
		{"name with an asterisk", `{"instanceName":"web-1*"}`, `{"name":"web-1*"}`, "13"},
		{"part of a name without one", `{"instanceName":"web"}`, ``, ""},
		{"part of a name, always fuzzy", ``, `{"name":"web"}`, "123"},
		{"an empty name is no filter", `{"instanceName":""}`, `{"name":""}`, "123"},
		{"type", `{"instanceType":"z4a.cpu.8"}`, ``, "3"},
		{"public address", `{"publicIpAddresses":["203.0.113.1"]}`, `{"ipv4Address":"203.0.113.1"}`, "1"},
		{"private addresses", `{"privateIpAddresses":["10.9.0.1","10.9.0.2"]}`, ``, "12"},
		{"image that no instance has", `{"imageId":"none"}`, `{"imageId":"none"}`, ""},
		{
			"resource group of all", `{"resourceGroupId":"simulator-resource-group"}`,
			`{"resourceGroupId":"simulator-resource-group"}`, "123",
		},
		{"key that no instance has", `{"keyId":"none"}`, ``, ""},
		{"tag key", `{"tagKeys":["role"]}`, `{"tagKeys":["role"]}`, "12"},
		{"tag", `{"tags":[{"key":"env","value":"prod"}]}`, `{"tags":[{"key":"env","value":"prod"}]}`, "1"},
		{"two tag keys", `{"tagKeys":["role","env"]}`, `{"tagKeys":["role","env"]}`, "1"},
		{
			"tag key and tag", `{"tagKeys":["env"],"tags":[{"key":"role","value":"web"}]}`,
			`{"tagKeys":["env"],"tags":[{"key":"role","value":"web"}]}`, "1",
		},
	} {
		for service, body := range map[string]string{"vm": test.vm, "zec": test.zec} {
			if body == "" {
				continue
			}
			t.Run(test.name+" of "+service, func(t *testing.T) {
				t.Parallel()
				if got := digits(t, w.send(t, request(service, newest(service), "DescribeInstances", body))); got != test.want {
					t.Errorf("found %q, want %q", got, test.want)
				}
			})
		}
	}
}

func newest(service string) string {
	if service == zenlayercloud.ZEC {
		return "2025-09-01"
	}
	return "2026-04-01"
}

// digits are the second characters of the ids in an answer.
func digits(t *testing.T, r reply) string {
	t.Helper()
	set, ok := r.response(t)["dataSet"].([]any)
	if !ok {
		t.Fatalf("the answer %s has no list", r.text)
	}
	var out string
	for _, item := range set {
		i, _ := item.(map[string]any)
		id, _ := i["instanceId"].(string)
		out += id[1:]
	}
	return out
}

func TestFiltersThatThePagesLeaveOpen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ setting, value, body, want string }{
		{zenlayercloud.FuzzyName, zenlayercloud.Contains, `{"instanceName":"web*"}`, "12"},
		{zenlayercloud.FuzzyName, zenlayercloud.Prefix, `{"instanceName":"web*"}`, "1"},
		{zenlayercloud.TagMatch, zenlayercloud.AllTags, `{"tagKeys":["role","env"]}`, "1"},
		{zenlayercloud.TagMatch, zenlayercloud.AnyTag, `{"tagKeys":["role","env"]}`, "12"},
		{
			zenlayercloud.TagMatch, zenlayercloud.AnyTag, `{"tags":[{"key":"role","value":"web"},{"key":"env","value":"prod"}]}`,
			"12",
		},
		{zenlayercloud.TagMatch, zenlayercloud.AnyTag, `{"tagKeys":["none"]}`, ""},
	} {
		t.Run(test.setting+" "+test.value+" "+test.body, func(t *testing.T) {
			t.Parallel()
			w := start(
				t, long,
				simulator.Instance{ID: "v1", Name: "web-1", Tags: map[string]string{"role": "web", "env": "prod"}},
				simulator.Instance{ID: "v2", Name: "old-web", Tags: map[string]string{"role": "web"}},
			)
			w.set(t, test.setting, test.value)
			if got := digits(t, w.send(t, request("vm", "2026-04-01", "DescribeInstances", test.body))); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := start(t, long, zec("other", "RUNNING"))
	ids, err := w.cloud.SeedBulk(simulator.Bulk{Count: 45, IDPattern: "v##"})
	if err != nil {
		t.Fatal(err)
	}
	quoted := `"instanceIds":[`
	for n, id := range ids[:30] {
		if n > 0 {
			quoted += ","
		}
		quoted += fmt.Sprintf("%q", id)
	}
	quoted += "]"
	for _, test := range []struct {
		name, body, from string
		count, total     int
	}{
		{"the first by default", `{}`, "v00", 20, 45},
		{"the second", `{"pageNum":2}`, "v20", 20, 45},
		{"the last", `{"pageNum":3}`, "v40", 5, 45},
		{"one past the end", `{"pageNum":4}`, "", 0, 45},
		{"the largest", `{"pageSize":1000}`, "v00", 45, 45},
		{"a small one", `{"pageSize":7,"pageNum":3}`, "v14", 7, 45},
		{"by ids, cut at the default size", `{` + quoted + `}`, "v00", 20, 30},
		{"by ids, with a size", `{` + quoted + `,"pageSize":30}`, "v00", 30, 30},
	} {
		for _, action := range []string{"DescribeInstances", "DescribeInstancesStatus"} {
			t.Run(test.name+" of "+action, func(t *testing.T) {
				t.Parallel()
				got := w.send(t, request("vm", "2023-03-13", action, test.body))
				fields := got.response(t)
				set, _ := fields["dataSet"].([]any)
				if len(set) != test.count || fields["totalCount"] != float64(test.total) {
					t.Errorf("%d of %v, want %d of %d", len(set), fields["totalCount"], test.count, test.total)
				}
				if test.count > 0 && first(t, got)["instanceId"] != test.from {
					t.Errorf("the first is %v, want %s", first(t, got)["instanceId"], test.from)
				}
			})
		}
	}
	t.Run("by ids, not cut", func(t *testing.T) {
		t.Parallel()
		free := start(t, long)
		if _, err := free.cloud.SeedBulk(simulator.Bulk{Count: 30, IDPattern: "v##"}); err != nil {
			t.Fatal(err)
		}
		free.set(t, zenlayercloud.PageOfIDs, zenlayercloud.AllIDs)
		statuses := request("vm", "2026-04-01", "DescribeInstancesStatus", `{`+quoted+`}`)
		set, _ := free.send(t, statuses).response(t)["dataSet"].([]any)
		if len(set) != 30 {
			t.Errorf("%d instances, want all 30", len(set))
		}
	})
}

func TestTheLogHasWhatAListingShowed(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"), zec("z", "RUNNING"), vm("b", "RUNNING"))
	w.send(t, request("vm", "2026-04-01", "DescribeInstances", `{}`))
	if diff := cmp.Diff([]string{"a", "b"}, w.lastCall(t).Shown); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

func TestAbsentIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value, code string
		status      int
	}{
		{zenlayercloud.Omitted, "", http.StatusOK},
		{zenlayercloud.InstanceNotFound, "INVALID_INSTANCE_NOT_FOUND", http.StatusNotFound},
		{zenlayercloud.ResourceNotFound, "OPERATION_FAILED_RESOURCE_NOT_FOUND", http.StatusNotFound},
	} {
		t.Run(test.value, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("a", "RUNNING"), vm("hidden", "RUNNING"), zec("z", "RUNNING"))
			w.set(t, zenlayercloud.AbsentIDs, test.value)
			w.trouble(t, simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{"hidden"}})
			for _, sdk := range clients(t, w)[:2] {
				for _, absent := range []string{"gone", "hidden", "z"} {
					got, err := sdk.describe("a", absent)
					if c := code(t, err); c != test.code || w.seen.status != test.status {
						t.Errorf("answer about %s is %d %q, want %d %q", absent, w.seen.status, c, test.status, test.code)
					}
					if err == nil && !cmp.Equal(got, map[string]string{"a": "RUNNING"}) {
						t.Errorf("found %v, want a alone", got)
					}
				}
			}
			// An instance that a filter or a page leaves out is not absent.
			for _, body := range []string{`{"instanceIds":["a"],"zoneId":"none"}`, `{"instanceIds":["a"],"pageNum":9}`} {
				if got := w.send(t, request("vm", "2026-04-01", "DescribeInstances", body)); got.status != http.StatusOK {
					t.Errorf("answer to %s is %d %s, want 200", body, got.status, got.text)
				}
			}
		})
	}
}

func TestWordsThatThePagesSpellInTwoWays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ setting, value, seeded, zec, vm string }{
		{zenlayercloud.StartingWord, "BOOTING", "BOOTING", "BOOTING", "BOOTING"},
		{zenlayercloud.StartingWord, "STARTING", "BOOTING", "STARTING", "BOOTING"},
		{zenlayercloud.RecycleWord, "RECYCLE", "RECYCLE", "RECYCLE", "RECYCLE"},
		{zenlayercloud.RecycleWord, "RECYCLED", "RECYCLE", "RECYCLED", "RECYCLE"},
	} {
		t.Run(test.value, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("v", test.seeded), zec("z", test.seeded))
			w.set(t, test.setting, test.value)
			for _, sdk := range clients(t, w) {
				want := map[string]string{"v": test.vm}
				if sdk.service == zenlayercloud.ZEC {
					want = map[string]string{"z": test.zec}
				}
				if diff := cmp.Diff(want, states(t, sdk.describe)); diff != "" {
					t.Errorf("%s %s (-want +got):\n%s", sdk.service, sdk.version, diff)
				}
				if diff := cmp.Diff(want, states(t, sdk.status)); diff != "" {
					t.Errorf("status of %s %s (-want +got):\n%s", sdk.service, sdk.version, diff)
				}
			}
			body := fmt.Sprintf(`{"status":%q}`, test.zec)
			if got := digits(t, w.send(t, request("zec", "2025-09-01", "DescribeInstances", body))); got != "" {
				t.Errorf("the filter by the word finds the wrong %q", got)
			}
			r := request("zec", "2025-09-01", "DescribeInstances", body)
			if total := w.send(t, r).response(t)["totalCount"]; total != float64(1) {
				t.Errorf("the filter by the word finds %v, want 1", total)
			}
		})
	}
}
