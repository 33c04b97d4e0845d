package provider

import (
	"maps"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// ignoring is a configuration as the core hands it on with ignore_changes = [state]: the
// state is the one that is held.
func ignoring(config map[string]any, held map[string]any) map[string]any {
	config = maps.Clone(config)
	config["state"] = held["state"]
	return config
}

// drifts are what somebody else does to an instance, one after the other.
var drifts = map[string][]backend.Instance{
	"stopped, and started": {
		{State: backend.Stopped, StoppedMode: backend.KeepCharging},
		{State: backend.Running, StoppedMode: backend.NotApplicable},
	},
	"stopped without charging, and started": {
		{State: backend.Stopped, StoppedMode: backend.StopCharging}, {State: backend.Starting}, {State: backend.Running},
	},
	"started, and stopped in both modes": {
		{State: backend.Running},
		{State: backend.Stopped, StoppedMode: backend.KeepCharging},
		{State: backend.Running},
		{State: backend.Stopped, StoppedMode: backend.StopCharging},
		{State: backend.Running},
	},
	"locked after a stop": {
		{State: backend.Stopped, StoppedMode: backend.KeepCharging}, {State: backend.Unavailable}, {State: backend.Running},
	},
}

// TestIgnoredStatesPlanNoModeEither: the mode that a stop of somebody else left is no
// change of the configuration, nor is its end.
func TestIgnoredStatesPlanNoModeEither(t *testing.T) {
	t.Parallel()
	for name, changes := range drifts {
		for _, state := range []string{"running", "stopped"} {
			for mode, more := range map[string]map[string]any{"no mode": nil, "a preferred one": ifSupported} {
				t.Run(state+" with "+mode+" is "+name, func(t *testing.T) {
					t.Parallel()
					inFakeTime(t, func(t *testing.T) {
						s := newSetup(t, machine(backend.Running))
						config := resourceOf(state, more)
						now := s.step(config, held{})
						f, ids := fleetIn(t, s, 3, backend.Running)
						fleet := fleetOf(state, ids, more)
						all := f.step(fleet, held{})
						s.cloud.ForgetCalls()
						for _, to := range changes {
							for _, id := range append([]string{"h-1"}, ids...) {
								s.cloud.Change(id, func(in *backend.Instance) { in.State, in.StoppedMode = to.State, to.StoppedMode })
							}
							now = s.refresh(now)
							plan := s.plan(ignoring(config, s.values(now.state)), now)
							wantNames(t, "changes after "+to.State.String(), s.changes(now, plan))

							read, diags := f.read(all)
							wantTexts(t, diags, "")
							all = read
							was := f.values(all.state)
							planned := f.values(f.plan(ignoring(fleet, was), all).PlannedState)
							if was["stopped_mode"] != planned["stopped_mode"] {
								t.Errorf("the plan of the fleet has the mode %v after %v, want %v as it is", planned["stopped_mode"], to.State,
									was["stopped_mode"])
							}
						}
						s.wantWrites()
					})
				})
			}
		}
	}
}

// TestTheDeclaredModeComesBackWithTheNextStart: while an instance is stopped, its mode is
// the one that is observed, and afterwards the one that the next stop is to use.
func TestTheDeclaredModeComesBackWithTheNextStart(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		config := resourceOf("running", map[string]any{"stopped_mode": "STOP_CHARGING", "on_destroy": "stopped"})
		now := s.step(config, held{})
		drift := func(state backend.State, mode backend.StoppedMode, want any) {
			t.Helper()
			s.cloud.Change("h-1", func(in *backend.Instance) { in.State, in.StoppedMode = state, mode })
			now = s.refresh(now)
			s.wantValues(now.state, map[string]any{"stopped_mode": want})
		}
		drift(backend.Stopped, backend.KeepCharging, "keep_charging")
		drift(backend.Running, backend.NotApplicable, "STOP_CHARGING")
		wantNames(t, "changes", s.changes(now, s.plan(ignoring(config, s.values(now.state)), now)))

		edited := resourceOf("running", map[string]any{"on_destroy": "stopped"})
		wantNames(t, "changes of an edit", s.changes(now, s.plan(edited, now)), "stopped_mode")
		now = s.step(edited, now)
		drift(backend.Stopped, backend.KeepCharging, "keep_charging")
		drift(backend.Running, backend.NotApplicable, nil)
	})
}

// TestAnImportedModeIsNotForgotten: nothing says whether the mode of an import is
// declared, so that it stays until an apply.
func TestAnImportedModeIsNotForgotten(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, backend.Instance{ID: "h-1", State: backend.Stopped, StoppedMode: backend.KeepCharging})
		imported, diags := s.importID("here/r-1/h-1")
		wantTexts(t, diags, "")
		imported = s.refresh(imported)
		s.cloud.Change("h-1", func(in *backend.Instance) { in.State, in.StoppedMode = backend.Running, "" })
		imported = s.refresh(imported)
		config := ignoring(resourceOf("stopped", nil), s.values(imported.state))
		wantNames(t, "changes", s.changes(imported, s.plan(config, imported)))
	})
}
