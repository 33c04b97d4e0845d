package dispatch

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Call is a write.
type Call struct {
	Op      backend.Op
	Options backend.StopOptions
}

// Split tells which part of a refused batch a call belongs to. The zero value is a
// call that was not refused.
type Split struct{ part part }

// IsZero reports whether there is nothing to repeat.
func (s Split) IsZero() bool { return s.part.of == nil }

// Reply is what became of one write.
type Reply struct {
	// RequestID is the cloud's id of the call, where it gave one.
	RequestID string
	// Err is nil where the cloud accepted the call, else the vendor's error.
	Err error
	// Fault is what the driver reads from Err, nil without one.
	Fault *backend.Fault
	// Split is set where the cloud refused a batch for what may be the fault of
	// another member: observe, and if the call is still needed pass it to Send.
	Split Split
	// Pause is how long to wait before the next call about the instance. All
	// members of a batch have the same, so that they come back together.
	Pause time.Duration
}

// Send makes one write, batched with equal ones. It never repeats it. The error is
// an *Interrupted where ctx ended before the answer, else a *CallError: then no
// call was made.
func (d *Dispatcher) Send(ctx context.Context, id string, call Call, by Caller, split Split) (Reply, error) {
	d.came(id)
	key := actKey{op: call.Op, opts: call.Options, part: split.part}
	got, err := d.through(key.part, by).acts.Do(ctx, key, id)
	if err != nil {
		r := repeater{d: d}
		return Reply{}, r.ended(ctx, err)
	}
	reply := Reply{RequestID: got.RequestID, Err: got.Err, Split: Split{got.part}, Pause: got.pause}
	if got.part.late {
		reply.Pause = lateness
	}
	if got.Err != nil {
		fault := d.driver.Fault(got.Err)
		reply.Fault = &fault
	}
	return reply, nil
}
