package volcengine_test

import (
	"testing"
	"time"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func TestWhatIsAlreadySoMayBeAccepted(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"RUNNING", "STARTING", "STOPPED", "STOPPING"} {
		for value, want := range map[string]string{volcengine.Refused: "InvalidInstanceStatus", volcengine.Accepted: ""} {
			f := setUp(t)
			f.cloud.SetTransition(time.Hour)
			if err := f.cloud.Seed(simulator.Instance{ID: "i-1", Status: status}); err != nil {
				t.Fatal(err)
			}
			f.set(t, volcengine.AlreadyThere, value)
			call := func() (items, error) { return f.stop(t, nil, "i-1") }
			if status == "RUNNING" || status == "STARTING" {
				call = func() (items, error) { return f.start(t, "i-1") }
			}
			got, err := call()
			if got := one(t, got, err); got != want {
				t.Errorf("%s, %s: the answer is %q, want %q", status, value, got, want)
			}
			f.wantStatus(t, "i-1", status)
			if f.last().Effect {
				t.Errorf("%s, %s: the call had an effect", status, value)
			}
		}
	}
}

func TestForceMayEndAShutdownThatHangs(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{volcengine.Refused: "InvalidInstanceStatus", volcengine.Accepted: ""} {
		f := setUp(t, simulator.Instance{ID: "i-1"})
		f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
		f.set(t, volcengine.ForceWhileStopping, value)
		if got, err := f.stop(t, nil, "i-1"); one(t, got, err) != "" {
			t.Fatal(got)
		}
		if got, err := f.stop(t, nil, "i-1"); one(t, got, err) != "InvalidInstanceStatus" {
			t.Errorf("%s: another graceful stop answers %v", value, got)
		}
		if got, err := f.stop(t, byForce, "i-1"); one(t, got, err) != want {
			t.Errorf("%s: the stop by force answers %v, want %q", value, got, want)
		}
		status := "STOPPING"
		if value == volcengine.Accepted {
			status = "STOPPED"
		}
		f.wantStatus(t, "i-1", status)
	}
}

func TestARebootMayStartWhatIsStopped(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1", Status: "STOPPED"})
	if got, err := f.reboot(t, "i-1"); one(t, got, err) != "InvalidInstanceStatus" {
		t.Errorf("the reboot answers %v", got)
	}
	f.wantStatus(t, "i-1", "STOPPED")
	f.set(t, volcengine.RebootStopped, volcengine.Accepted)
	if got, err := f.reboot(t, "i-1"); one(t, got, err) != "" {
		t.Errorf("the reboot answers %v", got)
	}
	f.wantStatus(t, "i-1", "RUNNING")
}

func TestTheStateErrorMayAllowWrites(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1", Status: "ERROR"}, simulator.Instance{ID: "i-2", Status: "ERROR"},
		simulator.Instance{ID: "i-3", Status: "ERROR"})
	f.set(t, volcengine.ErrorState, volcengine.Accepted)
	if got, err := f.stop(t, nil, "i-1"); one(t, got, err) != "" {
		t.Errorf("the stop answers %v", got)
	}
	if got, err := f.start(t, "i-2"); one(t, got, err) != "" {
		t.Errorf("the start answers %v", got)
	}
	if got, err := f.reboot(t, "i-3"); one(t, got, err) != "" {
		t.Errorf("the reboot answers %v", got)
	}
	f.wantStatus(t, "i-1", "STOPPED")
	f.wantStatus(t, "i-2", "RUNNING")
	f.wantStatus(t, "i-3", "RUNNING")
}

func TestAChangeOfModeWhileStopped(t *testing.T) {
	t.Parallel()
	const conflict = "InvalidStoppedMode.Conflict"
	for _, test := range []struct{ setting, toStop, toKeep string }{
		{volcengine.Conflict, conflict, conflict},
		{volcengine.Accepted, "", ""},
		{volcengine.ToKeepCharging, conflict, ""},
		{volcengine.ToStopCharging, "", conflict},
	} {
		t.Run(test.setting, func(t *testing.T) {
			t.Parallel()
			f := setUp(
				t, simulator.Instance{ID: "i-keeps", Status: "STOPPED"},
				simulator.Instance{ID: "i-saves", Status: "STOPPED", StoppedMode: "StopCharging"},
				simulator.Instance{ID: "i-prepaid", Status: "STOPPED", ChargeType: "PrePaid"},
			)
			f.set(t, volcengine.ModeChange, test.setting)
			for _, c := range []struct {
				id     string
				change func(*ecs.StopInstancesInput)
				want   string
				mode   string
			}{
				{"i-keeps", stopCharging, test.toStop, "StopCharging"},
				{"i-saves", keepCharging, test.toKeep, "KeepCharging"},
			} {
				before := *f.shown(t, c.id).StoppedMode
				got, err := f.stop(t, c.change, c.id)
				if got := one(t, got, err); got != c.want {
					t.Errorf("%s: the answer is %q, want %q", c.id, got, c.want)
				}
				want := c.mode
				if c.want != "" {
					want = before
				}
				if got := *f.shown(t, c.id).StoppedMode; got != want {
					t.Errorf("%s: the mode is %s, want %s", c.id, got, want)
				}
			}
			if got, err := f.stop(t, stopCharging, "i-prepaid"); one(t, got, err) != "InvalidStoppedMode.ChargeTypeMismatch" {
				t.Errorf("a prepaid instance answers %v", got)
			}
			if got, err := f.stop(t, nil, "i-saves"); one(t, got, err) != "InvalidInstanceStatus" {
				t.Errorf("a stop without a mode answers %v", got)
			}
		})
	}
}

func TestAConflictOfModesHasItsStatus(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1", Status: "STOPPED"})
	wantAnswer(t, f.send(t, raw{action: "StopInstance", query: "InstanceId=i-1&StoppedMode=StopCharging"}),
		"InvalidStoppedMode.Conflict", 409)
}

func TestEverySettingIsKnownByItsName(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for _, setting := range f.cloud.Words().Settings {
		if setting.Doc == "" || len(setting.Values) < 2 {
			t.Errorf("setting %q has the doc %q and the values %q", setting.Name, setting.Doc, setting.Values)
		}
		for _, value := range setting.Values {
			f.set(t, setting.Name, value)
		}
	}
}

func TestTheDemoFleetFitsTheDemoCredentials(t *testing.T) {
	t.Parallel()
	wire := volcengine.New()
	f := setUp(t, wire.DemoFleet()...)
	want := map[string]bool{}
	for _, i := range wire.DemoFleet() {
		if i.Region == "" {
			want[i.ID] = true
		}
	}
	out := f.describe(t, nil)
	if int(*out.TotalCount) != len(want) {
		t.Errorf("the listing has %d instances, want %d", *out.TotalCount, len(want))
	}
	for _, id := range ids(out) {
		if !want[id] {
			t.Errorf("the listing has %s", id)
		}
	}
	if len(wire.Environment("http://127.0.0.1:1")) == 0 {
		t.Error("there is nothing to set up a client with")
	}
}
