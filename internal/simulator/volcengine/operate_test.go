package volcengine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

// single sends one of the singular actions.
func (f *fixture) single(t *testing.T, op simulator.Op, id string, dryRun bool) error {
	t.Helper()
	var err error
	switch op {
	case simulator.OpStart:
		_, err = f.sdk.StartInstanceWithContext(t.Context(), &ecs.StartInstanceInput{InstanceId: &id, DryRun: &dryRun})
	case simulator.OpReboot:
		_, err = f.sdk.RebootInstanceWithContext(t.Context(), &ecs.RebootInstanceInput{InstanceId: &id, DryRun: &dryRun})
	default:
		_, err = f.sdk.StopInstanceWithContext(t.Context(), &ecs.StopInstanceInput{InstanceId: &id, DryRun: &dryRun})
	}
	return err
}

func TestOneBadInstanceDoesNotHinderTheOthers(t *testing.T) {
	t.Parallel()
	f := setUp(
		t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2", Status: "STOPPED"}, simulator.Instance{
			ID: "i-3", ChargeType: "PrePaid",
		},
		simulator.Instance{ID: "i-4", Region: "cn-shanghai"}, simulator.Instance{ID: "i-5", Status: "REBUILDING"},
	)
	got, err := f.stop(t, stopCharging, "i-1", "i-2", "i-3", "i-4", "i-5", "i-1")
	if err != nil {
		t.Fatal(err)
	}
	want := items{
		"i-1": "", "i-2": "InvalidStoppedMode.Conflict", "i-3": "InvalidStoppedMode.ChargeTypeMismatch",
		"i-4": "InvalidInstance.NotFound", "i-5": "InvalidInstanceStatus",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	f.wantStatus(t, "i-1", "STOPPED")
	f.wantStatus(t, "i-3", "RUNNING")
	call := f.last()
	if call.Code != "" || call.HTTPStatus != 200 || !slices.Equal(call.Accepted, []string{"i-1"}) ||
		len(call.ItemCodes) != 4 || call.StoppedMode != "StopCharging" {
		t.Errorf("the log has %+v", call)
	}
}

func TestPowerFollowsTheOrders(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"})
	f.cloud.SetTransition(time.Hour)
	step := func(got items, err error, want string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, items{"i-1": "", "i-2": ""}); diff != "" {
			t.Fatalf("got -, want +:\n%s", diff)
		}
		for _, id := range []string{"i-1", "i-2"} {
			if got := *f.shown(t, id).Status; got != want {
				t.Fatalf("%s is %s, want %s", id, got, want)
			}
		}
	}
	settle := func(status string) {
		for _, id := range []string{"i-1", "i-2"} {
			if err := f.cloud.Change(id, func(i *simulator.Instance) error { i.Status = status; return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := f.stop(t, nil, "i-1", "i-2")
	step(got, err, "STOPPING")
	settle("STOPPED")
	got, err = f.start(t, "i-1", "i-2")
	step(got, err, "STARTING")
	settle("RUNNING")
	got, err = f.reboot(t, "i-1", "i-2")
	step(got, err, "REBOOTING")
}

func TestWhichStatesAllowWhat(t *testing.T) {
	t.Parallel()
	const no = "InvalidInstanceStatus"
	for _, test := range []struct {
		status              string
		stop, start, reboot string
	}{
		{"CREATING", no, no, no},
		{"RUNNING", "", no, ""},
		{"STOPPING", no, no, no},
		{"STOPPED", no, "", no},
		{"STARTING", no, no, no},
		{"REBOOTING", no, no, no},
		{"REBUILDING", no, no, no},
		{"RESIZING", no, no, no},
		{"MODIFYING_VPC", no, no, no},
		{"ERROR", no, no, no},
		{"DELETING", no, no, no},
		{"SOMETHING_NEW", no, no, no},
	} {
		t.Run(test.status, func(t *testing.T) {
			t.Parallel()
			for op, want := range map[simulator.Op]string{
				simulator.OpStop: test.stop, simulator.OpStart: test.start, simulator.OpReboot: test.reboot,
			} {
				f := setUp(t)
				f.cloud.SetTransition(time.Hour)
				if err := f.cloud.Seed(simulator.Instance{ID: "i-1", Status: test.status}); err != nil {
					t.Fatal(err)
				}
				call := map[simulator.Op]func() (items, error){
					simulator.OpStop:   func() (items, error) { return f.stop(t, nil, "i-1") },
					simulator.OpStart:  func() (items, error) { return f.start(t, "i-1") },
					simulator.OpReboot: func() (items, error) { return f.reboot(t, "i-1") },
				}[op]
				got, err := call()
				if got := one(t, got, err); got != want {
					t.Errorf("%s answers %q, want %q", op, got, want)
				}
				if err := f.cloud.Seed(simulator.Instance{ID: "i-1", Status: test.status}); err != nil {
					t.Fatal(err)
				}
				err = f.single(t, op, "i-1", false)
				if want == "" && err != nil {
					t.Errorf("%s of one: %v", op, err)
				}
				if want != "" {
					wantError(t, err, want, 400)
				}
			}
		})
	}
}

func TestADryRunHasNoEffect(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2", Status: "STOPPED"})
	wantError(t, f.single(t, simulator.OpStop, "i-1", true), "DryRunOperation", 412)
	wantError(t, f.single(t, simulator.OpReboot, "i-1", true), "DryRunOperation", 412)
	wantError(t, f.single(t, simulator.OpStart, "i-2", true), "DryRunOperation", 412)
	wantError(t, f.single(t, simulator.OpStart, "i-1", true), "InvalidInstanceStatus", 400)
	wantError(t, f.single(t, simulator.OpStop, "i-absent", true), "InvalidInstance.NotFound", 404)
	f.wantStatus(t, "i-1", "RUNNING")
	f.wantStatus(t, "i-2", "STOPPED")
	for _, call := range f.cloud.Calls(0) {
		if !call.DryRun || call.Effect {
			t.Errorf("the log has %s with dry run %t and effect %t", call.Action, call.DryRun, call.Effect)
		}
	}
	f.trouble(t, simulator.Trouble{Kind: simulator.NoStock})
	wantError(t, f.single(t, simulator.OpStart, "i-2", true), "Insufficient.InstanceCapacity", 500)
}

func TestWhatCannotStopCharging(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		instance simulator.Instance
		code     string
		status   int
	}{
		{"prepaid", simulator.Instance{ChargeType: "PrePaid"}, "InvalidStoppedMode.ChargeTypeMismatch", 412},
		{"a local disk", simulator.Instance{LocalDisk: true}, "InvalidStoppedMode.InstanceTypeMismatch", 412},
		{"bare metal", simulator.Instance{Type: "ecs.ebmg2a.32xlarge"}, "InvalidStoppedMode.InstanceTypeMismatch", 412},
		{"HPC", simulator.Instance{Type: "ecs.hpcpni2.28xlarge"}, "InvalidStoppedMode.InstanceTypeMismatch", 412},
		{
			"scheduled",
			simulator.Instance{Extra: map[string]string{"elastic_scheduled_instance_type": "Segmented"}},
			"InvalidStoppedModeForScheduledInstance.Unsupported", 400,
		},
		{"spot", simulator.Instance{Spot: true}, "", 0},
		{"ordinary", simulator.Instance{}, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.instance.ID = "i-1"
			f := setUp(t, test.instance)
			_, err := f.sdk.StopInstanceWithContext(t.Context(), &ecs.StopInstanceInput{
				InstanceId: sdk.String("i-1"), StoppedMode: sdk.String("StopCharging"),
			})
			if test.code == "" {
				if err != nil || *f.shown(t, "i-1").StoppedMode != "StopCharging" {
					t.Errorf("the stop answers %v, and the mode is %s", err, *f.shown(t, "i-1").StoppedMode)
				}
				return
			}
			wantError(t, err, test.code, test.status)
			f.wantStatus(t, "i-1", "RUNNING")
			f.set(t, volcengine.DefaultStoppedMode, "StopCharging")
			if got, err := f.stop(t, nil, "i-1"); one(t, got, err) != "" {
				t.Errorf("a stop with the account's default answers %s, want success", got["i-1"])
			}
			if got := f.truth(t, "i-1").StoppedMode; got != "KeepCharging" {
				t.Errorf("the mode is %s, want KeepCharging", got)
			}
		})
	}
}

func TestTheDefaultModeIsTheAccounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		account string
		change  func(*ecs.StopInstancesInput)
		want    string
	}{
		{"KeepCharging", nil, "KeepCharging"},
		{"KeepCharging", stopCharging, "StopCharging"},
		{"StopCharging", nil, "StopCharging"},
		{"StopCharging", keepCharging, "KeepCharging"},
		{"StopCharging", func(in *ecs.StopInstancesInput) { in.StoppedMode = sdk.String("") }, "StopCharging"},
	} {
		f := setUp(t, simulator.Instance{ID: "i-1"})
		f.set(t, volcengine.DefaultStoppedMode, test.account)
		if got, err := f.stop(t, test.change, "i-1"); one(t, got, err) != "" {
			t.Errorf("the stop answers %v", got)
		}
		if got := *f.shown(t, "i-1").StoppedMode; got != test.want {
			t.Errorf("with the account's %s the mode is %s, want %s", test.account, got, test.want)
		}
	}
}

func TestThePublicAddressStays(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1", PublicIP: "203.0.113.1"})
	if got, err := f.stop(t, stopCharging, "i-1"); one(t, got, err) != "" {
		t.Fatal(got)
	}
	for _, when := range []string{"stopped", "started"} {
		if got := *f.shown(t, "i-1").EipAddress.IpAddress; got != "203.0.113.1" {
			t.Errorf("%s, the address is %s", when, got)
		}
		if when == "stopped" {
			if got, err := f.start(t, "i-1"); one(t, got, err) != "" {
				t.Fatal(got)
			}
		}
	}
}

func TestForceInTheLog(t *testing.T) {
	t.Parallel()
	fleet := []simulator.Instance{
		{ID: "i-1"},
		{ID: "i-metal", Type: "ecs.ebmhpcpni2l.32xlarge"},
		{ID: "i-other", Extra: map[string]string{"bare_metal": "true"}},
		{ID: "i-off", Type: "ecs.ebmg2a.32xlarge", Status: "STOPPED"},
	}
	metal := []string{"i-metal", "i-other"}
	f := setUp(t)
	graceful := func(in *ecs.StopInstancesInput) { in.ForceStop = sdk.Bool(false) }
	for _, test := range []struct {
		change   func(*ecs.StopInstancesInput)
		force    simulator.Force
		explicit bool
		byType   []string
		allow    []string
		breaches int
	}{
		{nil, simulator.Graceful, false, metal, nil, 2},
		{graceful, simulator.Graceful, true, metal, nil, 2},
		{graceful, simulator.Graceful, true, metal, []string{"i-metal"}, 1},
		{byForce, simulator.Forced, true, nil, nil, 4},
	} {
		f.cloud.ForgetCalls()
		if err := f.cloud.Seed(fleet...); err != nil {
			t.Fatal(err)
		}
		if _, err := f.stop(t, test.change, "i-1", "i-metal", "i-other", "i-off"); err != nil {
			t.Fatal(err)
		}
		call := f.last()
		if call.Force != test.force || call.ForceExplicit != test.explicit {
			t.Errorf("the log has force %s, explicit %t, want %s, %t", call.Force, call.ForceExplicit, test.force, test.explicit)
		}
		if diff := cmp.Diff(call.ForcedByType, test.byType); diff != "" {
			t.Errorf("forced by type: got -, want +:\n%s", diff)
		}
		got := simulator.Audit(f.cloud.Calls(0), simulator.AuditOptions{AllowForced: test.allow})
		if len(got) != test.breaches {
			t.Errorf("the audit has %d breaches, want %d: %q", len(got), test.breaches, got)
		}
	}
}

func TestBareMetalIsStoppedByForceWhateverTheCallSays(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-metal", Type: "ecs.ebmg2a.32xlarge"})
	f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
	if _, err := f.stop(t, nil, "i-1", "i-metal"); err != nil {
		t.Fatal(err)
	}
	f.wantStatus(t, "i-1", "STOPPING")
	f.wantStatus(t, "i-metal", "STOPPED")
}
