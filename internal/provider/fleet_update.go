package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Update is the same path as Create, for the instances that the plan touches and those
// that leave. One that fails writes what was last observed, so that the next plan shows
// what is left to do.
func (r *fleetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior, config fleetModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	resp.Diagnostics.Append(load(ctx, req.State, &prior)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	all, diags := plan.ids(ctx)
	resp.Diagnostics.Append(diags...)
	before, diags := prior.ids(ctx)
	resp.Diagnostics.Append(diags...)
	origins, diags := loadOrigins(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity, all)...)
	ids, left := plan.touched(all), without(before, all)
	object, diags := r.data.departing(ctx, req.Private, prior.leaves(plan, origins), left)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(ids) == 0 && (len(left) == 0 || !plan.actsOnDestroy()) {
		// The plan promised that no instance is touched.
		object.leaveAll(left...)
		resp.Diagnostics.Append(saveOrigins(ctx, resp.Private, noteOrigins(origins, all, nil, nil))...)
		resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
		plan.settle(prior.StoppedMode, nil, nil)
		resp.Diagnostics.Append(store(ctx, &resp.State, &plan)...)
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.data.clientOf(ctx, plan.location, plan.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	within, ended := inTime(ctx, timeout)
	defer ended()
	former := loadDurations(ctx, req.Private)
	limited := plan.transitions()
	asked := plan
	asked.StoppedMode = config.StoppedMode
	var (
		leaving  panics.Group
		released map[string]powerstate.Result
		more     diag.Diagnostics
	)
	leaving.Go(func() {
		// Beside the others: one that hangs must not take their time.
		released, more = object.release(within, client, asked, left, origins,
			powerstate.ReachOptions{Durations: former, Transitions: limited}, plan.surface().limit("update", timeout))
	})
	opts := powerstate.ReachOptions{AwaitAppearance: true, Durations: former, Transitions: limited}
	ids, results, n := plan.reach(within, client, config.declaration, ids, opts)
	resp.Diagnostics.Append(plan.diagnose(len(all), ids[:n], results[:n], plan.surface().limit("update", timeout))...)
	// ignore_changes keeps what was observed in the place of a state: there is nothing to
	// bring these instances to.
	resp.Diagnostics.Append(diagnoseReads(within, ids[n:], results[n:], plan.surface().limit("update", timeout))...)
	leaving.Wait()
	resp.Diagnostics.Append(more...)
	ctx = context.WithoutCancel(ctx)
	resp.Diagnostics.Append(saveDurations(ctx, resp.Private, former, powerstate.MergeDurations(results))...)
	for _, id := range slices.Sorted(maps.Keys(released)) {
		if released[id].Err != nil {
			all, ids, results = append(all, id), append(ids, id), append(results, released[id])
		}
	}
	if resp.Diagnostics.HasError() && !observedAny(results) {
		resp.Diagnostics.Append(prior.identify(ctx, resp.Identity, before)...)
		return // Nothing is known that the prior state does not say.
	}
	resp.Diagnostics.Append(saveOrigins(ctx, resp.Private, noteOrigins(origins, all, ids, results))...)
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(writeLastOfFleet(ctx, prior, all, ids, results, resp)...)
		return
	}
	resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
	plan.settle(prior.StoppedMode, ids, results)
	resp.Diagnostics.Append(store(ctx, &resp.State, &plan)...)
}

// writeLastOfFleet puts what a failed update last observed of ids over the prior state,
// whose settings stay in force; all are the ids of the fleet, and those that could not
// leave it.
func writeLastOfFleet(ctx context.Context, state fleetModel, all, ids []string, results []powerstate.Result, resp *resource.UpdateResponse) diag.Diagnostics {
	var diags diag.Diagnostics
	if !state.byState() {
		state.InstanceIDs, diags = types.ListValueFrom(ctx, types.StringType, all)
	}
	state.observeOver(all, ids, results)
	diags.Append(state.identify(ctx, resp.Identity, all)...)
	return append(diags, store(ctx, &resp.State, &state)...)
}
