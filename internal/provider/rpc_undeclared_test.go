package provider

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAModeThatIsNotDeclaredIsNoTarget: what a plan promises about a mode that
// was read is nothing that an instance is to be brought to.
func TestAModeThatIsNotDeclaredIsNoTarget(t *testing.T) {
	t.Parallel()
	joined := func(id string, of backend.Instance, opts memory.Options) func(t *testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := fleetIn(t, setupOf(t, opts, plainDriver, nil), 2, backend.Running)
				before := f.refresh(f.step(fleetOf("stopped", ids, nil), held{}))
				of.ID = id
				f.cloud.Add(of)
				f.cloud.ForgetCalls()
				f.step(fleetOf("stopped", append(slices.Clone(ids), id), nil), before)
				if of.State == backend.Running {
					f.wantWritten("stop graceful of 1")
				}
			})
		}
	}
	t.Run("for one that joins a fleet, stopped in another mode",
		joined("h-new", backend.Instance{State: backend.Stopped, StoppedMode: backend.StopCharging}, memory.Options{}))
	t.Run("for one that joins a fleet and runs",
		joined("h-new", backend.Instance{State: backend.Running}, memory.Options{}))
	t.Run("for one that joins and cannot have the mode of the others",
		joined("h-new", backend.Instance{State: backend.Running, StopChargingBar: "it is prepaid"},
			memory.Options{DefaultMode: backend.StopCharging}))
	t.Run("for another instance in the place of one", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running), backend.Instance{
				ID: "h-2", State: backend.Running, StopChargingBar: "it is prepaid",
			})
			before := s.step(resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging"}), held{})
			plan := s.plan(resourceOf("stopped", map[string]any{"instance_id": "h-2"}), before)
			wantTexts(t, plan.Diagnostics, "")
		})
	})
	t.Run("for settings that change", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			before := s.step(resourceOf("stopped", nil), held{})
			config := resourceOf("stopped", map[string]any{"on_destroy": "running"})
			plan := s.plan(config, before)
			s.cloud.Change("h-1", func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
			s.cloud.ForgetCalls()
			after, diags := s.apply(t.Context(), config, before, plan)
			wantTexts(t, diags, "")
			s.wantConsistent(plan, after)
			s.wantCalls(0) // The plan promised that the instance is not touched.
		})
	})
}

// TestAStateThatIsIgnoredTouchesNothing: with ignore_changes the core puts what a
// refresh observed in the place of the configured state, and that asks for
// nothing.
func TestAStateThatIsIgnoredTouchesNothing(t *testing.T) {
	t.Parallel()
	t.Run("of one that is stopping", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			before := s.step(resourceOf("running", nil), held{})
			s.cloud.Change("h-1", func(in *backend.Instance) { in.State = backend.Stopping })
			before = s.refresh(before)
			config := resourceOf("stopping", map[string]any{"on_destroy": "restore"})
			s.cloud.ForgetCalls()
			after := s.step(config, before)
			s.wantCalls(0)
			s.wantValues(after.state, map[string]any{"state": "stopping", "on_destroy": "restore"})
		})
	})
	t.Run("of a fleet that is mixed, which another one joins", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Running)
			before := f.step(fleetOf("stopped", ids[:3], nil), held{})
			f.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Running })
			before = f.refresh(before)
			config := fleetOf("mixed", ids, nil)
			plan := f.plan(config, before)
			got := texts(plan.Diagnostics)
			if !strings.Contains(got, "`ignore_changes` keeps the configured one out of this plan") {
				t.Errorf("the plan says %q, want that no state is declared", got)
			}
			f.cloud.ForgetCalls()
			after := f.step(config, before)
			f.wantWritten()
			f.wantState(after, map[string]any{"state": "mixed", "instance_ids": ids})
			f.wantMembers(after, map[string]string{ids[0]: "running", ids[1]: "stopped", ids[2]: "stopped", ids[3]: "running"})
		})
	})
}

// TestAFleetThatIsIgnoredReportsWhatItCannotRead: nothing is asked of an instance that
// joins it, and still the state has to say what it is.
func TestAFleetThatIsIgnoredReportsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		before := f.step(fleetOf("stopped", ids[:2], nil), held{})
		f.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Running })
		before = f.refresh(before)
		config := fleetOf("mixed", ids, nil)
		plan := f.plan(config, before)
		time.Sleep(recently)
		f.cloud.Fail(denied(memory.Describe, ids[2], memory.Always))
		_, diags := f.apply(t.Context(), config, before, plan)
		if got := texts(diags); !strings.HasPrefix(got, "error: Unable to read 1 of 1 instance\n\n") {
			t.Errorf("got %q, want an error about the instance that joins", got)
		}
	})
}

// TestAStateThatIsNotKnownPromisesNothing: the core plans again when it is, and
// holds the first plan to its word.
func TestAStateThatIsNotKnownPromisesNothing(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"running", "stopped"} {
		t.Run("and turns out to be "+state, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				before := s.step(resourceOf("stopped", nil), held{})
				unknown := resourceOf("stopped", nil)
				unknown["state"] = tftypes.UnknownValue
				first := s.values(s.plan(unknown, before).PlannedState)
				second := s.values(s.plan(resourceOf(state, nil), before).PlannedState)
				for name, promised := range first {
					if promised != tftypes.UnknownValue && promised != second[name] && name != "timeouts" {
						t.Errorf("%s is promised to be %v, and is planned as %v then", name, promised, second[name])
					}
				}
			})
		})
	}
}

func TestAPermissionToRestartThatIsNotKnownIsNoRefusal(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		before := s.step(resourceOf("stopped", map[string]any{"stopped_mode": "keep_charging"}), held{})
		config := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging"})
		const fails = "Apply will fail for instance"
		if got := texts(s.plan(config, before).Diagnostics); !strings.Contains(got, fails) {
			t.Error("without the permission the plan warns of nothing: the test proves nothing")
		}
		config["allow_restart"] = tftypes.UnknownValue
		if got := texts(s.plan(config, before).Diagnostics); strings.Contains(got, fails) {
			t.Errorf("got %s, want no refusal", got)
		}
	})
}

func TestLimitsThatNothingCouldKeepAreRefused(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		for _, limit := range []string{"0s", "-5m"} {
			got := texts(s.validate(resourceOf("stopped", map[string]any{"timeouts": map[string]any{"update": limit}})))
			if !strings.Contains(got, "`timeouts.update` must be a duration above zero") || !strings.Contains(got, limit) {
				t.Errorf("%s: got %q, want an error that names the attribute", limit, got)
			}
		}
	})
}
