package powerstate

import (
	"context"
	"errors"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// look reads the instance now, joined with other looks.
func (a *attempt) look(ctx context.Context) error {
	got, err := a.c.dispatch.Observe(ctx, a.id, a.by)
	if err != nil {
		return a.undelivered(ctx, err)
	}
	return a.see(ctx, got)
}

// after returns when the next look is due, of a wait since that time whose looks
// are interval(its age) apart. It goes on from when the last look was due: one that
// came earlier, to share a call, must not bring those after it forward too, or
// waits among others would take more looks than one alone.
func (a *attempt) after(since time.Time, interval func(age time.Duration) time.Duration) time.Time {
	from := later(time.Now(), a.due)
	return from.Add(interval(from.Sub(since)))
}

// next reads the instance at about due, through the poller.
func (a *attempt) next(ctx context.Context, due time.Time) error {
	a.due = due
	got, err := a.c.dispatch.Poll(ctx, a.id, due, a.by)
	if err != nil {
		return a.undelivered(ctx, err)
	}
	return a.see(ctx, got)
}

// undelivered turns an error of the dispatcher into the error of this attempt.
func (a *attempt) undelivered(ctx context.Context, err error) error {
	var failed *dispatch.CallError
	if errors.As(err, &failed) {
		return a.fault(failed.Err, failed.Fault)
	}
	var interrupted *dispatch.Interrupted
	if errors.As(err, &interrupted) {
		if interrupted.Fault != nil {
			a.misread = interrupted.Fault
		}
		err = interrupted.Err
	}
	return a.ended(ctx, err)
}

// see takes in what was read. An instance that is not listed is looked into
// further where the cloud answers a missing permission in the same way.
func (a *attempt) see(ctx context.Context, got dispatch.Observation) error {
	in := got.Instance
	if in.State == backend.Absent && !a.patient {
		if err := a.confirmAbsent(ctx); err != nil {
			return err
		}
	}
	a.misread = nil
	now := time.Now()
	if a.last == nil || a.last.State != in.State || a.last.Raw != in.Raw {
		a.lastSince = now
		a.logState(ctx, in)
	}
	if inTransition(in.State) {
		a.moved = true
	}
	if in.State != backend.Stopped || sameMode(in.StoppedMode, a.target.Mode) {
		a.strayed = time.Time{}
	}
	if in.State == backend.Stopped && !sameMode(in.StoppedMode, a.target.Mode) && a.strayed.IsZero() {
		a.strayed = now
	}
	a.last = in
	a.c.recent.put(in, got.Requested)
	return nil
}

func (a *attempt) confirmAbsent(ctx context.Context) error {
	if err := a.c.dispatch.CheckAbsent(ctx, a.id); err != nil {
		return a.undelivered(ctx, err)
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
