package dispatch

import "github.com/instance-power/terraform-provider-instance/internal/backend"

// CallError is a call that failed for a reason that no repeat cures.
type CallError struct {
	// Fault is Err as the driver classifies it.
	Fault backend.Fault
	// Err is the vendor's error.
	Err error
}

func (e *CallError) Error() string { return e.Err.Error() }

// Unwrap returns the vendor's error.
func (e *CallError) Unwrap() error { return e.Err }

// Interrupted is a call, or the wait for one, that ended with its context.
type Interrupted struct {
	// Fault is why there was no answer: the reason that held the call back, which another
	// caller may have met, or the answer to the last try. It is nil where nothing is
	// known to have failed. Its RetryAfter may be longer than the time that remained.
	Fault *backend.Fault
	// Sent is set where a write was sent and its answer did not come, so that it is not
	// known whether it has an effect.
	Sent bool
	// Err is the cause of the context.
	Err error
}

func (e *Interrupted) Error() string { return e.Err.Error() }

// Unwrap returns the cause of the context.
func (e *Interrupted) Unwrap() error { return e.Err }
