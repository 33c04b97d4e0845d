package dispatch

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestABatchIsSentWhenAllHaveCome plays a CLI that works on ten resources at a time: the
// first ten show how many it begins, and the next ten wait for no others.
func TestABatchIsSentWhenAllHaveCome(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(25, memory.Options{}, Options{BatchWindow: window})
		began := make(chan struct{}, 10) // The CLI's own limit.
		var all sync.WaitGroup
		for _, id := range ids {
			began <- struct{}{}
			all.Go(func() {
				defer func() { <-began }()
				defer f.Begin(id)()
				f.observe(t, t.Context(), id, Single)
			})
		}
		all.Wait()
		var got []string
		for _, call := range f.Calls() {
			got = append(got, fmt.Sprintf("%v %d", call.At.Sub(f.began), len(call.IDs)))
		}
		// The last five are fewer than ten, so that there may be others.
		wantEqual(t, "calls", got, []string{"50ms 10", "50ms 10", "100ms 5"})
	})
}

// TestAllHaveCome holds what the operations of a CLI do that ran three at a time when a
// window last lapsed, and when the call of the last one is made.
func TestAllHaveCome(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		polls  time.Duration // the second waits for its next poll from then on; 0 for a read at once
		reads  time.Duration // the third reads then
		fourth bool          // begins before it
		want   time.Duration
	}{
		"all wait for a call":                       {0, 0, false, 0},
		"one waits for its next poll":               {ms, 5 * ms, false, 5 * ms},
		"one begins to wait after the others":       {20 * ms, 5 * ms, false, 20 * ms},
		"one continues and makes no call yet":       {time.Second, 5 * ms, false, 5*ms + window},
		"one more than there were before":           {ms, 5 * ms, true, 5*ms + window},
		"one more that has begun and does not wait": {ms, 0, true, window},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(4, memory.Options{}, Options{BatchWindow: window})
				each(ids[:3], func(id string) {
					defer f.Begin(id)()
					f.observe(t, t.Context(), id, Single)
				})
				began := time.Now()
				var all sync.WaitGroup
				all.Go(func() {
					defer f.Begin(ids[0])()
					f.observe(t, t.Context(), ids[0], Single)
					if got := time.Since(began); got != test.want {
						t.Errorf("the call was answered after %s, want %s: %q", got, test.want, f.trace())
					}
				})
				all.Go(func() {
					defer f.Begin(ids[1])()
					if test.polls == 0 {
						f.observe(t, t.Context(), ids[1], Single)
						return
					}
					time.Sleep(test.polls)
					if _, err := f.Poll(t.Context(), ids[1], time.Now().Add(time.Minute), Single); err != nil {
						t.Error(err)
					}
				})
				all.Go(func() {
					defer f.Begin(ids[2])()
					time.Sleep(test.reads)
					f.observe(t, t.Context(), ids[2], Single)
				})
				if test.fourth {
					all.Go(func() {
						time.Sleep(test.reads / 2)
						defer f.Begin(ids[3])()
						time.Sleep(time.Second)
					})
				}
				all.Wait()
			})
		})
	}
}

// TestAPauseOfTheCLIMakesTheWindowLonger: one that is starved begins the next operation
// later than the window ends.
func TestAPauseOfTheCLIMakesTheWindowLonger(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step time.Duration
		want int
	}{
		"not where the window covers it": {40 * time.Millisecond, 2},
		"where it does not":              {150 * time.Millisecond, 2},
		"to four tenths of a second":     {390 * time.Millisecond, 3}, // The maximum is two seconds.
		"and no longer":                  {410 * time.Millisecond, 10},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFixture(10, memory.Options{}, Options{BatchWindow: window})
				var all sync.WaitGroup
				for i, id := range ids {
					all.Go(func() {
						time.Sleep(time.Duration(i) * test.step)
						defer f.Begin(id)()
						f.observe(t, t.Context(), id, Single)
					})
				}
				all.Wait()
				if got := f.Count(memory.Describe); got != test.want {
					t.Errorf("got %d describes, want %d: %q", got, test.want, f.trace())
				}
			})
		})
	}
}

// Without a window nothing joins, however the operations follow each other.
func TestWithoutAWindowEachCallIsMadeAlone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(12, memory.Options{}, Options{})
		var all sync.WaitGroup
		for _, id := range ids {
			time.Sleep(20 * time.Millisecond) // A CLI that is slow to hand out its work.
			all.Go(func() {
				defer f.Begin(id)()
				began := time.Now()
				f.observe(t, t.Context(), id, Single)
				if got := time.Since(began); got != 0 {
					t.Errorf("%s waited %s for others", id, got)
				}
			})
		}
		all.Wait()
		if got := len(f.Calls()); got != len(ids) {
			t.Errorf("got %d calls, want %d: %q", got, len(ids), f.trace())
		}
	})
}
