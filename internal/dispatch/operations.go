package dispatch

import (
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// operations counts the active operations, to tell whether more calls are likely to join
// a batch.
type operations struct {
	mu       sync.Mutex
	single   int           // operations on one instance
	waiting  int           // those of them that wait for the answer to a call, or for their next poll
	atOnce   int           // how many there were when a window last lapsed; 0 since there were more
	peak     int           // the most of them a moment ago
	peakAt   time.Time     // when there were so many
	fleet    int           // instances of the operations on many
	id       string        // of the single operation that began or ended last
	activity time.Time     // when it did
	others   time.Time     // when one did a moment after one on another instance
	pause    time.Duration // the longest before an operation on another instance, a moment ago
	pausedAt time.Time     // when that was
}

// Begin counts an operation on one instance until end is called. A batch of single
// operations waits for the operations that follow soon.
func (d *Dispatcher) Begin(id string) (end func()) {
	d.operations.note(id, 1)
	return func() { d.operations.note(id, -1) }
}

// BeginFleet is Begin for an operation on n instances.
func (d *Dispatcher) BeginFleet(n int) (end func()) {
	d.operations.noteFleet(n)
	return func() { d.operations.noteFleet(-n) }
}

func (o *operations) note(id string, more int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if o.id != id && now.Sub(o.activity) < aloneAfter {
		o.others = now
	}
	o.single += more
	if more > 0 {
		o.begun(id, now)
	}
	if o.single >= o.peak || now.Sub(o.peakAt) >= aloneAfter {
		o.peak, o.peakAt = o.single, now
	}
	o.id, o.activity = id, now
}

func (o *operations) noteFleet(more int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fleet += more
}

// begun learns from an operation that has just begun how the CLI hands out its work. The
// lock is held.
func (o *operations) begun(id string, now time.Time) {
	pause := now.Sub(o.activity)
	if o.single > o.atOnce || o.id != id && pause > promptly {
		o.atOnce = 0 // The CLI has more to hand out, and did not wait for the end of another one.
	}
	if o.id != id && pause <= manyWindow && (pause >= o.pause || now.Sub(o.pausedAt) >= aloneAfter) {
		o.pause, o.pausedAt = pause, now
	}
}

// wait counts more operations as waiting, or fewer.
func (o *operations) wait(by Caller, more int) {
	if by != Single {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting += more
}

// lapsed notes how many operations the CLI runs at a time: no other joined in a whole
// idle window.
func (o *operations) lapsed(k batchKey) {
	if !k.waitsForOthers() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.atOnce = o.single
}

// complete reports whether all operations that the CLI runs at a time have begun and
// wait, so that none can join before one of them continues. The lock is held.
func (o *operations) complete() bool {
	return o.atOnce > 0 && o.single >= o.atOnce && o.waiting >= o.single
}

// waitsForOthers reports whether the window of the key depends on the operations. The
// members of others are known: a fleet's, those that were let out for a poll, and those
// of a split batch.
func (k batchKey) waitsForOthers() bool {
	return k.caller == Single && !k.poll && k.split.IsZero()
}

// window returns the window of a batch.
func (d *Dispatcher) window(k batchKey) coalesce.Window {
	o := &d.operations
	o.mu.Lock()
	defer o.mu.Unlock()
	idle := func(d time.Duration) coalesce.Window { return coalesce.Window{Idle: d, Max: maxIdleWindows * d} }
	switch {
	case !k.split.IsZero():
		return idle(splitWindow)
	case k.poll:
		return idle(pollWindow)
	case k.caller == Fleet && o.fleet > d.driver.BatchSize():
		return idle(largeFleetWindow)
	case k.caller == Fleet:
		return idle(fleetWindow)
	case d.batchWindow <= 0:
		return coalesce.Window{} // Batching is off.
	}
	w := coalesce.Window{
		Idle: d.batchWindow, Max: max(maxWindow, 2*d.batchWindow), Since: o.activity, Complete: o.complete(),
	}
	if o.single <= 1 && time.Since(o.others) >= aloneAfter {
		w.Idle /= aloneShare
		return w
	}
	active := o.single
	if time.Since(o.peakAt) < aloneAfter {
		active = max(active, o.peak)
	}
	w.Idle = max(w.Idle, min(d.batchWindow*time.Duration(active/perWindow), manyWindow))
	if o.pause > d.batchWindow && time.Since(o.pausedAt) < aloneAfter {
		w.Idle = max(w.Idle, min(pauseShare*o.pause, manyWindow))
	}
	return w
}
