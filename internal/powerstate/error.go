package powerstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// Cause is why a target was not reached.
type Cause int

// The causes.
const (
	// CloudFault: a call failed, be it that the cloud refused it or that no answer
	// came; Error.Fault tells which.
	CloudFault Cause = iota
	// Refused: Decide refused; Error.Reason tells why.
	Refused
	// TimedOut: the deadline passed.
	TimedOut
	// Canceled: somebody ended the wait.
	Canceled
	// NoEffect: the cloud accepted the call, and the instance is again, or
	// still, as it was.
	NoEffect
	// AnswerLost: the answer to the call was lost, and its effect was not
	// observed. It is the cause of a reboot's error, which is never sent twice.
	AnswerLost
	// ModeIgnored: the instance stopped, in another mode than the target has.
	ModeIgnored
	// Vanished: the instance was there, and is gone.
	Vanished
	// BecameUnavailable: the instance can no longer be operated.
	BecameUnavailable
	// Withdrawn: the caller did not want it any more when its turn came.
	Withdrawn
)

// Error is the one error of this package. It is wrapped once; errors.As still
// reaches the vendor's.
type Error struct {
	Cause      Cause
	Op         backend.Op // the call that was made, or being made, last; 0 for none
	Cloud      string
	Region     string
	InstanceID string // empty where it was about a listing
	Target     Target // the zero value where the call had none
	Reason     Reason // with Refused
	// Fault is the error that the cloud returned, if it returned one: with CloudFault the
	// cause, otherwise the last refusal before the end, if what was refused had
	// not succeeded since.
	Fault *backend.Fault
	// Restarting is set when the instance was started only in order to be stopped
	// again in another mode, and the operation ended before that.
	Restarting bool
	// Returned is set, with NoEffect, when the transition of the call was observed: the
	// instance left its state and came back.
	Returned bool
	// CallRefused is set when the last call was refused, each time that it was made: Fault
	// is the last of these refusals. Forced is set when it was to cut the power.
	CallRefused, Forced bool
	// Unanswered is set when the last call was sent, and the operation ended before its
	// answer: whether it has an effect is not known.
	Unanswered bool
	// Queued is set when the operation ended while another one on the instance was
	// in progress.
	Queued bool
	// Held is set when the operation ended before its first call, while as many other
	// instances were in a transition as may be at a time.
	Held bool
	// Last is the instance as last observed, nil if it never was; LastFor is how
	// long it had been so, Elapsed how long the operation lasted.
	Last    *backend.Instance
	LastFor time.Duration
	Elapsed time.Duration
	Err     error // the vendor's, or the context's; may be nil
}

// Error returns one line; the provider's diagnostics tell more.
func (e *Error) Error() string {
	operation := "read"
	if e.Op != 0 {
		operation = e.Op.String()
	}
	text := fmt.Sprintf("%s %s instance %s", operation, e.Cloud, e.InstanceID)
	if e.InstanceID == "" {
		text = fmt.Sprintf("list the instances of %s", e.Cloud)
	}
	switch {
	case e.Cause == CloudFault && e.Fault != nil && e.Fault.Code != "":
		text += ": " + e.Fault.Code + ": " + e.Fault.Message
	case e.Cause == CloudFault && e.Err != nil:
		text += ": " + e.Err.Error()
	default:
		text += ": " + e.Cause.String()
	}
	if e.Last != nil {
		text += fmt.Sprintf(" (last observed: %s)", describeState(*e.Last))
	}
	return text
}

// Unwrap returns the vendor's error, or the context's.
func (e *Error) Unwrap() error { return e.Err }

// String returns the cause as a clause.
func (c Cause) String() string {
	switch c {
	case CloudFault:
		return "the call failed"
	case Refused:
		return "refused"
	case TimedOut:
		return "timed out"
	case Canceled:
		return "canceled"
	case NoEffect:
		return "the call had no effect"
	case AnswerLost:
		return "the answer was lost, and no effect was observed"
	case ModeIgnored:
		return "stopped in another mode than the target has"
	case Vanished:
		return "the instance is gone"
	case BecameUnavailable:
		return "the instance can no longer be operated"
	case Withdrawn:
		return "withdrawn"
	}
	return "invalid"
}

// describeState names a state with the cloud's own word beside it.
func describeState(in backend.Instance) string {
	if in.Raw == "" {
		return in.State.String()
	}
	return fmt.Sprintf("%s, %q", in.State, in.Raw)
}

// fail makes the error of this operation. Its fault is what the cloud answered last,
// if that was not overcome.
func (o *operation) fail(cause Cause, reason Reason, err error) *Error {
	e := &Error{
		Cause: cause, Reason: reason, Op: o.op, Cloud: o.c.cloud, Region: o.c.region, InstanceID: o.id,
		Target: o.target, Fault: o.readFault, Last: o.last.Instance, Elapsed: time.Since(o.began), Err: err,
	}
	if e.Fault == nil {
		e.Fault = o.callFault
	}
	if e.Last != nil {
		e.LastFor = time.Since(o.since)
		e.Restarting = o.wait.restarting && (e.Last.State == backend.Running || e.Last.State == backend.Starting)
	}
	e.CallRefused = o.readFault == nil && o.callFault != nil && o.callFault.Kind != backend.KindUnavailable
	e.Forced, e.Unanswered = o.forced, o.inFlight
	e.Returned = cause == NoEffect && o.wait.shown
	e.Queued, e.Held = e.Last == nil && o.queued, o.held
	return e
}

// verdictError is the error of a verdict that ends the operation.
func (o *operation) verdictError(v verdict) *Error {
	if v.cause == CloudFault {
		return o.fail(CloudFault, NoReason, o.callErr)
	}
	return o.fail(v.cause, v.reason, nil)
}

func (o *operation) fault(err error, fault backend.Fault) *Error {
	e := o.fail(CloudFault, NoReason, err)
	e.Fault = &fault
	return e
}

// unanswered makes an error of package dispatch the error of this operation. last is
// where the fault belongs: to the reads, or to the call.
func (o *operation) unanswered(ctx context.Context, err error, last **backend.Fault) error {
	var failed *dispatch.CallError
	if errors.As(err, &failed) {
		return o.fault(failed.Err, failed.Fault)
	}
	var interrupted *dispatch.Interrupted
	if errors.As(err, &interrupted) {
		if interrupted.Fault != nil {
			*last = interrupted.Fault
		}
		o.inFlight = interrupted.Sent
		err = interrupted.Err
	}
	return o.ended(ctx, err)
}

// ended makes the end of the context, or of a batch, the error of this operation. The
// context itself tells which: its cause may be any error.
func (o *operation) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return o.fail(CloudFault, NoReason, err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return o.fail(TimedOut, NoReason, err)
	}
	return o.fail(Canceled, NoReason, err)
}
