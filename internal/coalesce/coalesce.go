// Package coalesce joins calls that arrive close together into one. A caller
// asks for one item and blocks; items with the same key that arrive within a
// short window go out as one call; each caller gets its own answer. It knows no
// cloud: what a key, an item and an answer are is its user's business, and so
// are retries and limits.
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

// ErrNoAnswer is what a caller gets when the joined call came back without a
// result for its item.
var ErrNoAnswer = errors.New("the joined call gave no answer for this item")

// Options says when a batch is complete. The zero value joins nothing: every
// item goes out at once and alone.
type Options struct {
	// Idle ends the window this long after the last item joined; 0 switches
	// joining off.
	Idle time.Duration
	// Stretch, where it is not nil, says how much longer than Idle the window
	// stays open at the moment: more callers may be known to be on their way.
	Stretch func() time.Duration
	// Max ends it this long after the first item joined, whatever arrives; 0
	// means Idle.
	Max time.Duration
	// Size is the most items of one batch; less than 2 switches joining off.
	Size int
}

// Group joins calls. Make it with New or NewInTurn; it is safe for concurrent
// use.
type Group[K comparable, I, O any] struct {
	opts Options
	call func(ctx context.Context, key K, seal func() []I) []O

	mu   sync.Mutex
	open map[K]*batch[I, O]
}

// New returns a Group whose joined calls are made by call. It gets 1 to
// opts.Size items, which it must not change, and returns their answers in the
// same order and number. Its context carries the values of the first caller's,
// and is canceled only when every caller of the batch has left.
func New[K comparable, I, O any](opts Options, call func(ctx context.Context, key K, items []I) []O) *Group[K, I, O] {
	return NewInTurn(opts, func(ctx context.Context, key K, seal func() []I) []O {
		items := seal()
		if len(items) == 0 {
			return nil
		}
		return call(ctx, key, items)
	})
}

// NewInTurn is New for calls that wait for their turn when the window has
// ended. call gets no items but seal, which returns them: it waits first, then
// seals, and what it got goes out at once. Until then the batch takes in more
// callers, if it is not full, and those that leave are left out of it. seal
// returns none when all have left; then there is no call to make.
func NewInTurn[K comparable, I, O any](opts Options, call func(ctx context.Context, key K, seal func() []I) []O) *Group[K, I, O] {
	if opts.Idle <= 0 || opts.Size < 2 {
		opts = Options{Size: 1}
	}
	opts.Max = max(opts.Max, opts.Idle)
	return &Group[K, I, O]{opts: opts, call: call, open: make(map[K]*batch[I, O])}
}

// member is one caller in a batch. Its fields are guarded by the Group's lock
// until the batch is sealed; gone stays so afterwards.
type member[I any] struct {
	item I
	gone bool
}

type batch[I, O any] struct {
	ctx     context.Context //nolint:containedctx // The values of the first caller's context, for a call that outlives it.
	cancel  context.CancelFunc
	members []*member[I] // only those that go out, once it is sealed
	present int          // members that have not gone
	first   time.Time
	last    time.Time // when the last member joined
	due     time.Time // when the window ends, if nobody joins any more
	timer   *time.Timer
	ripe    bool // the window has ended: its call is made, or waits for its turn
	sealed  bool

	// Written once, before done is closed.
	done    chan struct{}
	results map[*member[I]]O
	failed  *panics.Panic // of the call
}

// Do adds item to the open batch of key and returns the item's own answer, or
// returns early with the cause of ctx when that is done. A caller that leaves
// before the batch is sealed is left out of the call. When the call panics, each
// of its callers does.
func (g *Group[K, I, O]) Do(ctx context.Context, key K, item I) (O, error) {
	var none O
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	b, m := g.join(ctx, key, item)
	select {
	case <-b.done:
	case <-ctx.Done():
		g.leave(key, b, m)
		return none, context.Cause(ctx)
	}
	b.failed.Again()
	out, ok := b.results[m]
	if !ok {
		return none, fmt.Errorf("%w: %v", ErrNoAnswer, item)
	}
	return out, nil
}

func (g *Group[K, I, O]) join(ctx context.Context, key K, item I) (*batch[I, O], *member[I]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.open[key]
	if b == nil {
		b = &batch[I, O]{first: time.Now(), done: make(chan struct{})}
		b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // G118: run and leave call cancel.
		g.open[key] = b
		if g.opts.Size > 1 {
			b.timer = time.AfterFunc(g.opts.Max, func() { g.expire(key, b) })
		}
	}
	m := &member[I]{item: item}
	b.members = append(b.members, m)
	b.present++
	switch {
	case b.present >= g.opts.Size:
		g.shut(key, b)
		g.ripen(key, b)
	case !b.ripe:
		b.last = time.Now()
		g.end(b, g.idle())
	}
	return b, m
}

// end lets the window of an open batch end after d, or when it has been open for
// long enough; the lock is held.
func (g *Group[K, I, O]) end(b *batch[I, O], d time.Duration) {
	d = max(0, min(d, g.opts.Max-time.Since(b.first)))
	b.due = time.Now().Add(d)
	b.timer.Reset(d)
}

// Shorten lets the open windows end as if their last members had joined now, where
// that is sooner: what Stretch says has become less. When it has become more, they
// find out by themselves.
func (g *Group[K, I, O]) Shorten() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range g.open {
		if d := g.idle(); !b.ripe && d < time.Until(b.due) {
			g.end(b, d)
		}
	}
}

// idle is how long the window stays open after a member joined.
func (g *Group[K, I, O]) idle() time.Duration {
	if g.opts.Stretch == nil {
		return g.opts.Idle
	}
	return g.opts.Idle + g.opts.Stretch()
}

// expire is the end of the window, unless it is to stay open for longer now.
func (g *Group[K, I, O]) expire(key K, b *batch[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b.sealed || b.ripe {
		return
	}
	if left := g.idle() - time.Since(b.last); left > 0 && time.Since(b.first) < g.opts.Max {
		g.end(b, left)
		return
	}
	g.ripen(key, b)
}

// ripen ends the window and starts the call, which seals the batch when its
// turn has come; the lock is held.
func (g *Group[K, I, O]) ripen(key K, b *batch[I, O]) {
	if b.ripe {
		return
	}
	b.ripe = true
	if b.timer != nil {
		b.timer.Stop()
	}
	go g.run(key, b)
}

// shut lets nobody join the batch any more; the lock is held.
func (g *Group[K, I, O]) shut(key K, b *batch[I, O]) {
	if g.open[key] == b {
		delete(g.open, key)
	}
}

func (g *Group[K, I, O]) run(key K, b *batch[I, O]) {
	defer b.cancel()
	var outs []O
	b.failed = panics.Catch(func() { outs = g.call(b.ctx, key, func() []I { return g.seal(key, b) }) })
	g.seal(key, b) // A call that did not ask for its items has no answers.
	results := make(map[*member[I]]O, len(b.members))
	for i, out := range outs {
		if i < len(b.members) {
			results[b.members[i]] = out
		}
	}
	b.results = results
	close(b.done)
}

// seal closes the batch and returns the items of those that are still there. It
// does both under the one lock, so that nothing can join between the last item
// and the call, and nobody is in it who left before.
func (g *Group[K, I, O]) seal(key K, b *batch[I, O]) []I {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !b.sealed {
		b.sealed = true
		g.shut(key, b)
		b.members = slices.DeleteFunc(b.members, func(m *member[I]) bool { return m.gone })
	}
	items := make([]I, len(b.members))
	for i, m := range b.members {
		items[i] = m.item
	}
	return items
}

// leave takes a caller out. The last one to leave ends the batch.
func (g *Group[K, I, O]) leave(key K, b *batch[I, O], m *member[I]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m.gone = true
	b.present--
	if b.present > 0 {
		return
	}
	b.cancel()
	if b.sealed {
		return
	}
	b.sealed, b.members = true, nil
	g.shut(key, b)
	if b.timer != nil {
		b.timer.Stop()
	}
}
