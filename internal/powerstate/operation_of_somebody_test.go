package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestALastOperationThatDoesNotMoveBlocksForSomeMinutesOnly when it is not ours.
func TestALastOperationThatDoesNotMoveBlocksForSomeMinutesOnly(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		for name, test := range map[string]struct {
			from   backend.State
			target Target
		}{
			"of one that is to start": {backend.Stopped, running},
			"of one that is to stop":  {backend.Running, stopped},
		} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newEmptyTestCloud(brisk, Options{})
					stuck := &backend.Operation{RequestID: "req-x", State: backend.OperationRunning}
					w.Add(backend.Instance{ID: id, State: test.from, LastOperation: stuck})
					w.mustReachBy(t, f, test.target)
					if got := w.elapsed(); got < 2*time.Minute || got > 4*time.Minute {
						t.Errorf("it lasted %v, want the three minutes for which an operation may not move", got)
					}
				})
			})
		}
	}
}

// TestOurOwnOperationThatDoesNotMove is waited for to the end, and is what was
// observed last.
func TestOurOwnOperationThatDoesNotMove(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Stopped, brisk, Options{})
				w.Behave(id, memory.Behavior{Stuck: true})
				w.through(&intercepted{Driver: w.Driver, show: func(in *backend.Instance) {
					in.State, in.Raw = backend.Stopped, "STOPPED"
				}})
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				_, err := f.reach(ctx, w.client, running)
				e := wantError(t, err, TimedOut)
				op, ours := e.Last.LastOperation, w.Calls(memory.Start)[0].RequestID
				if op == nil || op.State != backend.OperationRunning || op.RequestID != ours {
					t.Errorf("the last operation is %+v, want our start, still running", op)
				}
				if got := w.Count(memory.Start); got != 1 {
					t.Errorf("got %d starts, want one", got)
				}
			})
		})
	}
}
