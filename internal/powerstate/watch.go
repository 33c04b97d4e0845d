package powerstate

import (
	"context"
	"slices"
	"sync"
	"time"
)

// slack is how much earlier than asked a look may come, to share a call with
// another that is due. It is more than the time between the first and the last of
// the calls that a join lets go when many are under way, so that their waits share
// all looks, also the first ones, which are a second apart.
const slack = 500 * time.Millisecond

// watcher is the one poller of a Client. All waits of one cloud, account and
// region register the time of their next look here; those that are due at about
// the same time share describes of BatchSize ids. Its goroutine lives only
// while somebody waits.
type watcher struct {
	c *Client

	mu      sync.Mutex
	watches map[*watch]struct{}
	running bool
	alarm   time.Time     // when the goroutine looks through the watches again
	wake    chan struct{} // tells it to do that at once
}

// watch is one look that was asked for.
type watch struct {
	ctx  context.Context //nolint:containedctx // A look is read on behalf of this request.
	id   string
	due  time.Time
	from time.Time // it may come from then on, to share a call
	page *page     // nil until the look is on its way; guarded by the lock
	out  chan reading
}

// page is one describe on its way; it ends when nobody is left who wants it.
type page struct {
	cancel  context.CancelFunc
	present int
}

func newWatcher(c *Client) *watcher {
	return &watcher{c: c, watches: make(map[*watch]struct{}), wake: make(chan struct{}, 1)}
}

// next returns a reading of id that was asked for after this call, at about
// due, or the cause of ctx when that is done first.
func (w *watcher) next(ctx context.Context, id string, due time.Time) (reading, error) {
	one := &watch{ctx: ctx, id: id, due: due, from: due.Add(-slack), out: make(chan reading, 1)}
	w.mu.Lock()
	w.watches[one] = struct{}{}
	switch {
	case !w.running:
		w.running, w.alarm = true, due
		go w.run() //nolint:contextcheck // The poller serves many requests and outlives each.
	case due.Before(w.alarm):
		// Only then: looking through all watches for each new one would be
		// quadratic in their number.
		w.alarm = due
		w.poke()
	}
	w.mu.Unlock()
	select {
	case r := <-one.out:
		return r, nil
	case <-ctx.Done():
		w.leave(one)
		return reading{}, context.Cause(ctx)
	}
}

func (w *watcher) leave(one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.page == nil {
		delete(w.watches, one)
		if len(w.watches) == 0 {
			w.poke()
		}
		return
	}
	one.page.present--
	if one.page.present == 0 {
		one.page.cancel()
	}
}

// poke never blocks: one pending signal is enough.
func (w *watcher) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run is the poller. It ends when no watch is left.
func (w *watcher) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.mu.Lock()
		due, earliest := w.due(time.Now())
		w.alarm = earliest
		for group := range slices.Chunk(due, max(1, w.c.driver.BatchSize())) {
			w.send(group)
		}
		if len(w.watches) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		timer.Reset(time.Until(earliest))
		select {
		case <-timer.C:
		case <-w.wake:
		}
	}
}

// due takes out the watches whose time has come, and returns the earliest time
// of those that stay. While none is due, none is taken: looks are brought
// forward only to join one that is due. The lock is held.
func (w *watcher) due(now time.Time) (due []*watch, earliest time.Time) {
	earliest = now.Add(time.Hour)
	for one := range w.watches {
		if one.due.Before(earliest) {
			earliest = one.due
		}
	}
	if earliest.After(now) {
		return nil, earliest
	}
	earliest = now.Add(time.Hour)
	for one := range w.watches {
		if one.from.After(now) {
			if one.due.Before(earliest) {
				earliest = one.due
			}
			continue
		}
		delete(w.watches, one)
		due = append(due, one)
	}
	slices.SortFunc(due, func(a, b *watch) int { return a.due.Compare(b.due) })
	return due, earliest
}

// send starts the describe of one page; the lock is held.
func (w *watcher) send(group []*watch) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	p := &page{cancel: cancel, present: len(group)}
	ids := make([]string, len(group))
	for i, one := range group {
		one.page = p
		ids[i] = one.id
	}
	go func() {
		defer cancel()
		for i, r := range w.c.readPage(ctx, ids) {
			group[i].out <- r
		}
	}()
}
