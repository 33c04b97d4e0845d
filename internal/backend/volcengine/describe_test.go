package volcengine

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestDescribeFollowsThePagesToTheirEnd(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"": `{"TotalCount":3,"NextToken":"p2","Instances":[{"InstanceId":"i-1","Status":"RUNNING"},{"InstanceId":"i-9",
		"Status":"RUNNING"}]}`,
		"p2": `{"TotalCount":3,"NextToken":"p3","Instances":[]}`,
		"p3": `{"TotalCount":3,"NextToken":"p4","Instances":[{"InstanceId":"i-2","Status":"STOPPED"},{"InstanceId":"i-1",
		"Status":"STOPPED"}]}`,
		"p4": `{"TotalCount":3,"NextToken":"","Instances":null}`,
	}
	driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, result(pages[r.URL.Query().Get("NextToken")]))
	})
	found, err := driver.Describe(t.Context(), []string{"i-1", "i-2", "i-3"})
	if err != nil {
		t.Fatalf("got error %v, want nil", err)
	}
	want := []backend.Instance{
		{ID: "i-1", State: backend.Running, Raw: "RUNNING"},
		{ID: "i-2", State: backend.Stopped, Raw: "STOPPED"},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("instances differ (-want +got):\n%s", diff)
	}
	var got []url.Values
	for i, token := range []string{"", "p2", "p3", "p4"} {
		query := url.Values{
			"Action": {"DescribeInstances"}, "Version": {"2020-04-01"}, "MaxResults": {"100"},
			"InstanceIds.1": {"i-1"}, "InstanceIds.2": {"i-2"}, "InstanceIds.3": {"i-3"},
		}
		if token != "" {
			query.Set("NextToken", token)
		}
		got = append(got, query)
		if i < len(cloud.calls()) {
			if diff := cmp.Diff(query, cloud.calls()[i]); diff != "" {
				t.Errorf("call %d differs (-want +got):\n%s", i, diff)
			}
		}
	}
	if len(cloud.calls()) != len(got) {
		t.Errorf("got %d calls, want %d", len(cloud.calls()), len(got))
	}
}

func TestDescribeNeverTakesABrokenAnswerForAbsence(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"no list":                           `{}`,
		"no list, and a count":              `{"TotalCount":1}`,
		"a null list without a count":       `{"Instances":null}`,
		"a null instance":                   `{"TotalCount":1,"Instances":[null]}`,
		"an instance without an id":         `{"TotalCount":1,"Instances":[{"Status":"RUNNING"}]}`,
		"a list that is cut without a page": `{"TotalCount":2,"Instances":[{"InstanceId":"i-1","Status":"RUNNING"}]}`,
		"a page that names itself as next": `{"TotalCount":2,"NextToken":"p","Instances":[{"InstanceId":"i-1",
		"Status":"RUNNING"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver, _ := serve(t, always(http.StatusOK, result(content)))
			found, err := driver.Describe(t.Context(), []string{"i-1", "i-2"})
			if err == nil {
				t.Fatalf("got %v, want an error", found)
			}
			fault := driver.Fault(err)
			if fault.Kind != backend.KindUnavailable || fault.RequestID != testRequestID {
				t.Errorf("got kind %v, request id %q, want Unavailable, %q", fault.Kind, fault.RequestID, testRequestID)
			}
		})
	}
}

func TestDescribeEndsWhenThePagesDoNot(t *testing.T) {
	t.Parallel()
	driver, cloud := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK,
			result(fmt.Sprintf(`{"TotalCount":1,"NextToken":"%sx","Instances":[]}`, r.URL.Query().Get("NextToken"))))
	})
	if found, err := driver.Describe(t.Context(), []string{"i-1"}); err == nil {
		t.Errorf("got %v, want an error", found)
	}
	const most = 100
	if got := len(cloud.calls()); got != most {
		t.Errorf("got %d calls, want %d", got, most)
	}
}

func TestDescribeLeavesOutWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"an empty list":             {200, result(`{"TotalCount":0,"Instances":[],"NextToken":""}`)},
		"an empty list as null":     {200, result(`{"TotalCount":0,"Instances":null}`)},
		"the code for not found":    {404, refusal("InvalidInstance.NotFound", "no i-1")},
		"an instance not asked for": {200, result(`{"TotalCount":1,"Instances":[{"InstanceId":"i-10","Status":"RUNNING"}]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			driver, _ := serve(t, always(test.status, test.body))
			found, err := driver.Describe(t.Context(), []string{"i-1"})
			if err != nil || len(found) != 0 {
				t.Errorf("got %v and error %v, want nothing and nil", found, err)
			}
		})
	}
	t.Run("the code for not found says nothing of the others", func(t *testing.T) {
		t.Parallel()
		driver, _ := serve(t, always(404, refusal("InvalidInstance.NotFound", "no i-1")))
		_, err := driver.Describe(t.Context(), []string{"i-1", "i-2"})
		fault := driver.Fault(err)
		if fault.Kind != backend.KindNotFound || !fault.Shared || !cmp.Equal(fault.IDs, []string{"i-1"}) {
			t.Errorf("got %+v, want NotFound, Shared, of i-1", fault)
		}
	})
}

func TestDescribeReadsTheWholeInstance(t *testing.T) {
	t.Parallel()
	driver, _ := serve(t, always(http.StatusOK, result(`{
		"TotalCount": 1, "SomethingNew": {"a": [1]}, "NextToken": "",
		"Instances": [{
			"InstanceId": "i-1", "InstanceName": "web", "Status": "STOPPED", "StoppedMode": "StopCharging",
			"InstanceChargeType": "PostPaid", "InstanceTypeId": "ecs.g3i.large", "ElasticScheduledInstanceType": "NoEsi",
			"ZoneId": "cn-beijing-a", "SpotStrategy": "NoSpot", "LocalVolumes": [],
			"EipAddress": {"AllocationId": "eip-1", "IpAddress": "203.0.113.7", "New": 1},
			"NetworkInterfaces": [
				null,
				{"NetworkInterfaceId": "eni-2", "Type": "secondary", "PrimaryIpAddress": "192.168.0.9"},
				{"NetworkInterfaceId": "eni-1", "Type": "primary", "PrimaryIpAddress": "192.168.0.7"}
			],
			"Tags": [{"Key": "team", "Value": "blue"}, {"Key": "bare"}, null],
			"UnknownField": {"b": 2}
		}]
	}`)))
	found, err := driver.Describe(t.Context(), []string{"i-1"})
	if err != nil {
		t.Fatalf("got error %v, want nil", err)
	}
	want := []backend.Instance{
		{
			ID:           "i-1",
			Name:         "web",
			State:        backend.Stopped,
			Raw:          "STOPPED",
			StoppedMode:  backend.StopCharging,
			ChargeType:   backend.PayAsYouGo,
			Type:         "ecs.g3i.large",
			Zone:         "cn-beijing-a",
			PublicIP:     "203.0.113.7",
			PublicIPKept: true,
			PrivateIP:    "192.168.0.7",
			Tags:         map[string]string{"team": "blue", "bare": ""},
		},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("instances differ (-want +got):\n%s", diff)
	}
}

// describeOne reads an instance with the given fields.
func describeOne(t *testing.T, fields string) backend.Instance {
	t.Helper()
	driver, _ := serve(t, always(http.StatusOK, result(`{"TotalCount":1,"Instances":[{"InstanceId":"i-1",`+fields+`}]}`)))
	found, err := driver.Describe(t.Context(), []string{"i-1"})
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v and error %v, want one instance", found, err)
	}
	return found[0]
}

func TestStatesFollowTheTable(t *testing.T) {
	t.Parallel()
	want := map[string]backend.State{
		"CREATING": backend.Starting, "RUNNING": backend.Running, "STOPPING": backend.Stopping, "STOPPED": backend.Stopped,
		"STARTING": backend.Starting, "REBOOTING": backend.Restarting, "REBUILDING": backend.Restarting,
		"RESIZING": backend.Restarting, "MODIFYING_VPC": backend.Restarting, "ERROR": backend.Unavailable,
		"DELETING": backend.Unavailable,
		// Words of no page.
		"MIGRATING": backend.Unknown, "running": backend.Unknown, "": backend.Unknown,
	}
	for word := range states {
		if _, ok := want[word]; !ok {
			t.Errorf("state %s is in the table, and in no test", word)
		}
	}
	for word, state := range want {
		got := describeOne(t, fmt.Sprintf(`"Status":%q`, word))
		if got.State != state || got.Raw != word {
			t.Errorf("%q: got state %v, raw %q, want %v, %q", word, got.State, got.Raw, state, word)
		}
		if got, want := got.Blocked != "", state == backend.Unavailable; got != want {
			t.Errorf("%q: got blocked %v, want %v", word, got, want)
		}
	}
}

func TestStoppedModesOfAnInstance(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]backend.StoppedMode{
		"KeepCharging": backend.KeepCharging, "StopCharging": backend.StopCharging,
		"NotApplicable": backend.NotApplicable, "Not-applicable": backend.NotApplicable,
		"": backend.UnknownMode, "Hibernate": backend.UnknownMode,
	} {
		if got := describeOne(t, fmt.Sprintf(`"Status":"STOPPED","StoppedMode":%q`, word)).StoppedMode; got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestWhatAnInstanceCannotDoIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fields string
		bar    string // a part of the clause; empty where there is none
		forced bool
		charge backend.ChargeType
	}{
		"pay as you go": {
			fields: `"InstanceChargeType":"PostPaid","SpotStrategy":"NoSpot","InstanceTypeId":"ecs.g3i.large",
			"ElasticScheduledInstanceType":"NoEsi"`,
			charge: backend.PayAsYouGo,
		},
		"spot": {fields: `"InstanceChargeType":"PostPaid",
		"SpotStrategy":"SpotWithPriceLimit"`, charge: backend.Spot},
		"a charge type of a new name": {fields: `"InstanceChargeType":"Trial","SpotStrategy":"NoSpot"`},
		"prepaid": {
			fields: `"InstanceChargeType":"PrePaid","InstanceTypeId":"ecs.g3i.large"`, bar: "prepaid", charge: backend.Prepaid,
		},
		"local disks":        {fields: `"LocalVolumes":[{"VolumeType":"LOCAL_SSD","Count":1}]`, bar: "local disks"},
		"elastic bare metal": {fields: `"InstanceTypeId":"ecs.ebmg2.31xlarge"`, bar: "bare metal", forced: true},
		"an HPC type that is cut": {
			fields: `"InstanceTypeId":"ecs.ebmhpcpni2l.32xlarge"`, bar: "high-performance", forced: true,
		},
		"an HPC type by its name": {
			fields: `"InstanceTypeId":"ebmhpchfpni2.32xlarge"`, bar: "high-performance", forced: true,
		},
		"another HPC type":         {fields: `"InstanceTypeId":"ecs.hpcpni2.28xlarge"`, bar: "high-performance"},
		"an elastic scheduled one": {fields: `"ElasticScheduledInstanceType":"Esi"`, bar: "scheduled"},
		"one of a schedule":        {fields: `"ScheduledInstanceId":"si-1"`, bar: "scheduled"},
		"null for all": {fields: `"InstanceChargeType":null,"InstanceTypeId":null,"LocalVolumes":null,
		"EipAddress":null,"Tags":null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := describeOne(t, test.fields)
			if (got.StopChargingBar == "") != (test.bar == "") || !strings.Contains(got.StopChargingBar, test.bar) {
				t.Errorf("StopChargingBar: got %q, want %q in it", got.StopChargingBar, test.bar)
			}
			if got.AlwaysForced != test.forced {
				t.Errorf("AlwaysForced: got %v, want %v", got.AlwaysForced, test.forced)
			}
			if got.ChargeType != test.charge {
				t.Errorf("ChargeType: got %q, want %q", got.ChargeType, test.charge)
			}
		})
	}
}
