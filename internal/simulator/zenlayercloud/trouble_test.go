package zenlayercloud_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vmnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"
	zecnew "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20250901"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

func TestTroublesOfACallAsTheSDKSeesThem(t *testing.T) {
	t.Parallel()
	const parseFailed = "JSON_PARSE_FAILED"
	second := simulator.Duration(time.Second)
	for _, test := range []struct {
		name       string
		trouble    simulator.Trouble
		code       string
		status     int
		header     [2]string // name and value
		effect     bool
		statusLast string
	}{
		{
			"a throttle",
			simulator.Trouble{Kind: simulator.Throttle},
			"REQUEST_LIMIT_EXCEEDED", 429,
			[2]string{"Retry-After", ""},
			false, "RUNNING",
		},
		{
			"a throttle with a time",
			simulator.Trouble{Kind: simulator.Throttle, RetryAfter: 3 * second},
			"REQUEST_LIMIT_EXCEEDED", 429,
			[2]string{"Retry-After", "3"},
			false, "RUNNING",
		},
		{
			"a throttle with another code",
			simulator.Trouble{Kind: simulator.Throttle, Code: "FLOW_LIMIT"},
			"FLOW_LIMIT", 429,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a throttle known by its code alone",
			simulator.Trouble{Kind: simulator.Throttle, Status: 403},
			"REQUEST_LIMIT_EXCEEDED", 403,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a throttle by a gateway",
			simulator.Trouble{Kind: simulator.GatewayPage, Status: 429, RetryAfter: 2 * second},
			parseFailed, 429,
			[2]string{"Retry-After", "2"},
			false, "RUNNING",
		},
		{
			"an error of the service",
			simulator.Trouble{Kind: simulator.Error},
			"INTERNAL_SERVER_ERROR", 500,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a service that is away",
			simulator.Trouble{Kind: simulator.Error, Code: "SERVICE_TEMPORARY_UNAVAILABLE"},
			"SERVICE_TEMPORARY_UNAVAILABLE", 503,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a timeout of the service",
			simulator.Trouble{Kind: simulator.Error, Code: "REQUEST_TIMED_OUT"},
			"REQUEST_TIMED_OUT", 504,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a code with a status of its own",
			simulator.Trouble{Kind: simulator.Error, Code: "ANY_CODE", Status: 418},
			"ANY_CODE", 418,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a gateway that fails",
			simulator.Trouble{Kind: simulator.ServerError},
			parseFailed, 502,
			[2]string{},
			false,
			"RUNNING",
		},
		{
			"a gateway that fails after the effect",
			simulator.Trouble{Kind: simulator.ServerError, Effect: true},
			parseFailed,
			502,
			[2]string{},
			true, "STOPPING",
		},
		{
			"a page of the firewall",
			simulator.Trouble{Kind: zenlayercloud.WAFPage},
			parseFailed, 403,
			[2]string{"cf-mitigated", "challenge"},
			false, "RUNNING",
		},
		{
			"a blocked request",
			simulator.Trouble{Kind: zenlayercloud.WAFPage, Status: 451},
			parseFailed, 451,
			[2]string{"cf-mitigated", ""},
			false, "RUNNING",
		},
		{
			"a gateway without the firewall's header",
			simulator.Trouble{Kind: simulator.GatewayPage},
			parseFailed, 403,
			[2]string{"cf-mitigated", ""},
			false, "RUNNING",
		},
		{
			"a connection that breaks before",
			simulator.Trouble{Kind: simulator.ResetBefore},
			"NETWORK_ERROR", 0,
			[2]string{},
			false, "RUNNING",
		},
		{
			"a connection that breaks after",
			simulator.Trouble{Kind: simulator.ResetAfter},
			"NETWORK_ERROR", 0,
			[2]string{},
			true, "STOPPING",
		},
		{
			"an answer that never comes",
			simulator.Trouble{Kind: simulator.LostAnswer, Delay: simulator.Duration(short)},
			"NETWORK_ERROR", 0,
			[2]string{},
			true, "STOPPING",
		},
		{
			"a slow answer",
			simulator.Trouble{Kind: simulator.Slow, Delay: simulator.Duration(short)},
			"", 200,
			[2]string{},
			true, "STOPPING",
		},
		{
			"fields that no page lists",
			simulator.Trouble{Kind: simulator.UnknownFields},
			"", 200,
			[2]string{},
			true,
			"STOPPING",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, vm("a", "RUNNING"))
			sdk := vmNew(t, w)
			w.trouble(t, test.trouble)
			_, err := sdk.stop(common.Bool(false), "a")
			if got := code(t, err); got != test.code || w.seen.status != test.status {
				t.Errorf("answer is %d %q, want %d %q", w.seen.status, got, test.status, test.code)
			}
			if name := test.header[0]; name != "" && w.seen.header.Get(name) != test.header[1] {
				t.Errorf("header %s is %q, want %q", name, w.seen.header.Get(name), test.header[1])
			}
			if got := w.status(t, "a"); got != test.statusLast {
				t.Errorf("status is %s, want %s", got, test.statusLast)
			}
			if k := w.lastCall(t); k.Effect != test.effect {
				t.Errorf("effect is %v, want %v", k.Effect, test.effect)
			}
		})
	}
}

func TestTroublesOfAnInstance(t *testing.T) {
	t.Parallel()
	const (
		notRunning = "OPERATION_DENIED_INSTANCE_NOT_RUNNING"
		notStopped = "OPERATION_DENIED_INSTANCE_NOT_STOPPED"
	)
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		op      string
		code    string
		status  int
		shows   string // in a describe after the call
	}{
		{"busy", simulator.Trouble{Kind: simulator.Busy}, "stop", notRunning, 403, "RUNNING"},
		{"busy on a start", simulator.Trouble{Kind: simulator.Busy}, "start", notStopped, 403, "STOPPED"},
		{
			"busy on a reboot",
			simulator.Trouble{Kind: simulator.Busy},
			"reboot", "OPERATION_DENIED_INSTANCE_STATUS", 403,
			"RUNNING",
		},
		{
			"busy with another code",
			simulator.Trouble{Kind: simulator.Busy, Code: "UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING"},
			"stop",
			"UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING", 403, "RUNNING",
		},
		{"an image is made of it", simulator.Trouble{Kind: simulator.MakingImage}, "stop", notRunning, 403, "IMAGING"},
		{
			"an image is made of it, as other actions say",
			simulator.Trouble{Kind: simulator.MakingImage, Code: "UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE"},
			"stop", "UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE", 403, "IMAGING",
		},
		{
			"in the recycle bin",
			simulator.Trouble{Kind: simulator.Recycle},
			"start", "OPERATION_DENIED_INSTANCE_RECYCLED", 403,
			"RECYCLE",
		},
		{
			"arrears",
			simulator.Trouble{Kind: simulator.InArrears},
			"stop", "OPERATION_DENIED_INSTANCE_SUBSCRIPTION", 403,
			"RUNNING",
		},
		{"a lock", simulator.Trouble{Kind: simulator.Lock, Word: "audit"}, "stop", notRunning, 403, "RUNNING"},
		{"repair of the host", simulator.Trouble{Kind: simulator.HostRepair}, "start", notStopped, 403, "STOPPED"},
		{
			"a word that no page lists",
			simulator.Trouble{Kind: simulator.UnknownWord, Word: "DREAMING"},
			"stop", notRunning,
			403, "DREAMING",
		},
		{"no stock", simulator.Trouble{Kind: simulator.NoStock}, "start", "RESOURCES_SOLDOUT_INSTANCE_TYPE", 403, "STOPPED"},
		{
			"no stock, with another code",
			simulator.Trouble{Kind: simulator.NoStock, Code: "NO_LUCK", Status: 409},
			"start",
			"NO_LUCK", 409, "STOPPED",
		},
		{"no stock, later", simulator.Trouble{Kind: simulator.NoStock, Late: true}, "start", "", 200, "BOOTING"},
		{"a transition that never ends", simulator.Trouble{Kind: simulator.Stuck}, "stop", "", 200, "STOPPING"},
		{
			"a read that lags",
			simulator.Trouble{Kind: simulator.Lag, Delay: simulator.Duration(long)},
			"stop", "", 200,
			"RUNNING",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			word := "RUNNING"
			if test.op == "start" {
				word = "STOPPED"
			}
			w := start(t, long, vm("a", word))
			w.trouble(t, test.trouble)
			sdk := vmNew(t, w)
			var err error
			switch test.op {
			case "stop":
				_, err = sdk.stop(common.Bool(false), "a")
			case "start":
				_, err = sdk.start("a")
			default:
				_, err = sdk.reboot("a")
			}
			if got := code(t, err); got != test.code || w.seen.status != test.status {
				t.Errorf("answer is %d %q, want %d %q", w.seen.status, got, test.status, test.code)
			}
			if diff := cmp.Diff(map[string]string{"a": test.shows}, states(t, sdk.describe, "a")); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTransitionsThatFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, from, back string
		trouble          simulator.Trouble
	}{
		{
			"a guest that goes on", "RUNNING", "RUNNING",
			simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback},
		},
		{"a start without stock", "STOPPED", "STOPPED", simulator.Trouble{Kind: simulator.NoStock, Late: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, short, zec("a", test.from))
			w.trouble(t, test.trouble)
			sdk := zecNew(t, w)
			var failed []string
			var err error
			if test.from == "RUNNING" {
				failed, err = sdk.stop(common.Bool(false), "a")
			} else {
				failed, err = sdk.start("a")
			}
			if err != nil || len(failed) > 0 || !w.lastCall(t).Effect {
				t.Fatalf("failed %v, error %v; want an operation that is accepted", failed, err)
			}
			w.reaches(t, "a", test.back)
			i, _ := w.cloud.Instance("a")
			if i.LastOperation.State != simulator.Failed {
				t.Errorf("the operation is %s, want %s", i.LastOperation.State, simulator.Failed)
			}
		})
	}
}

func TestDescribesThatShowLess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		want    map[string]string
	}{
		{"nothing", simulator.Trouble{Kind: simulator.EmptyList}, map[string]string{}},
		{
			"all but one",
			simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{"a"}},
			map[string]string{"b": "RUNNING"},
		},
		{
			"all but one that vanished",
			simulator.Trouble{Kind: simulator.Vanish, InstanceIDs: []string{"a"}},
			map[string]string{"b": "RUNNING"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, long, zec("a", "RUNNING"), zec("b", "RUNNING"))
			w.set(t, zenlayercloud.AbsentIDs, zenlayercloud.InstanceNotFound)
			w.trouble(t, test.trouble)
			if diff := cmp.Diff(test.want, states(t, zecNew(t, w).describe)); diff != "" {
				t.Errorf("listed (-want +got):\n%s", diff)
			}
			if test.trouble.Kind != simulator.EmptyList {
				return
			}
			if diff := cmp.Diff(test.want, states(t, zecNew(t, w).describe, "a")); diff != "" {
				t.Errorf("an empty list by ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswersWithoutTheWrapper(t *testing.T) {
	t.Parallel()
	w := start(t, long, vm("a", "RUNNING"), zec("z", "RUNNING"), zec("stopped", "STOPPED"))
	w.trouble(t, simulator.Trouble{Kind: zenlayercloud.Unwrapped})
	c, err := vmnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	r := vmnew.NewDescribeInstancesStatusRequest()
	r.SetContext(t.Context())
	resp, err := c.DescribeInstancesStatus(r)
	if err != nil || resp.Response != nil {
		t.Errorf("response is %+v, error %v; want a success without a response", resp.Response, err)
	}
	got := w.send(t, request("zec", "2025-09-01", "StopInstances", `{"instanceIds":["z","stopped"]}`))
	if diff := cmp.Diff([]any{"stopped"}, got.body["instanceIds"]); diff != "" || got.body["response"] != nil {
		t.Errorf("failed ids (-want +got):\n%s in %s", diff, got.text)
	}
	if got := w.status(t, "z"); got != "STOPPING" {
		t.Errorf("status is %s, want STOPPING: the call took effect", got)
	}
}

func TestAnErrorThatTheStatusHides(t *testing.T) {
	t.Parallel()
	w := start(t, long, zec("z", "RUNNING"))
	w.trouble(t, simulator.Trouble{
		Kind: zenlayercloud.ErrorUnder200, Code: "OPERATION_DENIED_INSTANCE_RECYCLED", Message: "no", Count: 1,
	})
	c, err := zecnew.NewClient(w.config(), demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	if err != nil {
		t.Fatal(err)
	}
	r := zecnew.NewStopInstancesRequest()
	r.SetContext(t.Context())
	r.InstanceIds, r.ForceShutdown = []string{"z"}, common.Bool(false)
	resp, err := c.StopInstances(r)
	if err != nil || resp.Response != nil || w.seen.status != http.StatusOK {
		t.Errorf("response is %+v, error %v, status %d; want what the SDK takes for a success", resp.Response, err,
			w.seen.status)
	}
	k := w.lastCall(t)
	if k.Effect || k.Code != "OPERATION_DENIED_INSTANCE_RECYCLED" || w.status(t, "z") != "RUNNING" {
		t.Errorf("logged with effect %v and code %q, want none and the code", k.Effect, k.Code)
	}
	w.trouble(t, simulator.Trouble{Kind: zenlayercloud.ErrorUnder200})
	if got := w.send(t, describeAll()); got.code() != "INTERNAL_SERVER_ERROR" || got.status != http.StatusOK {
		t.Errorf("answer is %d %s, want 200 and INTERNAL_SERVER_ERROR", got.status, got.text)
	}
}

func TestTroublesThatZenlayerHasNot(t *testing.T) {
	t.Parallel()
	w := start(t, long)
	for _, kind := range []simulator.Kind{simulator.LiveMigration, simulator.Rescue} {
		if _, err := w.cloud.AddTrouble(simulator.Trouble{Kind: kind}); err == nil || !strings.Contains(err.Error(),
			string(kind)) {
			t.Errorf("error is %v, want one that names %q", err, kind)
		}
	}
}

func TestStopKeepsAddressAndHasNoMode(t *testing.T) {
	t.Parallel()
	w := start(t, short, simulator.Instance{ID: "a", PublicIP: "203.0.113.9"})
	if _, err := vmNew(t, w).stop(common.Bool(false), "a"); err != nil {
		t.Fatal(err)
	}
	w.reaches(t, "a", "STOPPED")
	if i, _ := w.cloud.Instance("a"); i.PublicIP != "203.0.113.9" || i.StoppedMode != "" {
		t.Errorf("address %q, stopped mode %q; want the address and no mode", i.PublicIP, i.StoppedMode)
	}
}
