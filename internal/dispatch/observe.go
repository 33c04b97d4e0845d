package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Observation is one instance as a describe returned it.
type Observation struct {
	// Instance is shared by all that observed it, and is never changed. Its State is
	// Absent where the describe did not return it.
	Instance *backend.Instance
	// Requested is when the describe was sent.
	Requested time.Time
}

// Observe reads one instance now, batched with other reads. It repeats a call that
// was throttled, whose answer was lost, or that was refused for another member of its
// batch, until ctx ends. An error is a *CallError or an *Interrupted.
func (d *Dispatcher) Observe(ctx context.Context, id string, by Caller) (Observation, error) {
	t := tries{d: d, key: batchKey{caller: by, action: actionDescribe}}
	return t.observe(ctx, id)
}

// Poll is Observe at about the given time: waits that are due at about the same time
// share a page, so that it may be half a second early.
func (d *Dispatcher) Poll(ctx context.Context, id string, due time.Time, by Caller) (Observation, error) {
	if !due.After(time.Now()) {
		return d.Observe(ctx, id, by)
	}
	if d.driver.BatchSize() > 1 {
		due = due.Add(-pollWindow) // The page is sent when its window has passed.
	}
	if err := d.poller.wait(ctx, due, by); err != nil {
		return Observation{}, (&tries{d: d}).interrupted(ctx, d.reads)
	}
	t := tries{d: d, key: batchKey{caller: by, action: actionDescribe, poll: true}}
	return t.observe(ctx, id)
}

// CheckAbsent asks, where the cloud answers a missing permission with an empty list,
// whether the instance is really absent; nil means that it is, as far as the cloud
// tells. It repeats as Observe does, and has the same errors.
func (d *Dispatcher) CheckAbsent(ctx context.Context, id string) error {
	checker, ok := d.driver.(backend.AbsenceChecker)
	if !ok {
		return nil
	}
	_, err := read(
		ctx,
		d,
		d.absences,
		request{operation: "check absence", ids: []string{id}},
		func(ctx context.Context) (struct{}, error) {
			return struct{}{}, checker.CheckAbsent(ctx, id)
		},
	)
	return err
}

// CanList reports whether the instances of this cloud can be listed.
func (d *Dispatcher) CanList() bool {
	_, ok := d.driver.(backend.Lister)
	return ok
}

// ListPage returns one page of a listing and the cursor of the next. It repeats as
// Observe does, and has the same errors. The cloud must be one of those that CanList.
func (d *Dispatcher) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) (page []backend.Instance, next string, err error) {
	lister, ok := d.driver.(backend.Lister)
	if !ok {
		return nil, "", &CallError{Err: fmt.Errorf("the instances of %s cannot be listed", d.cloud)}
	}
	type listing struct {
		page []backend.Instance
		next string
	}
	got, err := read(ctx, d, d.reads, request{operation: "list"}, func(ctx context.Context) (listing, error) {
		page, next, err := lister.ListPage(ctx, filter, cursor)
		return listing{page, next}, err
	})
	return got.page, got.next, err
}

// read makes a read that is not batched, until it is answered or ctx ends.
func read[T any](
	ctx context.Context,
	d *Dispatcher,
	l *limiter,
	r request,
	call func(ctx context.Context) (T, error),
) (T, error) {
	defer l.expect(ctx)()
	t := tries{d: d}
	for {
		var none T
		p, err := l.acquire(ctx, r.caller)
		if err != nil {
			return none, t.interrupted(ctx, l)
		}
		got, o := hedge(ctx, d, p, r, call)
		if o.err == nil {
			return got, nil
		}
		if err := t.failed(ctx, l, &answer{err: o.err, fault: o.fault, pause: o.pause}); err != nil {
			return none, err
		}
	}
}

// tries repeats a call that changes nothing.
type tries struct {
	d      *Dispatcher
	key    batchKey
	fault  *backend.Fault              // of the last try
	losses *backoff.ExponentialBackOff // answers lost in a row
}

// observe makes a batched describe until it is answered or ctx ends.
func (t *tries) observe(ctx context.Context, id string) (Observation, error) {
	a, err := t.until(ctx, id)
	if err != nil {
		return Observation{}, err
	}
	return a.observation, nil
}

// until makes a batched call until it is answered or ctx ends.
func (t *tries) until(ctx context.Context, id string) (*answer, error) {
	for {
		a, err := t.d.do(ctx, &t.key, item{id: id})
		if err != nil {
			return nil, t.notMade(ctx, err)
		}
		if a.err == nil {
			return a, nil
		}
		if err := t.failed(ctx, t.d.limiter(&t.key), a); err != nil {
			return nil, err
		}
		t.key.split = a.split
	}
}

// notMade returns the error of a batched call that was not made.
func (t *tries) notMade(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return t.interrupted(ctx, t.d.limiter(&t.key))
	}
	return &CallError{Err: err}
}

// failed returns nil, after a pause, when the call is to be repeated.
func (t *tries) failed(ctx context.Context, l *limiter, a *answer) error {
	if ctx.Err() != nil {
		return t.interrupted(ctx, l)
	}
	t.fault = a.fault
	pause := a.pause
	switch {
	case !a.split.IsZero(), a.fault.Kind == backend.KindThrottled:
	case a.fault.Kind == backend.KindUnavailable && a.fault.RetryAfter == 0:
		// Calls about others may pass and keep the common pause short.
		if t.losses == nil {
			t.losses = NewBackoff(longestLossPause, 0)
		}
		pause = max(pause, t.losses.NextBackOff())
	case a.fault.Kind == backend.KindUnavailable:
	default:
		return &CallError{Fault: *a.fault, Err: a.err}
	}
	if Sleep(ctx, pause) != nil {
		return t.interrupted(ctx, l)
	}
	return nil
}

// interrupted returns the error of a call that ended with ctx.
func (t *tries) interrupted(ctx context.Context, l *limiter) error {
	if reason := l.reason(); reason != nil {
		t.fault = reason
	}
	return &Interrupted{Fault: t.fault, Err: context.Cause(ctx)}
}
