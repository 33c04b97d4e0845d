package powerstate

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// retry is the pause between calls about one instance that were refused or
// lost. The zero value is ready, and pauses only after arm.
type retry struct {
	armed   bool
	backoff *backoff.ExponentialBackOff
}

// arm asks for a pause before the next call.
func (r *retry) arm() { r.armed = true }

// due reports whether a pause was asked for.
func (r *retry) due() bool { return r.armed }

// pause sleeps for the next step, or returns the cause of ctx.
func (r *retry) pause(ctx context.Context) error {
	return sleep(ctx, r.step())
}

// reset begins the steps anew, after a call that was accepted.
func (r *retry) reset() { *r = retry{} }

// step returns how long the next pause would be, without sleeping.
func (r *retry) step() time.Duration {
	if r.backoff == nil {
		r.backoff = newBackoff(time.Second, 15*time.Second)
	}
	r.armed = false
	return r.backoff.NextBackOff()
}
