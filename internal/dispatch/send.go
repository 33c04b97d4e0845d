package dispatch

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Call is a write.
type Call struct {
	Op      backend.Op
	Options backend.StopOptions
}

// Reply is how one write was answered.
type Reply struct {
	// RequestID is the cloud's id of the call, where it gave one.
	RequestID string
	// Err is nil where the cloud accepted the call, else the vendor's error.
	Err error
	// Fault is Err as the driver classifies it, nil without one.
	Fault *backend.Fault
	// Split is set where the cloud refused a batch for what may be the fault of
	// another member: observe the instance, and if the call is still needed pass Split
	// to Send.
	Split Split
	// Stale is set where the call was not made, since its permit came after notAfter.
	// Split is as it was.
	Stale bool
	// Pause is how long to wait before the next call about the instance: as long as all
	// callers of the action are paused, or after a lost answer. All members of a batch
	// have the same, so that they return together.
	Pause time.Duration
}

// Send makes one write, batched with equal ones, and never repeats it. One that would
// only be sent after notAfter is not made at all; the zero time is no limit. The error is
// an *Interrupted where ctx ended before the answer; or a *CallError, and then no call was
// made.
func (d *Dispatcher) Send(
	ctx context.Context, id string, call Call, by Caller, split Split, notAfter time.Time,
) (Reply, error) {
	t := tries{d: d, key: batchKey{caller: by, action: actionWrite, call: call, split: split}}
	var sent atomic.Bool
	a, err := d.do(ctx, &t.key, item{id: id, notAfter: notAfter, sent: &sent})
	if err != nil {
		err = t.notMade(ctx, err)
		var interrupted *Interrupted
		if errors.As(err, &interrupted) {
			interrupted.Sent = sent.Load()
		}
		return Reply{}, err
	}
	if a.stale {
		return Reply{Stale: true, Split: split}, nil
	}
	return Reply{RequestID: a.requestID, Err: a.err, Fault: a.fault, Split: a.split, Pause: a.pause}, nil
}

// DryRun asks the cloud whether it would accept the call, batched with equal
// questions. nil means that it would, or that this cloud cannot be asked. It repeats
// as Observe does. An error is an *Interrupted or a *CallError.
func (d *Dispatcher) DryRun(ctx context.Context, id string, call Call, by Caller) (*backend.Fault, error) {
	if _, ok := d.driver.(backend.DryRunner); !ok {
		return nil, nil
	}
	t := tries{d: d, key: batchKey{caller: by, action: actionDryRun, call: call}}
	_, err := t.until(ctx, id)
	var refused *CallError
	if errors.As(err, &refused) && t.fault != nil {
		return &refused.Fault, nil
	}
	return nil, err
}

// dryRun passes a dry run on to the driver.
func (d *Dispatcher) dryRun(ctx context.Context, call Call, ids []string) []backend.Outcome {
	runner, ok := d.driver.(backend.DryRunner)
	if !ok {
		return nil
	}
	errs := runner.DryRun(ctx, call.Op, ids, call.Options)
	outcomes := make([]backend.Outcome, len(errs))
	for i, err := range errs {
		outcomes[i].Err = err
	}
	return outcomes
}
