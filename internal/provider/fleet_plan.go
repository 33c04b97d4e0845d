package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// ModifyPlan fills in the defaults of the provider's configuration, reads the
// instances that the plan changes, and reports how many there are rather than which
// attribute of each is unknown. It never writes.
func (r *fleetResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	var config, plan fleetModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	var prior *fleetModel
	if !req.State.Raw.IsNull() {
		prior = new(fleetModel)
		resp.Diagnostics.Append(load(ctx, req.State, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var was *location
	if prior != nil {
		was = &prior.location
	}
	resp.Diagnostics.Append(r.data.planPlace(config.location, was, &plan.location)...)
	resp.Deferred = r.data.deferred(plan.Cloud, req.ClientCapabilities.DeferralAllowed)
	resp.Diagnostics.Append(plan.checkCloud(ctx, r.clouds)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ids, diags := plan.ids(ctx)
	resp.Diagnostics.Append(diags...)
	moved := prior != nil && plan.relocated(prior.declaration)
	if prior == nil || moved {
		plan.ID = types.StringUnknown()
		r.nameID(&plan, ids)
	}
	if prior != nil && plan.idsKnown() {
		before, diags := prior.ids(ctx)
		resp.Diagnostics.Append(diags...)
		if slices.Equal(ids, before) && !plan.byState() && !prior.byState() {
			// The order means nothing: another one is no change.
			plan.InstanceIDs = prior.InstanceIDs
		}
	}
	changed, diags := r.planObject(ctx, req, resp, plan, config, prior, ids, moved)
	resp.Diagnostics.Append(diags...)
	held := prior
	if moved { // The states of other instances tell nothing about these.
		held = nil
	}
	_, applied, diags := loadMode(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	plan.planInstances(ids, config, held, changed, applied)
	touched := plan.touched(ids)
	resp.Diagnostics.Append(store(ctx, (*tfsdk.State)(&resp.Plan), &plan)...)
	if (len(touched) > 0 || !plan.idsKnown()) && !resp.Diagnostics.HasError() {
		someNew := held == nil || !plan.InstanceIDs.Equal(prior.InstanceIDs) || !plan.States.Equal(prior.States)
		resp.Diagnostics.Append(r.preflight(ctx, plan, config, touched, len(ids), someNew)...)
	}
}

// planObject notes what the fleet declares, and says what becomes of the instances that
// it lets go. It returns the instances that another object may change in this run: they
// are to be brought back.
func (r *fleetResource) planObject(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, config fleetModel,
	prior *fleetModel, ids []string, moved bool,
) (changed []string, diags diag.Diagnostics) {
	object, diags := r.data.object(ctx, resp.Private, onFleet, prior != nil)
	object.id, object.members = plan.ID.ValueString(), len(ids)
	var before []string
	origins, more := loadOrigins(ctx, req.Private)
	diags.Append(more...)
	if prior != nil {
		before, more = prior.ids(ctx)
		diags.Append(more...)
		// Until it is noted what becomes of the instances, the fleet may go on to declare them.
		defer r.data.hold(object, prior.releases(origins), before)
	}
	if moved {
		// The core plans once more, without what is replaced, and shows no warning of that plan.
		diags.Append(r.data.planDeparture(ctx, resp.Private, object, prior.releases(origins), before, mayPlanAgain)...)
		return nil, diags
	}
	diags.Append(r.data.declare(object, plan.location, config.declaration, plan.surface(), ids, plan.declared())...)
	if prior == nil {
		return nil, append(diags, r.data.planCreate(ctx, resp.Private, object, plan.location, ids)...)
	}
	left := prior.leaves(plan, origins)
	if plan.idsKnown() {
		diags.Append(r.data.planDeparture(ctx, resp.Private, object, left, without(before, ids), surelyPlanAgain)...)
	} else {
		_, more := r.data.noteDeparture(ctx, resp.Private, object, left, before, mayPlanAgain)
		diags.Append(more...)
	}
	changed = r.data.registry.changedByOthers(object.token, r.data.keys(plan.location, ids)...)
	return changed, append(diags, turnedOnTheWay(changed)...)
}

// releases is what on_destroy asks for the instances of the fleet.
func (m fleetModel) releases(origins map[string]origin) releases {
	known := m.known()
	now := make(map[string]string, len(known))
	for id, member := range known {
		now[id] = member.State.ValueString()
	}
	return releases{declaration: m.declaration, of: m.surface(), id: m.ID, found: origins, now: now}
}

// leaves is what on_destroy asks for the instances that leave the fleet. What is declared
// now decides that.
func (m fleetModel) leaves(now fleetModel, origins map[string]origin) releases {
	r := m.releases(origins)
	r.leaving, r.declaration = true, now.declaration
	return r
}

// nameID names a new fleet, once all that the name consists of is known.
func (r *fleetResource) nameID(m *fleetModel, ids []string) {
	name := m.Cloud.ValueString()
	if name == "" || !m.idsKnown() || !r.data.scopeKnown(name, m.Region) {
		return
	}
	m.ID = types.StringValue(fleetID(name, r.data.scope(name, m.Region.ValueString()), ids))
}

// preflight reads the instances that the plan touches, of which some can be new, and
// tells in a few sentences what an apply will do. total is how many the fleet has.
func (r *fleetResource) preflight(
	ctx context.Context, plan, config fleetModel, ids []string, total int, isNew bool,
) diag.Diagnostics {
	groups, undeclared := plan.groups(ids)
	if !plan.idsKnown() {
		return plan.overall().consequences(plan.surface(), nil, nil)
	}
	untouched := total - len(ids)
	var diags, consequences diag.Diagnostics
	if len(undeclared) > 0 {
		diags.AddAttributeWarning(path.Root(plan.stateName()), "No state is declared",
			fmt.Sprintf("The state is as it was observed, since `ignore_changes` keeps the configured one out of this plan. "+
				"Read and left as they are: %s.", strings.Join(firstOf(undeclared), ", ")))
	}
	seen := make([]preflight, len(groups))
	more := make([]diag.Diagnostics, len(groups))
	var reads panics.Group
	for i, g := range groups {
		if !r.data.canRead(g.declaration) {
			consequences.Append(g.consequences(plan.surface(), g.ids, nil)...)
			continue
		}
		reads.Go(func() { // At once, so that they share calls.
			seen[i], more[i] = r.data.read(ctx, plan.surface(), g.declaration, config.declaration, plan.ID, g.ids, isNew)
		})
	}
	reads.Wait()
	var all preflight
	ids = nil
	for i, g := range groups {
		diags.Append(more[i]...)
		if seen[i].client == nil {
			continue
		}
		ids, all.results = append(ids, g.ids...), append(all.results, seen[i].results...)
		all.client, all.within = seen[i].client, seen[i].within
		totals := summarize(g.ids, seen[i].results)
		consequences.Append(g.consequences(plan.surface(), g.ids, &totals)...)
	}
	if diags.HasError() || len(ids) == 0 {
		return append(diags, consequences...)
	}
	mayFail := plan.mayFail(total)
	totals := summarize(ids, all.results)
	totals.total, totals.so = total, totals.so+untouched
	diags.Append(r.data.refused(plan.surface(), "apply", totals.refusedIDs, totals.refused, all.within, mayFail)...)
	if diags.HasError() {
		return diags
	}
	if text := totals.sentence(); text != "" {
		diags.AddAttributeWarning(path.Root(plan.stateName()), "Fleet plan: "+text+": "+firstAndMore(totals.touched()),
			totals.names()+
				"\n\nThe instances are in "+placeOf(all.client)+". Their states after the apply are in `instances`.")
	}
	if totals.denied != nil {
		diags.Append(dryRunIncomplete(*totals.denied))
	}
	return append(diags, consequences...)
}

// planDestroy says what on_destroy will do.
func (r *fleetResource) planDestroy(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var state fleetModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	ids, diags := state.ids(ctx)
	resp.Diagnostics.Append(diags...)
	origins, diags := loadOrigins(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if state.actsOnDestroy() { // Otherwise it needs no cloud.
		resp.Deferred = r.data.deferred(state.Cloud, req.ClientCapabilities.DeferralAllowed)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.data.planDestroy(ctx, resp.Private, state.releases(origins), ids)...)
	}
}
