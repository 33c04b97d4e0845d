package powerstate

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// wait is the wait for the end of one operation.
type wait struct {
	op        backend.Op
	requestID string // of our call; empty when its answer was lost
	since     time.Time
	forced    bool
	mode      backend.StoppedMode
	// escalateAt is when the power is cut; zero for never.
	escalateAt time.Time

	looks     int       // through the watcher
	looked    time.Time // the last look at which it was not yet over
	lost      bool      // the answer of the call was lost
	left      bool      // the instance was seen in a transition
	back      int       // how often in a row it was seen as before the operation, after it had left
	escalated retry
	cut       bool // a forced stop was accepted after the graceful one
}

// kind is the transition that the wait is for, for the history.
func (w *wait) kind() string { return kindOf(w.op, w.forced) }

// verdict is what one reading says about a wait.
type verdict int

const (
	pending verdict = iota
	reached
	failed
	vanished
	unavailable
)

// splitPause is how long an escalation that was refused as part of a batch waits
// for its next look.
const splitPause = 100 * time.Millisecond

// backAgain is how many readings in a row show that an operation had no
// effect: one alone may come from a replica that lags.
const backAgain = 2

// unmoved is how long after an accepted call an instance may look as before it,
// on a cloud that does not say how the operation goes, until that is taken for
// a call without effect.
const unmoved = 2 * time.Minute

// judge reads one observation of a wait. It is judged in the order failed,
// reached, in transition, unexpected.
func (w *wait) judge(in *backend.Instance) verdict {
	if w.op == backend.OpReboot {
		return w.judgeReboot(in)
	}
	want := backend.Running
	if w.op == backend.OpStop {
		want = backend.Stopped
	}
	ours := in.LastOperation != nil && w.requestID != "" && in.LastOperation.RequestID == w.requestID
	switch {
	case in.State == backend.Absent:
		return vanished
	case in.State == backend.Unavailable:
		return unavailable
	case in.State == want:
		return reached
	case ours && in.LastOperation.State == backend.OperationFailed:
		return failed
	case inTransition(in.State):
		w.left, w.back = true, 0
		return pending
	case in.State == backend.Unknown:
		return pending
	case !w.left && (time.Since(w.since) < unmoved || ours && in.LastOperation.State == backend.OperationRunning):
		// A listing that lags behind the call.
		return pending
	case !w.left:
		// It left and came back between two looks.
		return failed
	}
	w.back++
	if w.back < backAgain {
		return pending
	}
	return failed
}

// await waits for the end of an operation that the cloud accepted. nil means
// that the state which the operation leads to was read, and the mode too.
func (a *attempt) await(ctx context.Context, w *wait) error {
	a.due = time.Time{}
	for {
		due := a.after(w.since, func(age time.Duration) time.Duration {
			return a.c.history.interval(w.kind(), age, w.looks, a.former[w.kind()])
		})
		if !w.escalateAt.IsZero() {
			due = earlier(due, w.escalateAt)
		}
		if err := a.next(ctx, due); err != nil {
			return err
		}
		switch w.judge(a.last) {
		case reached:
			// What has stopped needs no force, however late its mode is.
			w.escalateAt = time.Time{}
			done, err := a.settled(w)
			if done || err != nil {
				return err
			}
		case vanished:
			return a.fail(Vanished, NoReason, nil)
		case unavailable:
			return a.fail(BecameUnavailable, NoReason, nil)
		case failed:
			if w.escalateAt.IsZero() {
				return a.fail(NoEffect, NoReason, nil)
			}
			// The power is going to be cut, so the guest may still refuse.
			fallthrough
		case pending:
			if err := a.escalate(ctx, w); err != nil {
				return err
			}
		}
		w.looked = time.Now()
		w.looks++
	}
}

// settled reports whether a reached state is final: a stop is, once its mode
// was read back.
func (a *attempt) settled(w *wait) (bool, error) {
	if a.strayed.IsZero() || w.op != backend.OpStop {
		a.remember(w)
		return true, nil
	}
	if time.Since(a.strayed) < a.c.opts.ModeGrace {
		return false, nil
	}
	return false, a.fail(ModeIgnored, NoReason, nil)
}

// remember notes how long the transition took: it ended at some time between the
// last two looks.
func (a *attempt) remember(w *wait) {
	took := time.Since(w.since)
	if w.looked.After(w.since) {
		took -= time.Since(w.looked) / 2
	}
	a.c.history.add(w.kind(), took)
	if a.took == nil {
		a.took = make(Durations)
	}
	a.took[w.kind()] = []time.Duration{took}
}

// escalate cuts the power of an instance that a graceful stop has not stopped
// in time. It looks once more before.
func (a *attempt) escalate(ctx context.Context, w *wait) error {
	if w.cut || w.escalateAt.IsZero() || time.Now().Before(w.escalateAt) {
		return nil
	}
	if err := a.look(ctx); err != nil {
		return err
	}
	if state := a.last.State; state != backend.Running && state != backend.Stopping && state != backend.Unknown {
		w.postpone()
		return nil
	}
	tflog.Warn(ctx, "The graceful stop has not stopped the instance in time; cutting the power", map[string]any{
		"cloud": a.c.cloud, "region": a.c.region, "instance_id": a.id, "after": a.target.ForceStopAfter.String(),
	})
	got, err := a.call(ctx, backend.OpStop, backend.StopOptions{Force: backend.Forced, Mode: a.target.Mode})
	if err != nil {
		return a.undelivered(ctx, err)
	}
	if got.Err == nil {
		a.refusal = nil
		*w = wait{op: w.op, requestID: got.RequestID, since: time.Now(), forced: true, mode: w.mode, cut: true, left: inTransition(a.last.State)}
		return nil
	}
	if err := a.refused(ctx, got); err != nil {
		return err
	}
	if !got.Split.IsZero() {
		// Its part asks again after the next look, for which its members meet.
		w.escalateAt = time.Now().Add(splitPause + got.Pause)
		a.retry.reset()
		return nil
	}
	// Busy: this cloud does not cut a shutdown short, or not now. Try again
	// after a while, and keep watching meanwhile.
	a.retry.reset()
	w.postpone()
	return nil
}

// postpone puts the escalation off; without it a time that has passed would let
// the wait look again at once, and again.
func (w *wait) postpone() { w.escalateAt = time.Now().Add(w.escalated.step()) }
