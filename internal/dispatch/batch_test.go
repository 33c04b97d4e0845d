package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// send makes a stop and fails the test unless it is accepted.
func (f *fixture) send(t *testing.T, id string, by Caller) {
	t.Helper()
	if got, err := f.Send(t.Context(), id, stop, by, Split{}, time.Time{}); err != nil || got.Err != nil ||
		got.RequestID == "" {
		t.Errorf("%s got %+v, %v, want that the stop is accepted", id, got, err)
	}
}

func TestCallersAreBatched(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by     Caller
		window time.Duration
		size   int
		want   int // calls for forty instances
	}{
		"single operations in a window":        {Single, window, 100, 1},
		"single operations without one":        {Single, 0, 100, 40},
		"a fleet":                              {Fleet, window, 100, 1},
		"a fleet without a window":             {Fleet, 0, 100, 1},
		"as many as a call may carry":          {Fleet, window, 10, 4},
		"where a cloud takes one id at a time": {Fleet, window, 1, 40},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(40, memory.Options{BatchSize: test.size}, Options{BatchWindow: test.window})
				f.use(memory.WithDryRun(f.Driver))
				each(ids, func(id string) {
					defer f.Begin(id)()
					f.observe(t, t.Context(), id, test.by)
					if fault, err := f.DryRun(t.Context(), id, stop, test.by); fault != nil || err != nil {
						t.Errorf("%s got %v, %v from the dry run, want neither", id, fault, err)
					}
					f.send(t, id, test.by)
				})
				for _, op := range []memory.Op{memory.Describe, memory.DryRun, memory.Stop} {
					if got := f.Count(op); got != test.want {
						t.Errorf("got %d calls of %s, want %d", got, op, test.want)
					}
				}
			})
		})
	}
}

func TestCallsThatDifferAreNotBatched(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(12, memory.Options{}, Options{BatchWindow: window})
		calls := []Call{
			{Op: backend.OpStop},
			{Op: backend.OpStop, Options: backend.StopOptions{Force: backend.Forced}},
			{Op: backend.OpStop, Options: backend.StopOptions{Mode: backend.StopCharging}},
			{Op: backend.OpStart},
		}
		var n atomic.Int64
		each(ids, func(id string) {
			at := int(n.Add(1))
			if _, err := f.Send(t.Context(), id, calls[at%4], Caller(at/4%2), Split{}, time.Time{}); err != nil {
				t.Error(err)
			}
		})
		if got, want := len(f.Calls()), len(calls)*int(callers); got != want {
			t.Errorf("got %d calls, want %d: %q", got, want, f.trace())
		}
	})
}

// TestTwoCallersOfOneInstance share its place, and both get the answer.
func TestTwoCallersOfOneInstance(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, _ := newFixture(1, memory.Options{}, Options{BatchWindow: window})
		each([]string{id, "i-000", id, id}, func(id string) { f.observe(t, t.Context(), id, Single) })
		each([]string{id, id}, func(id string) { f.send(t, id, Single) })
		f.wantTrace(t, "13ms describe i-000 i-1", "25ms stop i-1")
	})
}

// TestTheWindowOfSingleOperations holds when the call of the first operation is made.
// Each begins with an observation.
func TestTheWindowOfSingleOperations(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	every := func(step time.Duration, n int) (at []time.Duration) {
		for i := range n {
			at = append(at, time.Duration(i)*step)
		}
		return at
	}
	for name, test := range map[string]struct {
		begin []time.Duration
		want  []string // time and size of each call
	}{
		"one that is alone waits a quarter":         {[]time.Duration{0}, []string{"12.5ms 1"}},
		"two wait a window after the second":        {[]time.Duration{0, 10 * ms}, []string{"60ms 2"}},
		"some wait a window after the last":         {every(40*ms, 10), []string{"12.5ms 1", "410ms 9"}},
		"one that begins a moment later waits, too": {[]time.Duration{0, time.Second}, []string{"12.5ms 1", "1.05s 1"}},
		"one that begins much later is alone again": {
			[]time.Duration{0, 5 * time.Second, 8 * time.Second},
			[]string{"12.5ms 1", "5.0125s 1", "8.0125s 1"},
		},
		"a hundred make a call at once": {every(0, 100), []string{"0s 100"}},
		"a steady stream is cut after forty windows": {
			every(45*ms, 60),
			[]string{"12.5ms 1", "2.045s 45", "2.755s 14"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(len(test.begin), memory.Options{}, Options{BatchWindow: window})
				var all sync.WaitGroup
				for i, at := range test.begin {
					all.Go(func() {
						time.Sleep(at)
						defer f.Begin(ids[i])()
						f.observe(t, t.Context(), ids[i], Single)
					})
				}
				all.Wait()
				var got []string
				for _, call := range f.Calls() {
					got = append(got, fmt.Sprintf("%v %d", call.At.Sub(f.began), len(call.IDs)))
				}
				wantEqual(t, "calls", got, test.want)
			})
		})
	}
}

// TestTheWindowCountsFromOperationsThatBegin: the stops of two operations are one call
// although the second joins more than a window after the first, since it began before.
func TestTheWindowCountsFromOperationsThatBegin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begins time.Duration
		want   int
	}{
		"in the window":    {40 * time.Millisecond, 1},
		"after the window": {70 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(2, memory.Options{}, Options{BatchWindow: window})
				defer f.Begin("i-other")()
				var all sync.WaitGroup
				all.Go(func() {
					defer f.Begin(ids[0])()
					f.send(t, ids[0], Single)
				})
				all.Go(func() {
					time.Sleep(test.begins)
					defer f.Begin(ids[1])()
					time.Sleep(80*time.Millisecond - test.begins) // It reads first.
					f.send(t, ids[1], Single)
				})
				all.Wait()
				if got := f.Count(memory.Stop); got != test.want {
					t.Errorf("got %d stops, want %d: %q", got, test.want, f.trace())
				}
			})
		})
	}
}

// TestManyOperationsWaitLonger bridges the pauses of a CLI that works on a thousand
// resources at a time.
func TestManyOperationsWaitLonger(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(1000, memory.Options{}, Options{BatchWindow: window})
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i)*3*time.Millisecond + time.Duration(i/60)*350*time.Millisecond)
				end := f.Begin(id)
				f.send(t, id, Single)
				time.Sleep(5 * time.Second) // The operation waits for its end.
				end()
			})
		}
		all.Wait()
		if got := f.Count(memory.Stop); got > 15 {
			t.Errorf("got %d stops, want at most 15: %q", got, f.trace())
		}
	})
}

// TestAGroupThatFollowsManyWaitsAsLong: a CLI that works on a hundred resources at a time
// begins the next ones slowly, as it ends the first.
func TestAGroupThatFollowsManyWaitsAsLong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after time.Duration
		want  int
	}{
		"a moment later": {time.Second, 1},
		"much later":     {5 * time.Second, 2}, // The first is alone, and sent before the next one begins.
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(100, memory.Options{}, Options{BatchWindow: window})
				each(ids, func(id string) {
					defer f.Begin(id)()
					time.Sleep(time.Minute)
				})
				time.Sleep(test.after)
				var all sync.WaitGroup
				for i, id := range ids[:10] {
					all.Go(func() {
						time.Sleep(time.Duration(i) * 100 * time.Millisecond)
						defer f.Begin(id)()
						f.observe(t, t.Context(), id, Single)
					})
				}
				all.Wait()
				if got := f.Count(memory.Describe); got != test.want {
					t.Errorf("got %d describes of ten, want %d: %q", got, test.want, f.trace())
				}
			})
		})
	}
}

// TestACanceledCallerIsNotInTheCall that waits for its permit.
func TestACanceledCallerIsNotInTheCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		both bool
		want []string
	}{
		"when one of two is canceled": {false, []string{"25ms stop i-1", "1.035s stop i-001"}},
		"when both are":               {true, []string{"25ms stop i-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(2, limits(100, 1), Options{})
				f.send(t, id, Fleet) // It holds the one permit for a second.
				short := within(t, 500*time.Millisecond)
				each(ids, func(id string) {
					//nolint:contextcheck // Some have the context of the test.
					ctx, canceled := t.Context(), id == ids[0] || test.both
					if canceled {
						ctx = short
					}
					_, err := f.Send(ctx, id, stop, Fleet, Split{}, time.Time{})
					var interrupted *Interrupted
					if errors.As(err, &interrupted) != canceled ||
						canceled && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s got %v, want the end of its time: %v", id, err, canceled)
					}
					if interrupted != nil && interrupted.Sent {
						t.Errorf("%s was told that its call was sent", id)
					}
				})
				time.Sleep(time.Minute)
				f.wantTrace(t, test.want...)
				wantFree(t, f.writes[backend.OpStop], 1)
			})
		})
	}
}

// TestABatchThatWaitsForItsPermitTakesInMore: callers arrive one by one for a minute,
// and the cloud takes a call in ten seconds.
func TestABatchThatWaitsForItsPermitTakesInMore(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(60, limits(100, 0.1), Options{BatchWindow: window})
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				f.send(t, id, Single)
			})
		}
		all.Wait()
		if got := f.Count(memory.Stop); got > 7 {
			t.Errorf("got %d stops, want at most 7: %q", got, f.trace())
		}
		var named []string
		for _, call := range f.Calls(memory.Stop) {
			named = append(named, call.IDs...)
		}
		slices.Sort(named)
		wantEqual(t, "stopped instances", named, ids)
	})
}

// TestASingleReadDoesNotQueueBehindAFleet of ten thousand, at one read a second.
func TestASingleReadDoesNotQueueBehindAFleet(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(10_000, memory.Options{}, Options{RequestsPerSecond: 1})
		ctx, cancel := context.WithCancel(t.Context())
		var fleet sync.WaitGroup
		fleet.Go(func() {
			defer f.BeginFleet(len(ids))()
			each(ids, func(id string) {
				if _, err := f.Observe(ctx, id, Fleet); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			})
		})
		time.Sleep(5 * time.Second)
		began := time.Now()
		f.observe(t, t.Context(), id, Single)
		if got := time.Since(began); got > 3*time.Second {
			t.Errorf("the single instance is read after %v, want within two reads", got)
		}
		began = time.Now()
		f.poll(t, id, time.Now().Add(time.Second))
		if time.Since(began) > 4*time.Second {
			t.Errorf("it is polled after %v, want within two reads of its time", time.Since(began))
		}
		if got := f.Count(memory.Describe); got > 14 {
			t.Errorf("%d describes were made, want one a second: the test shows nothing", got)
		}
		cancel()
		fleet.Wait()
		synctest.Wait()
	})
}

func TestTheRatesOfTheCloud(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		override      float64
		reads, writes int // at most, in any second
	}{
		"are those of the driver":     {0, 40, 10},
		"are replaced for all by one": {5, 5, 5},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				cloud := limits(40, 10)
				cloud.BatchSize = 1
				f, ids := newFixture(100, cloud, Options{RequestsPerSecond: test.override})
				each(ids, func(id string) {
					f.observe(t, t.Context(), id, Single)
					f.send(t, id, Fleet)
				})
				for op, most := range map[memory.Op]int{memory.Describe: test.reads, memory.Stop: test.writes} {
					var at []time.Duration
					for _, call := range f.Calls(op) {
						at = append(at, call.At.Sub(f.began))
					}
					if got := busiest(at); got > most || got < most*7/10 {
						t.Errorf("the busiest second has %d of %s, want at most %d, and not much less", got, op, most)
					}
				}
			})
		})
	}
}

// TestMembersOfALostBatchReturnTogether: one call is one call again.
func TestMembersOfALostBatchReturnTogether(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(100, memory.Options{}, Options{})
		lost := backend.Fault{Kind: backend.KindUnavailable, Status: 503}
		f.Fail(memory.Trouble{Op: memory.Describe, Times: 6, Fault: lost})
		each(ids, func(id string) { f.observe(t, t.Context(), id, Fleet) })
		if got := f.Count(memory.Describe); got != 7 {
			t.Errorf("got %d describes, want 7: %q", got, f.trace())
		}
		f.Fail(memory.Trouble{Op: memory.Stop, Fault: backend.Fault{Kind: backend.KindUnavailable}})
		var mu sync.Mutex
		pauses := map[time.Duration]int{}
		each(ids, func(id string) {
			got, err := f.Send(t.Context(), id, stop, Fleet, Split{}, time.Time{})
			if err != nil || got.Fault == nil || got.Fault.Kind != backend.KindUnavailable {
				t.Errorf("%s got %+v, %v, want that its answer is lost", id, got, err)
			}
			mu.Lock()
			defer mu.Unlock()
			pauses[got.Pause]++
		})
		if len(pauses) != 1 || pauses[0] > 0 {
			t.Errorf("the pauses are %v, want one for all", pauses)
		}
	})
}

// TestAMissingResultIsAnError of the instance that has none, and no call is repeated.
func TestAMissingOutcomeIsAnError(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(3, memory.Options{}, Options{})
		f.use(forgetful{f.Driver})
		var n atomic.Int64
		each(ids, func(id string) {
			got, err := f.Send(t.Context(), id, stop, Fleet, Split{}, time.Time{})
			if err != nil {
				t.Error(err)
			}
			if got.Err != nil {
				n.Add(1)
			}
		})
		if got := f.Count(memory.Stop); n.Load() != 1 || got != 1 {
			t.Errorf("%d of three have an error after %d calls, want one after one", n.Load(), got)
		}
	})
}

// forgetful leaves out the last outcome.
type forgetful struct{ *memory.Driver }

func (f forgetful) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return f.Driver.Stop(ctx, ids, opts)[:len(ids)-1]
}

// TestACallThatIsTooLateIsNotMade: its members that may still be sent are.
func TestACallThatIsTooLateIsNotMade(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(3, memory.Options{}, Options{})
		f.writes[backend.OpStop].mu.Lock()
		f.writes[backend.OpStop].pausedUntil = time.Now().Add(10 * time.Second)
		f.writes[backend.OpStop].mu.Unlock()
		notAfter := []time.Time{time.Now().Add(9 * time.Second), time.Now().Add(11 * time.Second), {}}
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				got, err := f.Send(t.Context(), one, Call{Op: backend.OpStop}, Fleet, Split{}, notAfter[i])
				if err != nil || got.Err != nil || got.Stale != (i == 0) {
					t.Errorf("%s got %+v, %v, want it stale: %v", one, got, err, i == 0)
				}
			})
		}
		all.Wait()
		calls := f.Calls(memory.Stop)
		if len(calls) != 1 || len(calls[0].IDs) != 2 || slices.Contains(calls[0].IDs, ids[0]) {
			t.Errorf("the calls are %+v, want one of the other two", calls)
		}
		// One that has no member left uses no permit.
		got, err := f.Send(t.Context(), ids[0], Call{Op: backend.OpStop}, Fleet, Split{}, time.Now().Add(-time.Second))
		if err != nil || !got.Stale || f.Count(memory.Stop) != 1 {
			t.Errorf("got %+v, %v and %d stops, want it stale and no other call", got, err, f.Count(memory.Stop))
		}
	})
}
