package backendtest

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var forceTests = []test{
	{"is explicit in every stop, and is the caller's", func(t *testing.T, h Harness) {
		for _, force := range []backend.Force{backend.Graceful, backend.EscalateLater, backend.Forced} {
			id := h.seedIn(t, backend.Running)
			h.accepted(t, []string{id}, h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Force: force}))
			h.wantForce(t, id, backend.OpStop, force)
			h.Settle(t)
			h.wantStates(t, []string{id}, backend.Stopped)
		}
	}},
	{"is said explicitly with every mode", func(t *testing.T, h Harness) {
		for _, mode := range h.modes() {
			for _, force := range []backend.Force{backend.Graceful, backend.Forced} {
				id := h.seedIn(t, backend.Running)
				h.accepted(t, []string{id}, h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Force: force, Mode: mode}))
				h.wantForce(t, id, backend.OpStop, force)
			}
		}
	}},
	{"is said explicitly to what is stopped already", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Stopped)
		h.wantNoneOrBusy(t, h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{}))
		for _, w := range h.arrived(id) {
			if !w.ForceExplicit || w.Force != backend.Graceful {
				t.Errorf("this arrived: %+v, want an explicit graceful stop", w)
			}
		}
	}},
	{"of a reboot is explicit, and is the caller's", func(t *testing.T, h Harness) {
		if h.NoRebootForce {
			t.Skip("this cloud decides by itself how hard to reboot")
		}
		for _, force := range []backend.Force{backend.Graceful, backend.Forced} {
			id := h.seedIn(t, backend.Running)
			h.accepted(t, []string{id}, h.Driver.Reboot(t.Context(), []string{id}, backend.StopOptions{Force: force}))
			h.wantForce(t, id, backend.OpReboot, force)
			h.Settle(t)
			h.wantStates(t, []string{id}, backend.Running)
		}
	}},
	{"is accepted, or busy, for what is stopping", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Stopping)
		outcomes := h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Force: backend.Forced})
		h.wantLength(t, []string{id}, outcomes)
		h.wantNoneOrBusy(t, outcomes)
		h.Settle(t)
		h.wantStates(t, []string{id}, backend.Stopped)
	}},
}

// wantForce says what the bytes of a stop or a reboot must ask for.
func (h Harness) wantForce(t *testing.T, id string, op backend.Op, asked backend.Force) {
	t.Helper()
	want := asked
	if asked == backend.EscalateLater && !h.Driver.Capabilities().NativeEscalation {
		want = backend.Graceful
	}
	w := h.arrivedOnce(t, id, op)
	if !w.ForceExplicit {
		t.Errorf("a %v asked for as %v went out without saying how hard", op, asked)
	}
	if w.Force != want {
		t.Errorf("a %v asked for as %v went out as %v, want %v", op, asked, w.Force, want)
	}
}

// modes are those that may be asked for without being refused.
func (h Harness) modes() []backend.StoppedMode {
	modes := []backend.StoppedMode{backend.UnknownMode, backend.KeepCharging}
	if h.Driver.Capabilities().StopCharging {
		modes = append(modes, backend.StopCharging)
	}
	return modes
}

var modeTests = []test{
	{"is sent only when it was asked for", func(t *testing.T, h Harness) {
		for _, mode := range h.modes() {
			id := h.seedIn(t, backend.Running)
			h.accepted(t, []string{id}, h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Mode: mode}))
			want := mode
			if !h.Driver.Capabilities().StopCharging {
				want = backend.UnknownMode
			}
			if got := h.arrivedOnce(t, id, backend.OpStop).Mode; got != want {
				t.Errorf("mode that went out for %q is %q, want %q", mode, got, want)
			}
		}
	}},
	{"that is only ever observed is never sent", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Running)
		h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Mode: backend.NotApplicable})
		for _, w := range h.arrived(id) {
			if w.Mode != backend.UnknownMode {
				t.Errorf("this arrived: %+v, want no mode", w)
			}
		}
	}},
	{"is read back", func(t *testing.T, h Harness) {
		for _, mode := range h.modes()[1:] {
			ids := h.seed(t, 3, Seed{State: backend.Running})
			h.accepted(t, ids, h.Driver.Stop(t.Context(), ids, backend.StopOptions{Mode: mode}))
			h.Settle(t)
			for _, in := range h.observe(t, ids...) {
				if in.State != backend.Stopped || in.StoppedMode != mode {
					t.Errorf("instance is %v in mode %q, want stopped in %q", in.State, in.StoppedMode, mode)
				}
			}
		}
	}},
	{"is read of what was found stopped", func(t *testing.T, h Harness) {
		for _, mode := range h.modes()[1:] {
			in := h.observe(t, h.seed(t, 1, Seed{State: backend.Stopped, StoppedMode: mode})[0])[0]
			if in.StoppedMode != mode {
				t.Errorf("mode is %q, want %q", in.StoppedMode, mode)
			}
		}
	}},
	{"is refused, or read back as it is, where it cannot be had", func(t *testing.T, h Harness) {
		id := h.seed(t, 1, Seed{State: backend.Running, ChargeType: backend.Prepaid})[0]
		outcomes := h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Mode: backend.StopCharging})
		h.wantLength(t, []string{id}, outcomes)
		h.Settle(t)
		if outcomes[0].Err != nil {
			if fault := h.wantKind(t, outcomes[0].Err, backend.KindInvalid); !fault.ModeRefused {
				t.Errorf("the fault does not say that the mode was refused: %+v", fault)
			}
			h.wantStates(t, []string{id}, backend.Running)
			keeping := backend.StopOptions{Mode: backend.KeepCharging}
			h.accepted(t, []string{id}, h.Driver.Stop(t.Context(), []string{id}, keeping))
			return
		}
		if in := h.observe(t, id)[0]; in.State == backend.Stopped && in.StoppedMode == backend.StopCharging {
			t.Errorf("a prepaid instance reads as not charged for")
		}
	}},
	{"of what is stopped changes only where the cloud can", func(t *testing.T, h Harness) {
		capabilities := h.Driver.Capabilities()
		if !capabilities.StopCharging {
			t.Skip("this cloud cannot stop charging, so there is one mode only")
		}
		id := h.seed(t, 1, Seed{State: backend.Stopped, StoppedMode: backend.KeepCharging})[0]
		outcomes := h.Driver.Stop(t.Context(), []string{id}, backend.StopOptions{Mode: backend.StopCharging})
		h.wantLength(t, []string{id}, outcomes)
		h.Settle(t)
		got := h.observe(t, id)[0]
		if capabilities.ModeChangeNeedsRestart && !h.ChangesMode {
			if outcomes[0].Err != nil {
				h.wantKind(t, outcomes[0].Err, backend.KindBusy, backend.KindInvalid)
			}
			if got.State != backend.Stopped || got.StoppedMode != backend.KeepCharging {
				t.Errorf("instance is %v in mode %q, want it as it was", got.State, got.StoppedMode)
			}
			return
		}
		h.accepted(t, []string{id}, outcomes)
		if got.State != backend.Stopped || got.StoppedMode != backend.StopCharging {
			t.Errorf("instance is %v in mode %q, want stopped in %q", got.State, got.StoppedMode, backend.StopCharging)
		}
	}},
	{"of a reboot is never sent", func(t *testing.T, h Harness) {
		id := h.seedIn(t, backend.Running)
		modes := h.modes()
		h.accepted(t, []string{id},
			h.Driver.Reboot(t.Context(), []string{id}, backend.StopOptions{Mode: modes[len(modes)-1]}))
		if got := h.arrivedOnce(t, id, backend.OpReboot).Mode; got != backend.UnknownMode {
			t.Errorf("mode of a reboot is %q, want none", got)
		}
	}},
}
