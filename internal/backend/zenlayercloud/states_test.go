package zenlayercloud

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestStates(t *testing.T) {
	t.Parallel()
	want := map[string]backend.State{
		"RUNNING":          backend.Running,
		"STOPPED":          backend.Stopped,
		"STOPPING":         backend.Stopping,
		"BOOTING":          backend.Starting,
		"STARTING":         backend.Starting,
		"PENDING":          backend.Starting,
		"DEPLOYING":        backend.Starting,
		"REBOOT":           backend.Restarting,
		"REBUILDING":       backend.Restarting,
		"IMAGING":          backend.Restarting,
		"RESIZING":         backend.Restarting,
		"RECYCLING":        backend.Unavailable,
		"RELEASING":        backend.Unavailable,
		"RECYCLE":          backend.Unavailable,
		"RECYCLED":         backend.Unavailable,
		"CREATE_FAILED":    backend.Unavailable,
		"REINSTALL_FAILED": backend.Unavailable,
	}
	got := make(map[string]backend.State)
	for raw := range states {
		vm, zec := instanceOf(&instance{InstanceStatus: raw}), instanceOf(&instance{Status: raw})
		if diff := cmp.Diff(vm, zec); diff != "" {
			t.Errorf("%s reads differently in the two fields:\n%s", raw, diff)
		}
		if vm.Raw != raw {
			t.Errorf("got Raw %q, want %q", vm.Raw, raw)
		}
		if (vm.State == backend.Unavailable) != (vm.Blocked != "") {
			t.Errorf("%s is %v and Blocked is %q, want a reason exactly where it is unavailable", raw, vm.State, vm.Blocked)
		}
		if (vm.State == backend.Stopped) != (vm.StoppedMode == backend.KeepCharging) {
			t.Errorf("%s is %v and StoppedMode is %q, want keep_charging exactly where it is stopped", raw, vm.State,
				vm.StoppedMode)
		}
		got[raw] = vm.State
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states differ (-want +got):\n%s", diff)
	}
}

func TestAnUnknownWordIsKept(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "running", "HIBERNATING"} {
		got := instanceOf(&instance{InstanceID: "a", InstanceStatus: raw})
		want := backend.Instance{ID: "a", State: backend.Unknown, Raw: raw, StopChargingBar: stopChargingBar}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", raw, diff)
		}
	}
}
