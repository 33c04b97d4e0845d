package dispatch

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// bucket limits the calls of one action to the cloud's rate, and makes all its
// callers back off together when the cloud throttles all the same.
//
// A cloud counts the calls that arrive: n in any second. When a call leaves says
// little about when it arrives, so a turn is taken by a call from its start, and
// is free again a window after its answer. The call after the next n then arrives
// more than a window after the first, however long each was on its way.
type bucket struct {
	turns  chan struct{} // those that are free; nil for no limit
	window time.Duration

	mu      sync.Mutex
	backoff *backoff.ExponentialBackOff
	closed  time.Time // nobody passes before it
	losses  *backoff.ExponentialBackOff
	calm    time.Time // who lost an answer comes back then
}

// windowMargin is how much longer than the cloud's own our windows are: its clock
// is not ours.
const windowMargin = 1.01

// mostTurns bounds the memory of a bucket; a higher rate has shorter windows.
const mostTurns = 1000

// overdue is from when on a call without an answer counts as arrived: what hangs
// must not keep others out for as long as it hangs.
const overdue = 3 * time.Second

// newBucket returns a bucket for perSecond calls, in windows of a second or, if
// that is more, of burst calls; a rate of 0 or less is no limit.
func newBucket(perSecond float64, burst int) *bucket {
	b := &bucket{backoff: newBackoff(time.Second, 30*time.Second), losses: newBackoff(time.Second, longestPause)}
	if perSecond <= 0 {
		return b
	}
	n := min(max(burst, int(math.Ceil(perSecond))), mostTurns)
	b.window = time.Duration(float64(n) / perSecond * windowMargin * float64(time.Second))
	b.turns = make(chan struct{}, n)
	for range n {
		b.turns <- struct{}{}
	}
	return b
}

// turn is what a call holds while it is on its way, and for a window after.
type turn struct {
	of    *bucket
	timer *time.Timer // that frees it; nil where there is no limit
}

// enter blocks until a call may go out, or returns the cause of ctx. The turn
// must be left when the call was answered, or given back when none was made.
func (b *bucket) enter(ctx context.Context) (*turn, error) {
	for {
		if err := sleep(ctx, b.shut()); err != nil {
			return nil, err
		}
		if b.turns == nil {
			return &turn{of: b}, nil
		}
		select {
		case <-b.turns:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if b.shut() <= 0 {
			return &turn{of: b, timer: time.AfterFunc(overdue+b.window, b.free)}, nil
		}
		b.free()
	}
}

// leave holds the turn for a window more. One whose call was overdue is free
// already.
func (t *turn) leave() {
	if t.timer != nil && t.timer.Stop() {
		t.timer.Reset(t.of.window)
	}
}

// giveBack frees the turn at once: no call was made.
func (t *turn) giveBack() {
	if t.timer != nil && t.timer.Stop() {
		t.of.free()
	}
}

// free gives a turn back; there is room for all of them.
func (b *bucket) free() { b.turns <- struct{}{} }

// shut returns for how long nobody passes.
func (b *bucket) shut() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.closed)
}

// throttled closes the bucket for a while: as long as the cloud asks, and at
// least the next step of the backoff. Calls that were already on their way
// when it closed do not close it for longer again.
func (b *bucket) throttled(retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	step := retryAfter
	if !now.Before(b.closed) {
		step = max(step, b.backoff.NextBackOff())
	}
	if until := now.Add(step); until.After(b.closed) {
		b.closed = until
	}
}

// lost tells the bucket that a call had no answer, and returns how long to stay
// away: the next step of the backoff. Those who lost theirs while others stay
// away already come back with them.
func (b *bucket) lost() (pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); !now.Before(b.calm) {
		b.calm = now.Add(b.losses.NextBackOff())
	}
	return time.Until(b.calm)
}

// passed tells the bucket that the cloud took a call.
func (b *bucket) passed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backoff.Reset()
	b.losses.Reset()
}

// longestPause is how long, about, an instance is left alone at most after a
// call about it was refused or lost.
const longestPause = 15 * time.Second

// newBackoff returns an exponential backoff with jitter, from about first up
// to about most.
func newBackoff(first, most time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = first, most, 2, 0.3
	b.Reset()
	return b
}

// sleep blocks for d or until ctx is done, whose cause it returns then.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
