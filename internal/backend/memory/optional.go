package memory

import (
	"context"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// WithDryRun returns the driver of a cloud that has a dry run.
func WithDryRun(d *Driver) interface {
	backend.Driver
	backend.DryRunner
} {
	return struct {
		*Driver
		dryRunner
	}{d, dryRunner{d}}
}

// WithAbsenceCheck returns the driver of a cloud whose empty answers are
// ambiguous, and which can be asked about them.
func WithAbsenceCheck(d *Driver) interface {
	backend.Driver
	backend.AbsenceChecker
} {
	return struct {
		*Driver
		absenceChecker
	}{d, absenceChecker{d}}
}

// WithBoth returns the driver of a cloud that has all the options.
func WithBoth(d *Driver) interface {
	backend.Driver
	backend.DryRunner
	backend.AbsenceChecker
} {
	return struct {
		*Driver
		dryRunner
		absenceChecker
	}{d, dryRunner{d}, absenceChecker{d}}
}

type dryRunner struct{ driver *Driver }

// DryRun implements backend.DryRunner: a write up to the point where it would
// act. It always answers for each id by itself.
func (r dryRunner) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	d := r.driver
	if err := ctx.Err(); err != nil {
		return slices.Repeat([]error{ended(err)}, len(ids))
	}
	answers, hang, err := d.dryRun(Call{Op: DryRun, Checked: op, IDs: ids, Options: opts})
	if waitErr := d.wait(ctx, hang); waitErr != nil {
		err = waitErr
	}
	if err != nil {
		return slices.Repeat([]error{err}, len(ids))
	}
	return answers
}

func (d *Driver) dryRun(call Call) (answers []error, hang bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call = d.record(call)
	if fault := d.misuse(call.IDs); fault != nil {
		return nil, false, &Error{Fault: *fault}
	}
	if trouble := d.meet(DryRun, ""); trouble != nil {
		return nil, trouble.Hang, trouble.err(call)
	}
	answers = make([]error, len(call.IDs))
	for i, id := range call.IDs {
		if trouble := d.meet(DryRun, id); trouble != nil {
			answers[i], hang = trouble.err(call), hang || trouble.Hang
			continue
		}
		in, ok := d.instances[id]
		if !ok || !in.exists(call.At) {
			answers[i] = d.refused(call, *refusal(backend.KindNotFound, "there is no instance "+id))
			continue
		}
		// The verbs of both kinds of operation are the same.
		if _, fault := d.judge(Op(call.Checked.String()), in, call.Options, call.At); fault != nil {
			answers[i] = d.refused(call, *fault)
		}
	}
	return answers, hang, nil
}

type absenceChecker struct{ driver *Driver }

// CheckAbsent implements backend.AbsenceChecker.
func (c absenceChecker) CheckAbsent(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return ended(err)
	}
	hang, err := c.driver.checkAbsent(id)
	if waitErr := c.driver.wait(ctx, hang); waitErr != nil {
		return waitErr
	}
	return err
}

func (d *Driver) checkAbsent(id string) (hang bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call := d.record(Call{Op: CheckAbsent, IDs: []string{id}})
	for _, about := range []string{"", id} {
		if trouble := d.meet(CheckAbsent, about); trouble != nil {
			return trouble.Hang, trouble.err(call)
		}
	}
	in, ok := d.instances[id]
	switch {
	case !ok || !in.exists(call.At):
		return false, nil
	case in.behavior.Hidden:
		return false, d.refused(call, *refusal(backend.KindDenied, "this account may not see the instance"))
	}
	return false, d.refused(call, *refusal(backend.KindOther, "the instance exists"))
}
