package tencentcloud_test

import (
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func TestTroublesOfAnInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		code    string
		state   string
	}{
		{"busy", simulator.Trouble{Kind: simulator.Busy}, "MutexOperation.TaskRunning", "RUNNING"},
		{
			"busy with another code",
			simulator.Trouble{Kind: simulator.Busy, Code: "OperationDenied.InstanceOperationInProgress"},
			"OperationDenied.InstanceOperationInProgress", "RUNNING",
		},
		{
			"rescue mode",
			simulator.Trouble{Kind: simulator.Rescue},
			"UnsupportedOperation.InstanceStateRescueMode",
			"RESCUE_MODE",
		},
		{
			"live migration",
			simulator.Trouble{Kind: simulator.LiveMigration},
			"UnsupportedOperation.InstanceStateServiceLiveMigrate", "SERVICE_LIVE_MIGRATE",
		},
		{"recycle bin", simulator.Trouble{Kind: simulator.Recycle}, "UnsupportedOperation.InstanceStateShutdown", "SHUTDOWN"},
		{"arrears", simulator.Trouble{Kind: simulator.InArrears}, "UnsupportedOperation.InstanceStateShutdown", "SHUTDOWN"},
		{
			"lock",
			simulator.Trouble{Kind: simulator.Lock, Word: "police"},
			"UnsupportedOperation.InstanceStateBanning",
			"RUNNING",
		},
		{
			"a word that nobody knows",
			simulator.Trouble{Kind: simulator.UnknownWord, Word: "MOONWALK"},
			"UnsupportedOperation",
			"MOONWALK",
		},
		{
			"mode refused",
			simulator.Trouble{Kind: simulator.RefuseMode},
			"UnsupportedOperation.StoppedModeStopCharging",
			"RUNNING",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "ins-00000001"})
			f.trouble(t, test.trouble)
			_, err := f.stop(t.Context(), stopCharging, "ins-00000001")
			wantCode(t, err, test.code)
			i := f.describe(t, nil, "ins-00000001")[0]
			if *i.InstanceState != test.state {
				t.Errorf("state is %s, want %s", *i.InstanceState, test.state)
			}
		})
	}
	t.Run("no stock at the call", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: "ins-00000001", Status: "STOPPED"})
		f.trouble(t, simulator.Trouble{Kind: simulator.NoStock})
		wantCode(t, f.start(t.Context(), "ins-00000001"), "ResourceInsufficient.SpecifiedInstanceType")
	})
	t.Run("no stock after the call", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: "ins-00000001", Status: "STOPPED", StoppedMode: "STOP_CHARGING"})
		f.trouble(t, simulator.Trouble{Kind: simulator.NoStock, Late: true})
		if err := f.start(t.Context(), "ins-00000001"); err != nil {
			t.Fatal(err)
		}
		i := f.describe(t, nil, "ins-00000001")[0]
		if *i.InstanceState != "STOPPED" || *i.LatestOperationState != "FAILED" || i.LatestOperationErrorMsg == nil ||
			*i.StopChargingMode != "STOP_CHARGING" {
			t.Errorf("after the failed start: %s, %s, %s", *i.InstanceState, *i.LatestOperationState, *i.StopChargingMode)
		}
	})
}

func TestTheSDKUnderTroublesOfACall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble simulator.Trouble
		code    string
	}{
		{"throttle", simulator.Trouble{Kind: simulator.Throttle}, "RequestLimitExceeded"},
		{
			"throttle with a dotted code",
			simulator.Trouble{Kind: simulator.Throttle, Code: "RequestLimitExceeded.UinLimitExceeded"},
			"RequestLimitExceeded.UinLimitExceeded",
		},
		{"error", simulator.Trouble{Kind: simulator.Error}, "InternalError"},
		{"error in the old shape", simulator.Trouble{Kind: tencentcloud.LegacyError, Code: "InternalError"}, "InternalError"},
		{"server error", simulator.Trouble{Kind: simulator.ServerError}, "ClientError.ParseJsonError"},
		{"gateway page", simulator.Trouble{Kind: simulator.GatewayPage}, "ClientError.ParseJsonError"},
		{"reset before", simulator.Trouble{Kind: simulator.ResetBefore}, "ClientError.NetworkError"},
		{"reset after", simulator.Trouble{Kind: simulator.ResetAfter}, "ClientError.NetworkError"},
		{
			"lost answer",
			simulator.Trouble{Kind: simulator.LostAnswer, Delay: simulator.Duration(20 * time.Millisecond)},
			"ClientError.NetworkError",
		},
		{"unknown fields", simulator.Trouble{Kind: simulator.UnknownFields}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "ins-00000001"})
			test.trouble.Count = 1
			f.trouble(t, test.trouble)
			_, err := f.stop(t.Context(), nil, "ins-00000001")
			wantCode(t, err, test.code)
			wantEffect := slices.Contains([]simulator.Kind{simulator.ResetAfter, simulator.LostAnswer, simulator.UnknownFields},
				test.trouble.Kind)
			if got := f.status(t, "ins-00000001") == "STOPPED"; got != wantEffect {
				t.Errorf("the stop took effect: %v, want %v", got, wantEffect)
			}
			f.trouble(t, simulator.Trouble{Kind: simulator.UnknownFields})
			if n := len(f.describe(t, nil, "ins-00000001")); n != 1 {
				t.Errorf("a describe with unknown fields shows %d instances, want 1", n)
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"})
	// A window that no machine is slow enough to leave.
	for action, calls := range map[string]int{"RebootInstances": 10, "DescribeInstances": 40} {
		if rates, _ := f.cloud.Rates(); rates[action] != (simulator.Rate{
			Calls: calls, Window: simulator.Duration(time.Second),
		}) {
			t.Errorf("rate of %s is %+v, want %d a second", action, rates[action], calls)
		}
	}
	if err := f.cloud.SetRate("RebootInstances",
		simulator.Rate{Calls: 3, Window: simulator.Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		wantCode(t, f.reboot(t.Context(), nil, "ins-00000001"), "")
	}
	wantCode(t, f.reboot(t.Context(), nil, "ins-00000001"), "RequestLimitExceeded")
	if k := f.last(); k.Effect || k.Lost || k.Code != "RequestLimitExceeded" {
		t.Errorf("log of the throttled call is %+v", k)
	}
	f.cloud.LimitRates(false)
	wantCode(t, f.reboot(t.Context(), nil, "ins-00000001"), "")
}
