package powerstate

import (
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// plan is what the CLI asks for right before it applies each resource.
func (w *world) plan(t *testing.T, ids []string) {
	t.Helper()
	var all sync.WaitGroup
	for _, one := range ids {
		all.Go(func() {
			if got, err := w.client.Preflight(t.Context(), one, stopped, PreflightOptions{}); err != nil || got.Decision.Op != backend.OpStop {
				t.Errorf("the plan of %s says %v, %v, want a stop", one, got.Decision, err)
			}
		})
	}
	all.Wait()
}

// TestWritesThatAPlanForesaw holds that a busy CLI, which pauses between the lots
// that it hands out, makes one call of what it planned together.
func TestWritesThatAPlanForesaw(t *testing.T) {
	const lot, pause = 20, 400 * time.Millisecond
	for name, test := range map[string]struct {
		planned, stops int
	}{
		"are one call":                 {3 * lot, 1},
		"not those that were not":      {0, 3},
		"nor those without any others": {lot, 3},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w, ids, _ := newFleet(3*lot, backend.Running, false, nil)
				w.plan(t, ids[:test.planned])
				var all sync.WaitGroup
				for i, one := range ids {
					all.Go(func() {
						time.Sleep(time.Duration(i/lot) * pause)
						if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if got := w.Count(memory.Stop); got != test.stops {
					t.Errorf("there are %d stops, want %d: %q", got, test.stops, w.writes())
				}
			})
		})
	}
}

// TestNobodyWaitsLongerThanForWhatWasForeseen holds when the call of a group goes
// out: as that of any other once all have come that a plan foresaw, or will come no
// more.
func TestNobodyWaitsLongerThanForWhatWasForeseen(t *testing.T) {
	const ordinary = 9 * window / 4
	for name, test := range map[string]struct {
		planned, applied int
		after            time.Duration // the plan
		want             time.Duration // from the look to the stop
	}{
		"all have come":                {5, 5, 0, ordinary},
		"one has not":                  {6, 5, 0, window/4 + 20*window},
		"one has not, for a while now": {6, 5, 2 * time.Second, ordinary},
		"an instance that is alone":    {1, 1, 0, window / 4},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w, ids, _ := newFleet(6, backend.Running, false, nil)
				w.plan(t, ids[:test.planned])
				time.Sleep(test.after)
				w.ForgetCalls()
				decided := time.Now() // The observation of the plan serves, while it is younger than a second.
				if failed := w.reachAll(t.Context(), ids[:test.applied], stopped); len(failed) > 0 {
					t.Errorf("got the errors %v, want none", failed)
				}
				calls := w.Calls()
				if calls[0].Op == memory.Describe {
					decided, calls = calls[0].At, calls[1:]
				}
				if calls[0].Op != memory.Stop {
					t.Fatalf("the first calls are not at most a read, and a stop: %q", w.trace())
				}
				if got := calls[0].At.Sub(decided); got != test.want {
					t.Errorf("the stop comes %v after the decision, want %v", got, test.want)
				}
			})
		})
	}
}

// TestWhatIsForeseenIsNotWaitedForWhenItJoinsAnotherCall: a start is foreseen
// while a stop waits, and when it has come the stop goes out.
func TestWhatIsForeseenIsNotWaitedForWhenItJoinsAnotherCall(t *testing.T) {
	for name, last := range map[string]Target{
		"but a call of another force": {Goal: GoalStopped, ForceStop: true},
		"but none at all":             running,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w, ids, _ := newFleet(3, backend.Running, false, nil)
				w.plan(t, ids)
				began := time.Now()
				var all sync.WaitGroup
				for i, one := range ids {
					all.Go(func() {
						target := stopped
						if i == 2 {
							time.Sleep(100 * time.Millisecond)
							target = last
						}
						if _, err := w.client.Reach(t.Context(), one, target, ReachOptions{}); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				// Each looks first; after the last has come an ordinary window is left.
				if got, want := w.Calls(memory.Stop)[0].At.Sub(began), 100*time.Millisecond+3*9*window/4; got > want {
					t.Errorf("the stop of the others goes out after %v, want within %v", got, want)
				}
			})
		})
	}
}

// TestTheLooksOfPlannedCreatesAreJoined: of what is new to the state nothing was
// read before, and the look in its plan is an operation like any other.
func TestTheLooksOfPlannedCreatesAreJoined(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, ids, _ := newFleet(20, backend.Running, false, func(o *memory.Options) { o.Latency = roundTrip })
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 30 * time.Millisecond)
				if _, err := w.client.Preflight(t.Context(), one, stopped, PreflightOptions{AwaitAppearance: true}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		// The first knows of no other.
		if got := w.Count(memory.Describe); got > 2 {
			t.Errorf("there are %d looks, want 2: %q", got, w.trace())
		}
	})
}
