package alicloud_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func TestAnInstanceIsShownInFull(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{
		ID: one, Name: "web", PublicIP: "203.0.113.1", ElasticIP: "203.0.113.2", PrivateIP: "10.0.0.1", Spot: true,
		Tags: map[string]string{"b": "2", "a": "1"}, Locks: []string{"security"}, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0,
			time.UTC),
	})
	got := f.describe(t, nil, one, absent)
	if len(got) != 1 {
		t.Fatalf("%d instances are shown, want 1", len(got))
	}
	want := object{
		"InstanceId": one, "InstanceName": "web", "RegionId": region, "ZoneId": "cn-hangzhou-i", "Status": "Running",
		"StoppedMode": "KeepCharging", "InstanceChargeType": "PostPaid", "SpotStrategy": "SpotAsPriceGo",
		"InstanceNetworkType": "vpc", "ExpiredTime": "2099-12-31T15:59Z", "CreationTime": "2026-01-02T03:04Z",
		"LocalStorageAmount": json.Number("0"), "Recyclable": false,
		"OperationLocks":  object{"LockReason": []any{object{"LockReason": "security", "LockMsg": ""}}},
		"PublicIpAddress": object{"IpAddress": []any{"203.0.113.1"}},
		"Tags": object{
			"Tag": []any{object{"TagKey": "a", "TagValue": "1"}, object{"TagKey": "b", "TagValue": "2"}},
		},
	}
	for name, value := range want {
		if diff := cmp.Diff(got[0][name], value); diff != "" {
			t.Errorf("%s differs (-got +want):\n%s", name, diff)
		}
	}
	elastic, _ := got[0]["EipAddress"].(object)
	vpc, _ := got[0]["VpcAttributes"].(object)
	if elastic["IpAddress"] != "203.0.113.2" || !cmp.Equal(vpc["PrivateIpAddress"],
		any(object{"IpAddress": []any{"10.0.0.1"}})) {
		t.Errorf("addresses are %v and %v", elastic, vpc)
	}
}

func TestPagesByToken(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	if _, err := f.cloud.SeedBulk(simulator.Bulk{Count: 205, IDPattern: "i-bp1####"}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		size  any
		pages []int
	}{
		{"of a hundred", 100, []int{100, 100, 5}},
		{"of more than the maximum", 1000, []int{100, 100, 5}},
		{"of fewer than ten are ten", 3, []int{10, 10, 10}},
		{"of no size are ten", nil, []int{10, 10, 10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := f.fork(t)
			seen := map[string]bool{}
			var sizes []int
			token := ""
			for range test.pages {
				change := object{}
				if test.size != nil {
					change["MaxResults"] = test.size
				}
				if token != "" {
					change["NextToken"] = token
				}
				body, err := f.call(t.Context(), "DescribeInstances", listing(t, change))
				if err != nil {
					t.Fatal(err)
				}
				all := list(t, body, "Instances", "Instance")
				for _, id := range texts(all, "InstanceId") {
					seen[id] = true
				}
				sizes = append(sizes, len(all))
				token, _ = body["NextToken"].(string)
			}
			if !cmp.Equal(sizes, test.pages) {
				t.Errorf("pages have %v, want %v", sizes, test.pages)
			}
			sum := 0
			for _, n := range test.pages {
				sum += n
			}
			if len(seen) != sum || (token == "") != (sum == 205) {
				t.Errorf("%d different instances, token %q, want %d and a token while there is more", len(seen), token, sum)
			}
		})
	}
	t.Run("and a token is good for its own question", func(t *testing.T) {
		t.Parallel()
		f := f.fork(t)
		body, err := f.call(t.Context(), "DescribeInstances", listing(t, object{"MaxResults": 100}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.call(t.Context(), "DescribeInstances",
			listing(t, object{"NextToken": body["NextToken"], "InstanceName": "x"}))
		wantRefusal(t, err, "InvalidParameter", 400)
		_, err = f.call(t.Context(), "DescribeInstances", listing(t, object{"NextToken": "AAAA"}))
		wantRefusal(t, err, "InvalidParameter", 400)
	})
	t.Run("and by number, which is deprecated", func(t *testing.T) {
		t.Parallel()
		body, err := f.fork(t).call(t.Context(), "DescribeInstances", listing(t, object{"PageNumber": 3, "PageSize": 100}))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(list(t, body, "Instances", "Instance")); got != 5 || body["TotalCount"] != json.Number("205") ||
			body["NextToken"] != "" {
			t.Errorf("the third page has %d of %v, token %v, want 5 of 205 and none", got, body["TotalCount"], body["NextToken"])
		}
	})
}

func TestDescribeInstanceStatus(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	ids, err := f.cloud.SeedBulk(simulator.Bulk{Count: 100, IDPattern: "i-bp1####"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change object
		shown  int
		first  string
	}{
		{"a page is of ten by default", nil, 10, ids[0]},
		{"a page is of fifty at most", object{"PageSize": 50}, 50, ids[0]},
		{"a second page follows", object{"PageSize": 50, "PageNumber": 2}, 50, ids[50]},
		{"by zone", object{"ZoneId": "cn-hangzhou-x"}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := f.fork(t).call(t.Context(), "DescribeInstanceStatus", plural(test.change, ids...))
			if err != nil {
				t.Fatal(err)
			}
			all := list(t, body, "InstanceStatuses", "InstanceStatus")
			if len(all) != test.shown {
				t.Fatalf("%d are shown, want %d", len(all), test.shown)
			}
			if test.shown > 0 && !cmp.Equal(all[0], object{"InstanceId": test.first, "Status": "Running"}) {
				t.Errorf("the first is %v, want %s", all[0], test.first)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	const a, b, c = "i-bp1aaaaaaaa", "i-bp1bbbbbbbb", "i-bp1cccccccc"
	f := setUp(t,
		simulator.Instance{
			ID: a, Name: "web-a", Tags: map[string]string{"role": "web", "env": "prod"}, PublicIP: "203.0.113.1",
		},
		simulator.Instance{
			ID: b, Name: "web-b", Status: "Stopped", ChargeType: "PrePaid", Tags: map[string]string{"role": "web"},
			ElasticIP: "203.0.113.2",
		},
		simulator.Instance{
			ID: c, Name: "db", Zone: "cn-hangzhou-h", Type: "ecs.r7.large", Classic: true, Locks: []string{"financial"},
			PrivateIP: "10.9.9.9",
		},
		simulator.Instance{ID: "i-bp1elsewhere", Region: "cn-beijing"},
	)
	for _, test := range []struct {
		change object
		want   []string
	}{
		{nil, []string{a, b, c}},
		{object{"Status": "Running"}, []string{a, c}},
		{object{"InstanceChargeType": "PrePaid"}, []string{b}},
		{object{"ZoneId": "cn-hangzhou-h"}, []string{c}},
		{object{"InstanceName": "web-*"}, []string{a, b}},
		{object{"InstanceName": "web"}, []string{}},
		{object{"Tag.1.Key": "role", "Tag.1.Value": "web"}, []string{a, b}},
		{object{"Tag.1.Key": "env"}, []string{a}},
		{object{"Tag.1.Key": "role", "Tag.1.Value": "web", "Tag.2.Key": "env", "Tag.2.Value": "test"}, []string{}},
		{object{"LockReason": "financial"}, []string{c}},
		{object{"InstanceNetworkType": "classic"}, []string{c}},
		{object{"InstanceType": "ecs.r7.large"}, []string{c}},
		{object{"InstanceTypeFamily": "ecs.g7"}, []string{a, b}},
		{object{"PublicIpAddresses": `["203.0.113.1","203.0.113.2"]`}, []string{a}},
		{object{"EipAddresses": `["203.0.113.2"]`}, []string{b}},
		{object{"InnerIpAddresses": `["10.9.9.9"]`}, []string{c}},
		{object{"VpcId": "vpc-simulator", "Status": "Stopped"}, []string{b}},
		{object{"KeyPairName": "mine"}, []string{}},
		{object{"AdditionalAttributes": []string{"META_OPTIONS"}, "Status": "Stopped"}, []string{b}},
	} {
		t.Run(fmt.Sprint(test.change), func(t *testing.T) {
			t.Parallel()
			f := f.fork(t)
			if got := texts(f.describe(t, test.change), "InstanceId"); !cmp.Equal(got, test.want) {
				t.Errorf("shows %v, want %v", got, test.want)
			}
		})
	}
	t.Run("together with ids", func(t *testing.T) {
		t.Parallel()
		got := texts(f.fork(t).describe(t, object{"Status": "Running"}, a, b), "InstanceId")
		if !cmp.Equal(got, []string{a}) {
			t.Errorf("shows %v, want %s", got, a)
		}
	})
}

func TestTheAttributesOfOneInstance(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one, Name: "web", Status: "Stopped", StoppedMode: "StopCharging"},
		simulator.Instance{ID: two, Region: "cn-shanghai"})
	body, err := f.call(t.Context(), "DescribeInstanceAttribute", object{"InstanceId": one})
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"InstanceId": one, "InstanceName": "web", "RegionId": region, "Status": "Stopped", "StoppedMode": "StopCharging",
		"RequestId": f.last().RequestID,
	} {
		if body[field] != want {
			t.Errorf("%s is %v, want %v", field, body[field], want)
		}
	}
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": absent}, "InvalidInstanceId.NotFound",
		http.StatusNotFound)(
		t, f,
	)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": two}, "", 0)(t, f)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": two, "RegionId": region}, "InvalidInstanceId.NotFound",
		http.StatusNotFound)(
		t, f,
	)
	wantAnswer("DescribeInstanceAttribute", object{}, "MissingInstanceId", http.StatusBadRequest)(t, f)
	wantAnswer("DescribeInstanceAttribute", object{"InstanceId": one, "DryRun": true}, "InvalidParameter",
		http.StatusBadRequest)(
		t, f,
	)
	if call := f.cloud.Calls(0)[0]; call.Op != simulator.OpDescribe || !cmp.Equal(call.InstanceIDs, []string{one}) {
		t.Errorf("it is logged as %s of %v, want a describe of %s", call.Op, call.InstanceIDs, one)
	}
}

// XML has no control characters, in any form.
func TestANameThatXMLCannotHave(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one, Name: "a\x1b\"b"})
	_, _, body := f.raw(t, raw{query: url.Values{"RegionId": {region}, "Format": {"XML"}}})
	var names struct {
		Names []string `xml:"Instances>Instance>InstanceName"`
	}
	if err := xml.Unmarshal([]byte(body), &names); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if want := []string{"a\ufffd\"b"}; !cmp.Equal(names.Names, want) {
		t.Errorf("the names are %q, want %q", names.Names, want)
	}
}

func TestAnswersInXML(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one, Name: "<a&b>"})
	status, header, body := f.raw(t, raw{query: url.Values{"RegionId": {region}, "Format": {"XML"}}})
	for _, want := range []string{
		"<?xml version='1.0' encoding='UTF-8'?><DescribeInstancesResponse><Instances><Instance>",
		"<InstanceId>" + one + "</InstanceId>", "<InstanceName>&lt;a&amp;b&gt;</InstanceName>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("HTTP %d: %s has no %s", status, body, want)
		}
	}
	if got := header.Get("Content-Type"); got != "text/xml;charset=utf-8" {
		t.Errorf("content type is %s", got)
	}
	status, _, body = f.raw(t, raw{
		query:  url.Values{"RegionId": {"mars"}, "Format": {"xml"}},
		header: map[string]string{"X-Acs-Signature-Nonce": "another"},
	})
	if status != http.StatusNotFound || !strings.Contains(body, "<Error><Code>InvalidRegionId.NotFound</Code><HostId>") {
		t.Errorf("HTTP %d: %s, want the error in XML", status, body)
	}
}
