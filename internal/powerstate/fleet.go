package powerstate

import (
	"context"
	"sync"

	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// Result is what became of one instance of a fleet: as Reach, or Observe,
// returns it. Beside an error Before is still what the first look saw, if there
// was one.
type Result struct {
	Reached
	Err error
}

// ReachAll brings many instances to one target. Every id has a result, in
// order; one that fails does not stop the others. The calls are those of Reach,
// joined with each other whatever Options.BatchWindow is.
func (c *Client) ReachAll(ctx context.Context, ids []string, target Target, opts ReachOptions) []Result {
	return c.all(ctx, ids, opts, func(id string) *attempt { return c.attempt(id, target, dispatch.Fleet) })
}

// RebootAll reboots many running instances, as ReachAll reaches a target.
// Only the target's force matters. A reboot has ended when the instance was
// seen to leave the running state and to run again; where a cloud is quicker
// than two looks, when it runs half a minute after the cloud accepted the call.
func (c *Client) RebootAll(ctx context.Context, ids []string, target Target, opts ReachOptions) []Result {
	return c.all(ctx, ids, opts, func(id string) *attempt {
		a := c.attempt(id, target, dispatch.Fleet)
		a.rebooting = true
		return a
	})
}

func (c *Client) all(ctx context.Context, ids []string, opts ReachOptions, begin func(id string) *attempt) []Result {
	return each(c, ids, func(id string, result *Result) {
		a := begin(id)
		a.conclude(a.reach(ctx, opts), result, opts.Finished)
	})
}

// conclude fills in the result of an attempt that ended with err.
//
// It is kept out of its caller, whose frame lies at the bottom of ten thousand
// stacks while the cloud takes its time.
//
//go:noinline
func (a *attempt) conclude(err error, result *Result, finished func(id string, result Result)) {
	*result = Result{Reached: Reached{Before: a.before}, Err: err}
	if err == nil {
		result.Reached = a.reached()
	}
	if finished != nil {
		finished(a.id, *result)
	}
}

// ObserveAll reads many instances, as Observe does one.
func (c *Client) ObserveAll(ctx context.Context, ids []string) []Result {
	return each(c, ids, func(id string, result *Result) {
		a := c.attempt(id, Target{}, dispatch.Fleet)
		if result.Err = a.look(ctx); result.Err == nil {
			result.Before, result.After = *a.last, *a.last
		}
	})
}

// PreflightResult is the Preflight of one instance of a fleet.
type PreflightResult struct {
	Preflight
	Err error
}

// PreflightAll is Preflight for many instances; the dry runs are joined.
func (c *Client) PreflightAll(ctx context.Context, ids []string, target Target, dryRun bool) []PreflightResult {
	return c.forecast(ctx, ids, target, dryRun, c.preflight)
}

// PreflightNewAll is PreflightAll for what may have been made a moment ago, as
// PreflightNew is Preflight.
func (c *Client) PreflightNewAll(ctx context.Context, ids []string, target Target, dryRun bool) []PreflightResult {
	return c.forecast(ctx, ids, target, dryRun, func(ctx context.Context, a *attempt) (Preflight, error) {
		if err := c.awaitNew(ctx, a); err != nil {
			return Preflight{}, err
		}
		return c.preflight(ctx, a)
	})
}

// PreflightRebootAll is PreflightAll for a reboot.
func (c *Client) PreflightRebootAll(ctx context.Context, ids []string, target Target, dryRun bool) []PreflightResult {
	return c.forecast(ctx, ids, target, dryRun, func(ctx context.Context, a *attempt) (Preflight, error) {
		a.rebooting = true
		return c.preflight(ctx, a)
	})
}

func (c *Client) forecast(ctx context.Context, ids []string, target Target, dryRun bool, look func(context.Context, *attempt) (Preflight, error)) []PreflightResult {
	return each(c, ids, func(id string, forecast *PreflightResult) {
		a := c.attempt(id, target, dispatch.Fleet)
		forecast.Preflight, forecast.Err = look(ctx, a)
		if op := forecast.Decision.Op; dryRun && forecast.Err == nil && op != 0 {
			forecast.DryRun, forecast.Err = a.dryRun(ctx, op)
		}
	})
}

// each calls f for all ids at once and returns what it fills in, in their order.
func each[T any](c *Client, ids []string, f func(id string, result *T)) []T {
	defer c.dispatch.BeginFleet(len(ids))()
	results := make([]T, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() { f(id, &results[i]) })
	}
	all.Wait()
	return results
}
