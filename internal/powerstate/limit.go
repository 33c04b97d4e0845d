package powerstate

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// bucket limits the calls of one action to the cloud's rate, and makes all its
// callers back off together when the cloud throttles all the same.
//
// A cloud counts in windows: n calls a second, whenever in it. One bucket of n
// tokens would let 2n-1 calls into the first second, and one of a single token
// would draw out what may go at once. So there are n buckets of a single token
// each, taken in turn: any n calls may go at once, and no window has more.
type bucket struct {
	turns []*rate.Limiter // none for no limit

	mu      sync.Mutex
	next    int // of turns
	backoff *backoff.ExponentialBackOff
	closed  time.Time // nobody passes before it
}

// windowMargin is how much longer than the cloud's own our windows are: the
// first call of one may be late on its way, and the first of the next early.
const windowMargin = 1.1

// mostTurns bounds the memory of a bucket; a higher rate has shorter windows.
const mostTurns = 1000

// newBucket returns a bucket for perSecond calls, in windows of a second or, if
// that is more, of burst calls; a rate of 0 or less is no limit.
func newBucket(perSecond float64, burst int) *bucket {
	b := &bucket{backoff: newBackoff(time.Second, 30*time.Second)}
	if perSecond <= 0 {
		return b
	}
	n := min(max(1, burst, int(perSecond)), mostTurns)
	window := time.Duration(float64(n) / perSecond * windowMargin * float64(time.Second))
	for range n {
		b.turns = append(b.turns, rate.NewLimiter(rate.Every(window), 1))
	}
	return b
}

// turn takes the next turn.
func (b *bucket) turn() *rate.Reservation {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.turns) == 0 {
		return rate.NewLimiter(rate.Inf, 1).Reserve()
	}
	b.next++
	return b.turns[b.next%len(b.turns)].Reserve()
}

// wait blocks until a call may go out, or returns the cause of ctx. Those who
// were held back by a throttle take their turns anew: their old ones lie in the
// time when nobody passed, and together they would be a burst.
func (b *bucket) wait(ctx context.Context) error {
	for {
		if err := sleep(ctx, b.shut()); err != nil {
			return err
		}
		reservation := b.turn()
		if err := sleep(ctx, reservation.Delay()); err != nil {
			reservation.Cancel()
			return err
		}
		if b.shut() <= 0 {
			return nil
		}
	}
}

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

// passed tells the bucket that the cloud took a call.
func (b *bucket) passed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backoff.Reset()
}

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
