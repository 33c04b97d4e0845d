package powerstate

import (
	"context"
	"time"

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
	a := &attempt{c: c, id: id, target: target, began: time.Now()}
	if in, ok := c.recent.get(id); ok {
		a.last, a.lastSince = &in, a.began
	} else if err := a.look(ctx); err != nil {
		return Preflight{}, err
	}
	result := Preflight{Seen: *a.last, Decision: Decide(*a.last, target)}
	switch result.Decision.Step {
	case Refuse:
		return result, a.fail(Refused, result.Decision.Reason, nil)
	case Act, Restart:
	case Done, Wait:
		return result, nil
	}
	runner, ok := c.driver.(backend.DryRunner)
	if !ok || !dryRun {
		return result, nil
	}
	a.op = result.Decision.Op
	opts := backend.StopOptions{}
	if a.op == backend.OpStop {
		opts = backend.StopOptions{Force: target.force(), Mode: target.Mode}
	}
	if err := c.writes[a.op].wait(ctx); err != nil {
		return result, a.ended(err)
	}
	err := runner.DryRun(ctx, a.op, []string{id}, opts)[0]
	c.settle(ctx, c.writes[a.op], "dry run "+a.op.String(), []string{id}, err)
	if err == nil {
		return result, nil
	}
	if ctx.Err() != nil {
		return result, a.ended(context.Cause(ctx))
	}
	fault := c.driver.Fault(err)
	result.DryRun = &fault
	return result, nil
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
