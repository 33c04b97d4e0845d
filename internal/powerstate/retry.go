package powerstate

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// retry is how long an operation pauses before a call that was refused as busy, or
// whose answer was lost, is made again. The zero value is ready.
type retry struct {
	backoff *backoff.ExponentialBackOff
	losses  int // answers lost in a row
}

// busy returns the pause after a busy answer.
func (r *retry) busy() time.Duration {
	if r.backoff == nil {
		r.backoff = backoff.NewExponentialBackOff()
		r.backoff.InitialInterval, r.backoff.MaxInterval = firstPause, longestPause
		r.backoff.Multiplier, r.backoff.RandomizationFactor = 2, 0.3
		r.backoff.Reset()
	}
	return r.backoff.NextBackOff()
}

// lost returns the pause after a batched call whose answer was lost. It is the one
// that all members of the batch were given, so that they come back as one batch, and
// without jitter at least the step of this instance's own losses: others whose calls
// pass keep the shared one short.
func (r *retry) lost(shared time.Duration) time.Duration {
	own := min(firstPause<<min(r.losses, 10), longestPause)
	r.losses++
	return max(shared, own)
}

// sleepUntil blocks until then, or returns the cause of ctx when that is done first.
func sleepUntil(ctx context.Context, then time.Time) error {
	d := time.Until(then)
	if d <= 0 {
		return context.Cause(ctx) // Nil while ctx is not done.
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return context.Cause(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
