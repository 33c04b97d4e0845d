package dispatch

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Jitter is by how much of itself a pause differs that many callers would otherwise end
// at the same time.
const Jitter = 0.3

// NewBackoff returns exponential pauses from a second to most. With a jitter each differs
// by up to that part of itself, and none is longer than most.
func NewBackoff(most time.Duration, jitter float64) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = firstPause, 2, jitter
	b.MaxInterval = time.Duration(float64(most) / (1 + jitter)) // To which the jitter is added.
	b.Reset()
	return b
}

// Sleep blocks for d or until ctx is done, whose cause it returns then.
func Sleep(ctx context.Context, d time.Duration) error {
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
