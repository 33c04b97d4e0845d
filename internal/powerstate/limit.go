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
type bucket struct {
	limiter *rate.Limiter

	mu      sync.Mutex
	backoff *backoff.ExponentialBackOff
	closed  time.Time // nobody passes before it
}

// paceShare is how much of a cloud's limit is used: a cloud counts in windows
// of its own, in which n evenly spaced calls can be n+1, and one more when the
// first of them is late.
const paceShare = 0.8

// newBucket returns a bucket for perSecond calls, of which burst may go out at
// once; a rate of 0 or less is no limit.
func newBucket(perSecond float64, burst int) *bucket {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond * paceShare)
	}
	return &bucket{limiter: rate.NewLimiter(limit, max(1, burst)), backoff: newBackoff(time.Second, 30*time.Second)}
}

// wait blocks until a call may go out, or returns the cause of ctx. Those who
// were held back by a throttle take their turns anew: their old ones lie in the
// time when nobody passed, and together they would be a burst.
func (b *bucket) wait(ctx context.Context) error {
	for {
		if err := sleep(ctx, b.shut()); err != nil {
			return err
		}
		reservation := b.limiter.Reserve()
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
