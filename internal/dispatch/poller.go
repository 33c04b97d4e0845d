package dispatch

import (
	"context"
	"slices"
	"sync"
	"time"
)

// poller aligns waits: when one is due, those that are due soon after are due as well,
// so that their polls share a page. The polls themselves are batched and limited as all
// reads are.
type poller struct {
	// waiting is told how many more callers wait, or fewer. It may not take long where
	// they are fewer: the lock is held then.
	waiting func(by Caller, more int)

	mu    sync.Mutex
	waits []*pollWait // in order of due
	timer *time.Timer // at the first of them
}

// pollWait is a wait for its next poll.
type pollWait struct {
	by   Caller
	due  time.Time
	done chan struct{} // closed when it is due
}

// wait blocks until about due, at most pollSlack earlier, or returns the cause of ctx.
func (p *poller) wait(ctx context.Context, due time.Time, by Caller) error {
	w := &pollWait{by: by, due: due, done: make(chan struct{})}
	p.waiting(by, 1)
	p.add(w)
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		p.remove(w)
		return context.Cause(ctx)
	}
}

func (p *poller) add(w *pollWait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, _ := slices.BinarySearchFunc(p.waits, w, byDue)
	p.waits = slices.Insert(p.waits, at, w)
	if at == 0 {
		p.schedule()
	}
}

func (p *poller) remove(w *pollWait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.waits, w); at >= 0 {
		p.waits = slices.Delete(p.waits, at, at+1)
		p.waiting(w.by, -1)
	}
}

// release ends all waits that are due, or nearly so.
func (p *poller) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if len(p.waits) > 0 && !p.waits[0].due.After(now) {
		n, _ := slices.BinarySearchFunc(p.waits, &pollWait{due: now.Add(pollSlack)}, byDueOrSame)
		for _, w := range p.waits[:n] {
			p.waiting(w.by, -1)
			close(w.done)
		}
		p.waits = slices.Delete(p.waits, 0, n)
	}
	p.schedule()
}

// schedule sets the timer to the first wait. The lock is held.
func (p *poller) schedule() {
	if len(p.waits) == 0 {
		return
	}
	d := time.Until(p.waits[0].due)
	if p.timer == nil {
		p.timer = time.AfterFunc(d, p.release)
		return
	}
	p.timer.Reset(d)
}

func byDue(a, b *pollWait) int { return a.due.Compare(b.due) }

// byDueOrSame finds the place behind those that are due at the same time.
func byDueOrSame(a, b *pollWait) int {
	if a.due.After(b.due) {
		return 1
	}
	return -1
}
