package tencentcloud

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// describe reads the one instance of the given JSON, which lacks its id.
func describe(t *testing.T, fields string) backend.Instance {
	t.Helper()
	f := newFake(t,
		says(http.StatusOK,
			`{"Response":{"TotalCount":1,"InstanceSet":[{"InstanceId":"`+id1+`",`+fields+`}],"RequestId":"req-1"}}`))
	found, err := f.driver(t).Describe(t.Context(), []string{id1})
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	if len(found) != 1 {
		t.Fatalf("got %d instances, want 1", len(found))
	}
	return found[0]
}

func TestEveryWordHasItsState(t *testing.T) {
	t.Parallel()
	want := map[string]backend.State{
		"PENDING":                    backend.Starting,
		"LAUNCH_FAILED":              backend.Unavailable,
		"RUNNING":                    backend.Running,
		"STOPPED":                    backend.Stopped,
		"STARTING":                   backend.Starting,
		"STOPPING":                   backend.Stopping,
		"REBOOTING":                  backend.Restarting,
		"SHUTDOWN":                   backend.Unavailable,
		"TERMINATING":                backend.Unavailable,
		"ENTER_RESCUE_MODE":          backend.Restarting,
		"RESCUE_MODE":                backend.Unavailable,
		"EXIT_RESCUE_MODE":           backend.Restarting,
		"ENTER_SERVICE_LIVE_MIGRATE": backend.Restarting,
		"SERVICE_LIVE_MIGRATE":       backend.Restarting,
		"EXIT_SERVICE_LIVE_MIGRATE":  backend.Restarting,
	}
	if got, want := len(states), len(want); got != want {
		t.Errorf("the table has %d words, want %d", got, want)
	}
	for word, state := range want {
		if got := states[word]; got.State != state || (got.Blocked != "") != (state == backend.Unavailable) {
			t.Errorf("%s: got %+v, want %v, and a clause where it is unavailable", word, got, state)
		}
	}
	for _, word := range []string{"FREEZING", "running", ""} {
		got := describe(t, `"InstanceState":"`+word+`"`)
		if diff := cmp.Diff(backend.Instance{ID: id1, State: backend.Unknown, Raw: word}, got); diff != "" {
			t.Errorf("%q: -want +got:\n%s", word, diff)
		}
	}
}

func TestAllThatTheCloudTellsIsKept(t *testing.T) {
	t.Parallel()
	got := describe(t, `
		"InstanceName":"web","InstanceState":"STOPPED","StopChargingMode":"STOP_CHARGING",
		"InstanceChargeType":"POSTPAID_BY_HOUR","RestrictState":"NORMAL","IsolatedSource":"NOTISOLATED",
		"InstanceType":"S5.MEDIUM4","Placement":{"Zone":"ap-guangzhou-3","ProjectId":0},
		"SystemDisk":{"DiskType":"CLOUD_PREMIUM","DiskId":"disk-1"},"DataDisks":[{"DiskType":"CLOUD_HSSD"},null],
		"PublicIpAddresses":["1.2.3.4","1.2.3.5"],"PrivateIpAddresses":["10.0.0.2"],
		"InternetAccessible":{"InternetChargeType":"TRAFFIC_POSTPAID_BY_HOUR","IPv4AddressType":null},
		"Tags":[{"Key":"team","Value":"a"},{"Key":"empty"},null],
		"LatestOperation":"StopInstances","LatestOperationState":"SUCCESS","LatestOperationRequestId":"req-0",
		"LatestOperationErrorMsg":"old news",
		"FieldOfTheFuture":{"a":[1,2]}`)
	want := backend.Instance{
		ID:            id1,
		Name:          "web",
		State:         backend.Stopped,
		Raw:           "STOPPED",
		StoppedMode:   backend.StopCharging,
		ChargeType:    backend.PayAsYouGo,
		Type:          "S5.MEDIUM4",
		Zone:          "ap-guangzhou-3",
		PublicIP:      "1.2.3.4",
		PrivateIP:     "10.0.0.2",
		LastOperation: &backend.Operation{Name: "StopInstances", RequestID: "req-0", State: backend.OperationSucceeded},
		Tags:          map[string]string{"team": "a", "empty": ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNullsAreNothing(t *testing.T) {
	t.Parallel()
	got := describe(t, `"InstanceState":"RUNNING","InstanceName":null,"StopChargingMode":null,"InstanceChargeType":null,
		"SystemDisk":null,"DataDisks":null,"PublicIpAddresses":null,"PrivateIpAddresses":[],"Tags":null,"RestrictState":null,
		"IsolatedSource":null,"LatestOperation":null,"LatestOperationState":null,"LatestOperationRequestId":null,
		"LatestOperationErrorMsg":null`)
	want := backend.Instance{ID: id1, State: backend.Running, Raw: "RUNNING"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStoppedModeIsReadBack(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]backend.StoppedMode{
		"KEEP_CHARGING":  backend.KeepCharging,
		"STOP_CHARGING":  backend.StopCharging,
		"NOT_APPLICABLE": backend.NotApplicable,
		"SOMETHING_NEW":  backend.UnknownMode,
	} {
		if got := describe(t, `"InstanceState":"STOPPED","StopChargingMode":"`+word+`"`).StoppedMode; got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

func TestLastOperationIsTranslated(t *testing.T) {
	t.Parallel()
	const request = `,"LatestOperationRequestId":"r"`
	for fields, want := range map[string]*backend.Operation{
		`"LatestOperationState":"OPERATING"` + request: {RequestID: "r", State: backend.OperationRunning},
		`"LatestOperationErrorMsg":"stock","LatestOperationState":"FAILED"` + request: {
			RequestID: "r", State: backend.OperationFailed, Message: "stock",
		},
		`"LatestOperationState":"FAILED"`:                {State: backend.OperationFailed},
		`"LatestOperationState":"NEW"` + request:         {RequestID: "r", State: backend.OperationUnknown},
		`"LatestOperationRequestId":"r"`:                 {RequestID: "r", State: backend.OperationUnknown},
		`"LatestOperation":"","LatestOperationState":""`: nil,
	} {
		if diff := cmp.Diff(want, describe(t, fields).LastOperation); diff != "" {
			t.Errorf("%s: -want +got:\n%s", fields, diff)
		}
	}
}

func TestWhatSpeaksAgainstStopCharging(t *testing.T) {
	t.Parallel()
	const cloudDisk = `,"SystemDisk":{"DiskType":"CLOUD_BSSD"}`
	for name, tc := range map[string]struct {
		fields, want string
		chargeType   backend.ChargeType
	}{
		"pay as you go":       {`"InstanceChargeType":"POSTPAID_BY_HOUR"` + cloudDisk, "", backend.PayAsYouGo},
		"prepaid":             {`"InstanceChargeType":"PREPAID"` + cloudDisk, "prepaid", backend.Prepaid},
		"spot":                {`"InstanceChargeType":"SPOTPAID"` + cloudDisk, "spot", backend.Spot},
		"a dedicated host":    {`"InstanceChargeType":"CDHPAID"` + cloudDisk, "dedicated host", ""},
		"a dedicated cluster": {`"InstanceChargeType":"CDCPAID"` + cloudDisk, "dedicated cluster", ""},
		"a new billing type":  {`"InstanceChargeType":"UNDERWRITE"` + cloudDisk, "UNDERWRITE", ""},
		"a local system disk": {
			`"InstanceChargeType":"POSTPAID_BY_HOUR","SystemDisk":{"DiskType":"LOCAL_BASIC"}`, "LOCAL_BASIC", backend.PayAsYouGo,
		},
		"a local data disk": {
			`"InstanceChargeType":"POSTPAID_BY_HOUR","DataDisks":[{"DiskType":"CLOUD_SSD"},
			{"DiskType":"LOCAL_NVME"}]` + cloudDisk,
			"LOCAL_NVME", backend.PayAsYouGo,
		},
		"nothing that is told": {`"SystemDisk":{}`, "", ""},
	} {
		got := describe(t, tc.fields)
		if (got.StopChargingBar == "") != (tc.want == "") || !strings.Contains(got.StopChargingBar, tc.want) {
			t.Errorf("%s: got bar %q, want %q in it", name, got.StopChargingBar, tc.want)
		}
		if got.ChargeType != tc.chargeType {
			t.Errorf("%s: got charge type %q, want %q", name, got.ChargeType, tc.chargeType)
		}
	}
}

func TestWhatBlocksAnInstance(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ fields, want string }{
		"nothing": {
			`"InstanceState":"RUNNING","RestrictState":"NORMAL","IsolatedSource":"NOTISOLATED"`, "",
		},
		"words that are not known": {`"InstanceState":"RUNNING","RestrictState":"NEW","IsolatedSource":"NEW"`, ""},
		"arrears": {
			`"InstanceState":"STOPPED","RestrictState":"NORMAL","IsolatedSource":"ARREAR"`, "arrears",
		},
		"arrears that put it in the bin": {
			`"InstanceState":"SHUTDOWN","RestrictState":"EXPIRED","IsolatedSource":"ARREAR"`, "arrears",
		},
		"the end of what was paid": {`"InstanceState":"SHUTDOWN","IsolatedSource":"EXPIRE"`, "paid period"},
		"a return by hand":         {`"InstanceState":"SHUTDOWN","IsolatedSource":"MANMADE"`, "recycle bin"},
		"expiry":                   {`"InstanceState":"RUNNING","RestrictState":"EXPIRED"`, "paid period"},
		"security":                 {`"InstanceState":"RUNNING","RestrictState":"PROTECTIVELY_ISOLATED"`, "security"},
		"the bin for no reason":    {`"InstanceState":"SHUTDOWN"`, "destroyed"},
		"rescue mode":              {`"InstanceState":"RESCUE_MODE"`, "rescue mode"},
		"a failed creation":        {`"InstanceState":"LAUNCH_FAILED"`, "creation failed"},
		"a destruction":            {`"InstanceState":"TERMINATING"`, "being destroyed"},
	} {
		got := describe(t, tc.fields).Blocked
		if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q, want %q in it", name, got, tc.want)
		}
	}
	for _, state := range states {
		if clause := state.Blocked; clause != "" && (!strings.HasPrefix(clause, "it") || strings.HasSuffix(clause, ".")) {
			t.Errorf("got %q, want a clause", clause)
		}
	}
	for _, clause := range slices.Concat(
		slices.Collect(maps.Values(blockedBySource)),
		slices.Collect(maps.Values(blockedByRestriction)), slices.Collect(maps.Values(barByCharge))) {
		if !strings.HasPrefix(clause, "it") || strings.HasSuffix(clause, ".") {
			t.Errorf("got %q, want a clause", clause)
		}
	}
}

func TestTheReasonOfAFailureIsCleaned(t *testing.T) {
	t.Parallel()
	got := describe(
		t,
		`"LatestOperationState":"FAILED","LatestOperationRequestId":"req-1",
		"LatestOperationErrorMsg":"no \u001b[31mstock for `+testKey+`"`,
	).LastOperation
	if want := `no \x1b[31mstock for ***`; got == nil || got.Message != want {
		t.Errorf("got %+v, want the message %q", got, want)
	}
}
