package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// ModifyPlan fills in the defaults that the provider's configuration gives,
// leaves unknown only what the planned transition can change, and observes the
// instance before anything is promised. It never writes.
func (r *powerStateResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	var config, plan powerStateModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var prior *powerStateModel
	if !req.State.Raw.IsNull() {
		prior = new(powerStateModel)
		resp.Diagnostics.Append(load(ctx, req.State, prior)...)
	}
	resp.Diagnostics.Append(r.planPlace(&plan, config, prior)...)
	resp.Deferred = r.data.deferred(plan.Cloud, req.ClientCapabilities.DeferralAllowed)
	resp.Diagnostics.Append(plan.checkCloud(r.clouds, onInstance, plan.InstanceID.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework does not tell what it is going to replace.
	replaced := prior == nil || !plan.InstanceID.Equal(prior.InstanceID) || plan.relocated(prior.declaration)
	moves, diags := plan.planValues(ctx, req.Private, config.declaration, prior, replaced)
	resp.Diagnostics.Append(diags...)
	changed, diags := r.declare(ctx, req, resp, plan, config, prior, replaced)
	resp.Diagnostics.Append(diags...)
	if changed {
		moves = true
		planComputed(&plan, prior, replaced, moves)
		plan.PublicIP = types.StringUnknown() // The other resource may stop it in another mode.
		if config.StoppedMode.IsNull() && plan.State.ValueString() == stateStopped {
			plan.StoppedMode = types.StringUnknown()
		}
	}
	if moves && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.preflight(ctx, &plan, config, replaced)...)
	}
	resp.Diagnostics.Append(store(ctx, (*tfsdk.State)(&resp.Plan), &plan)...)
}

// planValues plans the mode and what is observed; moves is set where the apply may touch
// the instance.
func (m *powerStateModel) planValues(
	ctx context.Context, private privateData, config declaration, prior *powerStateModel, replaced bool,
) (moves bool, diags diag.Diagnostics) {
	if replaced { // What another instance is like says nothing about this one.
		m.planMode(config, nil, modeFacts{})
		planComputed(m, prior, replaced, true)
		return true, nil
	}
	_, applied, diags := loadMode(ctx, private)
	m.planMode(config, &prior.declaration, modeFacts{applied: applied, billed: prior.Charging})
	asked := m.declaration
	if config.StoppedMode.IsNull() {
		asked.StoppedMode = types.StringNull() // What is planned is what was observed.
	}
	moves = asked.moves(prior.declaration)
	planComputed(m, prior, replaced, moves)
	return moves, diags
}

// declare notes what the resource declares, and says what becomes of an instance that it
// lets go. changed is set where another object may change the instance in this run: then
// it is to be brought back.
func (r *powerStateResource) declare(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
	plan, config powerStateModel, prior *powerStateModel, replaced bool,
) (changed bool, diags diag.Diagnostics) {
	object, diags := r.data.object(ctx, resp.Private, onInstance, prior != nil)
	if prior != nil {
		found, _, more := loadOrigin(ctx, req.Private)
		diags.Append(more...)
		former, was := prior.releases(found), []string{prior.InstanceID.ValueString()}
		// Until it is noted what becomes of the instance, the resource may go on to declare it.
		defer r.data.hold(object, former, was)
		if replaced {
			// The core plans once more, without what is replaced, and shows no warning of that.
			return false, append(diags, r.data.planDeparture(ctx, resp.Private, object, former, was, mayPlanAgain)...)
		}
	}
	var ids []string
	if !plan.InstanceID.IsUnknown() {
		ids = []string{plan.InstanceID.ValueString()}
	}
	declared := func(string) declaration { return plan.declaration }
	diags.Append(r.data.declare(object, plan.location, config.declaration, onInstance, ids, declared)...)
	if prior == nil {
		return false, append(diags, r.data.planCreate(ctx, resp.Private, object, plan.location, ids)...)
	}
	diags.Append(keepTokens(ctx, resp.Private, leftKey, nil)...)
	again := r.data.registry.changedByOthers(object.token, r.data.keys(plan.location, ids)...)
	return len(again) > 0 && plan.declares(), append(diags, turnedOnTheWay(again)...)
}

// place fills in cloud, region and id where they are known.
func (r *powerStateResource) place(plan *powerStateModel) diag.Diagnostics {
	diags := r.data.place(&plan.location)
	r.nameID(plan)
	return diags
}

// planPlace is place for a plan. The id of what stays where it is stays too.
func (r *powerStateResource) planPlace(plan *powerStateModel, config powerStateModel, prior *powerStateModel,
) diag.Diagnostics {
	var was *location
	if prior != nil {
		was = &prior.location
	}
	diags := r.data.planPlace(config.location, was, &plan.location)
	if prior == nil || plan.location != prior.location || !plan.InstanceID.Equal(prior.InstanceID) {
		plan.ID = types.StringUnknown()
		r.nameID(plan)
	}
	return diags
}

// nameID fills in the id once all of its parts are known.
func (r *powerStateResource) nameID(m *powerStateModel) {
	name := m.Cloud.ValueString()
	if name == "" || m.InstanceID.IsUnknown() || !r.data.scopeKnown(name, m.Region) {
		return
	}
	m.ID = types.StringValue(formatID(name, r.data.scope(name, m.Region.ValueString()), m.InstanceID.ValueString()))
}

// planComputed leaves unknown what the transition can change, and nothing else.
func planComputed(plan, prior *powerStateModel, replaced, moves bool) {
	if replaced {
		plan.Status, plan.InstanceName = types.StringUnknown(), types.StringUnknown()
		plan.PublicIP, plan.PrivateIP = types.StringUnknown(), types.StringUnknown()
		plan.Charging, plan.FoundState = types.BoolUnknown(), types.StringUnknown()
		return
	}
	plan.FoundState = prior.FoundState
	plan.Status, plan.InstanceName, plan.Charging = prior.Status, prior.InstanceName, prior.Charging
	plan.PublicIP, plan.PrivateIP = prior.PublicIP, prior.PrivateIP
	if !moves {
		return
	}
	plan.Status, plan.Charging = types.StringUnknown(), types.BoolUnknown()
	if addressMayChange(*plan, *prior) {
		plan.PublicIP = types.StringUnknown()
	}
}

// addressMayChange reports whether the transition can release or give a public
// address: leaving or entering a stop that stops charging, or one whose mode
// is not known.
func addressMayChange(plan, prior powerStateModel) bool {
	keeps := func(mode types.String) bool {
		parsed, _ := parseMode(mode.ValueString())
		return !mode.IsUnknown() && parsed == backend.KeepCharging
	}
	state := plan.State.ValueString() // Empty while it is not known: then it may be either.
	return state != stateRunning && !keeps(plan.StoppedMode) || state != stateStopped && !keeps(prior.StoppedMode)
}

// preflight reads the instance, says for what the apply would fail, and warns of what
// has consequences. A create learns from it how the instance was found.
func (r *powerStateResource) preflight(
	ctx context.Context, plan *powerStateModel, config powerStateModel, isNew bool,
) diag.Diagnostics {
	if plan.InstanceID.IsUnknown() {
		return plan.consequences(onInstance, nil, nil)
	}
	ids := []string{plan.InstanceID.ValueString()}
	if !r.data.canRead(plan.declaration) {
		return plan.consequences(onInstance, ids, nil)
	}
	seen, diags := r.data.read(ctx, onInstance, plan.declaration, config.declaration, plan.ID, ids, isNew)
	if diags.HasError() {
		return diags
	}
	if isNew {
		plan.planFound(seen.client)
	}
	got := seen.results[0]
	if got.Err != nil {
		failures := []powerstate.Result{{Err: got.Err}}
		return append(diags, r.data.refused(onInstance, "apply", ids, failures, seen.within, 0)...)
	}
	if got.DryRun != nil {
		diags.Append(r.data.diagnoseDryRun(seen.client, onInstance, ids[0], got.Preflight)...)
		got.DryRun = nil
	}
	totals := summarize(ids, []powerstate.PreflightResult{got})
	return append(diags, plan.consequences(onInstance, ids, &totals)...)
}

// planFound plans how the instance was found by what this process observed first: when
// it is planned again within the apply, a destroy of the same run may have turned it.
func (m *powerStateModel) planFound(client *powerstate.Client) {
	state, ok := client.FoundState(m.InstanceID.ValueString())
	if found := foundAs(state); ok && !found.IsNull() {
		m.FoundState = found
	}
}

// planDestroy says what on_destroy will do.
func (r *powerStateResource) planDestroy(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var state powerStateModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	found, _, diags := loadOrigin(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if state.actsOnDestroy() { // Otherwise it needs no cloud.
		resp.Deferred = r.data.deferred(state.Cloud, req.ClientCapabilities.DeferralAllowed)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ids := []string{state.InstanceID.ValueString()}
	resp.Diagnostics.Append(r.data.planDestroy(ctx, resp.Private, state.releases(found), ids)...)
}
