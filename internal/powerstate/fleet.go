package powerstate

import (
	"context"

	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// Result is what became of one instance of a fleet, as Reach or Observe returns it.
// Beside an error Before is still the first observation, if there was one.
type Result struct {
	Reached
	Err error
}

// ReachAll brings many instances to one target. Every id has a result, in
// order; one that fails does not stop the others. The calls are those of Reach,
// batched whatever Options.BatchWindow is.
//
// A reboot has ended when the instance was observed to leave the running state and
// to run again; where a cloud is quicker than two observations, when it runs half a
// minute after the cloud accepted the call.
func (c *Client) ReachAll(ctx context.Context, ids []string, target Target, opts ReachOptions) []Result {
	cached := c.cache.all(ids, cachedForAct)
	return each(c, ids, func(id string, result *Result) {
		o := c.operation(id, target, dispatch.Fleet)
		o.opts, o.fresh = opts, !cached
		o.conclude(o.reach(ctx), result)
	})
}

// conclude fills in the result of an operation that ended with err.
//
// It is kept out of its caller, whose frame lies at the bottom of ten thousand
// stacks while the cloud takes its time.
//
//go:noinline
func (o *operation) conclude(err error, result *Result) {
	if err == nil {
		o.reached(&result.Reached)
	} else if result.Err = err; o.before != nil {
		result.Before = *o.before
	}
	if o.opts.Finished != nil {
		o.opts.Finished(o.id, *result)
	}
}

// observed fills in the result of a read, out of its caller for the same reason.
//
//go:noinline
func (o *operation) observed(result *Result) {
	if result.Err == nil {
		result.Before, result.After = *o.last.Instance, *o.last.Instance
	}
}

// ObserveAll reads many instances, as Observe does one.
func (c *Client) ObserveAll(ctx context.Context, ids []string) []Result {
	return each(c, ids, func(id string, result *Result) {
		o := c.operation(id, Target{}, dispatch.Fleet)
		result.Err = o.read(ctx)
		o.observed(result)
	})
}

// PreflightResult is the Preflight of one instance of a fleet.
type PreflightResult struct {
	Preflight
	Err error
}

// PreflightAll is Preflight for many instances.
func (c *Client) PreflightAll(
	ctx context.Context, ids []string, target Target, opts PreflightOptions,
) []PreflightResult {
	return each(c, ids, func(id string, result *PreflightResult) {
		result.Err = c.operation(id, target, dispatch.Fleet).preflight(ctx, opts, &result.Preflight)
	})
}

// each calls f for all ids at once and returns what it fills in, in their order.
// It panics only when all have ended.
func each[T any](c *Client, ids []string, f func(id string, result *T)) []T {
	defer c.dispatch.BeginFleet(len(ids))()
	results := make([]T, len(ids))
	var all panics.Group
	for i, id := range ids {
		all.Go(func() { f(id, &results[i]) })
	}
	all.Wait()
	return results
}
