package powerstate

import (
	"context"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// Preflight is what can be said of a target before anything is done.
type Preflight struct {
	// Seen is the instance as it is; State is Absent where it is not listed.
	Seen backend.Instance
	// Decision is what an apply would begin with.
	Decision Decision
	// DryRun is what the cloud's own dry run answered, nil where it would
	// accept the call, or was not asked.
	DryRun *backend.Fault
}

// Preflight looks at an instance and says what reaching the target would begin
// with; with dryRun it also asks the cloud, where that can be asked. It writes
// nothing. A target that would be refused is an *Error, beside what was seen.
func (c *Client) Preflight(ctx context.Context, id string, target Target, dryRun bool) (Preflight, error) {
	defer c.dispatch.Begin(id)()
	return c.preflightWith(ctx, c.attempt(id, target, dispatch.Single), dryRun)
}

func (c *Client) preflightWith(ctx context.Context, a *attempt, dryRun bool) (Preflight, error) {
	result, err := c.preflight(ctx, a)
	if err != nil || result.Decision.Op == 0 {
		return result, err
	}
	if dryRun {
		if result.DryRun, err = a.dryRun(ctx, result.Decision.Op); err != nil {
			return result, err
		}
	}
	return result, nil
}

// PreflightNew is Preflight for what a create is to manage. The CLI plans once
// more within an apply, when the instance may have been made a moment ago, so
// one that is missing is looked for again for a third of AppearGrace.
func (c *Client) PreflightNew(ctx context.Context, id string, target Target, dryRun bool) (Preflight, error) {
	defer c.dispatch.Begin(id)()
	a := c.attempt(id, target, dispatch.Single)
	if err := c.awaitNew(ctx, a); err != nil {
		return Preflight{}, err
	}
	return c.preflightWith(ctx, a, dryRun)
}

// awaitNew gives an instance that was not seen a moment ago time to be listed.
func (c *Client) awaitNew(ctx context.Context, a *attempt) error {
	if _, ok := c.recent.get(a.id); ok {
		return nil
	}
	a.patient = true
	if err := a.look(ctx); err != nil {
		return err
	}
	return a.appearWithin(ctx, c.opts.AppearGrace/3)
}

// preflight is Preflight without the dry run. What was read a moment ago serves,
// but not as the reason of a refusal: what stood in the way may be gone since, as
// after a step of the user that the refusal asked for.
func (c *Client) preflight(ctx context.Context, a *attempt) (Preflight, error) {
	if in, ok := c.recent.get(a.id); ok && a.last == nil {
		a.last, a.lastSince = in, a.began
		if decision := a.decide(); decision.Step != Refuse {
			return Preflight{Seen: *a.last, Decision: decision}, nil
		}
		a.last = nil
	}
	if a.last == nil {
		if err := a.look(ctx); err != nil {
			return Preflight{}, err
		}
	}
	result := Preflight{Seen: *a.last, Decision: a.decide()}
	if result.Decision.Step == Refuse {
		return result, a.fail(Refused, result.Decision.Reason, nil)
	}
	return result, nil
}

// dryRun asks the cloud about the operation that the target would begin with.
func (a *attempt) dryRun(ctx context.Context, op backend.Op) (*backend.Fault, error) {
	a.op = op
	fault, err := a.c.dispatch.DryRun(ctx, a.id, dispatch.Call{Op: op, Options: a.target.optionsFor(op)}, a.by)
	if err != nil {
		return nil, a.undelivered(ctx, err)
	}
	return fault, nil
}

// Charging says whether compute of the instance is billed now: nil for unknown.
func Charging(in backend.Instance) *bool {
	billed := true
	switch in.State {
	case backend.Running, backend.Stopping, backend.Restarting:
		return &billed
	case backend.Stopped:
	case backend.Starting, backend.Unavailable, backend.Unknown, backend.Absent:
		return prepaid(in)
	}
	switch in.StoppedMode {
	case backend.KeepCharging, backend.NotApplicable:
		return &billed
	case backend.StopCharging:
		billed = in.Prepaid
		return &billed
	case backend.UnknownMode:
	}
	return prepaid(in)
}

func prepaid(in backend.Instance) *bool {
	if !in.Prepaid {
		return nil
	}
	return &in.Prepaid
}
