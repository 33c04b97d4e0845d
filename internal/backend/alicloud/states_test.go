package alicloud

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// describeOne returns the instance that the driver makes of its JSON.
func describeOne(t *testing.T, fields string) backend.Instance {
	t.Helper()
	c := newCloud(t, func(w http.ResponseWriter, _ received, _ int) {
		write(w, http.StatusOK, `{"Instances":{"Instance":[{"InstanceId":"i-a","Brand":{"New":[1]}`+fields+`}]}}`)
	})
	got, err := c.driver(t).Describe(t.Context(), []string{"i-a"})
	if err != nil || len(got) != 1 {
		t.Fatalf("Describe: got (%v, %v), want one instance", got, err)
	}
	return got[0]
}

func TestStates(t *testing.T) {
	t.Parallel()
	want := driverkit.States{
		"Pending": {State: backend.Starting}, "Starting": {State: backend.Starting}, "Running": {State: backend.Running},
		"Stopping": {State: backend.Stopping}, "Stopped": {State: backend.Stopped},
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	for _, raw := range []string{"", "running", "Hibernating"} {
		if got := describeOne(t, fmt.Sprintf(`,"Status":%q`, raw)); got.State != backend.Unknown || got.Raw != raw {
			t.Errorf("%q: got %v, raw %q; want unknown and the word itself", raw, got.State, got.Raw)
		}
	}
}

func TestInstanceFields(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string
		want         backend.Instance
	}{
		{
			"a running one with an elastic address",
			`,"InstanceName":"web","Status":"Running","StoppedMode":"KeepCharging","InstanceChargeType":"PostPaid",
			"InstanceType":"ecs.g7.large",
			"ZoneId":"cn-hangzhou-k","SpotStrategy":"NoSpot","InstanceNetworkType":"vpc","LocalStorageAmount":0,
			"OperationLocks":{"LockReason":[]},
			"Tags":{"Tag":[{"TagKey":"env","TagValue":"prod"},{"TagKey":"empty","TagValue":""}]},
			"PublicIpAddress":{"IpAddress":[]},"EipAddress":{"IpAddress":"198.51.100.7","AllocationId":"eip-1"},
			"VpcAttributes":{"PrivateIpAddress":{"IpAddress":["10.0.0.5","10.0.0.6"]}},"InnerIpAddress":{"IpAddress":[]}`,
			backend.Instance{
				ID: "i-a", Name: "web", State: backend.Running, Raw: "Running", StoppedMode: backend.KeepCharging,
				ChargeType: backend.PayAsYouGo, Type: "ecs.g7.large", Zone: "cn-hangzhou-k",
				PublicIP: "198.51.100.7", PublicIPKept: true, PrivateIP: "10.0.0.5", Tags: map[string]string{
					"env": "prod", "empty": "",
				},
			},
		},
		{
			"a stopped one with an assigned address",
			`,"Status":"Stopped","StoppedMode":"StopCharging","PublicIpAddress":{"IpAddress":["203.0.113.9"]},
			"EipAddress":{"IpAddress":""}`,
			backend.Instance{
				ID: "i-a", State: backend.Stopped, Raw: "Stopped", StoppedMode: backend.StopCharging, PublicIP: "203.0.113.9",
			},
		},
		{
			"a subscription in a classic network",
			`,"Status":"Stopped","StoppedMode":"Not-applicable","InstanceChargeType":"PrePaid","InstanceNetworkType":"classic",
			"InnerIpAddress":{"IpAddress":["10.1.1.1"]}`,
			backend.Instance{
				ID: "i-a", State: backend.Stopped, Raw: "Stopped", StoppedMode: backend.NotApplicable, ChargeType: backend.Prepaid,
				StopChargingBar: "it is prepaid (a subscription)", PrivateIP: "10.1.1.1",
			},
		},
		{
			"a mode of a new name is not said",
			`,"Status":"Stopped","StoppedMode":"Brand"`,
			backend.Instance{ID: "i-a", State: backend.Stopped, Raw: "Stopped"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, describeOne(t, tt.fields)); diff != "" {
				t.Errorf("instance (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStopChargingBar(t *testing.T) {
	t.Parallel()
	ofFamily := func(name string) string { return "its family " + name + " has local disks or persistent memory" }
	const notApplicable = "the cloud says that economical mode does not apply to it"
	tests := []struct{ name, fields, want string }{
		{
			"an ordinary one",
			`,"Status":"Running","InstanceChargeType":"PostPaid","InstanceNetworkType":"vpc","InstanceType":"ecs.c7.large"`, "",
		},
		{"a spot one", `,"Status":"Running","InstanceChargeType":"PostPaid","SpotStrategy":"SpotAsPriceGo"`, ""},
		{"a classic network", `,"InstanceNetworkType":"classic"`, "it is in a classic network"},
		{"local storage", `,"LocalStorageAmount":2`, "it has local disks"},
		{"an i series", `,"InstanceType":"ecs.i2g.2xlarge"`, ofFamily("i2g")},
		{"a d series", `,"InstanceType":"ecs.d1ne.2xlarge"`, ofFamily("d1ne")},
		{"gn5", `,"InstanceType":"ecs.gn5-c4g1.xlarge"`, ofFamily("gn5")},
		{"gn5i has none", `,"InstanceType":"ecs.gn5i-c2g1.large"`, ""},
		{"re6p", `,"InstanceType":"ecs.re6p.large"`, ofFamily("re6p")},
		{"re6p-redis", `,"InstanceType":"ecs.re6p-redis.large"`, ofFamily("re6p-redis")},
		{"ebmre6p", `,"InstanceType":"ecs.ebmre6p.26xlarge"`, ofFamily("ebmre6p")},
		{"a type of another form", `,"InstanceType":"i2"`, ""},
		{"a stopped one of which the cloud says so", `,"Status":"Stopped","StoppedMode":"Not-applicable"`, notApplicable},
		{"the other spelling", `,"Status":"Stopped","StoppedMode":"NotApplicable"`, notApplicable},
		{"a running one of which the cloud says so", `,"Status":"Running","StoppedMode":"Not-applicable"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := describeOne(t, tt.fields).StopChargingBar; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBlocked(t *testing.T) {
	t.Parallel()
	const security, payment = "it is locked for security reasons", "it is locked for an overdue payment"
	tests := []struct{ name, reasons, all, start string }{
		{"no lock", ``, "", ""},
		{"arrears", `{"LockReason":"financial"}`, payment, ""},
		{"a security lock leaves a stop to the cloud", `{"LockReason":"Security","LockMsg":"x"}`, "", security},
		{"a spot one about to go", `{"LockReason":"recycling"}`, "it is a spot instance that is about to be released", ""},
		{
			"a host in arrears", `{"LockReason":"dedicatedhostfinancial"}`,
			"it is locked for an overdue payment of its dedicated host", "",
		},
		{"a refund", `{"LockReason":"refunded"}`, "it is locked since it was refunded", ""},
		{"a reason of a new name", `{"LockReason":"brand"}`, `it is locked ("brand")`, ""},
		{"an empty reason", `{"LockReason":""}`, "", ""},
		{
			"several", `{"LockReason":"security"},{"LockReason":"financial"},{"LockReason":"refunded"}`,
			payment + " and it is locked since it was refunded", security,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := describeOne(t, `,"Status":"Stopped","OperationLocks":{"LockReason":[`+tt.reasons+`]}`)
			if got.Blocked != tt.all || got.StartBlocked != tt.start || got.State != backend.Stopped {
				t.Errorf("got %q, %q and %v; want %q, %q and stopped", got.Blocked, got.StartBlocked, got.State, tt.all, tt.start)
			}
		})
	}
}
