package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Update is the same path as Create. One that fails writes what was last
// observed, so that the next plan shows what is left to do.
func (r *fleetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior fleetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if !resp.Diagnostics.HasError() && !plan.Instances.IsUnknown() {
		// Settings alone: the plan promised that no instance is touched.
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ids, diags := plan.ids(ctx)
	resp.Diagnostics.Append(diags...)
	before, diags := prior.ids(ctx)
	resp.Diagnostics.Append(diags...)
	origins, diags := loadOrigins(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	client, diags := r.clientOf(plan, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	within, ended := context.WithTimeout(ctx, timeout)
	defer ended()
	former := loadTaken(ctx, req.Private)
	kept, diags := release(within, client, plan, without(before, ids), origins, powerstate.ReachOptions{Taken: former}, limit{"timeouts.update", timeout})
	resp.Diagnostics.Append(diags...)
	results := client.ReachAll(within, ids, plan.power().target(), powerstate.ReachOptions{AwaitAppearance: true, Taken: former})
	resp.Diagnostics.Append(diagnoseFleet(plan, ids, results, limit{"timeouts.update", timeout})...)
	ctx = context.WithoutCancel(ctx)
	resp.Diagnostics.Append(saveTaken(ctx, resp.Private, former, powerstate.Gather(results))...)
	for id, result := range kept {
		ids, results = append(ids, id), append(results, result)
	}
	resp.Diagnostics.Append(saveOrigins(ctx, resp.Private, noteOrigins(origins, ids, results))...)
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(writeLastOfFleet(ctx, prior, ids, results, resp)...)
		return
	}
	resp.Diagnostics.Append(settle(ctx, &plan, ids, results)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// writeLastOfFleet puts what a failed update last observed over the prior state,
// whose settings stay in force. Where nothing was observed, the prior state
// stays.
func writeLastOfFleet(ctx context.Context, state fleetModel, ids []string, results []powerstate.Result, resp *resource.UpdateResponse) diag.Diagnostics {
	if !observedAny(results) {
		return nil
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, ids)
	state.InstanceIDs = list
	state.refresh(lastOf(results))
	diags.Append(state.observe(ctx, ids, results)...)
	return append(diags, resp.State.Set(ctx, &state)...)
}
