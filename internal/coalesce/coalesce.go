// Package coalesce is a batcher: calls that arrive close together go out as one.
// A caller asks for one item and blocks; items with the same key that join within
// a short window make one batch; each caller gets the result for its own item.
// The package knows no cloud. The meaning of keys, items and results, retries and
// rate limits are its user's business.
package coalesce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// ErrNoResult is the error of a caller whose batch was called without a result for
// its item.
var ErrNoResult = errors.New("the batched call returned no result for this item")

// Window is for how long a batch takes in items. It closes when either time has
// passed, or when the batch is full.
type Window struct {
	// Idle counts from the last item that joined. 0 means that nothing is waited for:
	// every item is called at once and alone.
	Idle time.Duration
	// Max counts from the first item; less than Idle means Idle.
	Max time.Duration
	// Since, where it is later than the last item, is the time from which Idle counts: the last
	// sign that more items may follow.
	Since time.Time
	// Complete ends the window at once: all items that are likely to join have joined.
	Complete bool
}

// tardy is how late a timer is that shows that the process had to wait for a
// processor. On a machine that is not busy it is late by less than a millisecond.
const tardy = 5 * time.Millisecond

// remaining returns for how long a batch stays open.
func (w Window) remaining(first, last time.Time) time.Duration {
	return min(w.Idle-w.idleFor(last), max(w.Max, w.Idle)-time.Since(first))
}

// idleFor is for how long nothing showed that more items may follow.
func (w Window) idleFor(last time.Time) time.Duration {
	if w.Since.After(last) {
		last = w.Since
	}
	return time.Since(last)
}

// Options are the parameters of a Group.
type Options[K comparable] struct {
	// Size is the most items of one batch; below 2 nothing is batched.
	Size int
	// Window returns the window of a batch as it is now. It is called, with the Group's
	// lock held, for each item that joins and before a batch closes.
	Window func(key K) Window
	// Waiting, unless it is nil, is told how many more callers wait for a result, or with a
	// negative number how many fewer. A caller whose result is there does not wait, even where
	// its goroutine has not run yet. The Group's lock is held.
	Waiting func(key K, more int)
	// Lapsed, unless it is nil, is told of a window that ended by its idle time, so that all
	// items that could join have joined. The Group's lock is held.
	Lapsed func(key K)
}

// Group batches calls. Make it with New; it is safe for concurrent use.
type Group[K comparable, I, O any] struct {
	opts Options[K]
	call func(ctx context.Context, key K, flush func() []I) []O

	late time.Duration // what a test adds to each timer

	mu   sync.Mutex
	open map[K]*batch[I, O]
}

// New returns a Group whose batches are called by call, when their window has
// ended. call may wait first, as for a rate limit; then it calls flush, which closes
// the batch and returns its items, and sends them at once. Until flush a batch that
// is not full takes in more items, and loses those whose callers were canceled.
// flush returns no items when all were; then there is nothing to call.
//
// call returns the results in the order and number of the items, which it must not
// change. Its context has the values of the first caller's, and is canceled only
// when every caller of the batch was.
func New[K comparable, I, O any](
	opts Options[K],
	call func(ctx context.Context, key K, flush func() []I) []O,
) *Group[K, I, O] {
	if opts.Waiting == nil {
		opts.Waiting = func(K, int) {}
	}
	if opts.Lapsed == nil {
		opts.Lapsed = func(K) {}
	}
	return &Group[K, I, O]{opts: opts, call: call, open: make(map[K]*batch[I, O])}
}

// batch is one call, planned or in flight. The Group's lock guards its fields until
// done is closed.
type batch[I, O any] struct {
	//nolint:containedctx // The values of the first caller's context, for a call that outlives it.
	ctx     context.Context
	cancel  context.CancelFunc
	members []*member[I, O] // without those that were canceled before flush
	present int             // members whose callers still wait
	first   time.Time       // when the first item joined
	last    time.Time       // when the last one did
	window  *time.Timer     // nil where none was needed
	due     time.Time       // when it is to fire
	started bool            // the window has ended
	flushed bool
	settled bool          // the members have their results
	done    chan struct{} // closed when the members have their results
	failed  *panics.Panic // of the call
}

// member is one caller in a batch.
type member[I, O any] struct {
	item   I
	result O
	called bool // result is set
}

// Do adds item to the open batch of key and returns the result for that item. It
// returns early, with the cause of ctx, when ctx is done: a caller that is
// canceled before the batch is flushed is not in the call. When the call panics, each of
// its callers does.
func (g *Group[K, I, O]) Do(ctx context.Context, key K, item I) (O, error) {
	var none O
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	b, m := g.join(ctx, key, item)
	select {
	case <-b.done:
	case <-ctx.Done():
		g.withdraw(key, b, m)
		return none, context.Cause(ctx)
	}
	b.failed.Again()
	if !m.called {
		return none, fmt.Errorf("%w: %v", ErrNoResult, item)
	}
	return m.result, nil
}

func (g *Group[K, I, O]) join(ctx context.Context, key K, item I) (*batch[I, O], *member[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	b := g.open[key]
	if b == nil {
		b = &batch[I, O]{first: now, done: make(chan struct{})}
		//nolint:gosec // G118: run and withdraw call cancel.
		b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
		g.open[key] = b
	}
	m := &member[I, O]{item: item}
	b.members = append(b.members, m)
	b.present++
	g.opts.Waiting(key, 1)
	b.last = now
	window := g.opts.Window(key)
	switch {
	case len(b.members) >= g.opts.Size || window.Idle <= 0:
		g.close(key, b)
		g.start(key, b)
	case window.Complete:
		g.startComplete()
	default:
		g.schedule(key, b, window.remaining(b.first, b.last))
	}
	return b, m
}

// schedule sets the timer of the window, unless that has ended. The lock is held.
func (g *Group[K, I, O]) schedule(key K, b *batch[I, O], d time.Duration) {
	if b.started {
		return
	}
	b.due = time.Now().Add(d)
	if b.window == nil {
		b.window = time.AfterFunc(d+g.late, func() { g.expire(key, b) })
		return
	}
	b.window.Reset(d + g.late)
}

// expire ends the window, unless it has become longer. One whose timer was late begins
// anew: what held up the timer held up callers too, and they may join now.
func (g *Group[K, I, O]) expire(key K, b *batch[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b.started {
		return
	}
	now := time.Now()
	if now.Sub(b.due) >= tardy {
		b.last = now
	}
	window := g.opts.Window(key)
	if d := window.remaining(b.first, b.last); d > 0 && !window.Complete {
		g.schedule(key, b, d)
		return
	}
	if window.idleFor(b.last) >= window.Idle {
		g.opts.Lapsed(key)
	}
	g.start(key, b)
}

// Reconsider ends the windows that are complete. It is for a user who learns that
// outside of a join.
func (g *Group[K, I, O]) Reconsider() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.startComplete()
}

// startComplete makes the calls of all batches whose windows are complete. The lock is
// held.
func (g *Group[K, I, O]) startComplete() {
	for key, b := range g.open {
		if g.opts.Window(key).Complete {
			g.start(key, b)
		}
	}
}

// start makes the call of a batch whose window has ended, once. The lock is held.
func (g *Group[K, I, O]) start(key K, b *batch[I, O]) {
	if b.started {
		return
	}
	b.started = true
	if b.window != nil {
		b.window.Stop()
	}
	go g.run(key, b)
}

// close lets no item join any more. The lock is held.
func (g *Group[K, I, O]) close(key K, b *batch[I, O]) {
	if g.open[key] == b {
		delete(g.open, key)
	}
}

func (g *Group[K, I, O]) run(key K, b *batch[I, O]) {
	defer b.cancel()
	var items []I
	var results []O
	b.failed = panics.Catch(func() {
		results = g.call(b.ctx, key, func() []I {
			items = g.flush(key, b)
			return items
		})
	})
	if items == nil {
		g.flush(key, b)
		results = nil // They are of no items.
	}
	for i, m := range b.members {
		if i < len(results) {
			m.result, m.called = results[i], true
		}
	}
	g.settle(key, b)
	close(b.done)
}

// settle counts the callers of a batch as ready.
func (g *Group[K, I, O]) settle(key K, b *batch[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b.settled = true
	g.opts.Waiting(key, -b.present)
}

// flush closes the batch and returns the items of those callers that were not
// canceled. Both happen under the one lock, so that nothing joins between the last
// item and the call.
func (g *Group[K, I, O]) flush(key K, b *batch[I, O]) []I {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.close(key, b)
	b.flushed = true
	items := make([]I, len(b.members))
	for i, m := range b.members {
		items[i] = m.item
	}
	return items
}

// withdraw takes out a caller whose context is done. Without any caller the batch ends.
func (g *Group[K, I, O]) withdraw(key K, b *batch[I, O], m *member[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b.present--
	if !b.settled {
		g.opts.Waiting(key, -1)
	}
	if !b.flushed {
		b.members = slices.DeleteFunc(b.members, func(other *member[I, O]) bool { return other == m })
	}
	if b.present > 0 {
		return
	}
	b.cancel()
	g.close(key, b)
	if b.window != nil {
		b.window.Stop()
	}
}
