package powerstate

import (
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestACachedObservationServesTheDecisionToAct while it is younger than a second, and
// nothing else.
func TestACachedObservationServesTheDecisionToAct(t *testing.T) {
	t.Parallel()
	busyWith := backend.Instance{
		State:         backend.Running,
		LastOperation: &backend.Operation{State: backend.OperationRunning},
	}
	for _, f := range forms {
		for name, test := range map[string]struct {
			in     backend.Instance
			target Target
			age    time.Duration
			reads  int // before the first write, or at all
		}{
			"to stop":              {backend.Instance{State: backend.Running}, stopped, 900 * time.Millisecond, 1},
			"to start":             {backend.Instance{State: backend.Stopped}, running, 900 * time.Millisecond, 1},
			"not when it is older": {backend.Instance{State: backend.Running}, stopped, time.Second, 2},
			"not to succeed":       {backend.Instance{State: backend.Stopped}, stopped, 0, 2},
			"not to refuse": {
				backend.Instance{State: backend.Stopped, StartBlocked: "of arrears"},
				running, 0,
				2,
			},
			"not to restart":         {backend.Instance{State: backend.Stopped}, restarts, 0, 2},
			"not to begin to wait":   {busyWith, stopped, 0, 2},
			"not for a call of ours": {backend.Instance{State: backend.Running}, Target{}, 0, 2},
		} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newEmptyTestCloud(memory.Options{}, Options{})
					test.in.ID = id
					w.Add(test.in)
					if _, err := w.client.Observe(t.Context(), id); err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.age)
					if test.in.LastOperation != nil {
						w.Change(id, func(in *backend.Instance) { in.LastOperation = nil })
					}
					_, _ = f.reach(t.Context(), w.client, test.target)
					reads := 0
					for _, call := range w.Calls() {
						if call.Op != memory.Describe {
							break
						}
						reads++
					}
					if reads != test.reads {
						t.Errorf("there are %d reads before anything else, want %d: %q", reads, test.reads, w.trace())
					}
				})
			})
		}
	}
}

// TestAnObservationFromBeforeOurLastCallServesNothing: the next operation observes
// the instance itself.
func TestAnObservationFromBeforeOurLastCallServesNothing(t *testing.T) {
	inEachForm(t, memory.Options{StopTime: time.Minute}, func(t *testing.T, w *testCloud, f form) {
		if _, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{NoWait: true}); err != nil {
			t.Fatal(err)
		}
		w.mustReachBy(t, f, stopped)
		if got := w.Count(memory.Stop); got != 1 {
			t.Errorf("got %d stops, want one: %q", got, w.trace())
		}
	})
}

// TestAFleetTakesCachedObservationsOfAllOrOfNone: some that act ahead of the others
// would break up the batch.
func TestAFleetTakesCachedObservationsOfAllOrOfNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cached int
		reads  int // before the stop
	}{
		"of all":  {3, 0},
		"of some": {2, 1},
		"of none": {0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids := manyOf(3, backend.Running, memory.Options{})
				w.client.ObserveAll(t.Context(), ids[:test.cached])
				w.ForgetCalls()
				for i, result := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
					if result.Err != nil {
						t.Errorf("%s got %v, want no error", ids[i], result.Err)
					}
				}
				wantSizes(t, w, memory.Stop, 3)
				at := slices.IndexFunc(w.Calls(), func(call memory.Call) bool { return call.Op == memory.Stop })
				if at != test.reads {
					t.Errorf("there are %d reads before the stop, want %d: %q", at, test.reads, w.trace())
				}
			})
		})
	}
}
