package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// wantPlanned checks which members a plan leaves unknown, and that it keeps the others as
// they are.
func (f *fleetSetup) wantPlanned(
	prior held, plan *tfprotov6.PlanResourceChangeResponse, kept []string, unknown ...string,
) {
	f.t.Helper()
	planned, ok := f.values(plan.PlannedState)["instances"].(map[string]any)
	if !ok {
		f.t.Fatalf("instances is %v, want a known map", f.values(plan.PlannedState)["instances"])
	}
	was, _ := f.values(prior.state)["instances"].(map[string]any)
	got := []string{}
	for id, member := range planned {
		if member == tftypes.UnknownValue {
			got = append(got, id)
		} else if !keepsTo(was[id], member) {
			f.t.Errorf("%s is planned as %v, want it as it is: %v", id, member, was[id])
		}
	}
	slices.Sort(got)
	wantNames(f.t, "unknown", got, unknown...)
	if len(planned) != len(kept)+len(unknown) {
		f.t.Errorf("%d are planned, want %d", len(planned), len(kept)+len(unknown))
	}
}

// TestAMemberIsWhatWasObserved: its state, the cloud's own word for it, and whether it is
// charged.
func TestAMemberIsWhatWasObserved(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 1, backend.Running)
		want := func(h held, state, status string, charging any) {
			t.Helper()
			member := map[string]any{"state": state, "status": status, "charging": charging, "error": nil}
			f.wantState(h, map[string]any{"instances": map[string]any{ids[0]: member}})
		}
		after := f.step(fleetOf("stopped", ids, map[string]any{"stopped_mode": "stop_charging"}), held{})
		want(after, "stopped", "STOPPED", false)
		after = f.step(fleetOf("running", ids, nil), after)
		want(after, "running", "RUNNING", true)
		f.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Unavailable })
		want(f.refresh(after), "unavailable", "UNAVAILABLE", nil)
	})
}

func TestThePlanOfAFleetIsUnknownWhereItActs(t *testing.T) {
	t.Parallel()
	stops := func(t *testing.T, ids []string, f *fleetSetup, more map[string]any) held {
		t.Helper()
		before := f.step(fleetOf("stopped", ids, more), held{})
		f.cloud.ForgetCalls()
		return before
	}
	starts := func(id string) func(*fleetSetup) {
		return func(f *fleetSetup) {
			f.cloud.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		}
	}
	for name, test := range map[string]struct {
		more    map[string]any // of the first apply
		drift   func(*fleetSetup)
		state   string // declared next
		ids     func(all []string) []string
		config  map[string]any
		unknown []string
		written []string
	}{
		"nowhere when nothing is to be done": {},
		"at the one that drifted": {
			drift: starts("h-077"), unknown: []string{"h-077"}, written: []string{"stop graceful of 1"},
		},
		"nowhere when some leave": {ids: func(all []string) []string { return all[3:] }},
		"at the one that drifted when some leave": {
			drift: starts("h-077"), ids: func(all []string) []string { return all[3:] }, unknown: []string{"h-077"},
			written: []string{"stop graceful of 1"},
		},
		"nowhere when settings change": {config: map[string]any{"force_stop": true, "on_destroy": "restore"}},
		"at those that start": {
			state: "running", ids: func(all []string) []string { return all[:2] }, unknown: []string{"h-000", "h-001"},
			written: []string{"start of 2"},
		},
		"at those in another mode": {
			config: map[string]any{"stopped_mode": "stop_charging", "allow_restart": true},
			drift: func(f *fleetSetup) {
				for i := range 118 {
					id := fmt.Sprintf("h-%03d", i)
					f.cloud.Change(id, func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
				}
			},
			unknown: []string{"h-118", "h-119"}, written: []string{"start of 2", "stop graceful stop_charging of 2"},
		},
		"nowhere where no state is declared": {state: "mixed", drift: starts("h-077")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 120, backend.Running)
				before := stops(t, ids, f, test.more)
				if test.drift != nil {
					test.drift(f)
				}
				state, left := "stopped", ids
				if test.state != "" {
					state = test.state
				}
				if test.ids != nil {
					left = test.ids(ids)
				}
				config := fleetOf(state, left, test.config)
				before = f.refresh(before)
				plan := f.plan(config, before)
				kept := slices.DeleteFunc(slices.Clone(left), func(id string) bool { return slices.Contains(test.unknown, id) })
				f.wantPlanned(before, plan, kept, test.unknown...)
				f.wantCalls(2, memory.Describe) // Those of the refresh.
				if len(f.changes(before, plan)) > 0 {
					after := f.step(config, before)
					for _, call := range f.cloud.Calls(memory.Describe)[2:] {
						if len(call.IDs) > len(test.unknown) {
							t.Errorf("%d are read, want those alone that are touched: %d", len(call.IDs), len(test.unknown))
						}
					}
					if state != "mixed" {
						f.wantMembers(after, allIn(state, left...))
					}
					wantNames(t, "changes of the next plan", f.changes(after, f.plan(config, f.refresh(after))))
				}
				f.wantWritten(test.written...)
			})
		})
	}
	t.Run("everywhere at a create, with the ids known", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			f.wantPlanned(held{}, f.plan(fleetOf("stopped", ids, nil), held{}), nil, ids...)
		})
	})
	t.Run("at one that failed within max_failures", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			f.cloud.Fail(denied(memory.Stop, ids[3], 1))
			config := fleetOf("stopped", ids, map[string]any{"max_failures": 1})
			after, _ := f.try(config, held{})
			unread := f.plan(config, after)
			f.wantPlanned(after, unread, []string{ids[0], ids[1], ids[2], ids[4]}, ids[3])
			after = f.refresh(after)
			f.wantPlanned(after, f.plan(config, after), []string{ids[0], ids[1], ids[2], ids[4]}, ids[3])
		})
	})
	t.Run("and an apply keeps to it where another instance has changed since", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			config := fleetOf("stopped", ids, nil)
			before := stops(t, ids, f, nil)
			starts(ids[0])(f)
			before = f.refresh(before)
			plan := f.plan(config, before)
			starts(ids[2])(f)
			f.cloud.ForgetCalls()
			after, diags := f.apply(t.Context(), config, before, plan)
			wantTexts(t, diags, "")
			f.wantMembers(after, allIn("stopped", ids...))
			f.wantWritten("stop graceful of 1")
			f.wantMembers(f.refresh(after), but(allIn("stopped", ids...), map[string]string{ids[2]: "running"}))
		})
	})
}
