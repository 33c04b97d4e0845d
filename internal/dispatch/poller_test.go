package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// poll polls an instance and fails the test unless it is answered.
func (f *fixture) poll(t *testing.T, id string, due time.Time) {
	t.Helper()
	if got, err := f.Poll(t.Context(), id, due, Single); err != nil || got.Instance.ID != id {
		t.Errorf("%s got %+v, %v", id, got.Instance, err)
	}
}

// waiting returns how many callers wait for the time of a poll or for a permit to read.
func (f *fixture) waiting() int {
	f.poller.mu.Lock()
	defer f.poller.mu.Unlock()
	f.reads.mu.Lock()
	defer f.reads.mu.Unlock()
	return len(f.poller.waits) + len(f.reads.queues[Single]) + len(f.reads.queues[Fleet])
}

func TestAPollIsSharedWithAnotherThatIsSoonDue(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, opts := range map[string]Options{
		"with batching":                          {BatchWindow: window},
		"with batching of single operations off": {},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(5, memory.Options{}, opts)
				due := []time.Duration{100 * ms, 400 * ms, 1000 * ms, 1500 * ms, 1503 * ms}
				var all sync.WaitGroup
				for i, id := range ids {
					all.Go(func() { f.poll(t, id, f.began.Add(due[i])) })
				}
				all.Wait()
				f.wantTrace(t, "100ms describe i-000 i-001", "1s describe i-002 i-003", "1.503s describe i-004")
				if n := f.waiting(); n > 0 {
					t.Errorf("%d waits remain, want none", n)
				}
			})
		})
	}
}

func TestAPollIsMadeAtItsTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size int
		due  time.Duration
		want string
	}{
		"in the future":                           {100, 10 * time.Second, "10s describe i-1"},
		"in the future, of a batch of one":        {1, 10 * time.Second, "10s describe i-1"},
		"which is near":                           {100, pollWindow / 5, "25ms describe i-1"},
		"which is now":                            {100, 0, "0s describe i-1"},
		"which is long past, without any delay":   {100, -time.Hour, "0s describe i-1"},
		"which is long past, also of a lone page": {1, -time.Hour, "0s describe i-1"},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{BatchSize: test.size}, Options{})
				f.poll(t, id, f.began.Add(test.due))
				f.wantTrace(t, test.want)
			})
		})
	}
}

// TestAnEarlierPollIsNotOverslept that is asked for while the poller waits until a later
// time.
func TestAnEarlierPollIsNotOverslept(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(3, memory.Options{}, Options{})
		var all sync.WaitGroup
		all.Go(func() { f.poll(t, ids[0], f.began.Add(time.Minute)) })
		time.Sleep(time.Second)
		all.Go(func() { f.poll(t, ids[1], f.began.Add(2*time.Second)) })
		time.Sleep(500 * time.Millisecond)
		f.poll(t, ids[2], f.began.Add(10*time.Second))
		all.Wait()
		f.wantTrace(t, "2s describe i-001", "10s describe i-002", "1m0s describe i-000")
	})
}

// TestManyPollsFillPages and are made in as few as there are.
func TestManyPollsFillPages(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(10_000, memory.Options{}, Options{})
		each(ids, func(id string) { f.poll(t, id, f.began.Add(time.Second)) })
		if got := f.Count(memory.Describe); got != 100 || f.elapsed() != time.Second-pollWindow {
			t.Errorf("got %d describes after %v, want 100 after a second", got, f.elapsed())
		}
	})
}

// TestALowLimitIsSharedByAllThatWait: a page is filled when its permit was acquired, and
// not when it was asked for.
func TestALowLimitIsSharedByAllThatWait(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(5, memory.Options{}, Options{BatchWindow: window, RequestsPerSecond: 0.2})
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				due := f.began.Add(time.Duration(i) * 700 * time.Millisecond)
				for range 5 {
					f.poll(t, id, due)
					due = time.Now().Add(time.Second)
				}
			})
		}
		all.Wait()
		// The first page has one, and each that follows has all the others, and then all.
		if got := f.Count(memory.Describe); got > 6 {
			t.Errorf("got %d describes for five polls of each, want 6: %q", got, f.trace())
		}
	})
}

// TestAPageAfterAThrottleServesAllThatWait.
func TestAPageAfterAThrottleServesAllThatWait(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(20, memory.Options{}, Options{BatchWindow: window})
		f.Fail(memory.Trouble{Op: memory.Describe, Fault: *throttledFor(30 * time.Second)})
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() { f.poll(t, id, f.began.Add(time.Duration(i+1)*time.Second)) })
		}
		all.Wait()
		if got := f.Count(memory.Describe); got != 2 {
			t.Errorf("got %d describes, want the throttled one and one for all: %q", got, f.trace())
		}
	})
}

// TestNoObservationIsOlderThanItsPoll: one that was in flight already shows another
// time.
func TestNoObservationIsOlderThanItsPoll(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, _ := newFixture(0, memory.Options{}, Options{})
		f.use(&slow{Driver: f.Driver, script: []attempt{{latency: 2 * time.Second}, {latency: 2 * time.Second}}})
		old := make(chan Observation, 1)
		go func() {
			got, err := f.Poll(t.Context(), id, time.Now(), Single)
			if err != nil {
				t.Error(err)
			}
			old <- got
		}()
		time.Sleep(time.Second)
		f.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
		asked := time.Now()
		got, err := f.Poll(t.Context(), id, asked, Single)
		if err != nil || got.Instance.State != backend.Stopped || got.Requested.Before(asked) {
			t.Errorf("got %v of %v, %v, want an observation of %v", got.Instance.State, got.Requested, err, asked)
		}
		if got := <-old; got.Instance.State != backend.Running {
			t.Errorf("the first observation is %v, want running: the test shows nothing", got.Instance.State)
		}
	})
}

// TestACanceledPollDisturbsNoOther before its time, and while it is in flight.
func TestACanceledPollDisturbsNoOther(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after time.Duration
		want  string
	}{
		"before its time":        {500 * time.Millisecond, "1s describe i-001 i-002"},
		"while it waits in line": {990 * time.Millisecond, "1s describe i-001 i-002"},
		"while it is in flight":  {1500 * time.Millisecond, "1s describe i-000 i-001 i-002"},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(3, memory.Options{Latency: time.Second}, Options{})
				ctx := within(t, test.after)
				each(ids, func(id string) {
					if id != ids[0] {
						f.poll(t, id, f.began.Add(time.Second)) //nolint:contextcheck // It has the context of the test.
						return
					}
					if _, err := f.Poll(ctx, id, f.began.Add(time.Second), Single); !errors.Is(err,
						context.DeadlineExceeded) {
						t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
					}
				})
				f.wantTrace(t, test.want)
			})
		})
	}
}

// TestAPollThatAllGaveUpEnds: nothing remains, and the next one is made.
func TestAPollThatAllGaveUpEnds(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(10, limits(1, 1), Options{})
		f.observe(t, t.Context(), id, Single)
		ctx := within(t, 500*time.Millisecond)
		each(ids, func(id string) {
			_, err := f.Poll(ctx, id, time.Now().Add(100*time.Millisecond), Single)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s got %v, want %v", id, err, context.DeadlineExceeded)
			}
		})
		synctest.Wait()
		if n := f.waiting(); n > 0 {
			t.Errorf("%d callers wait still, want none", n)
		}
		f.poll(t, id, time.Now().Add(time.Minute))
		if got := f.Count(memory.Describe); got != 2 {
			t.Errorf("got %d describes, want 2: %q", got, f.trace())
		}
	})
}

// TestACanceledPollIsForgotten long before its time.
func TestACanceledPollIsForgotten(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(10, memory.Options{}, Options{})
		ctx := within(t, time.Second)
		each(ids, func(id string) {
			if _, err := f.Poll(ctx, id, time.Now().Add(time.Hour), Single); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s got %v, want %v", id, err, context.DeadlineExceeded)
			}
		})
		if n := f.waiting(); n > 0 || len(f.Calls()) > 0 {
			t.Errorf("%d waits remain and %d calls were made, want none", n, len(f.Calls()))
		}
	})
}

// BenchmarkPoller registers and releases ten thousand waits.
func BenchmarkPoller(b *testing.B) {
	for b.Loop() {
		var p poller
		due := time.Now().Add(time.Hour)
		for i := range 10_000 {
			p.add(&pollWait{due: due.Add(time.Duration(i*7919%10_000) * time.Millisecond), done: make(chan struct{})})
		}
		if len(p.waits) != 10_000 {
			b.Fatal(fmt.Sprint(len(p.waits)))
		}
	}
}
