package powerstate

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// call sends the call of a verdict. An accepted one is waited for; one that was
// refused for now, or whose answer was lost, is followed by an observation. Only
// that, and not the answer, can lead to another call.
func (o *operation) call(ctx context.Context, v verdict) (verdict, error) {
	if anew, err := o.enter(ctx); err != nil || anew {
		if err != nil {
			return verdict{}, err
		}
		return o.observe(ctx)
	}
	o.op, o.forced = v.op, v.force == backend.Forced
	opts := o.options(o.last.Instance)
	opts.Force = v.force
	o.logCall(ctx, v, opts)
	split := o.split
	o.split = dispatch.Split{}
	o.c.cache.call(o.id)
	got, err := o.c.dispatch.Send(ctx, o.id, dispatch.Call{Op: v.op, Options: opts}, o.by, split, o.notAfter(v))
	o.c.cache.call(o.id)
	if err != nil {
		return verdict{}, o.unanswered(ctx, err, &o.callFault)
	}
	if got.Stale {
		o.split = got.Split
		return o.observe(ctx)
	}
	if got.Err != nil {
		return o.refused(ctx, v.op, opts, got)
	}
	o.wait.accepted(v.op, opts, got.RequestID, o.last.Instance, time.Now())
	o.callFault, o.callErr, o.retry = nil, nil, retry{}
	o.due, o.others = time.Time{}, expect(o.c.history.of(kindOf(v.op, o.forced)))
	if o.opts.NoWait && o.isLast(v.op) {
		return verdict{outcome: reached}, nil
	}
	return verdict{by: o.wait.forceAt()}, nil
}

// options are those of the next call, about the instance as it was observed last.
func (o *operation) options(in *backend.Instance) backend.StopOptions {
	return o.target.optionsFor(o.op, o.c.CanStopCharging(*in) && !o.wait.modeRefused)
}

// notAfter is when the call of a verdict may no longer be sent: one that had to wait, for
// a permit or behind a pause, is decided anew. A guest may have obeyed, and run again,
// before a cut; somebody else may have changed the instance before any call.
func (o *operation) notAfter(v verdict) time.Time {
	if v.force == backend.Forced && !o.target.ForceStop {
		return o.lastAt.Add(cutWithin)
	}
	return o.lastAt.Add(writeWithin)
}

// isLast reports whether a call leads to the target by itself. A start that is only
// the first half of a restart does not.
func (o *operation) isLast(op backend.Op) bool {
	return op == backend.OpReboot || (op == backend.OpStart) == (o.target.Goal == GoalRunning)
}

// keepsCharging reports whether a stop was refused only since it asked to stop
// charging, and the target is satisfied without: the next one does not ask.
func (o *operation) keepsCharging(opts backend.StopOptions, fault backend.Fault) bool {
	refused := fault.ModeRefused && opts.Mode == backend.StopCharging && o.target.Mode == StopChargingIfSupported
	o.wait.modeRefused = o.wait.modeRefused || refused
	return refused
}

// refused takes in the error of a call. No error of its own means that an observation
// and a new decision can help.
func (o *operation) refused(
	ctx context.Context, op backend.Op, opts backend.StopOptions, got dispatch.Reply,
) (verdict, error) {
	if ctx.Err() != nil {
		o.inFlight = got.Fault.Unreachable
		return verdict{}, o.ended(ctx, context.Cause(ctx))
	}
	fault := *got.Fault
	o.callFault, o.callErr, o.split = &fault, got.Err, got.Split
	now, in := time.Now(), o.last.Instance
	switch {
	case !got.Split.IsZero():
		o.wait.refused(backend.Fault{}, in, now, now.Add(got.Pause))
	case fault.Kind == backend.KindThrottled:
		o.wait.refused(fault, in, now, now.Add(got.Pause))
		if err := dispatch.Sleep(ctx, time.Until(o.wait.notBefore)); err != nil {
			return verdict{}, o.ended(ctx, err)
		}
	case fault.Kind == backend.KindBusy:
		o.wait.refused(fault, in, now, now.Add(o.retry.busy()))
	case fault.Kind == backend.KindUnavailable:
		o.wait.lost(op, in, now, now.Add(o.retry.lost(got.Pause)))
	case fault.Kind == backend.KindNotFound:
		o.wait.missing(now)
	case o.keepsCharging(opts, fault):
		o.wait.refused(backend.Fault{}, in, now, time.Time{})
	default:
		return verdict{}, o.fault(got.Err, fault)
	}
	return o.observe(ctx)
}
