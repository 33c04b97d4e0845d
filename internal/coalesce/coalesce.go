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
	"sync"
	"time"
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

// Group joins calls. Make it with New; it is safe for concurrent use.
type Group[K comparable, I, O any] struct {
	opts Options
	call func(ctx context.Context, key K, items []I) []O

	mu   sync.Mutex
	open map[K]*batch[I, O]
}

// New returns a Group whose joined calls are made by call. It gets 1 to
// opts.Size items, which it must not change, and returns their answers in the
// same order and number. Its context carries the values of the first caller's,
// and is canceled only when every caller of the batch has left.
func New[K comparable, I, O any](opts Options, call func(ctx context.Context, key K, items []I) []O) *Group[K, I, O] {
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
	members []*member[I]
	present int // members that have not gone
	first   time.Time
	timer   *time.Timer
	sealed  bool

	// Written once, before done is closed.
	done    chan struct{}
	results map[*member[I]]O
}

// Do adds item to the open batch of key and returns the item's own answer, or
// returns early with the cause of ctx when that is done. A caller that leaves
// before the batch is sealed is left out of the call.
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
		g.seal(key, b)
	default:
		left := g.opts.Max - time.Since(b.first)
		b.timer.Reset(max(0, min(g.idle(), left)))
	}
	return b, m
}

// idle is how long the window stays open after a member joined.
func (g *Group[K, I, O]) idle() time.Duration {
	if g.opts.Stretch == nil {
		return g.opts.Idle
	}
	return g.opts.Idle + g.opts.Stretch()
}

// expire is the end of the window. A reset timer may still fire once for the
// old time: then the batch goes out a little early, which is harmless.
func (g *Group[K, I, O]) expire(key K, b *batch[I, O]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !b.sealed {
		g.seal(key, b)
	}
}

// seal closes the batch and starts its call; the lock is held, so nothing can
// join between the last item and the call.
func (g *Group[K, I, O]) seal(key K, b *batch[I, O]) {
	b.sealed = true
	delete(g.open, key)
	if b.timer != nil {
		b.timer.Stop()
	}
	members := make([]*member[I], 0, b.present)
	items := make([]I, 0, b.present)
	for _, m := range b.members {
		if !m.gone {
			members = append(members, m)
			items = append(items, m.item)
		}
	}
	go g.run(key, b, members, items)
}

func (g *Group[K, I, O]) run(key K, b *batch[I, O], members []*member[I], items []I) {
	defer b.cancel()
	results := make(map[*member[I]]O, len(members))
	for i, out := range g.call(b.ctx, key, items) {
		if i < len(members) {
			results[members[i]] = out
		}
	}
	b.results = results
	close(b.done)
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
	if !b.sealed {
		b.sealed = true
		delete(g.open, key)
		b.timer.Stop()
	}
}
