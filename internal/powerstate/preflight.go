package powerstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// PreflightOptions are for one call of Preflight. The zero value works.
type PreflightOptions struct {
	// DryRun also asks for the cloud's own dry run, where it has one.
	DryRun bool
	// AwaitAppearance reads a missing instance once more after a while. The CLI
	// plans once more within an apply, when the instance may have been made a moment
	// ago. One that this process has just observed to be absent is not.
	AwaitAppearance bool
}

// Preflight is what is known of a target before anything is done.
type Preflight struct {
	// Observed is the instance as it is; State is Absent where it is not listed.
	Observed backend.Instance
	// Decision is what an apply would begin with.
	Decision Decision
	// DryRun is what the cloud's own dry run was answered; nil where the cloud would
	// accept the call, or no dry run was made.
	DryRun *backend.Fault
}

// Preflight observes an instance and decides what reaching the target would begin
// with. It writes nothing. A target that would be refused is an *Error, beside what
// was observed.
func (c *Client) Preflight(ctx context.Context, id string, target Target, opts PreflightOptions) (Preflight, error) {
	defer c.dispatch.Begin(id)()
	var result Preflight
	err := c.operation(id, target, dispatch.Single).preflight(ctx, opts, &result)
	return result, err
}

// preflight fills in the result.
func (o *operation) preflight(ctx context.Context, opts PreflightOptions, result *Preflight) error {
	err := o.forecast(ctx, opts.AwaitAppearance, result)
	if err != nil || !opts.DryRun || result.Decision.Op == 0 {
		return err
	}
	o.op = result.Decision.Op
	call := o.options(&result.Observed)
	result.DryRun, err = o.dryRun(ctx, call)
	if err == nil && result.DryRun != nil && o.keepsCharging(call, *result.DryRun) {
		result.DryRun, err = o.dryRun(ctx, o.options(&result.Observed))
	}
	return err
}

// dryRun asks the cloud whether it would accept the call. One that cannot be told
// for a while is the answer too: the plan continues without it.
func (o *operation) dryRun(ctx context.Context, opts backend.StopOptions) (*backend.Fault, error) {
	limited, cancel := context.WithTimeout(ctx, dryRunLimit)
	defer cancel()
	call := dispatch.Call{Op: o.op, Options: opts}
	fault, err := o.c.dispatch.DryRun(limited, o.id, call, o.by)
	if err == nil {
		return fault, nil
	}
	var interrupted *dispatch.Interrupted
	if ctx.Err() != nil || !errors.As(err, &interrupted) {
		return nil, o.unanswered(ctx, err, &o.readFault)
	}
	if interrupted.Fault != nil {
		return interrupted.Fault, nil
	}
	message := fmt.Sprintf("the dry run got no answer within %s", dryRunLimit)
	return &backend.Fault{Kind: backend.KindUnavailable, Message: message, Unreachable: true}, nil
}

// forecast is preflight without the dry run. What was observed a moment ago serves,
// but not as the reason of a refusal: the obstacle may be gone since, as
// after a step of the user that the refusal asked for.
func (o *operation) forecast(ctx context.Context, search bool, result *Preflight) error {
	if o.decidedFromCache(result) {
		return nil
	}
	o.searchForPlan(ctx, search)
	if err := o.read(ctx); err != nil {
		return err
	}
	if o.last.Instance.State == backend.Absent && time.Now().Before(o.wait.searchUntil) {
		if err := dispatch.Sleep(ctx, time.Until(o.wait.searchUntil)); err != nil {
			return o.ended(ctx, err)
		}
		if err := o.read(ctx); err != nil {
			return err
		}
	}
	if !o.decided(o.last.Instance, result) {
		return o.fail(Refused, result.Decision.Reason, nil)
	}
	return nil
}

// decided fills in what an observation leads to, and reports whether that is no refusal.
//
//go:noinline
func (o *operation) decided(in *backend.Instance, result *Preflight) bool {
	result.Observed, result.Decision = *in, Decide(in, o.target)
	return result.Decision.Step != Refuse
}

// decidedFromCache is decided for what was observed a moment ago.
func (o *operation) decidedFromCache(result *Preflight) bool {
	cached, ok := o.c.cache.get(o.id, cachedForPlan)
	if ok && o.decided(cached.Instance, result) {
		return true
	}
	*result = Preflight{}
	return false
}

// searchForPlan sets for how long a plan searches for a missing instance, if it does.
func (o *operation) searchForPlan(ctx context.Context, search bool) {
	if !search || o.c.cache.absent(o.id) {
		return
	}
	o.wait.searchUntil = o.began.Add(min(planSearch, o.c.opts.AppearGrace))
	if deadline, ok := ctx.Deadline(); ok { // With time left for the second read.
		o.wait.searchUntil = earlier(o.wait.searchUntil, o.began.Add(deadline.Sub(o.began)/2))
	}
}
