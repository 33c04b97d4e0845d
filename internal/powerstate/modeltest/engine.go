package modeltest

import (
	"context"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Engine runs the operations of a scenario.
type Engine interface {
	// Run does one operation, and returns a result for each id that has one, in
	// order. It calls finished whenever the engine reports one id done.
	Run(ctx context.Context, op Operation, finished func(id string)) []ResultRecord
}

// Connect makes the engine under test on a driver.
type Connect func(driver backend.Driver, settings ClientSettings) Engine

// NewEngine connects a powerstate.Client.
func NewEngine(driver backend.Driver, settings ClientSettings) Engine {
	return engine{powerstate.New("fake", "nowhere", driver, powerstate.Options{
		BatchWindow: settings.BatchWindow, RequestsPerSecond: settings.RequestsPerSecond, Silent: true,
	})}
}

type engine struct{ client *powerstate.Client }

// Run implements Engine.
func (e engine) Run(ctx context.Context, op Operation, finished func(id string)) []ResultRecord {
	opts := powerstate.ReachOptions{
		AwaitAppearance: op.Appear, NoWait: op.NoWait,
		Durations: durations(op.Lasted),
		Finished:  func(id string, _ powerstate.Result) { finished(id) },
	}
	if op.Most > 0 {
		opts.Transitions = powerstate.NewTransitions(op.Most)
	}
	switch op.Kind {
	case Reach:
		reached, err := e.client.Reach(ctx, op.IDs[0], op.Target, opts)
		return []ResultRecord{{Before: reached.Before, After: reached.After, Err: err}}
	case ReachAll:
		return results(e.client.ReachAll(ctx, op.IDs, op.Target, opts))
	case Observe:
		in, err := e.client.Observe(ctx, op.IDs[0])
		return []ResultRecord{{After: in, Err: err}}
	case ObserveAll:
		return results(e.client.ObserveAll(ctx, op.IDs))
	case Preflight:
		return preflights(e.client.PreflightAll(ctx, op.IDs, op.Target, powerstate.PreflightOptions{
			DryRun: op.DryRun, AwaitAppearance: op.Appear,
		}))
	}
	return nil
}

// durations are those of all kinds of transitions; nil where nothing is known.
func durations(lasted time.Duration) powerstate.Durations {
	if lasted == 0 {
		return nil
	}
	bounds := []time.Duration{lasted * 95 / 100, lasted}
	return powerstate.Durations{"start": bounds, "stop": bounds, "forced stop": bounds, "reboot": bounds}
}

func results(all []powerstate.Result) []ResultRecord {
	records := make([]ResultRecord, len(all))
	for i, one := range all {
		records[i] = ResultRecord{Before: one.Before, After: one.After, Err: one.Err}
	}
	return records
}

func preflights(all []powerstate.PreflightResult) []ResultRecord {
	records := make([]ResultRecord, len(all))
	for i, one := range all {
		records[i] = ResultRecord{After: one.Observed, Decision: one.Decision, DryRun: one.DryRun, Err: one.Err}
	}
	return records
}
