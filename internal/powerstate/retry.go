package powerstate

import (
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// retry is how long an operation pauses before a call that was refused as busy, or
// whose answer was lost, is made again. The zero value is ready.
type retry struct {
	busies *backoff.ExponentialBackOff // busy answers since a call was accepted
	losses *backoff.ExponentialBackOff // answers lost in a row
}

// busy returns the pause after a busy answer.
func (r *retry) busy() time.Duration {
	if r.busies == nil {
		r.busies = dispatch.NewBackoff(longestPause, dispatch.Jitter)
	}
	return r.busies.NextBackOff()
}

// lost returns the pause after a batched call whose answer was lost. It is the one
// that all members of the batch were given, so that they come back as one batch, and
// without jitter at least the step of this instance's own losses: others whose calls
// pass keep the shared one short.
func (r *retry) lost(shared time.Duration) time.Duration {
	if r.losses == nil {
		r.losses = dispatch.NewBackoff(longestPause, 0)
	}
	return max(shared, r.losses.NextBackOff())
}
