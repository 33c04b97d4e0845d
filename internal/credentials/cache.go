package credentials

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// The limits of exchanges.
const (
	// attemptLimit ends one call to a token service, so that a hung one is
	// repeated on another connection.
	attemptLimit = 5 * time.Second
	// exchangeLimit ends one exchange with its repetitions. Callers whose keys
	// are good for longer do not wait for a renewal.
	exchangeLimit = 10 * time.Second
	// flightLimit ends the longest chain: web identity, role, account.
	flightLimit = 3 * exchangeLimit
	// maxRenewalMargin and renewalShare define when keys are renewed: when less
	// than the smaller of five minutes and a tenth of their life is left.
	maxRenewalMargin = 5 * time.Minute
	renewalShare     = 10
	// firstPause is how long a failure is returned before a new exchange. It
	// doubles with each failure in a row, up to maxPause; with good keys at hand,
	// up to maxQuietPause.
	firstPause    = time.Second
	maxPause      = 4 * time.Second
	maxQuietPause = 30 * time.Second
)

// source is where keys come from. keys reads or exchanges them anew at each
// call; a cache around it keeps them.
type source interface {
	keys(ctx context.Context) (Set, error)
	// String names the source for messages.
	String() string
}

// cache keeps the keys of one source, and renews them. It is itself a source,
// so that a role can be assumed with the keys of another one.
type cache struct {
	source source
	now    func() time.Time

	mu      sync.Mutex
	current Set
	// refused is set when the cloud has reported that the current keys ended.
	refused bool
	last    uint64 // the last generation
	flight  *flight
	// failure is the error of the last renewal, nil after a success.
	failure  error
	failedAt time.Time
	failures int
}

// flight is one exchange that all callers wait for.
type flight struct {
	done chan struct{} // closed when set and err are there
	set  Set
	err  error
}

func newCache(s source, now func() time.Time) *cache { return &cache{source: s, now: now} }

// String names the source.
func (c *cache) String() string { return c.source.String() }

// keys returns good keys. There is at most one exchange at a time, and no
// caller's cancellation ends it. A renewal that fails is an error only when the
// keys have ended.
func (c *cache) keys(ctx context.Context) (Set, error) {
	if err := ctx.Err(); err != nil {
		return Set{}, fmt.Errorf("get the keys of %s: %w", c, context.Cause(ctx))
	}
	c.mu.Lock()
	now := c.now()
	have, good := c.current, c.good(now)
	if good && !due(have, now) {
		c.mu.Unlock()
		return have, nil
	}
	if c.flight == nil && c.pausing(now, good) {
		err := c.failed(now)
		c.mu.Unlock()
		if good {
			return have, nil
		}
		return Set{}, err
	}
	if c.flight == nil {
		c.flight = c.start(ctx)
	}
	f := c.flight
	c.mu.Unlock()
	if good && have.Expires.Sub(now) > exchangeLimit {
		return have, nil
	}
	return c.wait(ctx, f, have)
}

// wait returns the result of the flight, or the keys at hand where it fails and
// they are still good.
func (c *cache) wait(ctx context.Context, f *flight, have Set) (Set, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
		return Set{}, fmt.Errorf("get the keys of %s: %w", c, context.Cause(ctx))
	}
	if f.err == nil {
		return f.set, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.good(now) && c.current.generation >= have.generation {
		return c.current, nil
	}
	return Set{}, c.failed(now)
}

// good reports whether the current keys may be used.
func (c *cache) good(now time.Time) bool { return !c.refused && c.current.usable(now) }

// due reports whether keys are to be renewed.
func due(s Set, now time.Time) bool {
	if s.Expires.IsZero() {
		return false
	}
	margin := min(maxRenewalMargin, s.Expires.Sub(s.issued)/renewalShare)
	return s.Expires.Sub(now) < margin
}

// pausing reports whether the last failure is too recent for a new exchange.
func (c *cache) pausing(now time.Time, good bool) bool {
	if c.failure == nil {
		return false
	}
	longest := maxPause
	if good {
		longest = maxQuietPause
	}
	pause := longest
	if shift := c.failures - 1; shift < 8 {
		pause = min(longest, firstPause<<shift)
	}
	return now.Sub(c.failedAt) < pause
}

// failed returns the last failure, and names the keys that it leaves without a
// successor.
func (c *cache) failed(now time.Time) error {
	var known *Error
	if c.current.generation == 0 || !errors.As(c.failure, &known) {
		return c.failure
	}
	ended := *known
	switch {
	case c.refused:
		ended.Problem = "the cloud reports that these keys have expired, and new ones could not be had: " + known.Problem
	case !c.current.usable(now):
		at := c.current.Expires.UTC().Format(time.RFC3339)
		ended.Problem = "the keys ended at " + at + ", and their renewal failed: " + known.Problem
	default:
		return c.failure
	}
	return &ended
}

// start begins an exchange that no caller's context ends. The lock is held.
func (c *cache) start(ctx context.Context) *flight {
	f := &flight{done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightLimit)
	go func() {
		defer cancel()
		set, err := c.retrieve(ctx)
		c.store(f, set, err)
	}()
	return f
}

// retrieve calls the source. A panic, of an SDK for example, is an error of
// this exchange, and its value, which may hold a key, is dropped.
func (c *cache) retrieve(ctx context.Context) (set Set, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{
				Kind:    Other,
				Source:  c.String(),
				Problem: fmt.Sprintf("the exchange panicked (%T); this is a bug of the provider", p),
			}
		}
	}()
	return c.source.keys(ctx)
}

// store keeps the result of a flight and wakes its callers.
func (c *cache) store(f *flight, set Set, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(f.done)
	c.flight = nil
	if err != nil {
		f.err = err
		c.failure, c.failedAt = err, c.now()
		c.failures++
		return
	}
	c.last++
	set.generation = c.last
	if set.issued.IsZero() {
		set.issued = c.now()
	}
	c.current, c.refused = set, false
	c.failure, c.failures = nil, 0
	f.set = set
}

// invalidate makes the next call of keys exchange anew, where set is still the
// current one. It is for keys that the cloud has called expired.
func (c *cache) invalidate(set Set) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if set.generation == c.current.generation && set.generation > 0 {
		c.refused = true
	}
}
