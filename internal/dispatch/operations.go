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
	single   int       // operations on one instance
	peak     int       // the most of them a moment ago
	peakAt   time.Time // when there were so many
	fleet    int       // instances of the operations on many
	id       string    // of the single operation that began or ended last
	activity time.Time // when it did
	others   time.Time // when one did a moment after one on another instance
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
	}
	w := coalesce.Window{Idle: d.batchWindow, Max: max(maxWindow, 2*d.batchWindow), Since: o.activity}
	if o.single <= 1 && time.Since(o.others) >= aloneAfter {
		w.Idle /= aloneShare
		return w
	}
	active := o.single
	if time.Since(o.peakAt) < aloneAfter {
		active = max(active, o.peak)
	}
	w.Idle = max(w.Idle, min(d.batchWindow*time.Duration(active/perWindow), manyWindow))
	return w
}
