package powerstate

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// slack is how much earlier than asked a look may come, to share a call with
// another that is due. It is more than the time between the first and the last of
// the calls that a join of the default window lets go when many are under way, so
// that their waits share all looks, also the first ones, which are a second apart.
const slack = 500 * time.Millisecond

// watcher is the one poller of a Client. All waits of one cloud, account and
// region register the time of their next look here; those that are due at about
// the same time share describes of BatchSize ids. A describe is filled when its
// turn within the cloud's limits has come, so that under a low limit, or after a
// throttle, few of them bring everybody up to date. The watcher's goroutines live
// only while somebody waits.
type watcher struct {
	c *Client

	mu      sync.Mutex
	watches map[*watch]struct{} // those that are not on their way
	running bool
	alarm   time.Time       // when the goroutine looks through the watches again
	wake    chan struct{}   // tells it to do that at once
	queued  int             // describes that wait for their turn
	queue   context.Context //nolint:containedctx // They end with it, when nobody is left; nil while nobody is there.
	quit    context.CancelFunc
}

// watch is one look that was asked for.
type watch struct {
	ctx  context.Context //nolint:containedctx // A look is read on behalf of this request.
	id   string
	due  time.Time
	from time.Time // it may come from then on, to share a call
	call bool      // it is to come, since one is due that it may share a call with
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
	if w.queue == nil {
		w.queue, w.quit = context.WithCancel(context.Background())
	}
	switch {
	case !w.running:
		w.running, w.alarm = true, due
		go w.run()
	case due.Before(w.alarm):
		// Only then: looking through all watches for each new one would be
		// quadratic in their number.
		w.alarm = due
		w.poke()
	}
	w.mu.Unlock()
	select {
	case r := <-one.out:
		r.failed.Again()
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
		w.rest()
		return
	}
	one.page.present--
	if one.page.present == 0 {
		one.page.cancel()
	}
}

// rest ends everything when nobody waits for a look that is not on its way; the
// lock is held.
func (w *watcher) rest() {
	if len(w.watches) > 0 || w.queue == nil {
		return
	}
	w.quit()
	w.queue = nil
	w.poke()
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
	size := max(1, w.c.driver.BatchSize())
	for {
		w.mu.Lock()
		if len(w.watches) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		due, earliest := w.due(time.Now())
		for ; w.queued*size < due; w.queued++ {
			go w.read(w.queue)
		}
		w.alarm = earliest
		w.mu.Unlock()
		timer.Reset(time.Until(earliest))
		select {
		case <-timer.C:
		case <-w.wake:
		}
	}
}

// due returns how many watches' time has come, and the earliest time of the
// others. Where there are any, those that may come forward to join them are due as
// well. The lock is held.
func (w *watcher) due(now time.Time) (due int, earliest time.Time) {
	earliest = now.Add(time.Hour)
	var early []*watch
	for one := range w.watches {
		switch {
		case one.call || !one.due.After(now):
			due++
		case !one.from.After(now):
			early = append(early, one)
		default:
			earliest = earlier(earliest, one.due)
		}
	}
	for _, one := range early {
		if due == 0 {
			earliest = earlier(earliest, one.due)
			continue
		}
		one.call = true
	}
	if due > 0 {
		due += len(early)
	}
	return due, earliest
}

// read makes one describe when its turn has come.
func (w *watcher) read(queue context.Context) { //nolint:contextcheck // The describe outlives each of the requests that share it.
	turn, err := w.c.reads.enter(queue)
	w.mu.Lock()
	w.queued--
	if err != nil {
		w.poke() // Somebody may have come since.
		w.mu.Unlock()
		return
	}
	group := w.take(time.Now())
	if len(group) == 0 {
		w.mu.Unlock()
		turn.giveBack()
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	defer cancel()
	p := &page{cancel: cancel, present: len(group)}
	ids := make([]string, len(group))
	for i, one := range group {
		one.page, ids[i] = p, one.id
	}
	w.rest()
	w.mu.Unlock()
	readings := make([]reading, len(group))
	failed := panics.Catch(func() {
		readings = w.c.readPage(ctx, turn, ids)
	})
	for i, r := range readings {
		r.failed = failed
		group[i].out <- r
	}
}

// take takes out the watches for a describe: those that are due, the longest
// waiting first, and, where there are any, as many of those that may come forward
// as there is room for. The lock is held.
func (w *watcher) take(now time.Time) []*watch {
	size := max(1, w.c.driver.BatchSize())
	group := make([]*watch, 0, size) // In order, so that no list of all is needed.
	due := false
	for one := range w.watches {
		if one.from.After(now) {
			continue
		}
		due = due || one.call || !one.due.After(now)
		if at, _ := slices.BinarySearchFunc(group, one, byDue); at < size {
			group = slices.Insert(group[:min(len(group), size-1)], at, one)
		}
	}
	if !due {
		return nil
	}
	for _, one := range group {
		delete(w.watches, one)
	}
	return group
}

func byDue(a, b *watch) int { return a.due.Compare(b.due) }
