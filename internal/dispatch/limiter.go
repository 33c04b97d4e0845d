package dispatch

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// limiter keeps the calls of one action within the cloud's rate, and pauses all its
// callers together when the cloud throttles all the same.
//
// A cloud counts the calls that arrive: n in any second. The time at which a call is
// sent tells little about when it arrives, so a permit is held from the start of a
// call until a window after its answer. The call after the next n then arrives more
// than a window after the first, however long each was in flight.
//
// Single operations and fleets have a queue each, and permits alternate between the
// queues that are not empty.
type limiter struct {
	limited bool
	window  time.Duration

	mu     sync.Mutex
	free   int                    // permits, if limited
	queues [callers][]*permitWait // in order of arrival
	next   Caller                 // whose queue is first

	pausedUntil time.Time
	paused      time.Time      // when the last pause began
	earliest    time.Time      // no deadline ends the pause before it
	throttle    *backend.Fault // the reason of the pause, until a call has passed since
	probe       *permit        // the one call in flight since the pause, while throttle is set
	resume      *time.Timer    // at pausedUntil
	throttling  *backoff.ExponentialBackOff
	deadlines   map[time.Time]int

	lossesUntil time.Time // callers whose answer was lost return then
	losses      int       // in a row
	losing      *backoff.ExponentialBackOff
}

// permit lets one call out. It is released when the call was answered, or returned
// when no call was made.
type permit struct {
	from     *limiter
	since    time.Time
	timer    *time.Timer // makes it free
	released bool
}

// permitWait is a caller that waits for a permit.
type permitWait struct{ granted chan *permit }

// maxPermits bounds the number of permits; a higher rate has shorter windows.
const maxPermits = 1000

// newLimiter returns a limiter for perSecond calls, in windows of a second or, if
// that is more, of burst calls; a rate of 0 or less is no limit.
func newLimiter(perSecond float64, burst int) *limiter {
	l := &limiter{
		deadlines:  make(map[time.Time]int),
		throttling: NewBackoff(longestPause, Jitter),
		losing:     NewBackoff(longestLossPause, Jitter),
	}
	if perSecond > 0 {
		l.limited = true
		l.free = min(max(burst, int(math.Ceil(perSecond))), maxPermits)
		l.window = time.Duration(float64(l.free) / perSecond * windowMargin * float64(time.Second))
	}
	return l
}

// acquire blocks until a call may be sent, or returns the cause of ctx.
func (l *limiter) acquire(ctx context.Context, by Caller) (*permit, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &permitWait{granted: make(chan *permit, 1)}
	l.mu.Lock()
	l.queues[by] = append(l.queues[by], w)
	l.grant()
	l.mu.Unlock()
	select {
	case p := <-w.granted:
		return p, nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queues[by] = slices.DeleteFunc(l.queues[by], func(other *permitWait) bool { return other == w })
	select {
	case p := <-w.granted:
		l.takeBack(p)
	default:
	}
	return nil, context.Cause(ctx)
}

// grant lets out as many calls as may be made now. The lock is held.
func (l *limiter) grant() {
	for {
		if l.limited && l.free == 0 || l.throttle != nil && l.probe != nil {
			return
		}
		w := l.dequeue()
		if w == nil {
			return
		}
		p := &permit{from: l, since: time.Now()}
		if l.throttle != nil {
			l.probe = p
		}
		if l.limited {
			l.free--
		}
		p.timer = time.AfterFunc(hungAfter+l.window, p.expire)
		w.granted <- p
	}
}

// dequeue returns the next caller that waits, or nil if there is none or it is not
// time yet. The lock is held.
func (l *limiter) dequeue() *permitWait {
	for i := range callers {
		by := (l.next + i) % callers
		if len(l.queues[by]) == 0 {
			continue
		}
		if d := time.Until(l.pausedUntil); d > 0 {
			l.resumeIn(d)
			return nil
		}
		w := l.queues[by][0]
		l.queues[by] = l.queues[by][1:]
		l.next = (by + 1) % callers
		return w
	}
	return nil
}

// resumeIn calls grant after d. The lock is held.
func (l *limiter) resumeIn(d time.Duration) {
	if l.resume == nil {
		l.resume = time.AfterFunc(d, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.grant()
		})
		return
	}
	l.resume.Reset(d)
}

// answered releases the permit of a call that was answered with fault, or nil. It
// returns for how long the callers of a call whose answer was lost pause: those that
// lose theirs while others pause already return with them.
func (p *permit) answered(fault *backend.Fault) (pause time.Duration) {
	l := p.from
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(p)
	switch {
	case pauses(fault):
		l.throttled(p, fault)
	case !p.since.After(l.paused):
		// It was in flight when the pause began, and shows nothing about its end.
	default:
		l.throttle = nil
		l.throttling.Reset()
	}
	switch {
	case fault == nil:
		l.losses = 0
		l.losing.Reset()
	case fault.Kind == backend.KindUnavailable && fault.RetryAfter == 0:
		pause = l.lost()
	}
	l.grant()
	return pause
}

// readLimit is when a read is given up as lost: later each time that answers are lost
// in a row.
func (l *limiter) readLimit() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return min(firstReadLimit<<min(l.losses, 3), callLimit)
}

// pauses reports whether the fault is a reason for all callers to pause.
func pauses(fault *backend.Fault) bool {
	return fault != nil && (fault.Kind == backend.KindThrottled ||
		fault.Kind == backend.KindUnavailable && fault.RetryAfter > 0)
}

// canceled releases the permit of a call that ended with its callers, or by a panic. A
// permit that is released already stays so.
func (p *permit) canceled() {
	p.from.mu.Lock()
	defer p.from.mu.Unlock()
	if p.released {
		return
	}
	p.from.release(p)
	p.from.grant()
}

// unused releases the permit at once: no call was made.
func (p *permit) unused() {
	p.from.mu.Lock()
	defer p.from.mu.Unlock()
	p.from.takeBack(p)
}

// takeBack is unused with the lock held.
func (l *limiter) takeBack(p *permit) {
	p.released = true
	if p.timer.Stop() && l.limited {
		l.free++
	}
	if l.probe == p {
		l.probe = nil
	}
	l.grant()
}

// release holds the permit for a window more. One whose call hung is free already.
// The lock is held.
func (l *limiter) release(p *permit) {
	p.released = true
	if p.timer.Stop() && l.limited {
		p.timer.Reset(l.window)
	}
	if l.probe == p {
		l.probe = nil
	}
}

// expire makes the permit free.
func (p *permit) expire() {
	l := p.from
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limited {
		l.free++
	}
	if l.probe == p {
		l.probe = nil
	}
	l.grant()
}

// throttled pauses all callers: as long as the cloud asks, up to a minute, and at
// least the next step of the backoff. Then one call probes. Calls that were in
// flight when the pause began prolong it only where the cloud asks for more. The lock
// is held.
func (l *limiter) throttled(p *permit, fault *backend.Fault) {
	now := time.Now()
	until := now.Add(min(fault.RetryAfter, longestRetryAfter))
	if l.throttle == nil || p.since.After(l.paused) {
		l.paused, l.earliest = now, now.Add(l.throttling.NextBackOff())
		l.throttle, l.pausedUntil = fault, later(until, l.earliest)
	} else if until.After(l.pausedUntil) {
		l.throttle, l.pausedUntil = fault, until
	}
	for deadline := range l.deadlines {
		l.endBefore(deadline)
	}
}

// endBefore ends a pause that would outlast the deadline of a waiting caller a little
// before it, for one last probe. The lock is held.
func (l *limiter) endBefore(deadline time.Time) {
	if until := deadline.Add(-lastProbe); l.throttle != nil && until.After(l.earliest) && until.Before(l.pausedUntil) {
		l.pausedUntil = until
	}
}

// expect notes, until forget is called, that a caller waits whose context is ctx.
func (l *limiter) expect(ctx context.Context) (forget func()) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadlines[deadline]++
	l.endBefore(deadline)
	l.grant()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.deadlines[deadline]--; l.deadlines[deadline] == 0 {
			delete(l.deadlines, deadline)
		}
	}
}

// reason returns the fault for which callers are paused, or nil.
func (l *limiter) reason() *backend.Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe == nil && !time.Now().Before(l.pausedUntil) {
		return nil
	}
	return l.throttle
}

// pausedFor returns how much longer all callers are paused.
func (l *limiter) pausedFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.pausedUntil))
}

// lost returns for how long to pause after a lost answer. The lock is held.
func (l *limiter) lost() time.Duration {
	if now := time.Now(); !now.Before(l.lossesUntil) {
		l.lossesUntil = now.Add(l.losing.NextBackOff())
		l.losses++
	}
	return time.Until(l.lossesUntil)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
