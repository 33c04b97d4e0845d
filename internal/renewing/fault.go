package renewing

import (
	"context"
	"errors"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
)

// keysError is why a call was not made: there are no keys to sign it with.
type keysError struct{ err error }

func (e *keysError) Error() string { return e.err.Error() }

// Unwrap returns the error of the source.
func (e *keysError) Unwrap() error { return e.err }

// Fault implements backend.Driver. A call without keys was not sent.
func (d *driver) Fault(err error) backend.Fault {
	var keys *keysError
	if !errors.As(err, &keys) {
		return d.now().Fault(err)
	}
	var failed *credentials.Error
	if !errors.As(err, &failed) {
		fault := backend.Fault{Kind: backend.KindInvalid, Unsent: true, Message: err.Error()}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			fault.Kind, fault.Unreachable = backend.KindUnavailable, true
		}
		return fault
	}
	fault := backend.Fault{
		Kind:      kindOf(failed.Kind),
		Unsent:    true,
		Code:      failed.Code,
		Message:   "there are no credentials for the call: " + failed.Error(),
		RequestID: failed.RequestID,
		Status:    failed.Status,
	}
	fault.Unreachable = fault.Kind == backend.KindUnavailable && failed.Status == 0
	return fault
}

// kindOf says whether the engine may try again. The exchange itself has tried
// already, for seconds.
func kindOf(kind credentials.Kind) backend.Kind {
	switch kind {
	case credentials.Throttled:
		return backend.KindThrottled
	case credentials.Unavailable:
		return backend.KindUnavailable
	case credentials.Denied, credentials.Expired:
		return backend.KindDenied
	case credentials.Missing, credentials.Invalid:
		return backend.KindInvalid
	case credentials.Other:
	}
	return backend.KindOther
}
