// Package memory is a cloud in memory: the driver that the engine's tests run
// on, and the reference implementation of package backend's contract. Its
// instances change state with time.Now and are settled when they are read, so
// that it needs no goroutine and is exact in the fake time of testing/synctest. It
// speaks no wire protocol; the simulators do that for the real drivers.
package memory

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const defaultBatchSize = 100

// Options says what kind of cloud this is. The zero value is one that can do
// everything, at once.
type Options struct {
	// Capabilities are what Driver.Capabilities returns, and the cloud behaves
	// accordingly. Nil means AllCapabilities.
	Capabilities *backend.Capabilities
	// BatchSize is 100 when it is 0.
	BatchSize int
	// StartTime, StopTime and RebootTime are how long transitions take.
	StartTime, StopTime, RebootTime time.Duration
	// Latency is how long each call takes. The cloud acts when the call
	// arrives; the answer is what takes time.
	Latency time.Duration
	// DefaultMode is the account's own for a stop that names none;
	// KeepCharging when it is empty.
	DefaultMode backend.StoppedMode
	// BusyWhenAlreadySo refuses to start what runs and to stop what is stopped,
	// as a cloud does whose answer does not tell it from another wrong state.
	BusyWhenAlreadySo bool
	// BusyWhenForcedWhileStopping refuses a forced stop of an instance that is
	// already stopping; else it cuts short a guest that hangs.
	BusyWhenForcedWhileStopping bool
	// RefuseBarredMode refuses to stop charging for an instance that cannot; without
	// it the stop is accepted, and the instance keeps being charged.
	RefuseBarredMode bool
	// HideCulprits leaves the ids out of the fault of a call that was refused
	// as a whole.
	HideCulprits bool
	// NoRequestIDs is for a cloud that does not number its calls.
	NoRequestIDs bool
}

// AllCapabilities is a cloud that can do everything but change the mode of a
// stopped instance, which none can. It has no rate limits worth the name.
func AllCapabilities() backend.Capabilities {
	return backend.Capabilities{
		StopCharging:           true,
		NativeEscalation:       true,
		ModeChangeNeedsRestart: true,
		OperationReason:        true,
		PerItemOutcomes:        true,
		ReadsPerSecond:         1e6,
		WritesPerSecond:        1e6,
	}
}

// Driver is the cloud and its driver in one. Make it with New.
type Driver struct {
	opts         Options
	capabilities backend.Capabilities

	mu        sync.Mutex
	instances map[string]*instance
	troubles  []*Trouble
	calls     []Call
	requests  int
}

var _ backend.Driver = (*Driver)(nil)

// New returns a cloud without instances.
func New(opts Options) *Driver {
	if opts.BatchSize == 0 {
		opts.BatchSize = defaultBatchSize
	}
	if opts.DefaultMode == backend.UnknownMode {
		opts.DefaultMode = backend.KeepCharging
	}
	d := &Driver{opts: opts, capabilities: AllCapabilities(), instances: map[string]*instance{}}
	if opts.Capabilities != nil {
		d.capabilities = *opts.Capabilities
	}
	return d
}

// Add puts instances in the cloud. Raw and StoppedMode are filled in where they
// are empty. One that is Starting, Stopping or Restarting has just begun to; the
// StoppedMode of one that is Stopping is what it will be when it is stopped.
func (d *Driver) Add(instances ...backend.Instance) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, added := range instances {
		if added.Raw == "" {
			added.Raw = word(added.State)
		}
		stopped := added.StoppedMode
		if stopped == backend.UnknownMode {
			stopped = d.stoppedMode(added, backend.UnknownMode)
		}
		added.StoppedMode = d.runningMode()
		if added.State == backend.Stopped {
			added.StoppedMode = stopped
		}
		in := &instance{moments: []moment{{at: now, seen: clone(added)}}}
		d.instances[added.ID] = in
		switch added.State {
		case backend.Starting:
			d.reach(in, now.Add(d.opts.StartTime), backend.Running, d.runningMode(), nil)
		case backend.Restarting:
			d.reach(in, now.Add(d.opts.RebootTime), backend.Running, d.runningMode(), nil)
		case backend.Stopping:
			d.reach(in, now.Add(d.opts.StopTime), backend.Stopped, stopped, nil)
		case backend.Unknown, backend.Running, backend.Stopped, backend.Unavailable, backend.Absent:
			// These stay as they are.
		}
	}
}

// AddN adds n instances like the one given, and returns their ids: its own with
// a number behind it.
func (d *Driver) AddN(n int, like backend.Instance) []string {
	ids := make([]string, n)
	for i := range ids {
		added := clone(like)
		added.ID = fmt.Sprintf("%s-%03d", like.ID, i)
		ids[i] = added.ID
		d.Add(added)
	}
	return ids
}

// Behave sets how an instance misbehaves from now on. It panics where there is
// no such instance.
func (d *Driver) Behave(id string, b Behavior) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.mustHave(id)
	in.behavior, in.since, in.described = b, time.Now(), 0
}

// Change changes an instance without a call, as a user of the cloud's console does.
// A transition that was under way is forgotten. It panics where there is no such
// instance.
func (d *Driver) Change(id string, change func(*backend.Instance)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in, now := d.mustHave(id), time.Now()
	seen := in.seenAt(now)
	state := seen.State
	change(&seen)
	if seen.State != state {
		seen.Raw = word(seen.State)
	}
	in.forget(now)
	in.moments = append(in.moments, moment{at: now, seen: seen})
}

// Remove takes an instance away.
func (d *Driver) Remove(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.instances, id)
}

// Instance returns an instance as it is, whatever a Describe would show of it,
// and does not count as a call.
func (d *Driver) Instance(id string) (backend.Instance, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in, ok := d.instances[id]
	if !ok {
		return backend.Instance{}, false
	}
	return in.seenAt(time.Now()), true
}

// Finish ends at once every transition that would end by itself.
func (d *Driver) Finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, in := range d.instances {
		last := in.moments[len(in.moments)-1]
		if last.at.After(now) {
			in.forget(now)
			in.moments = append(in.moments, moment{at: now, seen: last.seen})
		}
	}
}

// mustHave is for the methods that tests call to prepare a test, where a wrong
// id is a mistake in the test.
func (d *Driver) mustHave(id string) *instance {
	in, ok := d.instances[id]
	if !ok {
		panic(fmt.Sprintf("memory: there is no instance %q among %q", id, slices.Sorted(maps.Keys(d.instances))))
	}
	return in
}
