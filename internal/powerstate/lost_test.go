package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// outage answers one operation with a 503 until a time.
type outage struct {
	*memory.Driver
	of    memory.Op
	until time.Time
}

// meets reports whether a call meets the outage, which it then finds waiting.
func (d *outage) meets(op memory.Op) {
	if op == d.of && time.Now().Before(d.until) {
		d.Fail(memory.Trouble{Op: op, Fault: backend.Fault{Kind: backend.KindUnavailable, Status: 503}})
	}
}

func (d *outage) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	d.meets(memory.Describe)
	return d.Driver.Describe(ctx, ids)
}

func (d *outage) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	d.meets(memory.Stop)
	return d.Driver.Stop(ctx, ids, opts)
}

// TestWhoLostAnAnswerComesBackTogether: what was one call is one call again.
func TestWhoLostAnAnswerComesBackTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		n     int
		of    memory.Op
		lasts time.Duration
		most  int // calls of the operation
	}{
		"a hundred reads in a minute without":  {100, memory.Describe, time.Minute, 12},
		"a hundred reads in five minutes":      {100, memory.Describe, 5 * time.Minute, 35},
		"a hundred stops in ten seconds":       {100, memory.Stop, 10 * time.Second, 6},
		"a hundred stops in a minute":          {100, memory.Stop, time.Minute, 12},
		"a thousand stops, which are ten each": {1000, memory.Stop, time.Minute, 120},
		"a thousand reads, which are ten each": {1000, memory.Describe, time.Minute, 120},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				ids := w.AddN(test.n, backend.Instance{ID: "i", State: backend.Running})
				w.through(&outage{Driver: w.Driver, of: test.of, until: time.Now().Add(test.lasts)})
				if test.of == memory.Describe {
					for i, result := range w.client.ObserveAll(t.Context(), ids) {
						if result.Err != nil || result.After.State != backend.Running {
							t.Errorf("%s is %v, %v, want running", ids[i], result.After.State, result.Err)
						}
					}
				} else {
					for i, result := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
						if result.Err != nil {
							t.Errorf("%s got %v, want no error", ids[i], result.Err)
						}
					}
				}
				if got := w.Count(test.of); got > test.most {
					t.Errorf("got %d calls, want at most %d", got, test.most)
				}
				if late := w.elapsed() - test.lasts; late > 25*time.Second {
					t.Errorf("it ended %v after the outage, want within 25s", late)
				}
				wantReadsForEach(t, w, ids)
				t.Logf("%d calls, %d reads, %v", w.Count(test.of), w.Count(memory.Describe), w.elapsed())
			})
		})
	}
}

// TestOneWhoseAnswersAreAllLostIsAskedLessAndLess while the calls about others
// pass, which keep the pause of all short.
func TestOneWhoseAnswersAreAllLostIsAskedLessAndLess(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Add(backend.Instance{ID: "i-2", State: backend.Running})
		w.Fail(always(fault(memory.Stop, backend.KindUnavailable)))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		go func() {
			for ctx.Err() == nil {
				for _, target := range []Target{stopped, running} {
					if _, err := w.client.Reach(ctx, "i-2", target, ReachOptions{}); err != nil && ctx.Err() == nil {
						t.Errorf("the neighbor got %v, want none", err)
					}
				}
			}
		}()
		_, err := w.reach(ctx, stopped)
		wantError(t, err, TimedOut)
		own := 0
		for _, call := range w.Calls(memory.Stop) {
			if call.IDs[0] == id {
				own++
			}
		}
		if own < 5 || own > 13 {
			t.Errorf("it was asked to stop %d times in two minutes, want 5 to 13", own)
		}
	})
}
