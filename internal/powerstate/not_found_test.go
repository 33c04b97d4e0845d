package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestANotFoundAnswerToAWriteIsConfirmed by one read, on which the error rests: a cloud
// may answer so for an instance that it still lists.
func TestANotFoundAnswerToAWriteIsConfirmed(t *testing.T) {
	t.Parallel()
	calls := map[memory.Op]struct {
		from   backend.State
		target Target
	}{
		memory.Stop:   {backend.Running, stopped},
		memory.Start:  {backend.Stopped, running},
		memory.Reboot: {backend.Running, rebooted},
	}
	remove := func(w *testCloud) { w.Remove(id) }
	changes := func(to backend.State) func(w *testCloud) {
		return func(w *testCloud) { w.Change(id, func(in *backend.Instance) { in.State = to }) }
	}
	for name, test := range map[string]struct {
		meanwhile func(w *testCloud)
		cause     Cause
		last      backend.State // the first of the operation where it is Unknown
	}{
		"that it is gone":            {remove, Vanished, backend.Absent},
		"that it is there":           {func(*testCloud) {}, CloudFault, backend.Unknown},
		"that it is in a transition": {changes(backend.Restarting), CloudFault, backend.Restarting},
	} {
		for op, call := range calls {
			for _, f := range forms {
				t.Run(f.name+", "+string(op)+", "+name, func(t *testing.T) {
					inFakeTime(t, func(t *testing.T) {
						w := newTestCloud(call.from, brisk, Options{})
						w.Fail(fault(op, backend.KindNotFound))
						w.through(&beforeWrites{w.Driver, func() { test.meanwhile(w) }})
						_, err := f.reach(t.Context(), w.client, call.target)
						e := wantError(t, err, test.cause)
						if e.Fault == nil || e.Fault.Kind != backend.KindNotFound || e.Fault.Code != "Some.NotFound" {
							t.Errorf("the fault is %+v, want the cloud's", e.Fault)
						}
						last := test.last
						if last == backend.Unknown {
							last = call.from
						}
						if e.Last == nil || e.Last.State != last {
							t.Errorf("last observed is %+v, want %v", e.Last, last)
						}
						if w.Count(memory.Describe) != 2 || w.Count(op) != 1 || w.elapsed() >= time.Second {
							t.Errorf("the calls are %q, want a read, the call and one read more", w.trace())
						}
					})
				})
			}
		}
	}
}

// TestANotFoundAnswerToAWriteAtTheTargetIsSuccess: somebody else has brought it there.
func TestANotFoundAnswerToAWriteAtTheTargetIsSuccess(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Fail(fault(memory.Stop, backend.KindNotFound))
		w.through(&beforeWrites{w.Driver, func() {
			w.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
		}})
		w.mustReach(t, stopped)
	})
}

// beforeWrites does something before each write arrives.
type beforeWrites struct {
	*memory.Driver
	before func()
}

func (d *beforeWrites) Start(ctx context.Context, ids []string) []backend.Outcome {
	d.before()
	return d.Driver.Start(ctx, ids)
}

func (d *beforeWrites) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	d.before()
	return d.Driver.Stop(ctx, ids, opts)
}

func (d *beforeWrites) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	d.before()
	return d.Driver.Reboot(ctx, ids, opts)
}
