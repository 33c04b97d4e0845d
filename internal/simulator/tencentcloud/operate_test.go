package tencentcloud_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func TestEveryActionThroughTheSDK(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001", PublicIP: "203.0.113.1", Tags: map[string]string{"a": "b"}})
	f.cloud.SetTransition(time.Hour)

	resp, err := f.stop(t.Context(), func(r *cvm.StopInstancesRequest) {
		r.StopType = common.StringPtr("SOFT")
		stopCharging(r)
	}, "ins-00000001")
	if err != nil {
		t.Fatal(err)
	}
	i := f.describe(t, nil, "ins-00000001")[0]
	got := []string{
		*i.InstanceState, *i.StopChargingMode, *i.LatestOperation, *i.LatestOperationState, *i.LatestOperationRequestId,
	}
	want := []string{"STOPPING", "NOT_APPLICABLE", "StopInstances", "OPERATING", *resp.Response.RequestId}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("during the stop (-want +got):\n%s", diff)
	}
	wantCode(t, f.start(t.Context(), "ins-00000001"), "UnsupportedOperation.InstanceStateStopping")

	f.cloud.SetTransition(0)
	if err := f.cloud.Change("ins-00000001", func(i *simulator.Instance) error {
		i.Status, i.StoppedMode, i.LastOperation.State = "STOPPED", "STOP_CHARGING", simulator.Succeeded
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	i = f.describe(t, nil, "ins-00000001")[0]
	got = []string{
		*i.InstanceState, *i.StopChargingMode, *i.LatestOperationState, *i.RestrictState, *i.IsolatedSource, *i.Tags[0].Key,
		*i.Placement.Zone,
	}
	want = []string{"STOPPED", "STOP_CHARGING", "SUCCESS", "NORMAL", "NOTISOLATED", "a", "ap-guangzhou-3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the stop (-want +got):\n%s", diff)
	}
	if err := f.start(t.Context(), "ins-00000001"); err != nil {
		t.Fatal(err)
	}
	if err := f.reboot(t.Context(), nil, "ins-00000001"); err != nil {
		t.Fatal(err)
	}
	status := cvm.NewDescribeInstancesStatusRequest()
	status.InstanceIds = common.StringPtrs([]string{"ins-00000001", "ins-99999999"})
	list, err := f.sdk.DescribeInstancesStatusWithContext(t.Context(), status)
	if err != nil {
		t.Fatal(err)
	}
	if set := list.Response.InstanceStatusSet; *list.Response.TotalCount != 1 || len(set) != 1 ||
		*set[0].InstanceState != "RUNNING" {
		t.Errorf("status list is %s, want one that is RUNNING", list.ToJsonString())
	}
	counts := map[string]int{
		"StopInstances": 1, "StartInstances": 2, "RebootInstances": 1, "DescribeInstances": 2, "DescribeInstancesStatus": 1,
	}
	if diff := cmp.Diff(counts, f.cloud.CallCounts()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestANewInstanceHasNoLatestOperation(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"})
	i := f.describe(t, nil, "ins-00000001")[0]
	if i.LatestOperation != nil || i.LatestOperationState != nil || i.LatestOperationErrorMsg != nil {
		t.Errorf("latest operation is %s, want null", cmp.Diff(nil, i.LatestOperation))
	}
	if i.PublicIpAddresses != nil || len(i.PrivateIpAddresses) != 1 {
		t.Errorf("addresses are %v and %v, want none and one", i.PublicIpAddresses, i.PrivateIpAddresses)
	}
}

func TestHowAStopIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		change   func(*cvm.StopInstancesRequest)
		force    simulator.Force
		explicit bool
		code     string
	}{
		{"nothing said is graceful", nil, simulator.Graceful, false, ""},
		{"SOFT", func(r *cvm.StopInstancesRequest) { r.StopType = common.StringPtr("SOFT") }, simulator.Graceful, true, ""},
		{
			"SOFT_FIRST", func(r *cvm.StopInstancesRequest) { r.StopType = common.StringPtr("SOFT_FIRST") },
			simulator.FirstGraceful, true, "",
		},
		{"HARD", func(r *cvm.StopInstancesRequest) { r.StopType = common.StringPtr("HARD") }, simulator.Forced, true, ""},
		{
			"the deprecated flag means graceful first", func(r *cvm.StopInstancesRequest) { r.ForceStop = common.BoolPtr(true) },
			simulator.FirstGraceful, true, "",
		},
		{
			"the deprecated flag off", func(r *cvm.StopInstancesRequest) { r.ForceStop = common.BoolPtr(false) },
			simulator.Graceful, true, "",
		},
		{
			"both at once", func(r *cvm.StopInstancesRequest) {
				r.ForceStop, r.StopType = common.BoolPtr(false), common.StringPtr("SOFT")
			},
			simulator.Graceful, true, "InvalidParameterCombination",
		},
		{
			"a type that does not exist", func(r *cvm.StopInstancesRequest) { r.StopType = common.StringPtr("GENTLE") },
			simulator.Graceful, true, "InvalidParameterValue",
		},
		{
			"a mode that does not exist", func(r *cvm.StopInstancesRequest) { r.StoppedMode = common.StringPtr("StopCharging") },
			simulator.Graceful, false, "InvalidParameterValue",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "ins-00000001"})
			_, err := f.stop(t.Context(), test.change, "ins-00000001")
			wantCode(t, err, test.code)
			k := f.last()
			if k.Force != test.force || k.ForceExplicit != test.explicit || k.Effect != (test.code == "") {
				t.Errorf("log has force %s, explicit %v, effect %v; want %s, %v, %v", k.Force, k.ForceExplicit, k.Effect,
					test.force, test.explicit, test.code == "")
			}
		})
	}
}

func TestStatesThatRefuse(t *testing.T) {
	t.Parallel()
	for state, codes := range map[string][3]string{ // stop, start, reboot
		"RUNNING":                    {"", "Running", ""},
		"STOPPED":                    {"Stopped", "", "Stopped"},
		"PENDING":                    {"Pending", "Pending", "Pending"},
		"SHUTDOWN":                   {"Shutdown", "Shutdown", "Shutdown"},
		"TERMINATING":                {"Terminating", "Terminating", "Terminating"},
		"LAUNCH_FAILED":              {"LaunchFailed", "LaunchFailed", "LaunchFailed"},
		"RESCUE_MODE":                {"RescueMode", "RescueMode", "RescueMode"},
		"ENTER_SERVICE_LIVE_MIGRATE": {"EnterServiceLiveMigrate", "EnterServiceLiveMigrate", "EnterServiceLiveMigrate"},
		"MOONWALK":                   {"?", "?", "?"},
	} {
		for n, op := range []string{"stop", "start", "reboot"} {
			t.Run(op+" of an instance that is "+state, func(t *testing.T) {
				t.Parallel()
				f := setUp(t, simulator.Instance{ID: "ins-00000001", Status: state})
				var err error
				switch op {
				case "stop":
					_, err = f.stop(t.Context(), nil, "ins-00000001")
				case "start":
					err = f.start(t.Context(), "ins-00000001")
				default:
					err = f.reboot(t.Context(), nil, "ins-00000001")
				}
				want := codes[n]
				switch want {
				case "":
				case "?":
					want = "UnsupportedOperation"
				default:
					want = "UnsupportedOperation.InstanceState" + want
				}
				wantCode(t, err, want)
				if err != nil && !strings.Contains(err.Error(), "ins-00000001") {
					t.Errorf("the message does not name the instance: %v", err)
				}
			})
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"}, simulator.Instance{ID: "ins-00000002", Region: "ap-shanghai"})
	many := make([]string, 101)
	for n := range many {
		many[n] = "ins-00000001"
	}
	for _, test := range []struct {
		name string
		ids  []string
		code string
		says string
	}{
		{"no ids", []string{}, "MissingParameter", "InstanceIds"},
		{"101 ids", many, "InvalidParameterValue.LimitExceeded", "100"},
		{"an id that is too short", []string{"ins-1122"}, "InvalidInstanceId.Malformed", "ins-1122"},
		{"an id of something else", []string{"disk-00000001"}, "InvalidParameterValue.InstanceIdMalformed", "disk-00000001"},
		{
			"absent ids",
			[]string{"ins-00000001", "ins-99999998", "ins-99999999"},
			"InvalidInstanceId.NotFound",
			"`['ins-99999998', 'ins-99999999']`",
		},
		{"an id of another region", []string{"ins-00000002"}, "InvalidInstanceId.NotFound", "`['ins-00000002']`"},
	} {
		_, err := f.stop(t.Context(), nil, test.ids...)
		wantCode(t, err, test.code)
		if err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: message is %v, want %q in it", test.name, err, test.says)
		}
	}
	if got := f.status(t, "ins-00000001"); got != "RUNNING" {
		t.Errorf("the good instance of a bad call is %s, want RUNNING", got)
	}
	if got := f.describe(t, nil, "ins-00000001", "ins-00000002", "ins-99999999"); len(got) != 1 {
		t.Errorf("a describe shows %d instances, want the one of the region", len(got))
	}
	if _, err := f.stop(t.Context(), nil, slices.Repeat([]string{"ins-00000001"}, 100)...); err != nil {
		t.Errorf("100 ids are refused: %v", err)
	}
}

func TestABadInstanceInABatch(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{tencentcloud.Atomic: "RUNNING", tencentcloud.Partial: "STOPPED"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "ins-00000001"}, simulator.Instance{ID: "ins-00000002", Status: "RESCUE_MODE"})
			f.set(t, tencentcloud.Batch, setting)
			_, err := f.stop(t.Context(), nil, "ins-00000001", "ins-00000002")
			wantCode(t, err, "UnsupportedOperation.InstanceStateRescueMode")
			if got := f.status(t, "ins-00000001"); got != want {
				t.Errorf("the good instance is %s, want %s", got, want)
			}
		})
	}
}

func TestStopCharging(t *testing.T) {
	t.Parallel()
	plain := simulator.Instance{ID: "ins-00000001"}
	ineligible := map[string]simulator.Instance{
		"prepaid":       {ID: "ins-00000002", PublicIP: "203.0.113.2", ChargeType: "PREPAID"},
		"on local disk": {ID: "ins-00000002", PublicIP: "203.0.113.2", LocalDisk: true},
		"spot":          {ID: "ins-00000002", PublicIP: "203.0.113.2", Spot: true, ChargeType: "SPOTPAID"},
	}
	for name, other := range ineligible {
		t.Run("alone and "+name+" it is refused", func(t *testing.T) {
			t.Parallel()
			f := setUp(t, other)
			_, err := f.stop(t.Context(), stopCharging, other.ID)
			wantCode(t, err, "UnsupportedOperation.StoppedModeStopCharging")
			if got := f.status(t, other.ID); got != "RUNNING" {
				t.Errorf("it is %s, want RUNNING", got)
			}
		})
		t.Run("alone and "+name+" it is downgraded where the switch says so", func(t *testing.T) {
			t.Parallel()
			f := setUp(t, other)
			f.set(t, tencentcloud.IneligibleAlone, tencentcloud.Downgraded)
			if _, err := f.stop(t.Context(), stopCharging, other.ID); err != nil {
				t.Fatal(err)
			}
			if got := *f.describe(t, nil, other.ID)[0].StopChargingMode; got != "NOT_APPLICABLE" {
				t.Errorf("mode reads %s, want NOT_APPLICABLE", got)
			}
			f.set(t, tencentcloud.IneligibleReads, "KEEP_CHARGING")
			if got := *f.describe(t, nil, other.ID)[0].StopChargingMode; got != "KEEP_CHARGING" {
				t.Errorf("mode reads %s, want KEEP_CHARGING", got)
			}
		})
		t.Run("beside one that can it is downgraded silently when "+name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, plain, other)
			if _, err := f.stop(t.Context(), stopCharging, plain.ID, other.ID); err != nil {
				t.Fatal(err)
			}
			set := f.describe(t, nil, plain.ID, other.ID)
			got := []string{*set[0].InstanceState, *set[0].StopChargingMode, *set[1].InstanceState, *set[1].StopChargingMode}
			want := []string{"STOPPED", "STOP_CHARGING", "STOPPED", "NOT_APPLICABLE"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("states and modes (-want +got):\n%s", diff)
			}
			if i, _ := f.cloud.Instance(other.ID); i.StoppedMode != "KEEP_CHARGING" || i.PublicIP != "203.0.113.2" {
				t.Errorf("in truth its mode is %q and its address %q, want KEEP_CHARGING and the one it had", i.StoppedMode,
					i.PublicIP)
			}
		})
	}
	t.Run("the mode of a stopped instance cannot be changed", func(t *testing.T) {
		t.Parallel()
		f := setUp(t, simulator.Instance{ID: "ins-00000001", Status: "STOPPED"})
		_, err := f.stop(t.Context(), stopCharging, "ins-00000001")
		wantCode(t, err, "UnsupportedOperation.InstanceStateStopped")
		if got := *f.describe(t, nil, "ins-00000001")[0].StopChargingMode; got != "KEEP_CHARGING" {
			t.Errorf("mode reads %s, want KEEP_CHARGING", got)
		}
	})
}

func TestHowARebootIsAskedFor(t *testing.T) {
	t.Parallel()
	hard := common.StringPtr("HARD")
	for _, test := range []struct {
		name   string
		change func(*cvm.RebootInstancesRequest)
		force  simulator.Force
		code   string
	}{
		{"nothing said is graceful", nil, simulator.Graceful, ""},
		{"HARD", func(r *cvm.RebootInstancesRequest) { r.StopType = hard }, simulator.Forced, ""},
		{
			"the deprecated flag", func(r *cvm.RebootInstancesRequest) { r.ForceReboot = common.BoolPtr(true) },
			simulator.FirstGraceful, "",
		},
		{
			"both at once", func(r *cvm.RebootInstancesRequest) { r.ForceReboot, r.StopType = common.BoolPtr(true), hard },
			simulator.Forced, "InvalidParameterCombination",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t, simulator.Instance{ID: "ins-00000001"})
			wantCode(t, f.reboot(t.Context(), test.change, "ins-00000001"), test.code)
			if k := f.last(); k.Force != test.force || k.ForceExplicit != (test.change != nil) {
				t.Errorf("log has force %s, explicit %v; want %s, %v", k.Force, k.ForceExplicit, test.force, test.change != nil)
			}
		})
	}
}

// TestManyCallersAtOnce is for the race detector, and for counts that are lost
// without a lock.
func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	f.cloud.LimitRates(false)
	all, err := f.cloud.SeedBulk(simulator.Bulk{Count: 16, IDPattern: "ins-########"})
	if err != nil {
		t.Fatal(err)
	}
	f.trouble(t, simulator.Trouble{Kind: simulator.Throttle, Action: "stop", Count: 5})
	var callers sync.WaitGroup
	codes := make(chan string, len(all))
	for _, id := range all {
		client := f.client(t, common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), region, nil)
		callers.Go(func() {
			req := cvm.NewStopInstancesRequest()
			req.InstanceIds = common.StringPtrs([]string{id})
			_, err := client.StopInstancesWithContext(t.Context(), req)
			codes <- code(err)
			f.cloud.Calls(0)
			f.cloud.Troubles()
		})
	}
	callers.Wait()
	close(codes)
	got := map[string]int{}
	for c := range codes {
		got[c]++
	}
	if diff := cmp.Diff(map[string]int{"": 11, "RequestLimitExceeded": 5}, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}
