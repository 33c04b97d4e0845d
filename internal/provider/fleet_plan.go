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

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// ModifyPlan fills in what the provider's configuration gives, looks at the
// instances that the plan changes, and says how many there are rather than
// which attribute of each is unknown. It never writes.
func (r *fleetResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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
	moved := prior != nil && (!plan.Cloud.Equal(prior.Cloud) || !plan.Region.Equal(prior.Region))
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
	held := prior
	if moved { // What other instances are like says nothing about these.
		held = nil
	}
	plan.planInstances(ids, config, held)
	touched := plan.touched(ids)
	resp.Diagnostics.Append(store(ctx, (*tfsdk.State)(&resp.Plan), &plan)...)
	if prior != nil {
		resp.Diagnostics.Append(leaving(ctx, plan, *prior, moved)...)
	}
	// A replacement is planned once more, without what it replaces.
	if (len(touched) > 0 || !plan.idsKnown()) && !moved && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.preflight(ctx, plan, config, touched, len(ids), prior == nil || !plan.InstanceIDs.Equal(prior.InstanceIDs) || !plan.States.Equal(prior.States))...)
	}
}

// nameID names a new fleet, once all that the name consists of is known.
func (r *fleetResource) nameID(m *fleetModel, ids []string) {
	name := m.Cloud.ValueString()
	if name == "" || !m.idsKnown() || !r.data.scopeKnown(name, m.Region) {
		return
	}
	m.ID = types.StringValue(fleetID(name, r.data.scope(name, m.Region.ValueString()), ids))
}

// planSummary is what a plan of a fleet comes to.
type planSummary struct {
	total, stop, start, reboot, restart, wait, so int
	stopCharging                                  int // those to stop that can stop charging
	refused                                       []powerstate.Result
	refusedIDs                                    []string
	forced                                        []string // the ids of those that no stop is graceful for
	releases                                      []string // the addresses that a stop can release, with their ids
	denied                                        *backend.Fault
}

// preflight reads the instances that the plan touches, of which some can be new, and
// tells in a few sentences what an apply will do. total is how many the fleet has.
func (r *fleetResource) preflight(ctx context.Context, plan, config fleetModel, ids []string, total int, isNew bool) diag.Diagnostics {
	groups, undeclared := plan.groups(ids)
	if !plan.idsKnown() {
		return plan.overall().consequences(plan.surface(), ids, nil)
	}
	var diags, consequences diag.Diagnostics
	if len(undeclared) > 0 {
		diags.AddAttributeWarning(path.Root(plan.stateName()), "No state is declared",
			fmt.Sprintf("The state is as it was observed, since `ignore_changes` keeps the configured one out of this plan. Read and left as they are: %s.",
				strings.Join(firstOf(undeclared), ", ")))
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
	totals.total, totals.so = total, totals.so+total-len(ids)
	if n := len(totals.refused); n > 0 {
		text := reasons(totals.refusedIDs, totals.refused, all.within)
		summary := fmt.Sprintf("%s of %d cannot be brought to %s", instances(n), total, plan.overall().wanted())
		if n > mayFail {
			diags.AddAttributeError(path.Root(plan.surface().ids), summary, fmt.Sprintf("%s\n\nRemove the ids from `%s`, or raise `max_failures` to at least %d.", text, plan.surface().ids, n))
			return diags
		}
		diags.AddAttributeWarning(path.Root(plan.surface().ids), summary, text)
	}
	if text := totals.sentence(); text != "" {
		diags.AddAttributeWarning(path.Root(plan.stateName()), "Fleet plan: "+text, "The instances are in "+placeOf(all.client)+". Their states after the apply are in `instances`.")
	}
	if totals.denied != nil {
		diags.Append(dryRunIncomplete(*totals.denied))
	}
	return append(diags, consequences...)
}

// summarize counts what the preflights of the instances decided.
func summarize(ids []string, results []powerstate.PreflightResult) planSummary {
	totals := planSummary{total: len(ids)}
	for i, f := range results {
		if f.DryRun != nil && (f.DryRun.Kind == backend.KindInvalid || f.DryRun.Kind == backend.KindNotFound) {
			f.Err = &powerstate.Error{Op: f.Decision.Op, InstanceID: ids[i], Fault: f.DryRun, Last: &f.Observed}
		} else if f.DryRun != nil {
			totals.denied = f.DryRun
		}
		if f.Err != nil {
			totals.refused = append(totals.refused, powerstate.Result{Err: f.Err})
			totals.refusedIDs = append(totals.refusedIDs, ids[i])
			continue
		}
		totals.add(ids[i], f.Preflight)
	}
	return totals
}

// add counts one instance that is not refused.
func (o *planSummary) add(id string, f powerstate.Preflight) {
	switch f.Decision.Step {
	case powerstate.Act:
		switch f.Decision.Op {
		case backend.OpStart:
			o.start++
			return
		case backend.OpReboot:
			o.reboot++
			return
		case backend.OpStop:
			o.stop++
		}
	case powerstate.Restart:
		o.restart++
	case powerstate.Wait:
		o.wait++
	case powerstate.Done:
		o.so++
		return
	case powerstate.Refuse:
		return
	}
	if f.Observed.AlwaysForced {
		o.forced = append(o.forced, id)
	}
	if f.Observed.StopChargingBar != "" {
		return
	}
	o.stopCharging++
	if f.Observed.PublicIP != "" && !f.Observed.PublicIPKept {
		o.releases = append(o.releases, fmt.Sprintf("%s (%s)", f.Observed.PublicIP, id))
	}
}

// sentence says how many will be touched, and is empty when none will.
func (o planSummary) sentence() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(o.stop, "to stop")
	add(o.start, "to start")
	add(o.reboot, "to reboot")
	add(o.restart, "to restart for another stopped mode")
	add(o.wait, "in transition")
	if len(parts) == 0 {
		return ""
	}
	add(o.so, "already so")
	add(len(o.refused), "refused")
	return strings.Join(parts, ", ") + " (of " + fmt.Sprint(o.total) + ")"
}

// dryRunIncomplete tells of a dry run that could not be made.
func dryRunIncomplete(fault backend.Fault) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Dry run incomplete",
		strings.TrimSpace("It could not be made for every instance. "+outcomeOf(&fault)+" "+fault.Advice))
}

// planDestroy says what on_destroy will do.
func (r *fleetResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state fleetModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	ids, diags := state.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if state.released() != "" { // Otherwise it needs no cloud.
		resp.Deferred = r.data.deferred(state.Cloud, req.ClientCapabilities.DeferralAllowed)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(state.destroyWarning(instances(len(ids)))...)
	}
}

// leaving says what on_destroy will do to the instances that leave the fleet,
// one by one or because it moves, which replaces it. Only the plan of a destroy
// alone is asked for by itself.
func leaving(ctx context.Context, plan, prior fleetModel, moved bool) diag.Diagnostics {
	before, diags := prior.ids(ctx)
	if moved {
		return append(diags, prior.destroyWarning(instances(len(before)))...)
	}
	if !plan.idsKnown() || plan.released() == "" {
		return diags
	}
	ids, more := plan.ids(ctx)
	diags.Append(more...)
	if removed := without(before, ids); len(removed) > 0 {
		diags.AddAttributeWarning(path.Root(plan.surface().ids), instances(len(removed))+" will leave the fleet",
			strings.Join(firstOf(removed), ", ")+plan.released())
	}
	return diags
}
