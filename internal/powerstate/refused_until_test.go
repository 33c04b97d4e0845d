package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestACallThatIsRefusedUntilTheDeadlineIsTheReason, and the error tells which call it was.
func TestACallThatIsRefusedUntilTheDeadlineIsTheReason(t *testing.T) {
	t.Parallel()
	hangs := func(w *testCloud) { w.Behave(id, memory.Behavior{SoftStop: memory.Hangs}) }
	busy := func(op memory.Op, after int) func(w *testCloud) {
		return func(w *testCloud) {
			trouble := always(fault(op, backend.KindBusy))
			trouble.After = after
			w.Fail(trouble)
		}
	}
	throttle := func(w *testCloud) { w.Fail(always(throttled(memory.Stop, 0))) }
	for name, test := range map[string]struct {
		from            backend.State
		target          Target
		meet            []func(w *testCloud)
		refused, forced bool
		kind            backend.Kind
	}{
		"every cut": {
			backend.Running, after(10 * time.Second),
			[]func(*testCloud){hangs, busy(memory.Stop, 1)},
			true, true, backend.KindBusy,
		},
		"every stop": {
			backend.Running, stopped,
			[]func(*testCloud){busy(memory.Stop, 0)},
			true, false,
			backend.KindBusy,
		},
		"every forced stop": {
			backend.Running,
			Target{Goal: GoalStopped, ForceStop: true},
			[]func(*testCloud){busy(memory.Stop, 0)},
			true, true, backend.KindBusy,
		},
		"every start": {
			backend.Stopped, running,
			[]func(*testCloud){busy(memory.Start, 0)},
			true, false,
			backend.KindBusy,
		},
		"every stop, by a throttle": {
			backend.Running, stopped,
			[]func(*testCloud){throttle},
			true, false,
			backend.KindThrottled,
		},
		"no stop, and it hangs": {backend.Running, stopped, []func(*testCloud){hangs}, false, false, 0},
		"the first stop, then hangs": {
			backend.Running, stopped,
			[]func(*testCloud){hangs, func(w *testCloud) { w.Fail(fault(memory.Stop, backend.KindBusy)) }},
			false,
			false, 0,
		},
	} {
		for _, f := range forms {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					can := memory.AllCapabilities()
					can.NativeEscalation = false
					w := newTestCloud(test.from, memory.Options{StopTime: time.Second, Capabilities: &can}, Options{})
					for _, meet := range test.meet {
						meet(w)
					}
					ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
					defer cancel()
					_, err := f.reach(ctx, w.client, test.target)
					e := wantError(t, err, TimedOut)
					if e.CallRefused != test.refused || e.CallRefused && e.Forced != test.forced {
						t.Errorf("refused is %t, forced is %t, want %t and %t", e.CallRefused, e.Forced, test.refused,
							test.forced)
					}
					if test.refused && (e.Fault == nil || e.Fault.Kind != test.kind) {
						t.Errorf("the fault is %+v, want that of the last refusal", e.Fault)
					}
					if !test.refused && e.Fault != nil {
						t.Errorf("the fault is %+v, want none: it was overcome", e.Fault)
					}
				})
			})
		}
	}
}
