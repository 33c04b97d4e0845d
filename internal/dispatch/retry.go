package dispatch

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// retry is the pause between calls about one instance that were refused or
// lost. The zero value is ready, and pauses only after one was asked for.
type retry struct {
	armed   bool
	backoff *backoff.ExponentialBackOff
	losses  int           // answers lost in a row
	shared  time.Duration // the pause of all of a joined call; 0 is the next step of one's own
}

// arm asks for a pause before the next call.
func (r *retry) arm() { r.armed, r.shared = true, 0 }

// wait asks for a pause of d.
func (r *retry) wait(d time.Duration) { r.armed, r.shared = true, d }

// lost asks for a pause after a joined call whose answer was lost. It is the one
// that all members of the call were given, so that they come back as one call
// again, and without jitter at least the step of this instance's own losses:
// others whose calls pass keep the shared one short.
func (r *retry) lost(shared time.Duration) {
	own := min(time.Second<<min(r.losses, 10), longestPause)
	r.wait(max(shared, own))
	r.losses++
}

// due reports whether a pause was asked for.
func (r *retry) due() bool { return r.armed }

// pause sleeps for as long as was asked for, or returns the cause of ctx.
func (r *retry) pause(ctx context.Context) error {
	if r.shared == 0 {
		return sleep(ctx, r.step())
	}
	r.armed = false
	return sleep(ctx, r.shared)
}

// reset begins the steps anew, after a call that was accepted.
func (r *retry) reset() { *r = retry{} }

// step returns how long the next pause would be, without sleeping.
func (r *retry) step() time.Duration {
	if r.backoff == nil {
		r.backoff = newBackoff(time.Second, longestPause)
	}
	r.armed = false
	return r.backoff.NextBackOff()
}
