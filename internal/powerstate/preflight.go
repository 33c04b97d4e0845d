package powerstate

import (
	"context"
	"maps"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
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
	defer c.traffic.enter(id)()
	return c.preflightWith(ctx, c.attempt(id, target, c.single), dryRun)
}

func (c *Client) preflightWith(ctx context.Context, a *attempt, dryRun bool) (Preflight, error) {
	result, err := c.preflight(ctx, a)
	if err != nil || result.Decision.Op == 0 {
		return result, err
	}
	if _, ok := c.driver.(backend.DryRunner); ok && dryRun {
		faults, err := c.dryRun(ctx, result.Decision.Op, []string{a.id}, a.target)
		if err != nil {
			return result, err
		}
		result.DryRun = faults[0]
	}
	if result.DryRun == nil || result.DryRun.Kind != backend.KindInvalid && result.DryRun.Kind != backend.KindNotFound {
		c.traffic.foresee(a.id)
	}
	return result, nil
}

// PreflightNew is Preflight for what a create is to manage. The CLI plans once
// more within an apply, when the instance may have been made a moment ago, so
// one that is missing is looked for again for a third of AppearGrace.
func (c *Client) PreflightNew(ctx context.Context, id string, target Target, dryRun bool) (Preflight, error) {
	defer c.traffic.enter(id)()
	a := c.attempt(id, target, c.single)
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

// dryRun asks the cloud about instances of which at most BatchSize are named.
// It returns a fault, or nil, for each. What is refused as a whole for one member
// is asked again in parts, as a call is.
func (c *Client) dryRun(ctx context.Context, op backend.Op, ids []string, target Target) ([]*backend.Fault, error) {
	runner, ok := c.driver.(backend.DryRunner)
	if !ok {
		return make([]*backend.Fault, len(ids)), nil
	}
	a := c.attempt(ids[0], target, c.single)
	a.op = op
	opts := target.optionsFor(op)
	var answers []error
	if _, ended := c.ask(ctx, c.writes[op], "dry run "+op.String(), ids, func(ctx context.Context) error {
		answers = runner.DryRun(ctx, op, ids, opts)
		return answers[0]
	}); ended != nil {
		return nil, a.ended(ctx, ended)
	}
	if ctx.Err() != nil {
		return nil, a.ended(ctx, context.Cause(ctx))
	}
	faults := make([]*backend.Fault, len(ids))
	for i, err := range answers {
		if err != nil {
			fault := c.driver.Fault(err)
			faults[i] = &fault
		}
	}
	if first := faults[0]; len(ids) < 2 || first == nil || !first.Shared || isPassing(first.Kind) || first.Kind == backend.KindDenied {
		return faults, nil
	}
	return c.dryRunParts(ctx, op, ids, faults, target)
}

// dryRunParts asks for the parts of a dry run that was refused as a whole.
func (c *Client) dryRunParts(ctx context.Context, op backend.Op, ids []string, faults []*backend.Fault, target Target) ([]*backend.Fault, error) {
	names, _ := partition(ids, faults[0].IDs)
	parts := make(map[string][]int)
	for i, name := range names {
		parts[name] = append(parts[name], i)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		members := parts[name]
		if len(members) == 1 && slices.Contains(faults[0].IDs, ids[members[0]]) {
			continue // It is the one that the cloud has named.
		}
		part := make([]string, len(members))
		for i, at := range members {
			part[i] = ids[at]
		}
		answers, err := c.dryRun(ctx, op, part, target)
		if err != nil {
			return nil, err
		}
		for i, at := range members {
			faults[at] = answers[i]
		}
	}
	return faults, nil
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
