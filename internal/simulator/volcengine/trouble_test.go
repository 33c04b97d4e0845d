package volcengine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineerr"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func TestTroublesOfAnInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		code    string
		status  int
		state   string
	}{
		{"busy", simulator.Trouble{Kind: simulator.Busy}, "OperationDenied.ResourceLocked", 412, "RUNNING"},
		{
			"busy with another code",
			simulator.Trouble{Kind: simulator.Busy, Code: "InvalidInstanceStatus"},
			"InvalidInstanceStatus", 400, "RUNNING",
		},
		{
			"an image is being made",
			simulator.Trouble{Kind: simulator.MakingImage},
			"OperationDenied.InstanceIsCreatingImage",
			412, "RUNNING",
		},
		{
			"the host is repaired",
			simulator.Trouble{Kind: simulator.HostRepair},
			"InvalidDedicatedHostStatus.Unsupported", 400,
			"RUNNING",
		},
		{"migration", simulator.Trouble{Kind: simulator.LiveMigration}, "InvalidInstanceStatus", 400, "MIGRATING"},
		{"recycle bin", simulator.Trouble{Kind: simulator.Recycle}, "InvalidInstanceStatus", 400, "RUNNING"},
		{"arrears", simulator.Trouble{Kind: simulator.InArrears}, "InvalidInstanceStatus", 400, "RUNNING"},
		{
			"a lock",
			simulator.Trouble{Kind: simulator.Lock, Word: "ResourceLocked"},
			"OperationDenied.ResourceLocked", 412,
			"RUNNING",
		},
		{
			"another owner",
			simulator.Trouble{Kind: simulator.Lock, Word: "ResourceCreatedByOtherService"},
			"OperationDenied.ResourceCreatedByOtherService", 412, "RUNNING",
		},
		{
			"a word that nobody knows",
			simulator.Trouble{Kind: simulator.UnknownWord, Word: "MOONWALK"},
			"InvalidInstanceStatus", 400, "MOONWALK",
		},
		{
			"mode refused",
			simulator.Trouble{Kind: simulator.RefuseMode},
			"InvalidStoppedMode.InstanceTypeMismatch", 412,
			"RUNNING",
		},
		{
			"mode refused with another code",
			simulator.Trouble{Kind: simulator.RefuseMode, Code: "InvalidArgument", Status: 400},
			"InvalidArgument", 400,
			"RUNNING",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"})
			test.trouble.InstanceIDs = []string{"i-1"}
			f.trouble(t, test.trouble)
			got, err := f.stop(t, stopCharging, "i-1", "i-2")
			if err != nil || got["i-1"] != test.code || got["i-2"] != "" {
				t.Errorf("the answer is %v, %v, want %s for i-1 alone", got, err, test.code)
			}
			_, err = f.sdk.StopInstanceWithContext(t.Context(), &ecs.StopInstanceInput{
				InstanceId: sdk.String("i-1"), StoppedMode: sdk.String("StopCharging"),
			})
			wantError(t, err, test.code, test.status)
			if got := *f.shown(t, "i-1").Status; got != test.state {
				t.Errorf("the status is %s, want %s", got, test.state)
			}
			f.wantStatus(t, "i-2", "STOPPED")
		})
	}
}

func TestTroublesOfAStart(t *testing.T) {
	t.Parallel()
	economical := simulator.Instance{ID: "i-1", Status: "STOPPED", StoppedMode: "StopCharging"}
	t.Run("no stock at the call", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, economical)
		f.trouble(t, simulator.Trouble{Kind: simulator.NoStock})
		if got, err := f.start(t, "i-1"); one(t, got, err) != "Insufficient.InstanceCapacity" {
			t.Errorf("the start answers %v", got)
		}
		wantError(t, f.single(t, simulator.OpStart, "i-1", false), "Insufficient.InstanceCapacity", 500)
	})
	t.Run("no stock after the call", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, economical)
		f.trouble(t, simulator.Trouble{Kind: simulator.NoStock, Late: true})
		if got, err := f.start(t, "i-1"); one(t, got, err) != "" {
			t.Errorf("the start answers %v", got)
		}
		if i := f.shown(t, "i-1"); *i.Status != "STOPPED" || *i.StoppedMode != "StopCharging" {
			t.Errorf("after the start it is %s, %s", *i.Status, *i.StoppedMode)
		}
	})
	t.Run("arrears", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, economical)
		f.trouble(t, simulator.Trouble{Kind: simulator.InArrears})
		if got, err := f.start(t, "i-1"); one(t, got, err) != "Insufficient.Balance" {
			t.Errorf("the start answers %v", got)
		}
		wantError(t, f.single(t, simulator.OpStart, "i-1", false), "Insufficient.Balance", 400)
	})
}

func TestTroublesOfATransition(t *testing.T) {
	t.Parallel()
	hour := simulator.Duration(time.Hour)
	for _, test := range []struct {
		name         string
		trouble      simulator.Trouble
		status, mode string
	}{
		{"none", simulator.Trouble{Kind: simulator.UnknownFields}, "STOPPED", "StopCharging"},
		{"the guest does not answer", simulator.Trouble{Kind: simulator.SoftStopIgnored}, "STOPPING", "NotApplicable"},
		{
			"the guest goes on",
			simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback},
			"RUNNING",
			"NotApplicable",
		},
		{"stuck", simulator.Trouble{Kind: simulator.Stuck}, "STOPPING", "NotApplicable"},
		{"reads lag", simulator.Trouble{Kind: simulator.Lag, Delay: hour}, "RUNNING", "NotApplicable"},
		{"reads of the mode lag", simulator.Trouble{Kind: simulator.ModeLag, Delay: hour}, "STOPPED", "KeepCharging"},
		{
			"reads of the mode lag with a word",
			simulator.Trouble{Kind: simulator.ModeLag, Delay: hour, Word: "NotApplicable"},
			"STOPPED", "NotApplicable",
		},
		{"the mode is ignored", simulator.Trouble{Kind: simulator.IgnoreMode}, "STOPPED", "KeepCharging"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "i-1"})
			f.trouble(t, test.trouble)
			if got, err := f.stop(t, stopCharging, "i-1"); one(t, got, err) != "" {
				t.Fatal(got)
			}
			if i := f.shown(t, "i-1"); *i.Status != test.status || *i.StoppedMode != test.mode {
				t.Errorf("it reads %s, %s, want %s, %s", *i.Status, *i.StoppedMode, test.status, test.mode)
			}
		})
	}
}

func TestTroublesOfADescribe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		want    []string
	}{
		{"an empty list", simulator.Trouble{Kind: simulator.EmptyList}, nil},
		{"one is hidden", simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{"i-1"}}, []string{"i-2"}},
		{"one vanishes", simulator.Trouble{Kind: simulator.Vanish, InstanceIDs: []string{"i-2"}}, []string{"i-1"}},
		{"unknown fields", simulator.Trouble{Kind: simulator.UnknownFields}, []string{"i-1", "i-2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"})
			f.trouble(t, test.trouble)
			for _, out := range []*ecs.DescribeInstancesOutput{f.describe(t, nil), f.describe(t, nil, "i-1", "i-2")} {
				if got := ids(out); !slices.Equal(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
		})
	}
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting string
		trouble simulator.Trouble
		code    string
		number  int
		status  int
	}{
		{"429", simulator.Trouble{}, "FlowLimitExceeded", 100018, 429},
		{"400", simulator.Trouble{}, "FlowLimitExceeded", 100018, 400},
		{"200", simulator.Trouble{}, "FlowLimitExceeded", 100018, 200},
		{"429", simulator.Trouble{Code: "AccountFlowLimitExceeded"}, "AccountFlowLimitExceeded", 100027, 429},
		{"200", simulator.Trouble{Code: "AccountFlowLimitExceeded"}, "AccountFlowLimitExceeded", 100027, 200},
		{"429", simulator.Trouble{Code: "RequestLimitExceeded", Status: 503}, "RequestLimitExceeded", 0, 503},
	} {
		f := setUp(t, simulator.Instance{ID: "i-1"})
		f.set(t, volcengine.ThrottleStatus, test.setting)
		test.trouble.Kind, test.trouble.RetryAfter = simulator.Throttle, simulator.Duration(1500*time.Millisecond)
		f.trouble(t, test.trouble)
		_, err := f.stop(t, nil, "i-1")
		wantError(t, err, test.code, test.status)
		got := f.send(t, raw{})
		wantAnswer(t, got, test.code, test.status)
		if n := got.ResponseMetadata.Error.CodeN; n != test.number || got.header.Get("Retry-After") != "2" {
			t.Errorf("number %d, Retry-After %q, want %d, 2", n, got.header.Get("Retry-After"), test.number)
		}
		f.wantStatus(t, "i-1", "RUNNING")
	}
}

func TestARateThatIsSetThrottles(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	if err := f.cloud.SetRate("DescribeInstances",
		simulator.Rate{Calls: 1, Window: simulator.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, f.send(t, raw{}), "", 200)
	wantAnswer(t, f.send(t, raw{}), "FlowLimitExceeded", 429)
}

func TestErrorsOfACall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		trouble simulator.Trouble
		code    string
		status  int
	}{
		{simulator.Trouble{}, "InternalError", 500},
		{simulator.Trouble{Code: "InternalServiceTimeout"}, "InternalServiceTimeout", 504},
		{simulator.Trouble{Code: "ServiceUnavailableTemp", Status: 200}, "ServiceUnavailableTemp", 200},
		{simulator.Trouble{Code: "LackPolicy"}, "LackPolicy", 403},
		{simulator.Trouble{Code: "SomethingNew"}, "SomethingNew", 400},
	} {
		f := setUp(t, simulator.Instance{ID: "i-1"})
		test.trouble.Kind = simulator.Error
		f.trouble(t, test.trouble)
		_, err := f.stop(t, nil, "i-1")
		wantError(t, err, test.code, test.status)
		f.wantStatus(t, "i-1", "RUNNING")
	}
}

func TestBodiesThatAreNoOrdinaryErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		status  int
		contain string
	}{
		{"a server error", simulator.Trouble{Kind: simulator.ServerError}, 502, "<html>"},
		{"a server error of another status", simulator.Trouble{Kind: simulator.ServerError, Status: 503}, 503, "<html>"},
		{"a page of a gateway", simulator.Trouble{Kind: simulator.GatewayPage, Status: 200}, 200, "<html>"},
		{
			"metadata without an error",
			simulator.Trouble{Kind: volcengine.NoErrorObject, Status: 502},
			502,
			`{"ResponseMetadata":{"RequestId":"`,
		},
		{
			"the short error body",
			simulator.Trouble{Kind: volcengine.SimpleError},
			500,
			`{"HTTPCode":500,"errorcode":"InternalError","message":""}`,
		},
		{
			"the short error body with a code",
			simulator.Trouble{Kind: volcengine.SimpleError, Status: 429, Code: "FlowLimitExceeded", Message: "slow down"},
			429, `{"HTTPCode":429,"errorcode":"FlowLimitExceeded","message":"slow down"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "i-1"})
			f.trouble(t, test.trouble)
			got := f.send(t, raw{action: "StopInstances", query: "InstanceIds.1=i-1"})
			if got.status != test.status || !strings.Contains(got.body, test.contain) || got.code() != "" {
				t.Errorf("the answer is %d, %s, want %d with %s and no error object", got.status, got.body, test.status,
					test.contain)
			}
			if f.last().Code == "" {
				t.Error("the log has the call as accepted")
			}
			f.wantStatus(t, "i-1", "RUNNING")
		})
	}
}

func TestTheSDKMakesUnknownErrorOfTheShortBody(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	f.trouble(t, simulator.Trouble{Kind: volcengine.SimpleError, Code: "FlowLimitExceeded"})
	_, err := f.stop(t, nil, "i-1")
	var failure volcengineerr.Error
	if !errors.As(err, &failure) || failure.Code() != "UnknownError" {
		t.Errorf("error is %v, want UnknownError", err)
	}
}

func TestTroublesOfAConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		failed  bool
		status  string
	}{
		{"cut before", simulator.Trouble{Kind: simulator.ResetBefore}, true, "RUNNING"},
		{"cut after", simulator.Trouble{Kind: simulator.ResetAfter}, true, "STOPPED"},
		{
			"lost",
			simulator.Trouble{Kind: simulator.LostAnswer, Delay: simulator.Duration(20 * time.Millisecond)},
			true,
			"STOPPED",
		},
		{"slow", simulator.Trouble{Kind: simulator.Slow, Delay: simulator.Duration(20 * time.Millisecond)}, false, "STOPPED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "i-1"})
			f.trouble(t, test.trouble)
			_, err := f.stop(t, nil, "i-1")
			var failure volcengineerr.Error
			if test.failed != errors.As(err, &failure) {
				t.Errorf("error is %v, want one: %t", err, test.failed)
			}
			f.wantStatus(t, "i-1", test.status)
			if calls := f.cloud.Calls(0); len(calls) != 1 || calls[0].Lost != test.failed {
				t.Errorf("the log has %d calls, the first lost: %t, want 1 and %t", len(calls), calls[0].Lost, test.failed)
			}
		})
	}
}

func TestAnEntryMayBeMissingFromTheDetails(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"})
	f.trouble(t, simulator.Trouble{Kind: volcengine.MissingDetail, InstanceIDs: []string{"i-1"}})
	got, err := f.stop(t, nil, "i-1", "i-2")
	if _, there := got["i-1"]; err != nil || there || len(got) != 1 {
		t.Errorf("the answer is %v, %v, want i-2 alone", got, err)
	}
	f.wantStatus(t, "i-1", "STOPPED")
}

func TestRescueIsNoTroubleOfThisCloud(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	if _, err := f.cloud.AddTrouble(simulator.Trouble{Kind: simulator.Rescue}); err == nil {
		t.Error("a rescue was accepted, though the cloud has no word for it")
	}
}
