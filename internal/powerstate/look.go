package powerstate

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// look reads the instance now, joined with other looks.
func (a *attempt) look(ctx context.Context) error { return a.lookIn(ctx, part{}) }

// lookIn is look within a part of a refused batch.
func (a *attempt) lookIn(ctx context.Context, in part) error {
	var pause retry
	for {
		got, err := a.through(in).looks.Do(ctx, in, a.id)
		if err != nil {
			return a.ended(ctx, err)
		}
		if got.err == nil {
			return a.see(ctx, got)
		}
		if in, err = a.unread(ctx, got, &pause); err != nil {
			return err
		}
	}
}

// after returns when the next look is due, of a wait since that time whose looks
// are interval(its age) apart. It goes on from when the last look was due: one that
// came earlier, to share a call, must not bring those after it forward too, or
// waits among others would take more looks than one alone.
func (a *attempt) after(since time.Time, interval func(age time.Duration) time.Duration) time.Time {
	from := later(time.Now(), a.due)
	return from.Add(interval(from.Sub(since)))
}

// next reads the instance at about due, through the watcher.
func (a *attempt) next(ctx context.Context, due time.Time) error {
	a.due = due
	got, err := a.c.watcher.next(ctx, a.id, due)
	if err != nil {
		return a.ended(ctx, err)
	}
	if got.err == nil {
		return a.see(ctx, got)
	}
	again, err := a.unread(ctx, got, new(retry))
	if err != nil {
		return err
	}
	return a.lookIn(ctx, again)
}

// unread judges a failed read; when it can be repeated it returns the join key
// for that, after a pause.
func (a *attempt) unread(ctx context.Context, got reading, pause *retry) (again part, err error) {
	if ctx.Err() != nil {
		return part{}, a.ended(ctx, context.Cause(ctx))
	}
	fault := a.c.driver.Fault(got.err)
	a.misread = &fault
	switch {
	case got.part.late:
		pause.wait(lateness)
	case got.part.of != nil, fault.Kind == backend.KindThrottled:
		return got.part, nil
	case fault.Kind == backend.KindUnavailable:
		pause.lost(got.pause)
	default:
		return part{}, a.fault(got.err, fault)
	}
	if err := pause.pause(ctx); err != nil {
		return part{}, a.ended(ctx, err)
	}
	return got.part, nil
}

// see takes in what was read. An instance that is not listed is looked into
// further where the cloud answers a missing permission in the same way.
func (a *attempt) see(ctx context.Context, got reading) error {
	in := got.in
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
	a.c.recent.put(in, got.at)
	return nil
}

func (a *attempt) confirmAbsent(ctx context.Context) error {
	checker, ok := a.c.driver.(backend.AbsenceChecker)
	if !ok {
		return nil
	}
	var pause retry
	for {
		var err error
		wait, ended := a.c.ask(ctx, a.c.absences, "check absence", []string{a.id}, func(ctx context.Context) error {
			err = checker.CheckAbsent(ctx, a.id)
			return err
		})
		if ended != nil {
			return a.ended(ctx, ended)
		}
		if err == nil {
			return nil
		}
		if _, err := a.unread(ctx, reading{err: err, pause: wait}, &pause); err != nil {
			return err
		}
	}
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
