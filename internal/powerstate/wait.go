package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// owner is whose transition is waited for.
type owner int

const (
	none    owner = iota // no transition is known to be in progress
	ours                 // that of our last call, which the cloud accepted
	unknown              // perhaps that of our last call, whose answer was lost
	others               // that of somebody else
)

// call is our last call that may have an effect.
type call struct {
	op        backend.Op
	forced    bool
	requestID string    // of an accepted call, where the cloud gave one
	answered  time.Time // or given up
	// prior is the request id of the last operation that was observed before the
	// call, so that it is not mistaken for one that came after it.
	prior string
}

// wait is all that judge has to know beside an observation: the target, our last
// call, and what was observed since. It is a value, and holds no clock.
type wait struct {
	target      Target
	searchUntil time.Time // a missing instance is searched for until then
	modeGrace   time.Duration

	owner owner
	call  call
	// answered is when the last call was answered, whatever the answer was: an
	// observation that was requested before tells nothing about its effect.
	answered       time.Time
	shown          bool // the transition of our call was observed
	contradictions int  // how many observations in a row contradict our accepted call

	found     bool      // the instance was observed before
	operable  bool      // and in a state in which it can be operated
	moved     bool      // a transition was observed, or begun, in this operation
	modeAsked bool      // the cloud accepted a stop in the target's mode
	otherMode time.Time // since when it is stopped in another mode than the target prefers
	// stopCharging is set once the cloud accepted a stop that asked to stop charging,
	// modeRefused once it refused one for its mode.
	stopCharging, modeRefused bool
	restarting                bool // it was started only in order to stop again

	// forceFrom is from when force_stop_after counts: from our own graceful stop, or
	// from when somebody else's was first observed; zero while neither is the case.
	forceFrom time.Time
	cut       bool // the power is being cut: a forced stop was accepted after that

	operation      string // the request id of the last operation while it is running
	operationSince time.Time

	notFound    bool      // the last call was answered that there is no such instance
	notBefore   time.Time // no call before then
	busy        bool      // the last call was refused as busy
	busySince   time.Time // since when the instance is busy, and in no transition
	unexplained int       // how often a call was refused without a reason
}

// transition is what a call causes.
type transition struct{ from, during, to backend.State }

// transitions are those of start and stop. A reboot has none of its own: some clouds
// show it as a stop and a start.
var transitions = map[backend.Op]transition{
	backend.OpStart: {backend.Stopped, backend.Starting, backend.Running},
	backend.OpStop:  {backend.Running, backend.Stopping, backend.Stopped},
}

// accepted takes in that the cloud accepted a call about an instance that was
// observed as in.
func (w *wait) accepted(op backend.Op, opts backend.StopOptions, requestID string, in *backend.Instance,
	now time.Time,
) {
	w.owner, w.answered = ours, now
	w.call = call{
		op: op, forced: opts.Force == backend.Forced, requestID: requestID, answered: now,
		prior: lastRequestID(in),
	}
	w.shown, w.contradictions = op != backend.OpReboot && in.State == transitions[op].during, 0
	w.moved = true
	w.notBefore, w.busy, w.busySince, w.unexplained = time.Time{}, false, time.Time{}, 0
	switch op {
	case backend.OpStop:
		w.modeAsked, w.stopCharging = true, opts.Mode == backend.StopCharging
		w.cut = w.call.forced
		if !w.call.forced {
			w.forceFrom = now
		}
	case backend.OpStart:
		w.modeAsked, w.stopCharging, w.otherMode = false, false, time.Time{}
		w.restarting = w.target.Goal == GoalStopped
	case backend.OpReboot:
	}
}

// lost takes in that the answer to a call was lost. A stop that was to end one that
// is in progress changes nothing about whose that is.
func (w *wait) lost(op backend.Op, in *backend.Instance, now, notBefore time.Time) {
	w.answered, w.notBefore, w.busy = now, notBefore, false
	if w.counts() {
		return
	}
	w.owner, w.moved = unknown, true
	w.call = call{op: op, answered: now, prior: lastRequestID(in)}
	w.shown, w.contradictions = false, 0
}

// refused takes in that a call was refused for now.
func (w *wait) refused(fault backend.Fault, in *backend.Instance, now, notBefore time.Time) {
	w.answered, w.notBefore, w.busy = now, notBefore, fault.Kind == backend.KindBusy
	if fault.Unexplained {
		w.unexplained++
	}
	if w.busy && w.busySince.IsZero() && settled(in.State) {
		w.busySince = now
	}
}

// missing takes in that a call was answered that there is no such instance. The next
// observation ends the operation: it tells whether that is true.
func (w *wait) missing(now time.Time) { w.answered, w.notFound = now, true }

// counts reports whether the time of force_stop_after is running.
func (w *wait) counts() bool { return w.target.escalates() && !w.forceFrom.IsZero() && !w.cut }

// forceAt is when the power is to be cut; zero for not.
func (w *wait) forceAt() time.Time {
	if !w.counts() {
		return time.Time{}
	}
	return w.forceFrom.Add(w.target.ForceStopAfter)
}

// isOurs reports whether the last operation of the instance is our accepted call.
func (w *wait) isOurs(op *backend.Operation) bool {
	return op != nil && w.owner == ours && w.call.requestID != "" && op.RequestID == w.call.requestID
}

// isLater reports whether the last operation is one of somebody else that came
// after our accepted call.
func (w *wait) isLater(op *backend.Operation) bool {
	return op != nil && w.owner == ours && w.call.requestID != "" && op.RequestID != "" &&
		op.RequestID != w.call.requestID && op.RequestID != w.call.prior
}

// stuck reports whether the last operation is somebody else's and has not moved for
// so long that it no longer blocks ours.
func (w *wait) stuck(in *backend.Instance, at time.Time) bool {
	op := in.LastOperation
	return op != nil && op.State == backend.OperationRunning && at.Sub(w.operationSince) >= stuckAfter &&
		(w.call.requestID == "" || op.RequestID != w.call.requestID)
}

func lastRequestID(in *backend.Instance) string {
	if in.LastOperation == nil {
		return ""
	}
	return in.LastOperation.RequestID
}

// settled reports whether an instance is in no transition that is known.
func settled(s backend.State) bool { return s == backend.Running || s == backend.Stopped }
