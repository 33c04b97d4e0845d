package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Describe implements backend.Driver. The order of the answer is not that of
// the ids, so that no caller can rely on it.
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, ended(err)
	}
	found, hang, err := d.describe(ids)
	if waitErr := d.wait(ctx, hang); waitErr != nil {
		return nil, waitErr
	}
	return found, err
}

func (d *Driver) describe(ids []string) (found []backend.Instance, hang bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call := d.record(Call{Op: Describe, IDs: ids})
	if fault := d.misuse(ids); fault != nil {
		return nil, false, &Error{Fault: *fault}
	}
	for _, id := range append([]string{""}, ids...) {
		if trouble := d.meet(Describe, id); trouble != nil {
			return nil, trouble.Hang, trouble.err(call)
		}
	}
	for _, id := range slices.Backward(ids) {
		if in, ok := d.instances[id]; ok {
			if seen, ok := in.describe(call.At); ok {
				found = append(found, seen)
			}
		}
	}
	return found, false, nil
}

// Start implements backend.Driver.
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, Call{Op: Start, IDs: ids})
}

// Stop implements backend.Driver.
func (d *Driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, Call{Op: Stop, IDs: ids, Options: opts})
}

// Reboot implements backend.Driver.
func (d *Driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, Call{Op: Reboot, IDs: ids, Options: backend.StopOptions{Force: opts.Force}})
}

// BatchSize implements backend.Driver.
func (d *Driver) BatchSize() int { return d.opts.BatchSize }

// Capabilities implements backend.Driver.
func (d *Driver) Capabilities() backend.Capabilities { return d.capabilities }

// Fault implements backend.Driver.
func (d *Driver) Fault(err error) backend.Fault {
	var own *Error
	if errors.As(err, &own) {
		return own.Fault
	}
	return backend.Fault{Kind: backend.KindOther, Message: err.Error()}
}

func (d *Driver) write(ctx context.Context, call Call) []backend.Outcome {
	if err := ctx.Err(); err != nil {
		return sameFor(call, ended(err))
	}
	outcomes, hang := d.serve(call)
	if err := d.wait(ctx, hang); err != nil {
		return sameFor(call, err)
	}
	return outcomes
}

// serve is what happens in the cloud when a write arrives.
func (d *Driver) serve(call Call) (outcomes []backend.Outcome, hang bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call = d.record(call)
	if fault := d.misuse(call.IDs); fault != nil {
		return sameFor(call, &Error{Fault: *fault}), false
	}
	trouble := d.meet(call.Op, "")
	if trouble != nil && !trouble.Lost {
		return sameFor(call, trouble.err(call)), trouble.Hang
	}

	verdicts := make([]verdict, len(call.IDs))
	for i, id := range call.IDs {
		verdicts[i] = d.verdict(call, id)
		hang = hang || verdicts[i].hang
	}
	if !d.capabilities.PerItemOutcomes && len(call.IDs) > 1 {
		d.share(call, verdicts)
	}
	outcomes = make([]backend.Outcome, len(call.IDs))
	for i, v := range verdicts {
		if v.act {
			d.carryOut(call.Op, d.instances[call.IDs[i]], call.Options, call.RequestID, call.At)
		}
		outcomes[i] = backend.Outcome{RequestID: call.RequestID, Err: v.err}
	}
	if trouble != nil {
		return sameFor(call, trouble.err(call)), trouble.Hang
	}
	return outcomes, hang
}

// verdict is what the cloud makes of one id of a write. Both act and err are
// set where it obeys, and the answer is lost.
type verdict struct {
	act, hang, alreadySo bool
	err                  error
}

func (d *Driver) verdict(call Call, id string) verdict {
	trouble := d.meet(call.Op, id)
	if trouble != nil && !trouble.Lost {
		return verdict{hang: trouble.Hang, err: trouble.err(call)}
	}
	in, ok := d.instances[id]
	if !ok || !in.exists(call.At) {
		return verdict{err: d.refused(call, *refusal(backend.KindNotFound, "there is no instance "+id))}
	}
	act, fault := d.judge(call.Op, in, call.Options, call.At)
	v := verdict{act: act, alreadySo: !act && fault == nil}
	if fault != nil {
		v.err = d.refused(call, *fault)
	}
	if trouble != nil && fault == nil {
		v.hang, v.err = trouble.Hang, trouble.err(call)
	}
	return v
}

// share makes the verdict on one id the verdict on all, as a cloud does that
// takes a call as a whole or not at all. One that is already so spoils the call
// too.
func (d *Driver) share(call Call, verdicts []verdict) {
	culprit := slices.IndexFunc(verdicts, func(v verdict) bool { return v.err != nil || v.alreadySo })
	if culprit < 0 {
		return
	}
	err := verdicts[culprit].err
	if err == nil {
		err = d.refused(call, *refusal(backend.KindBusy, call.IDs[culprit]+" is so already"))
	}
	fault := d.Fault(err)
	fault.Shared = true
	if !d.opts.HideCulprits {
		fault.IDs = []string{call.IDs[culprit]}
	}
	lost := verdicts[culprit].act
	for i := range verdicts {
		verdicts[i] = verdict{act: lost && verdicts[i].act, hang: verdicts[i].hang, err: &Error{Fault: fault}}
	}
}

// misuse refuses a call that the contract says is never made.
func (d *Driver) misuse(ids []string) *backend.Fault {
	sorted := slices.Sorted(slices.Values(ids))
	switch {
	case len(ids) == 0:
		return refusal(backend.KindInvalid, "the call names no instance")
	case len(ids) > d.opts.BatchSize:
		return refusal(backend.KindInvalid, "the call names more instances than the batch size")
	case sorted[0] == "":
		return refusal(backend.KindInvalid, "the call names an empty id")
	case len(slices.Compact(sorted)) < len(ids):
		return refusal(backend.KindInvalid, "the call names an instance twice")
	}
	return nil
}

// wait is the time that an answer takes.
func (d *Driver) wait(ctx context.Context, hang bool) error {
	var answered <-chan time.Time
	if !hang {
		if d.opts.Latency == 0 {
			return nil
		}
		timer := time.NewTimer(d.opts.Latency)
		defer timer.Stop()
		answered = timer.C
	}
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return ended(ctx.Err())
	}
}

func sameFor(call Call, err error) []backend.Outcome {
	return slices.Repeat([]backend.Outcome{{RequestID: call.RequestID, Err: err}}, len(call.IDs))
}
