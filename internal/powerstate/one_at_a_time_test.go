package powerstate

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// tenSeconds is a cloud whose transitions take that long.
var tenSeconds = memory.Options{StopTime: 10 * time.Second, StartTime: 10 * time.Second}

// TestOperationsOnOneInstanceRunOneAfterTheOther, each with an observation of its
// own, and both reach their targets.
func TestOperationsOnOneInstanceRunOneAfterTheOther(t *testing.T) {
	inEachForm(t, tenSeconds, func(t *testing.T, w *testCloud, f form) {
		var both sync.WaitGroup
		both.Go(func() {
			if got := w.mustReachBy(t, f, stopped); got.After.State != backend.Stopped {
				t.Errorf("the first ended with %v, want stopped", got.After.State)
			}
		})
		time.Sleep(time.Second)
		both.Go(func() {
			got := w.mustReachBy(t, f, running)
			if got.Before.State != backend.Stopped || got.After.State != backend.Running {
				t.Errorf("the second went from %v to %v, want from stopped to running", got.Before.State,
					got.After.State)
			}
		})
		both.Wait()
		if stops, starts := w.Calls(memory.Stop), w.Calls(memory.Start); len(stops) != 1 || len(starts) != 1 ||
			starts[0].At.Sub(stops[0].At) < 10*time.Second {
			t.Errorf("the writes are %q, want a stop and, after its end, a start", w.writes())
		}
		// The observation that ended the first serves the second for nothing.
		calls := w.Calls()
		at := slices.IndexFunc(calls, func(call memory.Call) bool { return call.Op == memory.Start })
		if at < 2 || calls[at-2].Op != memory.Describe || calls[at-1].At.Sub(calls[at-2].At) > 100*time.Millisecond {
			t.Errorf("the calls are %q, want two reads before the start: the last of the first, and one of the second",
				w.trace())
		}
	})
}

// TestAWaiterThatIsCanceledLeavesTheLine, and those behind it move up.
func TestAWaiterThatIsCanceledLeavesTheLine(t *testing.T) {
	inEachForm(t, tenSeconds, func(t *testing.T, w *testCloud, f form) {
		var all sync.WaitGroup
		all.Go(func() { w.mustReachBy(t, f, stopped) })
		time.Sleep(time.Second)
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := f.reach(ctx, w.client, running)
			e := wantError(t, err, TimedOut)
			if e.Last != nil || e.Elapsed != 2*time.Second {
				t.Errorf("the error is %+v, want one after 2s that has observed nothing", e)
			}
		})
		time.Sleep(time.Second)
		all.Go(func() { w.mustReachBy(t, f, running) })
		all.Wait()
		if stops, starts := w.Count(memory.Stop), w.Count(memory.Start); stops != 1 || starts != 1 {
			t.Errorf("the writes are %q, want a stop and a start", w.writes())
		}
	})
}

// TestAnOperationWaitsForTheCallOfOneThatWasCanceled: the call of a canceled operation
// continues where another instance shares its batch, and what was observed before its end
// tells nothing about its effect.
func TestAnOperationWaitsForTheCallOfOneThatWasCanceled(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		cloud := tenSeconds
		cloud.Latency = time.Second
		w := newEmptyTestCloud(cloud, Options{})
		w.Add(backend.Instance{ID: id, State: backend.Running})
		w.Add(backend.Instance{ID: "i-2", State: backend.Running})
		var all sync.WaitGroup
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			for _, got := range w.client.ReachAll(ctx, []string{id}, stopped, ReachOptions{}) {
				wantError(t, got.Err, TimedOut)
			}
		})
		all.Go(func() { w.client.ReachAll(t.Context(), []string{"i-2"}, stopped, ReachOptions{}) })
		time.Sleep(1400 * time.Millisecond)
		all.Go(func() { w.mustReach(t, stopped) })
		all.Wait()
		var stop, read time.Time
		for _, call := range w.Calls(memory.Stop, memory.Describe) {
			if !slices.Contains(call.IDs, id) {
				continue
			}
			if call.Op == memory.Stop {
				if !stop.IsZero() {
					t.Errorf("a second stop went out; calls: %q", w.trace())
				}
				stop = call.At
			} else if !stop.IsZero() && read.IsZero() {
				read = call.At
			}
		}
		if read.Sub(stop) < time.Second {
			t.Errorf("the first read after the stop went out %v after it, want it after the answer; calls: %q",
				read.Sub(stop), w.trace())
		}
	})
}
