package powerstate

import (
	"context"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
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
	return c.all(ctx, ids, opts, func(id string) *attempt { return c.attempt(id, target, c.fleet) })
}

// RebootAll reboots many running instances, as ReachAll reaches a target.
// Only the target's force matters. A reboot has ended when the instance was
// seen to leave the running state and to run again; where a cloud is quicker
// than two looks, when it runs half a minute after the cloud accepted the call.
func (c *Client) RebootAll(ctx context.Context, ids []string, target Target, opts ReachOptions) []Result {
	return c.all(ctx, ids, opts, func(id string) *attempt {
		a := c.attempt(id, target, c.fleet)
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
		a := c.attempt(id, Target{}, c.fleet)
		if result.Err = a.look(ctx); result.Err == nil {
			result.Before, result.After = *a.last, *a.last
		}
	})
}

// Forecast is the Preflight of one instance of a fleet.
type Forecast struct {
	Preflight
	Err error
}

// PreflightAll is Preflight for many instances; the dry runs are joined.
func (c *Client) PreflightAll(ctx context.Context, ids []string, target Target, dryRun bool) []Forecast {
	return c.forecast(ctx, ids, target, dryRun, c.preflight)
}

// PreflightNewAll is PreflightAll for what may have been made a moment ago, as
// PreflightNew is Preflight.
func (c *Client) PreflightNewAll(ctx context.Context, ids []string, target Target, dryRun bool) []Forecast {
	return c.forecast(ctx, ids, target, dryRun, func(ctx context.Context, a *attempt) (Preflight, error) {
		if err := c.awaitNew(ctx, a); err != nil {
			return Preflight{}, err
		}
		return c.preflight(ctx, a)
	})
}

// PreflightRebootAll is PreflightAll for a reboot.
func (c *Client) PreflightRebootAll(ctx context.Context, ids []string, target Target, dryRun bool) []Forecast {
	return c.forecast(ctx, ids, target, dryRun, func(ctx context.Context, a *attempt) (Preflight, error) {
		a.rebooting = true
		return c.preflight(ctx, a)
	})
}

func (c *Client) forecast(ctx context.Context, ids []string, target Target, dryRun bool, look func(context.Context, *attempt) (Preflight, error)) []Forecast {
	forecasts := each(c, ids, func(id string, forecast *Forecast) {
		forecast.Preflight, forecast.Err = look(ctx, c.attempt(id, target, c.fleet))
	})
	if _, ok := c.driver.(backend.DryRunner); !ok || !dryRun {
		return forecasts
	}
	for _, op := range []backend.Op{backend.OpStart, backend.OpStop, backend.OpReboot} {
		var due []int
		for i, f := range forecasts {
			if f.Err == nil && f.Decision.Op == op {
				due = append(due, i)
			}
		}
		for chunk := range slices.Chunk(due, max(1, c.driver.BatchSize())) {
			part := make([]string, len(chunk))
			for i, at := range chunk {
				part[i] = ids[at]
			}
			faults, err := c.dryRun(ctx, op, part, target)
			for i, at := range chunk {
				forecasts[at].Err = err
				if err == nil {
					forecasts[at].DryRun = faults[i]
				}
			}
		}
	}
	return forecasts
}

// each calls f for all ids at once and returns what it fills in, in their order.
// It panics only when all have ended.
func each[T any](c *Client, ids []string, f func(id string, result *T)) []T {
	c.inFleets.Add(int64(len(ids)))
	defer c.inFleets.Add(-int64(len(ids)))
	results := make([]T, len(ids))
	var all panics.Group
	for i, id := range ids {
		all.Go(func() { f(id, &results[i]) })
	}
	all.Wait()
	return results
}
