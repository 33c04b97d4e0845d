package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAStopThatTheGuestIgnoresIsNoticedSoon: within two seconds of the first
// observation that shows the instance running again.
func TestAStopThatTheGuestIgnoresIsNoticedSoon(t *testing.T) {
	for _, duration := range []time.Duration{3 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute} {
		t.Run("after "+duration.String(), func(t *testing.T) {
			inEachForm(t, memory.Options{StopTime: duration}, func(t *testing.T, w *testCloud, f form) {
				w.Behave(id, memory.Behavior{SoftStop: memory.FallsBack})
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				_, err := f.reach(ctx, w.client, stopped)
				wantError(t, err, NoEffect)
				for _, call := range w.Calls(memory.Describe) {
					if at := call.At.Sub(w.began); at >= duration {
						if late := w.elapsed() - at; late > 2*time.Second {
							t.Errorf("it is noticed %v after the first observation that shows it, want at most 2s",
								late)
						}
						break
					}
				}
			})
		})
	}
}

// TestAnAcceptedCallThatNeverShowsIsWithoutEffect after half a minute.
func TestAnAcceptedCallThatNeverShowsIsWithoutEffect(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		for name, test := range map[string]struct {
			from    backend.State
			target  Target
			behaves memory.Behavior
		}{
			"a stop":  {backend.Running, stopped, memory.Behavior{SoftStop: memory.FallsBack}},
			"a start": {backend.Stopped, running, memory.Behavior{NoStock: true}},
		} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(test.from, memory.Options{Capabilities: silent()}, Options{})
					w.Behave(id, test.behaves) // Between two observations.
					_, err := f.reach(t.Context(), w.client, test.target)
					wantError(t, err, NoEffect)
					if got := w.elapsed(); got < 30*time.Second || got > 35*time.Second {
						t.Errorf("it lasted %v, want half a minute", got)
					}
					if got := len(w.writes()); got != 1 {
						t.Errorf("the writes are %q, want one", w.writes())
					}
				})
			})
		}
	}
}
