package dispatch

import (
	"sync"
	"time"
)

// traffic is what the operations on single instances say about those to come.
type traffic struct {
	mu     sync.Mutex
	active int
	last   string    // the instance of the last one
	others time.Time // when one on another instance than that before it began or ended

	foreseen map[string]time.Time // when it was foreseen that the next operation on an instance writes
	moved    time.Time            // when one was added to them or taken out
}

// lull is how long after the last operation no more are expected, and after the
// last write that was foreseen no more of those.
const lull = 2 * time.Second

// foresight is how long a single write is expected: what was planned is not always
// applied. It is more than a busy CLI needs from the plan of a resource to its apply,
// in which it plans and applies others.
const foresight = 30 * time.Second

// enter counts an operation until leave is called.
func (t *traffic) enter(id string) (leave func()) {
	t.step(id, 1)
	return func() { t.step(id, -1) }
}

func (t *traffic) step(id string, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active += more
	if t.last != "" && t.last != id {
		t.others = time.Now()
	}
	t.last = id
}

// state is how many operations are under way, and whether there are, or have been
// a moment ago, some on different instances.
func (t *traffic) state() (active int, others bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.active, t.active > 1 || !t.others.IsZero() && time.Since(t.others) < lull
}

// foresee notes that a write to the instance is about to be asked for.
func (t *traffic) foresee(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.expects() {
		t.foreseen = make(map[string]time.Time)
	}
	t.foreseen[id] = time.Now()
	t.moved = time.Now()
}

// come notes that it is asked for, or that it will not be, and reports whether it
// was the last that was foreseen.
func (t *traffic) come(id string) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.foreseen[id]; !ok || !t.expects() {
		return false
	}
	delete(t.foreseen, id)
	t.moved = time.Now()
	return !t.expects()
}

// foresees reports whether there are writes that have yet to come.
func (t *traffic) foresees() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.expects()
}

// expects is foresees under the lock.
func (t *traffic) expects() bool {
	if time.Since(t.moved) >= lull {
		return false
	}
	for id, at := range t.foreseen {
		if time.Since(at) < foresight {
			return true
		}
		delete(t.foreseen, id)
	}
	return false
}
