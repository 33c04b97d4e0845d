package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// failedOf returns the ids that failed.
func failedOf(ids []string, results []powerstate.Result) []string {
	return idsWhere(ids, results, func(r powerstate.Result) bool { return r.Err != nil })
}

func idsWhere(ids []string, results []powerstate.Result, is func(powerstate.Result) bool) []string {
	var found []string
	for i, id := range ids {
		if is(results[i]) {
			found = append(found, id)
		}
	}
	return found
}

// lastOf turns what failed attempts saw last into results, as far as they saw
// anything.
func lastOf(results []powerstate.Result) []powerstate.Result {
	last := slices.Clone(results)
	for i, r := range last {
		if failure, ok := asFailure(r.Err); ok && failure.Last != nil {
			last[i] = powerstate.Result{Reached: powerstate.Reached{After: *failure.Last}}
		}
	}
	return last
}

// diagnoseFleet tells which instances failed, each with its reason: an error
// when they are more than max_failures, else a warning.
func diagnoseFleet(plan fleetModel, ids []string, results []powerstate.Result, within limit) diag.Diagnostics {
	var diags diag.Diagnostics
	failed := failedOf(ids, results)
	if len(failed) == 0 {
		return diags
	}
	verb := "stop"
	if plan.State.ValueString() == stateRunning {
		verb = "start"
	}
	summary := fmt.Sprintf("Unable to %s %d of %s", verb, len(failed), instances(len(ids)))
	most := plan.MaxFailures.ValueInt64()
	text := reasons(ids, results, within)
	if int64(len(failed)) > most {
		diags.AddError(summary, fmt.Sprintf("%s\n\nAt most %d may fail (`max_failures`). The others are %s; the next apply touches only those that failed.",
			text, most, plan.State.ValueString()))
		return diags
	}
	diags.AddWarning(summary, fmt.Sprintf("%s\n\nUp to %d may fail (`max_failures`), so the apply goes on. The next plan shows them again.", text, most))
	return diags
}

// reasons lists the failed ids under the reasons that they share.
func reasons(ids []string, results []powerstate.Result, within limit) string {
	groups := make(map[string][]string)
	remedies := make(map[string]string)
	for i, id := range ids {
		if results[i].Err == nil {
			continue
		}
		failure, ok := asFailure(results[i].Err)
		if !ok {
			groups[results[i].Err.Error()] = append(groups[results[i].Err.Error()], id)
			continue
		}
		happened, remedy := explain(failure, within)
		where := id
		if seen := lastSeen(failure); seen != "" {
			where += " (last seen " + seen
			if failure.Fault != nil && failure.Fault.RequestID != "" {
				where += ", request id " + failure.Fault.RequestID
			}
			where += ")"
		}
		if failure.Fault != nil && failure.Fault.Code != "" {
			happened += " Code: " + failure.Fault.Code + "."
		}
		groups[happened] = append(groups[happened], where)
		remedies[happened] = remedy
	}
	var parts []string
	for _, happened := range slices.Sorted(maps.Keys(groups)) {
		part := happened + "\n  - " + strings.Join(groups[happened], "\n  - ")
		if remedies[happened] != "" {
			part += "\n" + remedies[happened]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "\n\n")
}

// release does what on_destroy says to ids that leave the fleet.
func release(ctx context.Context, client *powerstate.Client, m fleetModel, ids []string, known map[string]origin, within limit) diag.Diagnostics {
	var diags diag.Diagnostics
	targets := make(map[powerstate.Target][]string)
	var unknown []string
	for _, id := range ids {
		target, act := m.releaseTarget(known, id)
		switch {
		case act:
			targets[target] = append(targets[target], id)
		case m.OnDestroy.ValueString() == onDestroyRestore:
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		diags.AddWarning("Original state is not known",
			fmt.Sprintf("`on_destroy` is `restore`, but the state in which these instances were before Terraform managed them could not be told. "+
				"They were left as they are: %s.", strings.Join(unknown, ", ")))
	}
	for target, part := range targets {
		results := client.ReachAll(ctx, part, target, powerstate.ReachOptions{})
		for i, r := range results {
			if failure, ok := asFailure(r.Err); ok && failure.Last != nil && failure.Last.State == backend.Absent {
				results[i].Err = nil // Gone already: there is nothing to release.
			}
		}
		if failed := failedOf(part, results); len(failed) > 0 {
			diags.AddError(fmt.Sprintf("Unable to leave %d of %s as `on_destroy` says", len(failed), instances(len(part))),
				reasons(part, results, within))
		}
	}
	return diags
}

// releaseTarget is what on_destroy asks for one id; act is false when it asks
// for nothing.
func (m fleetModel) releaseTarget(known map[string]origin, id string) (target powerstate.Target, act bool) {
	one := m.power()
	switch m.OnDestroy.ValueString() {
	case onDestroyRunning:
		return one.targetFor(backend.Running), true
	case onDestroyStopped:
		return one.targetFor(backend.Stopped), true
	case onDestroyRestore:
	default:
		return powerstate.Target{}, false
	}
	o, ok := known[id]
	if !ok {
		return powerstate.Target{}, false
	}
	return one.originTarget(o), true
}

// instances is a number of them with the noun.
func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
