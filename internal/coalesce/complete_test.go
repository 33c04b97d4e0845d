package coalesce_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// TestACompleteWindowEndsAtOnce for every batch that is open, and not only for the one
// that the last caller joined.
func TestACompleteWindowEndsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		var waiting int
		opts := options(100, idle, maximum)
		opts.Waiting = func(_ string, more int) { waiting += more }
		opts.Window = func(key string) coalesce.Window {
			return coalesce.Window{Idle: idle, Max: maximum, Complete: waiting == 3 && key != "apart"}
		}
		g := coalesce.New(opts, r.call)
		var results []<-chan result
		for item, key := range []string{"stop", "apart", "start"} {
			time.Sleep(10 * time.Millisecond)
			results = append(results, do(t.Context(), g, key, item))
			synctest.Wait()
		}
		for item, out := range results {
			wantResult(t, out, item)
		}
		calls := r.sorted()
		slices.SortFunc(calls, func(a, b call) int { return a.Items[0] - b.Items[0] })
		want := []call{
			{At: 30 * time.Millisecond, Key: "stop", Items: []int{0}},
			{At: 20*time.Millisecond + idle, Key: "apart", Items: []int{1}},
			{At: 30 * time.Millisecond, Key: "start", Items: []int{2}},
		}
		if diff := cmp.Diff(calls, want); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

// TestReconsider ends a window that became complete without a join.
func TestReconsider(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		var complete atomic.Bool
		opts := options(100, idle, maximum)
		opts.Window = func(string) coalesce.Window {
			return coalesce.Window{Idle: idle, Max: maximum, Complete: complete.Load()}
		}
		g := coalesce.New(opts, r.call)
		out := do(t.Context(), g, "", 1)
		time.Sleep(5 * time.Millisecond)
		g.Reconsider() // Not yet.
		time.Sleep(5 * time.Millisecond)
		complete.Store(true)
		g.Reconsider()
		wantResult(t, out, 1)
		if diff := cmp.Diff(r.calls, []call{{At: 10 * time.Millisecond, Items: []int{1}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

// TestWaitingCallers counts a caller as ready as soon as its result is there.
func TestWaitingCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.latency = 10 * time.Millisecond
		var waiting atomic.Int64
		opts := options(100, idle, maximum)
		opts.Waiting = func(_ string, more int) { waiting.Add(int64(more)) }
		g := coalesce.New(opts, r.call)
		want := func(when string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := waiting.Load(); got != want {
				t.Errorf("%s: got %d waiting, want %d", when, got, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		one, two, three := do(t.Context(), g, "", 1), do(ctx, g, "", 2), do(t.Context(), g, "", 3)
		want("in the window", 3)
		cancel()
		want("one was canceled", 2)
		time.Sleep(idle + r.latency/2)
		want("in flight", 2)
		time.Sleep(r.latency)
		want("answered", 0)
		wantResult(t, one, 1)
		wantResult(t, three, 3)
		if got := <-two; got.err == nil {
			t.Error("the caller that was canceled: got no error, want one")
		}

		ctx, cancel = context.WithTimeout(t.Context(), idle+r.latency/2)
		defer cancel()
		late := do(ctx, g, "", 4)
		if got := <-late; got.err == nil {
			t.Error("the caller that was canceled in flight: got no error, want one")
		}
		want("canceled in flight", 0)
		time.Sleep(r.latency)
		want("its call was answered", 0)
	})
}

// TestALapsedWindow is one that ended because no item joined for the idle time.
func TestALapsedWindow(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		size     int
		maximum  time.Duration
		complete bool
		want     int
	}{
		"by its idle time":            {size: 100, maximum: maximum, want: 1},
		"not by its maximum":          {size: 100, maximum: 30 * ms},
		"not where the batch is full": {size: 2, maximum: maximum},
		"not where it was complete":   {size: 100, maximum: maximum, complete: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				lapsed := 0
				opts := options(test.size, idle, test.maximum)
				opts.Window = func(string) coalesce.Window {
					return coalesce.Window{Idle: idle, Max: test.maximum, Complete: test.complete}
				}
				opts.Lapsed = func(string) { lapsed++ }
				g := coalesce.New(opts, r.call)
				one := do(t.Context(), g, "", 1)
				time.Sleep(20 * ms)
				wantResult(t, do(t.Context(), g, "", 2), 2)
				wantResult(t, one, 1)
				if lapsed != test.want {
					t.Errorf("got %d windows that lapsed, want %d", lapsed, test.want)
				}
			})
		})
	}
}

// TestAWindowWhoseTimerIsLateBeginsAnew: what held up the timer held up the callers too.
func TestAWindowWhoseTimerIsLateBeginsAnew(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		late    time.Duration
		second  time.Duration // when another item joins
		maximum time.Duration
		want    []call
	}{
		"one that is in time ends": {
			0, 30 * ms, maximum, []call{{At: 25 * ms, Items: []int{1}}, {At: 55 * ms, Items: []int{2}}},
		},
		"a few milliseconds are in time": {
			4 * ms, 30 * ms, maximum, []call{{At: 29 * ms, Items: []int{1}}, {At: 59 * ms, Items: []int{2}}},
		},
		// It is late again and again, as long as the machine is busy.
		"one that is late continues, to the maximum": {
			20 * ms, 50 * ms, 100 * ms, []call{{At: 120 * ms, Items: []int{1, 2}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				g := coalesce.New(options(100, idle, test.maximum), r.call)
				g.DelayTimers(test.late)
				one := do(t.Context(), g, "", 1)
				time.Sleep(test.second)
				two := do(t.Context(), g, "", 2)
				wantResult(t, one, 1)
				wantResult(t, two, 2)
				if diff := cmp.Diff(r.sorted(), test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}
