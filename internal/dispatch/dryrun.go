package dispatch

import (
	"context"
	"errors"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// DryRun asks the cloud whether it would accept the call, batched with equal
// questions. nil means that it would, or that this cloud cannot be asked. It
// repeats as Observe does. An error is an *Interrupted or a *CallError.
func (d *Dispatcher) DryRun(ctx context.Context, id string, call Call, by Caller) (*backend.Fault, error) {
	if _, ok := d.driver.(backend.DryRunner); !ok {
		return nil, nil
	}
	r := repeater{d: d}
	for {
		key := actKey{op: call.Op, opts: call.Options, dry: true, part: r.in}
		got, err := d.through(r.in, by).acts.Do(ctx, key, id)
		if err != nil {
			return nil, r.ended(ctx, err)
		}
		if got.Err == nil {
			return nil, nil
		}
		err = r.failed(ctx, reading{err: got.Err, part: got.part, pause: got.pause})
		var refused *CallError
		if errors.As(err, &refused) {
			return &refused.Fault, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// dryRun passes a dry run on to the driver.
func (d *Dispatcher) dryRun(ctx context.Context, key actKey, ids []string) []backend.Outcome {
	runner, ok := d.driver.(backend.DryRunner)
	if !ok {
		return nil
	}
	errs := runner.DryRun(ctx, key.op, ids, key.opts)
	outcomes := make([]backend.Outcome, len(errs))
	for i, err := range errs {
		outcomes[i].Err = err
	}
	return outcomes
}
