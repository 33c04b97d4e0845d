package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// outcome is one of the four outcomes of judge.
type outcome int

const (
	// waiting: observe again, at the regular interval and not after verdict.by.
	waiting outcome = iota
	// reached: the observation ends the operation, at its target.
	reached
	// failed: the observation ends the operation, for verdict.cause.
	failed
	// calling: send verdict.op.
	calling
)

// verdict is what one observation means for an operation.
type verdict struct {
	outcome outcome
	// by is when the next observation is needed at the latest; zero for no such
	// time. With held it is also needed no earlier: a call is to be sent then.
	by   time.Time
	held bool

	cause  Cause  // with failed
	reason Reason // with Refused

	op    backend.Op // with calling
	force backend.Force
	// restart is set for the start that is only the first half of a restart.
	restart bool

	// enough is set with waiting where the instance is at the target, and only its
	// mode may still be late.
	enough bool
}

// confirmations is how many observations in a row must contradict an accepted call.
const confirmations = 2

// mostUnexplained is how often the same call is refused without a reason until that
// counts as an answer. With the pauses between them it is about a quarter of a
// minute, in which a transition of somebody else has mostly passed.
const mostUnexplained = 5

// judge returns what an observation means for the operation that waits with w, and adds to
// w what it shows. It depends on nothing else and changes nothing else: every observation
// of an operation goes through it, whatever it was requested for, and nothing else judges
// one. The order is reached, failed, in transition, unexpected.
func judge(w *wait, o dispatch.Observation) verdict {
	in, at := o.Instance, o.Requested
	if at.Before(w.answered) {
		return verdict{by: w.answered}
	}
	found, operable := w.found, w.operable
	w.note(in, at)
	switch {
	case w.target.matches(in) && w.leavesTarget(at):
		return verdict{by: w.call.answered.Add(effectWithin)}
	case w.target.matches(in) && w.modeMayBeLate(in, at):
		return verdict{enough: true}
	case w.target.matches(in):
		return verdict{outcome: reached}
	case in.State == backend.Absent && !found && at.Before(w.searchUntil):
		return verdict{}
	case in.State == backend.Absent && found:
		return verdict{outcome: failed, cause: Vanished}
	case in.State == backend.Unavailable && operable:
		return verdict{outcome: failed, cause: BecameUnavailable}
	case w.notFound:
		return verdict{outcome: failed, cause: CloudFault}
	}
	v := w.verdict(in, at)
	if v.outcome == calling {
		v = w.release(v, at)
	}
	return v
}

// note takes in what an observation adds to the facts.
func (w *wait) note(in *backend.Instance, at time.Time) {
	w.found = w.found || in.State != backend.Absent
	w.operable = w.operable || in.State != backend.Absent && in.State != backend.Unavailable
	w.moved = w.moved || inTransition(in.State)
	if in.State != backend.Stopped || w.target.prefers(in.StoppedMode) {
		w.otherMode = time.Time{}
	} else if w.otherMode.IsZero() {
		w.otherMode = at
	}
	w.noteOperation(in.LastOperation, at)
	if !settled(in.State) || !w.operationSince.IsZero() && !w.stuck(in, at) {
		w.busySince, w.unexplained = time.Time{}, 0
	}
	w.noteOwner(in)
	w.noteForce(in, at)
}

// noteOperation keeps since when the last operation is running as it is.
func (w *wait) noteOperation(op *backend.Operation, at time.Time) {
	switch {
	case op == nil || op.State != backend.OperationRunning:
		w.operation, w.operationSince = "", time.Time{}
	case w.operationSince.IsZero() || op.RequestID != w.operation:
		w.operation, w.operationSince = op.RequestID, at
	}
}

// noteOwner notes whose transition is waited for after this observation.
func (w *wait) noteOwner(in *backend.Instance) {
	if w.owner != ours && w.owner != unknown {
		w.owner = none
		if inTransition(in.State) {
			w.owner = others
		}
		return
	}
	if w.call.op == backend.OpReboot {
		w.shown = w.shown || inTransition(in.State) || in.State == backend.Stopped
		return
	}
	own := transitions[w.call.op]
	contradicts := false
	switch {
	case in.State == own.to:
		w.owner, w.shown = none, true // It had its effect.
	case in.State == own.during:
		w.shown = true
	case inTransition(in.State):
		w.owner = others
	case in.State == own.from && w.owner == unknown:
		w.owner = none // It had none, or none that lasts: decide anew.
	case in.State == own.from:
		contradicts = w.isLater(in.LastOperation) || w.shown && !w.underWay(in)
	}
	if !contradicts {
		w.contradictions = 0
		return
	}
	if w.contradictions++; w.contradictions >= confirmations && w.isLater(in.LastOperation) {
		w.owner = none // Our transition is over, and so is somebody's after it.
	}
}

// noteForce keeps from when force_stop_after counts.
func (w *wait) noteForce(in *backend.Instance, at time.Time) {
	switch {
	case in.State == backend.Stopping:
		if w.forceFrom.IsZero() {
			w.forceFrom = at
		}
	case w.owner == ours && w.call.op == backend.OpStop:
		// A guest that was asked and does not obey has its time.
	default:
		w.forceFrom, w.cut = time.Time{}, false
	}
}

// underWay reports whether the cloud reports that our call is still being carried out.
func (w *wait) underWay(in *backend.Instance) bool {
	return w.isOurs(in.LastOperation) && in.LastOperation.State == backend.OperationRunning
}

// leavesTarget reports whether our last call takes the instance away from the target,
// and was not observed to have had an effect: the start of a restart, after which an
// instance that is stopped in the target's mode may come from a replica that lags, and
// a mode that was late.
func (w *wait) leavesTarget(at time.Time) bool {
	return w.call.op == backend.OpStart && w.target.Goal == GoalStopped && !w.shown &&
		at.Before(w.call.answered.Add(effectWithin))
}

// modeMayBeLate reports whether the mode that our stop asked for may still show. It
// matters only where any mode satisfies the target: otherwise the instance is not at
// the target before it shows.
func (w *wait) modeMayBeLate(in *backend.Instance, at time.Time) bool {
	return w.target.Mode == StopChargingIfSupported && w.stopCharging && in.StopChargingBar == "" &&
		!w.otherMode.IsZero() &&
		at.Sub(w.otherMode) < w.modeGrace
}

// verdict judges what is neither the target nor the end of the instance.
func (w *wait) verdict(in *backend.Instance, at time.Time) verdict {
	if forceAt := w.forceAt(); !forceAt.IsZero() && !at.Before(forceAt) && w.mayCut(in) {
		return verdict{outcome: calling, op: backend.OpStop, force: backend.Forced}
	}
	v := w.decide(in, at)
	if w.owner == ours || w.owner == unknown {
		v = w.ownVerdict(in, at)
	}
	if v.outcome == failed && v.cause == NoEffect && w.counts() {
		v = verdict{} // The power is going to be cut, so the guest may still refuse.
	}
	if forceAt := w.forceAt(); v.outcome == waiting && forceAt.After(at) && (v.by.IsZero() || forceAt.Before(v.by)) {
		v.by = forceAt
	}
	return v
}

// mayCut reports whether an instance as it was observed may lose its power once its
// time is up: it is stopping, or our own stop has asked it for all of that time.
func (w *wait) mayCut(in *backend.Instance) bool {
	if in.State == backend.Stopping {
		return true
	}
	return w.owner == ours && !w.isLater(in.LastOperation) &&
		(in.State == backend.Running || in.State == backend.Unknown)
}

// ownVerdict judges an observation while the transition of our last call is waited for.
func (w *wait) ownVerdict(in *backend.Instance, at time.Time) verdict {
	if w.call.op == backend.OpReboot {
		return w.rebootVerdict(in, at)
	}
	shows := w.call.answered.Add(effectWithin)
	silent := !w.shown && !w.underWay(in) && in.State == transitions[w.call.op].from
	switch {
	case inTransition(in.State):
		return verdict{}
	case w.isOurs(in.LastOperation) && in.LastOperation.State == backend.OperationFailed,
		w.contradictions >= confirmations,
		silent && !at.Before(shows):
		return verdict{outcome: failed, cause: NoEffect}
	case w.contradictions > 0:
		return verdict{by: at.Add(confirmAfter)}
	case silent:
		return verdict{by: shows}
	}
	return verdict{}
}

// rebootVerdict is ownVerdict for a reboot. Some clouds show it as a stop and a start,
// so that a stopped instance is still in transition.
func (w *wait) rebootVerdict(in *backend.Instance, at time.Time) verdict {
	if in.State != backend.Running {
		return verdict{}
	}
	ours := w.isOurs(in.LastOperation)
	shows := w.call.answered.Add(effectWithin)
	switch {
	case ours && in.LastOperation.State == backend.OperationFailed:
		return verdict{outcome: failed, cause: NoEffect}
	case w.shown, ours && in.LastOperation.State == backend.OperationSucceeded:
		return verdict{outcome: reached}
	case at.Before(shows):
		return verdict{by: shows}
	case w.owner == unknown:
		return verdict{outcome: failed, cause: AnswerLost}
	}
	return verdict{outcome: reached}
}

// decide judges an observation while no transition of ours is waited for.
func (w *wait) decide(in *backend.Instance, at time.Time) verdict {
	instance := *in
	if w.stuck(in, at) {
		instance.LastOperation = nil
	}
	decision := Decide(&instance, w.target)
	if w.moved && !w.otherMode.IsZero() && aboutMode(decision) {
		// It was stopped a moment ago, so that its mode may not be settled.
		if at.Sub(w.otherMode) < w.modeGrace {
			return verdict{}
		}
		if w.modeAsked {
			return verdict{outcome: failed, cause: ModeIgnored}
		}
	}
	switch decision.Step {
	case Refuse:
		return verdict{outcome: failed, cause: Refused, reason: decision.Reason}
	case Act, Restart:
		return verdict{
			outcome: calling, op: decision.Op, force: w.target.forceFor(decision.Op),
			restart: decision.Step == Restart,
		}
	case Done:
		return verdict{outcome: reached}
	case Wait:
	}
	return verdict{}
}

// aboutMode reports whether a decision is about the mode of a stopped instance.
func aboutMode(d Decision) bool {
	return d.Step == Restart || d.Reason == ModeNeedsRestart || d.Reason == ModeUnsupported
}

// release lets a call out, unless it is to wait, or was refused for too long.
func (w *wait) release(v verdict, at time.Time) verdict {
	switch {
	case w.busy && !w.busySince.IsZero() && at.Sub(w.busySince) >= busyLimit, w.unexplained >= mostUnexplained:
		return verdict{outcome: failed, cause: CloudFault}
	case at.Before(w.notBefore):
		return verdict{by: w.notBefore, held: true}
	}
	return v
}

// String returns the outcome as a word for logs.
func (o outcome) String() string {
	switch o {
	case waiting:
		return "wait"
	case reached:
		return "reached"
	case failed:
		return "failed"
	case calling:
		return "call"
	}
	return "invalid"
}
