package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAnInstanceThatIsBusyForEver and in no transition is an error after five
// minutes, with the cloud's code.
func TestAnInstanceThatIsBusyForEver(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		for name, test := range map[string]struct {
			from   backend.State
			op     memory.Op
			target Target
		}{
			"when it is to stop":  {backend.Running, memory.Stop, stopped},
			"when it is to start": {backend.Stopped, memory.Start, running},
		} {
			t.Run(f.name+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(test.from, brisk, Options{})
					w.Fail(always(fault(test.op, backend.KindBusy)))
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
					defer cancel()
					_, err := f.reach(ctx, w.client, test.target)
					wantBusyTooLong(t, w, err)
				})
			})
		}
	}
	t.Run("when it is to reboot", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, brisk, Options{})
			w.Fail(always(fault(memory.Reboot, backend.KindBusy)))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			_, err := w.reboot(ctx, rebooted, ReachOptions{})
			wantBusyTooLong(t, w, err)
		})
	})
}

func wantBusyTooLong(t *testing.T, w *testCloud, err error) {
	t.Helper()
	if e := wantError(t, err, CloudFault); e.Fault == nil || e.Fault.Code != "Some.Busy" {
		t.Errorf("the fault is %+v, want that of the cloud", e.Fault)
	}
	if got := w.elapsed(); got < 5*time.Minute || got > 5*time.Minute+30*time.Second {
		t.Errorf("it lasted %v, want five minutes", got)
	}
}

// TestATransitionBeginsTheTimeOfABusyInstanceAnew: that it is busy in a transition is
// no refusal.
func TestATransitionBeginsTheTimeOfABusyInstanceAnew(t *testing.T) {
	inEachForm(t, brisk, func(t *testing.T, w *testCloud, f form) {
		w.Fail(always(fault(memory.Stop, backend.KindBusy)))
		change := func(at time.Duration, to backend.State) {
			time.AfterFunc(at, func() { w.Change(id, func(in *backend.Instance) { in.State = to }) })
		}
		change(4*time.Minute, backend.Restarting)
		change(5*time.Minute, backend.Running)
		change(9*time.Minute, backend.Stopped)
		w.mustReachBy(t, f, stopped)
	})
}
