package dispatch

import (
	"context"
	"math/rand/v2"
	"time"
)

// Step returns the n-th step of an exponential backoff, from a second to most.
func Step(n int, most time.Duration) time.Duration { return min(firstPause<<min(n, 10), most) }

// Backoff is Step with jitter: about so long.
func Backoff(n int, most time.Duration) time.Duration {
	//nolint:gosec // G404: jitter is no secret.
	return time.Duration(float64(Step(n, most)) * (0.7 + 0.6*rand.Float64()))
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
