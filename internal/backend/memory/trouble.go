package memory

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Error is every error that the driver returns; Driver.Fault reads it.
type Error struct {
	Fault backend.Fault
	// Cause is the context's own error where that ended the call.
	Cause error
}

func (e *Error) Error() string {
	if e.Fault.Code == "" {
		return e.Fault.Message
	}
	return e.Fault.Code + ": " + e.Fault.Message
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Cause }

// Always is the Times of a Trouble that does not end.
const Always = -1

// Trouble is a fault that calls will meet. The zero value is one unexplained
// fault at the next call.
type Trouble struct {
	// Op is the operation that meets it; empty means any.
	Op Op
	// ID is the instance that it is about; empty means the call as a whole.
	ID string
	// After lets so many calls pass that would have met it.
	After int
	// Times is how often it is met: 0 is once, and Always.
	Times int
	// Fault is what the call is answered. It is Shared only in a call of several
	// ids.
	Fault backend.Fault
	// Lost lets the operation take effect: only its answer is lost.
	Lost bool
	// Hang leaves the call without an answer until its context ends.
	Hang bool
}

// Fail adds to the troubles to come. Of several that fit a call, the one that
// was added first is met, and the others wait.
func (d *Driver) Fail(troubles ...Trouble) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, trouble := range troubles {
		if trouble.Times == 0 {
			trouble.Times = 1
		}
		d.troubles = append(d.troubles, &trouble)
	}
}

// meet uses up the next trouble that fits, and returns it, or nil.
func (d *Driver) meet(op Op, id string) *Trouble {
	for i, trouble := range d.troubles {
		if trouble.ID != id || trouble.Op != "" && trouble.Op != op {
			continue
		}
		if trouble.After > 0 {
			trouble.After--
			continue
		}
		met := *trouble
		if trouble.Times != Always {
			trouble.Times--
		}
		if trouble.Times == 0 {
			d.troubles = slices.Delete(d.troubles, i, i+1)
		}
		return &met
	}
	return nil
}

func (t *Trouble) err(call Call) error {
	fault := t.Fault
	fault.Shared = fault.Shared && len(call.IDs) > 1
	if fault.RequestID == "" {
		fault.RequestID = call.RequestID
	}
	if fault.Code == "" {
		fault.Code = fault.Kind.String()
	}
	if fault.Message == "" {
		fault.Message = "the test asked for this fault"
	}
	return &Error{Fault: fault}
}

func refusal(kind backend.Kind, message string) *backend.Fault {
	return &backend.Fault{Kind: kind, Code: kind.String(), Message: message}
}

func modeRefusal(message string) *backend.Fault {
	fault := refusal(backend.KindInvalid, message)
	fault.ModeRefused = true
	return fault
}

func (d *Driver) refused(call Call, fault backend.Fault) error {
	fault.RequestID = call.RequestID
	return &Error{Fault: fault}
}

// ended is the error of a call whose context ended first.
func ended(cause error) error {
	return &Error{
		Fault: backend.Fault{Kind: backend.KindUnavailable, Message: cause.Error(), Unreachable: true}, Cause: cause,
	}
}
