package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// fleetBy is a fleet with a state for each id, with further attributes.
func fleetBy(states map[string]any, more map[string]any) map[string]any {
	config := map[string]any{"states": states}
	for name, value := range more {
		config[name] = value
	}
	return config
}

// statesOf has the first n ids stopped and the others running.
func statesOf(ids []string, n int) map[string]any {
	states := make(map[string]any, len(ids))
	for i, id := range ids {
		states[id] = "running"
		if i < n {
			states[id] = "stopped"
		}
	}
	return states
}

func TestAFleetWithAStateForEach(t *testing.T) {
	t.Parallel()
	words := func(states map[string]any) map[string]string {
		all := make(map[string]string, len(states))
		for id, state := range states {
			all[id] = fmt.Sprint(state)
		}
		return all
	}
	t.Run("brings each to its state, in one call for each direction", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 80, backend.Running)
			for _, id := range ids[40:] {
				f.cloud.Change(id, func(in *backend.Instance) { in.State, in.StoppedMode = backend.Stopped, backend.KeepCharging })
			}
			states := statesOf(ids, 30) // 30 to stop, 10 that run, 40 to start.
			config := fleetBy(states, nil)
			wantTexts(t, f.check(config), "")
			plan := f.plan(config, held{})
			wantTexts(t, plan.Diagnostics,
				"warning at AttributeName(\"states\"): Fleet plan: 30 to stop, 40 to start, 10 unchanged (of 80): "+
					"\"h-000\" and 69 more\n\nTo stop: "+strings.Join(ids[:10], ", ")+", and 20 more\nTo start: "+
					strings.Join(ids[40:50], ", ")+", and 30 more\n\n"+
					"The instances are in here (r-1). Their states after the apply are in `instances`.")
			f.wantCalls(1, memory.Describe)
			after := f.step(config, held{})
			f.wantWritten("start of 40", "stop graceful of 30")
			f.wantState(after, map[string]any{
				"states": states, "state": nil, "instance_ids": nil, "stopped_mode": "keep_charging",
			})
			f.wantMembers(after, words(states))
			after = f.refresh(after)
			wantNames(t, "changes of the next plan", f.changes(after, f.plan(config, after)))
			f.wantCalls(1, memory.Describe)

			// The hour changes: those that change are unknown, and are touched.
			f.cloud.ForgetCalls()
			next := statesOf(ids, 32)
			f.wantPlanned(after, f.plan(fleetBy(next, nil), after), ids[2:], ids[30], ids[31])
			after = f.step(fleetBy(next, nil), after)
			f.wantWritten("stop graceful of 2")

			// Drift shows as a difference of the one.
			f.cloud.Change(ids[50], func(in *backend.Instance) { in.State = backend.Stopped })
			after = f.refresh(after)
			drifted := statesOf(ids, 32)
			drifted[ids[50]] = "stopped"
			f.wantState(after, map[string]any{"states": drifted})
			wantNames(t, "changes after drift", f.changes(after, f.plan(fleetBy(next, nil), after)), "instances", "states")
			f.step(fleetBy(next, nil), after)
			f.wantWritten("start of 1")
		})
	})
	t.Run("takes the place of a fleet with one state, and the other way, without a call", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			one, each := fleetOf("stopped", ids, nil), fleetBy(statesOf(ids, 3), nil)
			before := f.step(one, held{})
			f.cloud.ForgetCalls()
			before = f.step(each, before)
			f.step(one, before)
			f.wantCalls(0)
		})
	})
	t.Run("keeps the truth where some fail, and the next apply touches only those", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			before := f.step(fleetBy(statesOf(ids, 0), nil), held{})
			f.cloud.Fail(denied(memory.Stop, ids[1], 1))
			config := fleetBy(statesOf(ids, 3), nil)
			after, diags := f.try(config, before)
			if !hasError(diags) {
				t.Fatalf("got %s, want an error", texts(diags))
			}
			known := statesOf(ids, 3)
			known[ids[1]] = "running"
			f.wantState(after, map[string]any{"states": known})
			f.cloud.ForgetCalls()
			f.step(config, f.refresh(after))
			wantNames(t, "written by the next apply", f.written(), ids[1])
		})
	})
	t.Run("releases what leaves it, and what a destroy leaves", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Running)
			restore := map[string]any{"on_destroy": "restore"}
			before := f.step(fleetBy(statesOf(ids, 4), restore), held{})
			f.cloud.ForgetCalls()
			before = f.step(fleetBy(statesOf(ids[1:], 3), restore), before)
			wantNames(t, "started when it left", f.written(), ids[0])
			f.cloud.ForgetCalls()
			_, diags := f.destroy(before)
			wantTexts(t, diags, "")
			wantNames(t, "started by the destroy", f.written(), ids[1:]...)
		})
	})
	t.Run("plans what is known of it", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			states := map[string]any{ids[0]: tftypes.UnknownValue, ids[1]: "running"}
			before := f.step(fleetBy(statesOf(ids, 0), nil), held{})
			f.wantPlanned(before, f.plan(fleetBy(states, nil), before), ids[1:], ids[0])
			config := map[string]any{"states": tftypes.UnknownValue}
			if got := f.values(f.plan(config, before).PlannedState)["instances"]; got != tftypes.UnknownValue {
				t.Errorf("the instances are planned as %v while no id is known", got)
			}
		})
	})
	t.Run("leaves alone what ignore_changes keeps as it was observed", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			before := f.step(fleetBy(statesOf(ids, 0), nil), held{})
			f.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Stopping })
			before = f.refresh(before)
			observed := map[string]any{ids[0]: "stopping", ids[1]: "running"}
			f.wantState(before, map[string]any{"states": observed})
			wantNames(t, "changes", f.changes(before, f.plan(fleetBy(observed, nil), before)))
		})
	})
}

func TestAStateThatIsNotKnownIsNotCountedAsReached(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		config := fleetBy(map[string]any{ids[0]: tftypes.UnknownValue, ids[1]: "stopped", ids[2]: "running"}, nil)
		got := texts(f.plan(config, held{}).Diagnostics)
		if !strings.Contains(got, "Fleet plan: 1 to stop, 1 unchanged (of 3)") {
			t.Errorf("got %s, want one instance to stop and one unchanged", got)
		}
	})
}

func TestAFleetWithoutInstances(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]map[string]any{
		"by a list":   fleetOf("stopped", []string{}, nil),
		"by a map":    fleetBy(map[string]any{}, nil),
		"and running": fleetOf("running", []string{}, map[string]any{"stopped_mode": "stop_charging"}),
	} {
		t.Run(name+" makes no call", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 2, backend.Running)
				wantTexts(t, f.check(empty), "")
				wantTexts(t, f.plan(empty, held{}).Diagnostics, "")
				before := f.refresh(f.step(empty, held{}))
				f.wantMembers(before, map[string]string{})
				wantNames(t, "changes", f.changes(before, f.plan(empty, before)))
				after, diags := f.destroy(before)
				if wantTexts(t, diags, ""); f.values(after.state) != nil {
					t.Errorf("the fleet is %v after its destroy", f.values(after.state))
				}
				f.wantCalls(0)

				// It fills, and is emptied again.
				full := fleetOf("stopped", ids, nil)
				if empty["states"] != nil {
					full = fleetBy(statesOf(ids, 2), nil)
				}
				filled := f.step(full, before)
				f.wantMembers(filled, allIn("stopped", ids...))
				f.cloud.ForgetCalls()
				emptied := f.refresh(f.step(empty, filled))
				f.wantMembers(emptied, map[string]string{})
				f.wantCalls(0, memory.Start, memory.Stop)
			})
		})
	}
}

func TestWhatAFleetMayFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		most    any
		of      int
		want    int
		refused bool
	}{
		{most: "0", of: 300, want: 0},
		{most: "3", of: 300, want: 3},
		{most: "1%", of: 300, want: 3},
		{most: "10%", of: 9, want: 0},
		{most: "10%", of: 19, want: 1},
		{most: "100%", of: 7, want: 7},
		{most: "0%", of: 7, want: 0},
		{most: "101%", refused: true},
		{most: "-1", refused: true},
		{most: "1.5", refused: true},
		{most: "10 %", refused: true},
		{most: "", refused: true},
		{most: "some", refused: true},
	} {
		t.Run(fmt.Sprintf("%v of %d", test.most, test.of), func(t *testing.T) {
			t.Parallel()
			f, _ := newFleet(t, 0, backend.Running)
			diags := f.check(fleetOf("stopped", []string{"h-1"}, map[string]any{"max_failures": test.most}))
			if hasError(diags) != test.refused {
				t.Errorf("got %s, want an error: %t", texts(diags), test.refused)
			}
			m := members{}
			m.MaxFailures = orNull(fmt.Sprint(test.most))
			if got := m.mayFail(test.of); !test.refused && got != test.want {
				t.Errorf("%d may fail, want %d", got, test.want)
			}
		})
	}
}
