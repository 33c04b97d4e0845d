package memory

import (
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Op is a kind of call.
type Op string

// The kinds of call.
const (
	Describe    Op = "describe"
	Start       Op = "start"
	Stop        Op = "stop"
	Reboot      Op = "reboot"
	DryRun      Op = "dry run"
	CheckAbsent Op = "check absent"
)

// Call is one call that arrived, whatever became of it. A call whose context
// had ended before is not one.
type Call struct {
	Op  Op
	IDs []string
	// Options are those of a Stop, a Reboot or a DryRun.
	Options backend.StopOptions
	// Checked is the operation that a DryRun asked about.
	Checked backend.Op
	At      time.Time
	// RequestID is what the cloud called it.
	RequestID string
}

// Calls returns the calls of the given kinds, or all, in the order of their
// arrival.
func (d *Driver) Calls(ops ...Op) []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	var calls []Call
	for _, call := range d.calls {
		if len(ops) == 0 || slices.Contains(ops, call.Op) {
			calls = append(calls, call)
		}
	}
	return calls
}

// Count returns how many calls of the given kinds arrived, or how many at all.
func (d *Driver) Count(ops ...Op) int { return len(d.Calls(ops...)) }

// ForgetCalls empties the log, so that a test counts from here.
func (d *Driver) ForgetCalls() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = nil
}

// record notes a call and gives it its time and number.
func (d *Driver) record(call Call) Call {
	call.IDs = slices.Clone(call.IDs)
	call.At = time.Now()
	d.requests++
	if !d.opts.NoRequestIDs {
		call.RequestID = fmt.Sprintf("req-%d", d.requests)
	}
	d.calls = append(d.calls, call)
	return call
}
