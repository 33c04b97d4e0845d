package powerstate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// slowReads answers the n-th look late, with what was true when it arrived.
type slowReads struct {
	*memory.Driver
	late func(n int) time.Duration
}

func (s *slowReads) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	n := s.Count(memory.Describe)
	found, err := s.Driver.Describe(ctx, ids)
	if waitErr := sleepUntil(ctx, time.Now().Add(s.late(n))); waitErr != nil {
		return nil, waitErr
	}
	return found, err
}

func TestManyWaitsShareTheirLooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size, pages int
	}{
		"a hundred on a page":     {100, 3},
		"seven on a page":         {7, 36},
		"one on a page, if it is": {1, 250},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w, ids, _ := newFleet(250, backend.Running, false, func(o *memory.Options) { o.BatchSize, o.StopTime = test.size, 20*time.Second })
				if failed := w.reachAll(t.Context(), ids, stopped); len(failed) > 0 {
					t.Errorf("got the errors %v, want none", failed)
				}
				// Rounds of looks: one at first, and those of a wait of 20s.
				rounds := map[time.Duration]int{}
				for _, call := range w.Calls(memory.Describe) {
					rounds[call.At.Sub(w.began).Round(100*time.Millisecond)]++
					if len(call.IDs) > test.size {
						t.Errorf("a look names %d instances, want at most %d", len(call.IDs), test.size)
					}
				}
				for at, pages := range rounds {
					if pages > test.pages {
						t.Errorf("there are %d looks at %v, want at most %d", pages, at, test.pages)
					}
				}
				if len(rounds) < 10 || len(rounds) > 16 {
					t.Errorf("there are %d rounds of looks in %v, want 10 to 16", len(rounds), w.elapsed())
				}
			})
		})
	}
}

func TestALookIsSharedWithAnotherThatIsSoonDue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newEmptyWorld(brisk, Options{})
		const ms = time.Millisecond
		due := map[string]time.Duration{"a": 100 * ms, "b": 400 * ms, "c": 1000 * ms, "d": 1500 * ms, "e": 1503 * ms}
		for one := range due {
			w.Add(backend.Instance{ID: one})
		}
		var all sync.WaitGroup
		for one, after := range due {
			all.Go(func() {
				got, err := w.client.dispatch.Poll(t.Context(), one, w.began.Add(after), dispatch.Single)
				if err != nil || got.Instance.ID != one {
					t.Errorf("%s got %q, %v", one, got.Instance.ID, err)
				}
			})
		}
		all.Wait()
		w.wantTrace(t, "100ms describe a b", "1s describe c d", "1.503s describe e")
	})
}

func TestALookThatIsDueAlreadyIsMadeAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(backend.Running, brisk, Options{})
		for range 2 {
			if _, err := w.client.dispatch.Poll(t.Context(), id, w.began.Add(-time.Hour), dispatch.Single); err != nil {
				t.Error(err)
			}
		}
		w.wantTrace(t, "0s describe", "0s describe")
	})
}

// TestALateWatchIsNotOverslept is for one that comes while the poller sleeps
// until a later time.
func TestALateWatchIsNotOverslept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newEmptyWorld(brisk, Options{})
		w.Add(backend.Instance{ID: "a"}, backend.Instance{ID: "b"})
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.client.dispatch.Poll(t.Context(), "a", w.began.Add(time.Minute), dispatch.Single); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		if _, err := w.client.dispatch.Poll(t.Context(), "b", w.began.Add(2*time.Second), dispatch.Single); err != nil {
			t.Error(err)
		}
		all.Wait()
		w.wantTrace(t, "2s describe b", "1m0s describe a")
	})
}

// TestNoReadingIsOlderThanItsCall is the promise that a wait ends on a reading
// which was taken after it began: one that was on its way says something else.
func TestNoReadingIsOlderThanItsCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(backend.Stopped, brisk, Options{})
		w.through(&slowReads{Driver: w.Driver, late: func(int) time.Duration { return 5 * time.Second }})
		old := make(chan dispatch.Observation, 1)
		go func() {
			got, err := w.client.dispatch.Poll(t.Context(), id, time.Now(), dispatch.Single)
			if err != nil {
				t.Error(err)
			}
			old <- got
		}()
		time.Sleep(time.Second)
		w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		time.Sleep(time.Second)
		got, err := w.client.dispatch.Poll(t.Context(), id, time.Now(), dispatch.Single)
		if err != nil || got.Instance.State != backend.Running || w.elapsed() != 7*time.Second {
			t.Errorf("got %v, %v after %v, want running after 7s", got.Instance.State, err, w.elapsed())
		}
		// It was the other one's to see, and there was a difference to see.
		if got := <-old; got.Instance.State != backend.Stopped {
			t.Errorf("the first look says %v, want stopped: the test proves nothing", got.Instance.State)
		}
		w.wantTrace(t, "0s describe", "2s describe")
	})
}

// TestAStopIsNotTakenForDoneOnAnOldReading is the same for the whole of Reach:
// somebody else's look began when the instance was still stopped, and answers
// while ours, of the same instance, is on.
func TestAStopIsNotTakenForDoneOnAnOldReading(t *testing.T) {
	for name, joined := range map[string]time.Duration{"with joining": window, "without joining": 0} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(backend.Stopped, brisk, Options{BatchWindow: joined})
				w.through(&slowReads{Driver: w.Driver, late: func(n int) time.Duration {
					if n == 0 {
						return 5 * time.Second
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
					t.Errorf("the old look says %v, want stopped: the test proves nothing", got)
				}
			})
		})
	}
}

func TestOneOfManyIsCanceled(t *testing.T) {
	bubble(t, func(t *testing.T) {
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

func TestOneOfManyIsCanceledWhileTheirLookIsOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, ids, _ := newFleet(10, backend.Running, false, nil)
		w.through(&slowReads{Driver: w.Driver, late: func(int) time.Duration { return time.Second }})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				ctx := ctx //nolint:contextcheck // All but the first have the context of the test.
				if i > 0 {
					ctx = t.Context()
				}
				got, err := w.client.dispatch.Poll(ctx, one, w.began.Add(time.Second), dispatch.Single)
				if (i == 0) != errors.Is(err, context.Canceled) || i > 0 && got.Instance.ID != one {
					t.Errorf("%s got %q, %v", one, got.Instance.ID, err)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		cancel()
		all.Wait()
		if got := w.Count(memory.Describe); got != 1 {
			t.Errorf("got %d looks, want 1", got)
		}
	})
}

// TestALookThatNobodyWantsAnyMoreEnds needs no check of its own: the bubble
// does not end while the look hangs.
func TestALookThatNobodyWantsAnyMoreEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, ids, _ := newFleet(10, backend.Running, false, nil)
		w.Fail(memory.Trouble{Op: memory.Describe, Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var all sync.WaitGroup
		for _, one := range ids {
			all.Go(func() {
				if _, err := w.client.dispatch.Poll(ctx, one, w.began.Add(time.Second), dispatch.Single); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s got %v, want %v", one, err, context.DeadlineExceeded)
				}
			})
		}
		all.Wait()
		if got := w.elapsed(); got != 10*time.Second {
			t.Errorf("it took %v, want 10s", got)
		}
	})
}

func TestALookThatHangsDoesNotHoldUpOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w, ids, _ := newFleet(2, backend.Running, false, func(o *memory.Options) { o.BatchSize = 1 })
		w.Fail(memory.Trouble{Op: memory.Describe, ID: ids[0], After: 1, Hang: true})
		held := make(chan error, 1)
		go func() {
			_, err := w.client.Reach(t.Context(), ids[0], stopped, ReachOptions{})
			held <- err
		}()
		if _, err := w.client.Reach(t.Context(), ids[1], stopped, ReachOptions{}); err != nil {
			t.Error(err)
		}
		if got := w.elapsed(); got > 4*time.Second {
			t.Errorf("the other took %v, want 2s and a look", got)
		}
		if err := <-held; err != nil || w.elapsed() < time.Minute {
			t.Errorf("the one whose look hangs got %v after %v, want no error after that is given up", err, w.elapsed())
		}
	})
}

func TestWatchesOfOneInstanceShareOnePlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(backend.Running, brisk, Options{})
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if got, err := w.client.dispatch.Poll(t.Context(), id, w.began, dispatch.Single); err != nil || got.Instance.ID != id {
					t.Errorf("got %q, %v", got.Instance.ID, err)
				}
			})
		}
		all.Wait()
		for _, call := range w.Calls() {
			if diff := cmp.Diff(call.IDs, []string{id}); diff != "" {
				t.Errorf("ids of a look (-got +want):\n%s", diff)
			}
		}
	})
}

// TestALowLimitIsSharedByAllWhoWait: a describe is filled when its turn has come,
// and not when it was asked for.
func TestALowLimitIsSharedByAllWhoWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newEmptyWorld(memory.Options{StopTime: time.Minute, Latency: roundTrip}, Options{BatchWindow: window, RequestsPerSecond: 0.2})
		ids := w.AddN(5, backend.Instance{ID: "i", State: backend.Running})
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 700 * time.Millisecond)
				if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		last := map[string]time.Duration{}
		for _, call := range w.Calls(memory.Describe) {
			at := call.At.Sub(w.began)
			for _, one := range call.IDs {
				// A look of one's own, before the stop, is not of the wait.
				if before, ok := last[one]; ok && before > 10*time.Second && at-before > 6*time.Second {
					t.Errorf("%s is looked at after %v and then after %v, want at every turn, each five seconds: %q", one, before, at, w.trace(memory.Describe))
				}
				last[one] = at
			}
		}
	})
}
