package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// slowReads answers the n-th read late, with what was true when it arrived.
type slowReads struct {
	*memory.Driver
	late func(n int) time.Duration
}

func (s *slowReads) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	n := s.Count(memory.Describe)
	found, err := s.Driver.Describe(ctx, ids)
	if waitErr := dispatch.Sleep(ctx, s.late(n)); waitErr != nil {
		return nil, waitErr
	}
	return found, err
}

func TestManyWaitsShareTheirReads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size, pages int
	}{
		"a hundred on a page":     {100, 3},
		"seven on a page":         {7, 36},
		"one on a page, if it is": {1, 250},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, _ := newFleet(250, backend.Running, false,
					func(o *memory.Options) { o.BatchSize, o.StopTime = test.size, 20*time.Second })
				if failed := w.reachAll(t.Context(), ids, stopped); len(failed) > 0 {
					t.Errorf("got the errors %v, want none", failed)
				}
				for _, call := range w.Calls(memory.Describe) {
					if len(call.IDs) > test.size {
						t.Errorf("a read names %d instances, want at most %d", len(call.IDs), test.size)
					}
				}
				// One read at first, and those of a wait of 20s.
				if got := w.Count(memory.Describe); got < 7*test.pages || got > 9*test.pages {
					t.Errorf("there are %d reads in %v, want 7 to 9 rounds of %d pages", got, w.elapsed(), test.pages)
				}
			})
		})
	}
}

// TestAnOldObservationDoesNotEndAStop is the same for all of Reach:
// somebody else's read began when the instance was still stopped, and answers
// while ours, of the same instance, is on.
func TestAnOldObservationDoesNotEndAStop(t *testing.T) {
	for name, joined := range map[string]time.Duration{"with batching": window, "without batching": 0} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Stopped, brisk, Options{BatchWindow: joined})
				w.through(&slowReads{Driver: w.Driver, late: func(n int) time.Duration {
					if n == 0 {
						return 2500 * time.Millisecond
					}
					return 0
				}})
				old := make(chan backend.State, 1)
				go func() {
					in, err := w.client.Observe(t.Context(), id)
					if err != nil {
						t.Error(err)
					}
					old <- in.State
				}()
				time.Sleep(time.Second)
				w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
				w.mustReach(t, stopped)
				if got := w.Count(memory.Stop); got != 1 {
					t.Errorf("got %d stops, want 1: the old reading was believed; calls: %q", got, w.trace())
				}
				if got := <-old; got != backend.Stopped {
					t.Errorf("the old read returns %v, want stopped: the test proves nothing", got)
				}
			})
		})
	}
}

func TestOneOfManyIsCanceled(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(10, backend.Running, false, nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel)
		canceled := make(chan error, 1)
		go func() {
			_, err := w.client.Reach(ctx, ids[0], stopped, ReachOptions{})
			canceled <- err
		}()
		if failed := w.reachAll(t.Context(), ids[1:], stopped); len(failed) > 0 {
			t.Errorf("got the errors %v, want none", failed)
		}
		wantError(t, <-canceled, Canceled)
		if got := w.Count(memory.Stop); got != 1 {
			t.Errorf("got %d stops, want 1", got)
		}
	})
}

func TestAReadThatHangsDoesNotHoldUpOthers(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids, _ := newFleet(2, backend.Running, false, func(o *memory.Options) { o.BatchSize = 1 })
		w.Fail(memory.Trouble{Op: memory.Describe, ID: ids[0], After: 1, Times: 2, Hang: true})
		held := make(chan error, 1)
		go func() {
			_, err := w.client.Reach(t.Context(), ids[0], stopped, ReachOptions{})
			held <- err
		}()
		if _, err := w.client.Reach(t.Context(), ids[1], stopped, ReachOptions{}); err != nil {
			t.Error(err)
		}
		if got := w.elapsed(); got > 4*time.Second {
			t.Errorf("the other lasted %v, want 2s and a read", got)
		}
		if err := <-held; err != nil || w.elapsed() < 11*time.Second {
			t.Errorf("the one whose read hangs got %v after %v, want no error after that is given up", err, w.elapsed())
		}
	})
}
