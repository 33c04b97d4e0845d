package powerstate

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestACallAfterAPauseRestsOnAnObservationAfterThePause: the cloud asked for half a
// minute, in which somebody else may have changed the instance, and a lost call may
// have had its effect.
func TestACallAfterAPauseRestsOnAnObservationAfterThePause(t *testing.T) {
	t.Parallel()
	const pause = 30 * time.Second
	for name, kind := range map[string]backend.Kind{
		"when the call was throttled": backend.KindThrottled, "when its answer was lost": backend.KindUnavailable,
	} {
		for _, f := range forms {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(backend.Running, brisk, Options{})
					w.Fail(memory.Trouble{
						Op: memory.Stop, Times: 1,
						Fault: backend.Fault{Kind: kind, RetryAfter: pause},
					})
					w.mustReachBy(t, f, stopped)
					wantObservedBefore(t, w, 2, time.Second)
				})
			})
			t.Run(f.name+", "+name+" and somebody stopped the instance meanwhile", func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(backend.Running, brisk, Options{})
					w.Fail(memory.Trouble{
						Op: memory.Stop, Times: 1,
						Fault: backend.Fault{Kind: kind, RetryAfter: pause},
					})
					time.AfterFunc(pause/2, func() {
						w.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
					})
					w.mustReachBy(t, f, stopped)
					if got := len(w.writes()); got != 1 {
						t.Errorf("got %d writes, want the refused one alone: %q", got, w.trace())
					}
				})
			})
		}
	}
}

// wantObservedBefore fails the test unless there were so many writes, and each was
// sent at most within after an observation.
func wantObservedBefore(t *testing.T, w *testCloud, writes int, within time.Duration) {
	t.Helper()
	var observed time.Time
	for _, call := range w.Calls() {
		if call.Op == memory.Describe {
			observed = call.At
			continue
		}
		if writes--; call.At.Sub(observed) > within {
			t.Errorf("a %s was sent %v after the last observation; calls: %q", call.Op, call.At.Sub(observed),
				w.trace())
		}
	}
	if writes != 0 {
		t.Errorf("%d writes are missing; calls: %q", writes, w.trace())
	}
}

// TestACallThatWaitsBehindThePauseOfAnotherIsDecidedAnew: what it was decided on is as
// old as the pause, in which somebody else may have changed the instance.
func TestACallThatWaitsBehindThePauseOfAnotherIsDecidedAnew(t *testing.T) {
	t.Parallel()
	const other = "i-2"
	for _, f := range forms {
		begin := func(t *testing.T) *testCloud {
			w := newTestCloud(backend.Running, brisk, Options{})
			w.Add(backend.Instance{ID: other, State: backend.Running})
			w.Fail(memory.Trouble{
				Op: memory.Stop, ID: other,
				Fault: backend.Fault{Kind: backend.KindThrottled, RetryAfter: time.Minute},
			})
			return w
		}
		reachBoth := func(t *testing.T, w *testCloud) {
			var both sync.WaitGroup
			both.Go(func() {
				if _, err := w.client.Reach(t.Context(), other, stopped, ReachOptions{}); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(time.Second)
			both.Go(func() { w.mustReachBy(t, f, stopped) })
			both.Wait()
		}
		t.Run(f.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := begin(t)
				reachBoth(t, w)
				var observed time.Time
				for _, call := range w.Calls() {
					switch {
					case !slices.Contains(call.IDs, id):
					case call.Op == memory.Describe:
						observed = call.At
					case call.At.Sub(observed) > writeWithin:
						t.Errorf("the stop is sent %v after the last observation; calls: %q", call.At.Sub(observed),
							w.trace())
					}
				}
			})
		})
		t.Run(f.name+", and somebody stops the instance meanwhile", func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := begin(t)
				time.AfterFunc(30*time.Second, func() {
					w.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
				})
				reachBoth(t, w)
				for _, call := range w.Calls(memory.Stop) {
					if slices.Contains(call.IDs, id) {
						t.Errorf("there is a stop of an instance that is stopped; calls: %q", w.trace())
					}
				}
			})
		})
	}
}
