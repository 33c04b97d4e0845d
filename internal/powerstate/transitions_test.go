package powerstate

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// mostAtATime is how many instances were in a transition of our own at a time: of the
// writes, those that lie within one transition of each other.
func (w *testCloud) mostAtATime(transition time.Duration) int {
	most := 0
	writes := w.Calls(memory.Start, memory.Stop)
	for _, first := range writes {
		n := 0
		for _, other := range writes {
			if since := other.At.Sub(first.At); since >= 0 && since < transition {
				n += len(other.IDs)
			}
		}
		most = max(most, n)
	}
	return most
}

func TestTransitionsAreLimited(t *testing.T) {
	t.Parallel()
	const transition = 10 * time.Second
	for name, test := range map[string]struct {
		most  int
		waves int
	}{
		"one at a time":   {most: 1, waves: 10},
		"three at a time": {most: 3, waves: 4},
		"all at once":     {most: 10, waves: 1},
		"more than all":   {most: 100, waves: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(tenSeconds, Options{})
				ids := w.AddN(10, backend.Instance{ID: "i", State: backend.Running})
				results := w.client.ReachAll(t.Context(), ids, stopped,
					ReachOptions{Transitions: NewTransitions(test.most)})
				for i, r := range results {
					if r.Err != nil || r.After.State != backend.Stopped {
						t.Errorf("%s: %v, %v", ids[i], r.After.State, r.Err)
					}
				}
				if got := w.mostAtATime(transition); got != min(test.most, len(ids)) {
					t.Errorf("%d at a time, want %d", got, min(test.most, len(ids)))
				}
				if got := len(w.Calls(memory.Stop)); got != test.waves {
					t.Errorf("got %d stops, want %d: %q", got, test.waves, w.writes())
				}
			})
		})
	}
	t.Run("over both directions", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newEmptyTestCloud(tenSeconds, Options{})
			run := w.AddN(2, backend.Instance{ID: "r", State: backend.Running})
			off := w.AddN(2, backend.Instance{ID: "s", State: backend.Stopped})
			opts := ReachOptions{Transitions: NewTransitions(2)}
			var both sync.WaitGroup
			both.Go(func() { w.client.ReachAll(t.Context(), run, stopped, opts) })
			both.Go(func() { w.client.ReachAll(t.Context(), off, running, opts) })
			both.Wait()
			if got := w.mostAtATime(transition); got != 2 || len(w.writes()) < 2 {
				t.Errorf("%d at a time, want 2: %q", got, w.writes())
			}
		})
	})
	t.Run("and one that is found in a transition counts", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newEmptyTestCloud(tenSeconds, Options{})
			w.Add(backend.Instance{ID: "found", State: backend.Running},
				backend.Instance{ID: "next", State: backend.Running})
			w.Stop(t.Context(), []string{"found"}, backend.StopOptions{})
			opts := ReachOptions{Transitions: NewTransitions(1)}
			var both sync.WaitGroup
			both.Go(func() { w.client.ReachAll(t.Context(), []string{"found"}, stopped, opts) })
			time.Sleep(time.Second)
			both.Go(func() { w.client.ReachAll(t.Context(), []string{"next"}, stopped, opts) })
			both.Wait()
			if got := w.mostAtATime(transition); got != 1 {
				t.Errorf("%d at a time, want 1: %q", got, w.writes())
			}
		})
	})
	t.Run("and what has no need of a call waits for nothing", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newEmptyTestCloud(tenSeconds, Options{})
			ids := w.AddN(150, backend.Instance{ID: "i", State: backend.Stopped})
			w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{Transitions: NewTransitions(1)})
			if got := w.Count(memory.Describe); got != 2 || w.elapsed() > 5*time.Second {
				t.Errorf("got %d reads in %s, want 2 at once", got, w.elapsed())
			}
		})
	})
	t.Run("and the time limit names what the others were waited for", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newEmptyTestCloud(memory.Options{StopTime: time.Hour}, Options{})
			ids := w.AddN(2, backend.Instance{ID: "i", State: backend.Running})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			held := 0
			for _, r := range w.client.ReachAll(ctx, ids, stopped, ReachOptions{Transitions: NewTransitions(1)}) {
				if wantError(t, r.Err, TimedOut).Held {
					held++
				}
			}
			if got := w.Count(memory.Stop); held != 1 || got != 1 {
				t.Errorf("%d were held, with %d stops, want 1 of each", held, got)
			}
		})
	})
}
