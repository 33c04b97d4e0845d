package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Observation is one instance as a describe returned it.
type Observation struct {
	// Instance is shared by all who observed it, and is never changed. Its State
	// is Absent where the describe did not return it.
	Instance *backend.Instance
	// Requested is when the describe went out.
	Requested time.Time
}

// repeat is the state of a call that is repeated until it is answered or ctx ends.
type repeater struct {
	d     *Dispatcher
	fault *backend.Fault
	pause retry
	in    part // the join key for the next try
}

// Observe reads one instance now, batched with other reads. It repeats a call
// that was throttled, whose answer was lost, or that was refused as part of a
// batch, until ctx ends. An error is a *CallError or an *Interrupted.
func (d *Dispatcher) Observe(ctx context.Context, id string, by Caller) (Observation, error) {
	r := repeater{d: d}
	return r.observe(ctx, id, by)
}

// Poll is Observe at about the given time: waits that are due at about the same
// time share a page.
func (d *Dispatcher) Poll(ctx context.Context, id string, due time.Time, by Caller) (Observation, error) {
	r := repeater{d: d}
	got, err := d.watcher.next(ctx, id, due)
	if err != nil {
		return Observation{}, r.ended(ctx, err)
	}
	if got.err == nil {
		return Observation{Instance: got.in, Requested: got.at}, nil
	}
	if err := r.failed(ctx, got); err != nil {
		return Observation{}, err
	}
	return r.observe(ctx, id, by)
}

func (r *repeater) observe(ctx context.Context, id string, by Caller) (Observation, error) {
	for {
		got, err := r.d.through(r.in, by).looks.Do(ctx, r.in, id)
		if err != nil {
			return Observation{}, r.ended(ctx, err)
		}
		if got.err == nil {
			return Observation{Instance: got.in, Requested: got.at}, nil
		}
		if err := r.failed(ctx, got); err != nil {
			return Observation{}, err
		}
	}
}

// failed judges a failed read. It returns nil, after a pause, when the read can
// be repeated.
func (r *repeater) failed(ctx context.Context, got reading) error {
	if ctx.Err() != nil {
		return r.ended(ctx, context.Cause(ctx))
	}
	fault := r.d.driver.Fault(got.err)
	r.fault, r.in = &fault, got.part
	switch {
	case got.part.late:
		r.pause.wait(lateness)
	case got.part.of != nil, fault.Kind == backend.KindThrottled:
		return nil
	case fault.Kind == backend.KindUnavailable:
		r.pause.lost(got.pause)
	default:
		return &CallError{Fault: fault, Err: got.err}
	}
	if err := r.pause.pause(ctx); err != nil {
		return r.ended(ctx, err)
	}
	return nil
}

// ended is the error of a call that was not made, or not answered.
func (r *repeater) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &Interrupted{Fault: r.fault, Err: err}
	}
	return &CallError{Err: err}
}

// until repeats a call that is not batched.
func (r *repeater) until(ctx context.Context, b *bucket, operation string, ids []string, call func(ctx context.Context) error) error {
	for {
		var err error
		pause, ended := r.d.ask(ctx, b, operation, ids, func(ctx context.Context) error {
			err = call(ctx)
			return err
		})
		if ended != nil {
			return r.ended(ctx, ended)
		}
		if err == nil {
			return nil
		}
		if err := r.failed(ctx, reading{err: err, pause: pause}); err != nil {
			return err
		}
	}
}

// CheckAbsent asks, where the cloud answers a missing permission with an empty
// list, whether the instance is really absent. nil means that it is, as far as
// the cloud can tell. It repeats as Observe does, and has the same errors.
func (d *Dispatcher) CheckAbsent(ctx context.Context, id string) error {
	checker, ok := d.driver.(backend.AbsenceChecker)
	if !ok {
		return nil
	}
	r := repeater{d: d}
	return r.until(ctx, d.absences, "check absence", []string{id}, func(ctx context.Context) error {
		return checker.CheckAbsent(ctx, id)
	})
}

// CanList reports whether the instances of this cloud can be listed.
func (d *Dispatcher) CanList() bool {
	_, ok := d.driver.(backend.Lister)
	return ok
}

// ListPage returns one page of a listing and the cursor of the next. It repeats as
// Observe does, and has the same errors. The cloud must be one that CanList.
func (d *Dispatcher) ListPage(ctx context.Context, filter backend.Filter, cursor string) (page []backend.Instance, next string, err error) {
	lister, ok := d.driver.(backend.Lister)
	if !ok {
		return nil, "", &CallError{Err: fmt.Errorf("the instances of %s cannot be listed", d.cloud)}
	}
	r := repeater{d: d}
	err = r.until(ctx, d.reads, "list", nil, func(ctx context.Context) error {
		var err error
		page, next, err = lister.ListPage(ctx, filter, cursor)
		return err
	})
	return page, next, err
}
