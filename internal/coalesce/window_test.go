package coalesce_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// TestWindow lets items arrive one by one: the n-th is n.
func TestWindow(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	every := func(step time.Duration, n int) []time.Duration {
		times := make([]time.Duration, n)
		for i := range times {
			times[i] = time.Duration(i) * step
		}
		return times
	}
	for name, test := range map[string]struct {
		opts     coalesce.Options[string]
		arrivals []time.Duration
		want     []call
	}{
		"a single caller waits the idle time and no longer": {
			options(100, idle, maximum),
			[]time.Duration{0},
			[]call{{At: idle, Items: []int{0}}},
		},
		"each arrival extends the window": {
			options(100, idle, maximum),
			[]time.Duration{0, 24 * ms, 48 * ms},
			[]call{{At: 73 * ms, Items: []int{0, 1, 2}}},
		},
		"an item after the idle time is in the next batch": {
			options(100, idle, maximum),
			[]time.Duration{0, 26 * ms},
			[]call{{At: 25 * ms, Items: []int{0}}, {At: 51 * ms, Items: []int{1}}},
		},
		"a steady stream is cut at the maximum": {
			options(100, idle, 95*ms),
			every(10*ms, 12),
			[]call{{At: 95 * ms, Items: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}, {At: 135 * ms, Items: []int{10, 11}}},
		},
		"the maximum counts from the first item of the batch": {
			options(100, idle, 30*ms),
			[]time.Duration{0, 20 * ms, 40 * ms, 60 * ms},
			[]call{{At: 30 * ms, Items: []int{0, 1}}, {At: 70 * ms, Items: []int{2, 3}}},
		},
		"a maximum below the idle time means the idle time": {
			options(100, idle, ms),
			[]time.Duration{0, 10 * ms},
			[]call{{At: 25 * ms, Items: []int{0, 1}}},
		},
		"a full batch is called at once": {
			options(3, idle, maximum),
			[]time.Duration{0, 5 * ms, 10 * ms, 12 * ms},
			[]call{{At: 10 * ms, Items: []int{0, 1, 2}}, {At: 37 * ms, Items: []int{3}}},
		},
		"without an idle time nothing is batched": {
			options(100, 0, maximum),
			[]time.Duration{0, 0, 5 * ms},
			[]call{{Items: []int{0}}, {Items: []int{1}}, {At: 5 * ms, Items: []int{2}}},
		},
		"a negative idle time batches nothing": {
			options(100, -idle, 0),
			[]time.Duration{0, ms},
			[]call{{Items: []int{0}}, {At: ms, Items: []int{1}}},
		},
		"a size of one batches nothing": {
			options(1, idle, maximum),
			[]time.Duration{0, 5 * ms},
			[]call{{Items: []int{0}}, {At: 5 * ms, Items: []int{1}}},
		},
		"a size of zero batches nothing": {
			options(0, 0, 0),
			[]time.Duration{0, 5 * ms},
			[]call{{Items: []int{0}}, {At: 5 * ms, Items: []int{1}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				g := coalesce.New(test.opts, r.call)
				var results []<-chan result
				for item, at := range test.arrivals {
					time.Sleep(at - time.Since(r.began))
					results = append(results, do(t.Context(), g, "", item))
					synctest.Wait()
				}
				for item, out := range results {
					wantResult(t, out, item)
				}
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestSizeIsNeverExceeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.latency = time.Second
		g := coalesce.New(options(100, idle, maximum), r.call)
		var results []<-chan result
		for item := range 250 {
			results = append(results, do(t.Context(), g, "", item))
		}
		for item, out := range results {
			wantResult(t, out, item)
		}
		type size struct {
			At time.Duration
			N  int
		}
		var got []size
		for _, c := range r.calls {
			got = append(got, size{c.At, len(c.Items)})
		}
		if diff := cmp.Diff(got, []size{{0, 100}, {0, 100}, {idle, 50}}); diff != "" {
			t.Errorf("sizes of the calls (-got +want):\n%s", diff)
		}
	})
}

func TestNothingJoinsAClosedBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.latency = time.Minute // The first call is still in flight when the second item arrives.
		g := coalesce.New(options(100, idle, maximum), r.call)
		first := do(t.Context(), g, "", 1)
		time.Sleep(idle + time.Millisecond)
		second := do(t.Context(), g, "", 2)
		wantResult(t, first, 1)
		wantResult(t, second, 2)
		want := []call{{At: idle, Items: []int{1}}, {At: 2*idle + time.Millisecond, Items: []int{2}}}
		if diff := cmp.Diff(r.calls, want); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestKeysAreKeptApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(options(100, idle, maximum), r.call)
		var results []<-chan result
		for item, key := range []string{"stop", "start", "stop", "start", "stop"} {
			results = append(results, do(t.Context(), g, key, item))
		}
		for item, out := range results {
			wantResult(t, out, item)
		}
		got := map[string][]int{}
		for _, c := range r.sorted() {
			if got[c.Key] != nil {
				t.Errorf("key %q was called twice, want once", c.Key)
			}
			got[c.Key] = c.Items
		}
		if diff := cmp.Diff(got, map[string][]int{"stop": {0, 2, 4}, "start": {1, 3}}); diff != "" {
			t.Errorf("items by key (-got +want):\n%s", diff)
		}
	})
}

// TestTheIdleWindowCountsFromTheLastSignOfMore changes the window of a batch of one
// item while it is open.
func TestTheIdleWindowCountsFromTheLastSignOfMore(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		changed time.Duration   // when the window becomes another
		window  coalesce.Window // Since is set to that time where sign is
		sign    bool
		maximum time.Duration
		want    time.Duration
	}{
		"not without one":                         {10 * ms, coalesce.Window{Idle: idle}, false, maximum, idle},
		"a sign prolongs it":                      {10 * ms, coalesce.Window{Idle: idle}, true, maximum, 10*ms + idle},
		"not beyond the maximum":                  {10 * ms, coalesce.Window{Idle: idle}, true, 30 * ms, 30 * ms},
		"not after it has ended":                  {26 * ms, coalesce.Window{Idle: idle}, true, maximum, idle},
		"an idle time that has grown prolongs it": {10 * ms, coalesce.Window{Idle: 4 * idle}, false, maximum, 4 * idle},
		"one that has shrunk does not end it":     {10 * ms, coalesce.Window{Idle: ms}, false, maximum, idle},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				var window atomic.Pointer[coalesce.Window]
				window.Store(&coalesce.Window{Idle: idle, Max: test.maximum})
				g := coalesce.New(
					coalesce.Options[string]{Size: 100, Window: func(string) coalesce.Window { return *window.Load() }},
					r.call,
				)
				out := do(t.Context(), g, "", 1)
				time.Sleep(test.changed)
				test.window.Max = test.maximum
				if test.sign {
					test.window.Since = time.Now()
				}
				window.Store(&test.window)
				wantResult(t, out, 1)
				if diff := cmp.Diff(r.calls, []call{{At: test.want, Items: []int{1}}}); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}
