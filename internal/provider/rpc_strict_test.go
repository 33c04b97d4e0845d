package provider

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// outOfOrder are instances that cannot be stopped without charging as they are.
func outOfOrder() map[string]func(*memory.Driver) {
	change := func(edit func(in *backend.Instance)) func(*memory.Driver) {
		return func(d *memory.Driver) { d.Change("h-1", edit) }
	}
	return map[string]func(*memory.Driver){
		"gone":    func(d *memory.Driver) { d.Remove("h-1") },
		"locked":  change(func(in *backend.Instance) { in.Blocked = "it is locked" }),
		"rescue":  change(func(in *backend.Instance) { in.State, in.Raw = backend.Unavailable, "RESCUE" }),
		"prepaid": change(func(in *backend.Instance) { in.StopChargingBar = "it is prepaid" }),
		"another mode": change(func(in *backend.Instance) {
			in.State, in.StoppedMode = backend.Stopped, backend.KeepCharging
		}),
	}
}

// TestAnInstanceThatIsOutOfOrder is a warning of the plan and an error of the apply; an
// error of the plan with strict_plan; and no obstacle to a destroy.
func TestAnInstanceThatIsOutOfOrder(t *testing.T) {
	t.Parallel()
	for name, meet := range outOfOrder() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				config := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging"})
				for _, strict := range []bool{false, true} {
					for _, create := range []bool{true, false} {
						s := setupWith(t, map[string]any{"strict_plan": strict}, machine(backend.Running))
						prior := held{}
						if !create {
							prior = s.step(resourceOf("running", nil), held{})
						}
						meet(s.cloud)
						time.Sleep(recently)
						s.nextRun()
						plan := s.plan(config, prior)
						if hasError(plan.Diagnostics) != strict {
							t.Fatalf("strict %v, create %v: the plan says %s", strict, create, texts(plan.Diagnostics))
						}
						if strict {
							continue
						}
						if got := texts(plan.Diagnostics); !strings.Contains(got, "Apply will fail for instance \"h-1\"") {
							t.Errorf("create %v: the plan says %s", create, got)
						}
						if _, diags := s.apply(t.Context(), config, prior, plan); !hasError(diags) ||
							!strings.Contains(texts(diags), "Unable to stop instance \"h-1\"") {
							t.Errorf("create %v: the apply says %s", create, texts(diags))
						}
						s.wantWrites()
					}
				}
			})
		})
		t.Run(name+", and destroyed", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				for _, onDestroy := range []string{"leave", "restore", "stopped"} {
					s := newSetup(t, machine(backend.Running))
					prior := s.step(resourceOf("running", map[string]any{"on_destroy": onDestroy, "stopped_mode": "stop_charging"}),
						held{})
					meet(s.cloud)
					s.nextRun()
					plan := s.plan(nil, prior)
					if hasError(plan.Diagnostics) {
						t.Fatalf("%s: the plan says %s", onDestroy, texts(plan.Diagnostics))
					}
					after, diags := s.apply(t.Context(), nil, prior, plan)
					blocked := onDestroy == "stopped" && (name == "locked" || name == "rescue" || name == "prepaid") ||
						onDestroy == "restore" && name == "rescue"
					if hasError(diags) != blocked {
						t.Errorf("%s: the destroy says %s", onDestroy, texts(diags))
					}
					if !blocked {
						s.wantForgotten(after)
					}
				}
			})
		})
	}
}

// TestTheFoundState is known in the plan of a create, and is what a destroy restores.
func TestTheFoundState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state backend.State
		want  any
	}{
		"running": {backend.Running, "running"}, "stopped": {backend.Stopped, "stopped"},
		"starting": {backend.Starting, "running"}, "stopping": {backend.Stopping, "stopped"},
		"unavailable": {backend.Unavailable, tftypes.UnknownValue},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(test.state))
				plan := s.plan(resourceOf("stopped", map[string]any{"on_destroy": "restore"}), held{})
				s.wantValues(plan.PlannedState, map[string]any{"found_state": test.want, "state": "stopped"})
				off := setupWith(t, map[string]any{"preflight": "off"}, machine(test.state))
				off.wantValues(off.plan(resourceOf("stopped", nil), held{}).PlannedState,
					map[string]any{"found_state": tftypes.UnknownValue})
			})
		})
	}
	t.Run("of an import, and after a destroy of the same run", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Running))
			imported, diags := s.importID("here/r-1/h-1")
			wantTexts(t, diags, "")
			s.wantValues(s.refresh(imported).state, map[string]any{"found_state": "running"})

			// A destroy that comes first turns the instance; the plan within the apply of
			// the create that follows still says what the first plan said.
			prior := s.step(resourceOf("stopped", map[string]any{"on_destroy": "restore"}), held{})
			s.nextRun()
			config := resourceOf("stopped", nil)
			first := s.plan(config, held{})
			s.nextRun()
			if _, diags := s.apply(t.Context(), nil, prior, s.plan(nil, prior)); hasError(diags) {
				t.Fatal(texts(diags))
			}
			second := s.plan(config, held{})
			want := s.values(first.PlannedState)["found_state"]
			s.wantValues(second.PlannedState, map[string]any{"found_state": want})
			after, diags := s.apply(t.Context(), config, held{}, second)
			wantTexts(t, diags, "")
			s.wantValues(after.state, map[string]any{"found_state": want, "state": "stopped"})
			s.wantWrites("stop graceful", "start", "stop graceful")
		})
	})
}

// TestADestroyLeavesWhatAnotherObjectDeclares, whichever way it is known.
func TestADestroyLeavesWhatAnotherObjectDeclares(t *testing.T) {
	t.Parallel()
	restore := map[string]any{"on_destroy": "restore"}
	setup := func(t *testing.T) (*setup, held, map[string]any) {
		t.Helper()
		s := newSetup(t, machine(backend.Running))
		config := resourceOf("stopped", restore)
		prior := s.refresh(s.step(config, held{}))
		s.cloud.ForgetCalls()
		return s, prior, maps.Clone(config)
	}
	t.Run("by a create that this process has planned", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s, prior, config := setup(t)
			s.nextRun()
			plan := s.plan(nil, prior)
			s.nextRun() // The apply.
			s.reach(config, held{})
			after, diags := s.apply(t.Context(), nil, prior, plan)
			wantTexts(t, diags, "warning: `on_destroy` is not carried out for instance \"h-1\"\n\n"+
				"Another resource of this run declares the same instance, so the destroy does not change the power state.")
			s.wantForgotten(after)
			s.wantWrites()
		})
	})
	t.Run("by its plan, which knew of one that does not change", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s, prior, config := setup(t)
			other := s.step(config, held{})
			s.nextRun()
			s.plan(config, other)
			plan := s.plan(nil, prior)
			s.nextRun() // The apply, in which the core plans only what changes.
			after, diags := s.apply(t.Context(), nil, prior, plan)
			if hasError(diags) || !strings.Contains(texts(diags), "is not carried out") {
				t.Errorf("the destroy says %s", texts(diags))
			}
			s.wantForgotten(after)
			s.wantWrites()
		})
	})
	t.Run("but not what nothing else declares any more", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s, prior, _ := setup(t)
			s.nextRun()
			after, diags := s.destroy(prior)
			wantTexts(t, diags, "")
			s.wantForgotten(after)
			s.wantWrites("start")
		})
	})
}
