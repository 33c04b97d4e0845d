package powerstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Cause is why a target was not reached.
type Cause int

// The causes.
const (
	// CloudFault: the cloud answered with an error; Error.Fault tells which.
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
	// ModeIgnored: the instance stopped, in another mode than was asked for.
	ModeIgnored
	// Vanished: the instance was there, and is gone.
	Vanished
	// BecameUnavailable: the instance can no longer be operated.
	BecameUnavailable
)

// Error is the one error of this package. It is wrapped once; errors.As still
// reaches the vendor's.
type Error struct {
	Cause      Cause
	Op         backend.Op // what was being attempted; 0 while only looking
	Cloud      string
	Region     string
	InstanceID string // empty where it was about a listing
	Target     Target // the zero value where the call had none
	Reason     Reason // with Refused
	// Fault is what the cloud said, if it said anything: with CloudFault the
	// cause, otherwise the last refusal before the end, if what was refused had
	// not succeeded since.
	Fault *backend.Fault
	// Last is the instance as last seen, nil if it never was; LastFor is how
	// long it had looked like that, Elapsed how long the attempt took.
	Last    *backend.Instance
	LastFor time.Duration
	Elapsed time.Duration
	Err     error // the vendor's, or the context's; may be nil
}

// Error returns one line; the provider's diagnostics say more.
func (e *Error) Error() string {
	what := "look at"
	if e.Op != 0 {
		what = e.Op.String()
	}
	text := fmt.Sprintf("%s %s instance %s", what, e.Cloud, e.InstanceID)
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
		text += fmt.Sprintf(" (last seen %s)", describeState(*e.Last))
	}
	return text
}

// Unwrap returns the vendor's error, or the context's.
func (e *Error) Unwrap() error { return e.Err }

// String returns the cause as a clause.
func (c Cause) String() string {
	switch c {
	case CloudFault:
		return "the cloud answered with an error"
	case Refused:
		return "refused"
	case TimedOut:
		return "timed out"
	case Canceled:
		return "canceled"
	case NoEffect:
		return "the call had no effect"
	case ModeIgnored:
		return "stopped in another mode than was asked for"
	case Vanished:
		return "the instance is gone"
	case BecameUnavailable:
		return "the instance can no longer be operated"
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

// endOf tells a passed deadline from a cancellation.
func endOf(err error) Cause {
	if errors.Is(err, context.DeadlineExceeded) {
		return TimedOut
	}
	return Canceled
}
