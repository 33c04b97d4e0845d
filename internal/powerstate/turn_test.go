package powerstate

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestNobodyIsStoppedAfterItsOperationEnded: a batch that waits for its turn goes
// out without those whose operations have ended.
func TestNobodyIsStoppedAfterItsOperationEnded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		whole bool // all of them end
		want  []string
	}{
		"when one of two has ended": {false, []string{"10s stop graceful i-001"}},
		"when both of them have":    {true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w, ids, _ := newFleet(2, backend.Running, false, nil)
				w.client.writes[backend.OpStop].throttled(10 * time.Second)
				short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				var all sync.WaitGroup
				all.Go(func() {
					ctx := t.Context() //nolint:contextcheck // Some have the context of the test.
					if test.whole {
						ctx = short
					}
					if _, err := w.client.Reach(ctx, ids[1], stopped, ReachOptions{}); (err != nil) != test.whole {
						t.Errorf("the second got %v, want an error: %v", err, test.whole)
					}
				})
				_, err := w.client.Reach(short, ids[0], stopped, ReachOptions{})
				wantError(t, err, TimedOut)
				all.Wait()
				time.Sleep(20 * time.Second)
				w.wantWrites(t, test.want...)
				if in, _ := w.Instance(ids[0]); in.State != backend.Running {
					t.Errorf("%s is %v, want it to run on", ids[0], in.State)
				}
			})
		})
	}
}

// TestABatchThatWaitsForItsTurnTakesInMore: they come one by one for a minute, and
// the cloud takes a call in ten seconds.
func TestABatchThatWaitsForItsTurnTakesInMore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newEmptyWorld(brisk, Options{BatchWindow: window})
		ids := w.AddN(60, backend.Instance{ID: "i", State: backend.Running})
		w.client.writes[backend.OpStop] = newBucket(0.1, 0)
		var all sync.WaitGroup
		for i, one := range ids {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		stops := w.Calls(memory.Stop)
		if len(stops) > 7 {
			t.Errorf("got %d stops, want at most 7: %q", len(stops), w.writes())
		}
		var named []string
		for _, call := range stops {
			named = append(named, call.IDs...)
		}
		slices.Sort(named)
		if !slices.Equal(named, ids) {
			t.Errorf("stopped were %q, want each once", named)
		}
	})
}

func TestATurnThatIsGivenBackIsFree(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(1, 0)
		began := time.Now()
		for range 5 {
			turn, err := b.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			turn.giveBack()
		}
		if got := time.Since(began); got != 0 {
			t.Errorf("five turns that were given back took %v, want no time", got)
		}
		time.Sleep(time.Minute)
		if got := len(b.turns); got != 1 {
			t.Errorf("there are %d turns, want 1", got)
		}
	})
}
