package dispatch

import (
	"context"
	"sync"
)

// flights are the writes that are in progress, by instance. A caller that is canceled
// leaves its write behind when other callers share the batch. The zero value is ready.
type flights struct {
	mu   sync.Mutex
	open map[string]*flight
}

// flight is the writes about one instance.
type flight struct {
	calls int
	ended chan struct{} // closed when there are none any more
}

// begin counts a write about each of the ids until end is called.
func (f *flights) begin(ids []string) (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		f.open = make(map[string]*flight)
	}
	for _, id := range ids {
		if f.open[id] == nil {
			f.open[id] = &flight{ended: make(chan struct{})}
		}
		f.open[id].calls++
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range ids {
			one := f.open[id]
			if one.calls--; one.calls == 0 {
				close(one.ended)
				delete(f.open, id)
			}
		}
	}
}

// WaitForWrites blocks while a write about the instance is in progress, and reports whether
// there was one. The error is the cause of ctx, where that ends first.
func (d *Dispatcher) WaitForWrites(ctx context.Context, id string) (waited bool, err error) {
	d.flights.mu.Lock()
	one := d.flights.open[id]
	d.flights.mu.Unlock()
	if one == nil {
		return false, nil
	}
	select {
	case <-one.ended:
		return true, nil
	case <-ctx.Done():
		return true, context.Cause(ctx)
	}
}
