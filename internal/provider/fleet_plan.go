package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
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
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *fleetModel
	if !req.State.Raw.IsNull() {
		prior = new(fleetModel)
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var was *location
	if prior != nil {
		was = &location{prior.Cloud, prior.Region}
	}
	resp.Diagnostics.Append(r.data.planPlace(location{config.Cloud, config.Region}, was, &plan.Cloud, &plan.Region)...)
	resp.Diagnostics.Append(checkIDs(ctx, r.clouds, plan)...)
	resp.Diagnostics.Append(checkMode(r.clouds, plan.power())...)
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
		if slices.Equal(ids, before) {
			// The order means nothing: another one is no change.
			plan.InstanceIDs = prior.InstanceIDs
		}
	}
	held := prior
	if moved {
		held = nil // What other instances are like says nothing about these.
	}
	planFleetMode(&plan, config, held)
	changed := r.changed(plan, prior)
	plan.Instances = types.MapUnknown(memberType)
	if !changed {
		plan.Instances = prior.Instances
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if prior != nil {
		resp.Diagnostics.Append(leaving(ctx, plan, *prior, moved)...)
	}
	// A replacement is planned once more, without what it replaces.
	if changed && !moved && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.preflight(ctx, plan, config, ids, prior == nil || !plan.InstanceIDs.Equal(prior.InstanceIDs))...)
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

// changed reports whether the plan may touch an instance or the list of them.
func (r *fleetResource) changed(plan fleetModel, prior *fleetModel) bool {
	return prior == nil || !plan.State.Equal(prior.State) || !plan.InstanceIDs.Equal(prior.InstanceIDs) ||
		!plan.Cloud.Equal(prior.Cloud) || !plan.Region.Equal(prior.Region) ||
		plan.State.ValueString() == stateStopped && !plan.StoppedMode.Equal(prior.StoppedMode)
}

// planFleetMode plans stopped_mode as for one instance.
func planFleetMode(plan *fleetModel, config fleetModel, prior *fleetModel) {
	one := plan.power()
	var before *powerStateModel
	if prior != nil {
		was := prior.power()
		before = &was
	}
	planMode(&one, config.power(), before)
	plan.StoppedMode = one.StoppedMode
}

// planSummary is what a plan of a fleet comes to.
type planSummary struct {
	total, stop, start, reboot, restart, wait, so int
	refused                                       []powerstate.Result
	refusedIDs                                    []string
	forced, releases                              int
	denied                                        *backend.Fault
}

// preflight looks at all instances, of which some can be new, and tells in a few
// sentences what an apply will do.
func (r *fleetResource) preflight(ctx context.Context, plan, config fleetModel, ids []string, isNew bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if !plan.power().declares() {
		diags.AddAttributeWarning(path.Root("state"), "No state is declared",
			fmt.Sprintf("`state` is %q, as it was observed, since `ignore_changes` keeps the configured one out of this plan. Instances that join the fleet are looked at "+
				"and left as they are.", plan.State.ValueString()))
		return diags
	}
	if !plan.idsKnown() || plan.State.IsUnknown() || plan.Cloud.IsUnknown() || plan.Region.IsUnknown() || r.data.preflight == preflightOff || r.data.settings[plan.Cloud.ValueString()].unknown {
		return append(diags, fleetConsequences(plan, nil)...)
	}
	timeout, more := plan.Timeouts.Read(ctx, defaultReadTimeout)
	diags.Append(more...)
	client, more := r.clientOf(ctx, plan, diags)
	diags.Append(more...)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	target := plan.power().asks(config.power()).target()
	// Where these are known only later, a plan that would be right is not refused.
	target.AllowRestart = target.AllowRestart || plan.AllowRestart.IsUnknown()
	mayFail := plan.MaxFailures.ValueInt64()
	if plan.MaxFailures.IsUnknown() {
		mayFail = int64(len(ids))
	}
	opts := powerstate.PreflightOptions{DryRun: r.data.preflight == preflightDryRun, AwaitAppearance: isNew}
	totals := summarize(ids, client.PreflightAll(ctx, ids, target, opts))
	if n := len(totals.refused); n > 0 {
		text := reasons(totals.refusedIDs, totals.refused, limit{"timeouts.read", timeout})
		summary := fmt.Sprintf("%s cannot be brought to %q", instances(n)+" of "+fmt.Sprint(len(ids)), plan.State.ValueString())
		if int64(n) > mayFail {
			diags.AddAttributeError(path.Root("instance_ids"), summary, fmt.Sprintf("%s\n\nRemove the ids from `instance_ids`, or raise `max_failures` to at least %d.", text, n))
			return diags
		}
		diags.AddAttributeWarning(path.Root("instance_ids"), summary, text)
	}
	if text := totals.sentence(); text != "" {
		diags.AddAttributeWarning(path.Root("state"), "Fleet plan: "+text, "The instances are in "+placeOf(client)+". Their states after the apply are in `instances`.")
	}
	if totals.denied != nil {
		diags.Append(dryRunIncomplete(*totals.denied))
	}
	return append(diags, fleetConsequences(plan, &totals)...)
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
		switch f.Decision.Step {
		case powerstate.Act:
			if f.Decision.Op == backend.OpStart {
				totals.start++
				break
			}
			if f.Decision.Op == backend.OpReboot {
				totals.reboot++
				break
			}
			totals.stop++
			if f.Observed.AlwaysForced {
				totals.forced++
			}
			if f.Observed.PublicIP != "" && !f.Observed.PublicIPKept {
				totals.releases++
			}
		case powerstate.Restart:
			totals.restart++
		case powerstate.Wait:
			totals.wait++
		case powerstate.Done:
			totals.so++
		case powerstate.Refuse:
		}
	}
	return totals
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

// fleetConsequences names force and stop-charging; totals is nil where the
// instances were not read.
func fleetConsequences(plan fleetModel, totals *planSummary) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.State.ValueString() != stateStopped || totals != nil && totals.stop+totals.restart+totals.wait == 0 {
		return diags
	}
	switch {
	case plan.ForceStop.ValueBool():
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced stop planned",
			"The instances will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.")
	case plan.ForceStopAfter.ValueString() != "":
		diags.AddAttributeWarning(path.Root("force_stop_after"), "Forced stop possible",
			fmt.Sprintf("An instance will lose power when a graceful stop has not ended after %s: unsaved data can then be lost.", plan.ForceStopAfter.ValueString()))
	case totals != nil && totals.forced > 0:
		diags.AddAttributeWarning(path.Root("state"), "Forced stop planned",
			fmt.Sprintf("The cloud stops %s of the fleet by cutting the power, whatever it is asked: unsaved data can be lost.", instances(totals.forced)))
	}
	if mode, _ := parseMode(plan.StoppedMode.ValueString()); mode == backend.StopCharging {
		detail := "The instances will release their CPU and memory: a later start may find no stock"
		if totals == nil || totals.releases > 0 {
			detail += ", and assigned public addresses can be released"
		}
		diags.AddAttributeWarning(path.Root("stopped_mode"), "Stop-charging planned", detail+".")
	}
	return diags
}

// dryRunIncomplete tells of a dry run that could not be made.
func dryRunIncomplete(fault backend.Fault) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Dry run incomplete",
		strings.TrimSpace("It could not be made for every instance. "+outcomeOf(&fault)+" "+fault.Advice))
}

// planDestroy says what on_destroy will do.
func (r *fleetResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state fleetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ids, diags := state.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(destroysFleet(state, len(ids))...)
	}
}

// leaving says what on_destroy will do to the instances that leave the fleet,
// one by one or because it moves, which replaces it. Only the plan of a destroy
// alone is asked for by itself.
func leaving(ctx context.Context, plan, prior fleetModel, moved bool) diag.Diagnostics {
	before, diags := prior.ids(ctx)
	if moved {
		return append(diags, destroysFleet(prior, len(before))...)
	}
	if !plan.idsKnown() || !plan.onDestroyActs() {
		return diags
	}
	ids, more := plan.ids(ctx)
	diags.Append(more...)
	if removed := without(before, ids); len(removed) > 0 {
		diags.AddAttributeWarning(path.Root("instance_ids"), instances(len(removed))+" will leave the fleet",
			fmt.Sprintf("%s will be brought to the state that `on_destroy = %q` says%s. No instance is deleted.",
				strings.Join(firstOf(removed), ", "), plan.OnDestroy.ValueString(), plan.releaseCuts()))
	}
	return diags
}

func destroysFleet(state fleetModel, n int) diag.Diagnostics {
	if !state.onDestroyActs() {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Destroy changes the power state",
		fmt.Sprintf("%s will be brought to the state that `on_destroy = %q` says%s. No instance is deleted.", instances(n), state.OnDestroy.ValueString(), state.releaseCuts()))}
}

// releaseCuts says how a release cuts the power, where it can stop an instance.
func (m fleetModel) releaseCuts() string {
	if m.OnDestroy.ValueString() == onDestroyRunning {
		return ""
	}
	return m.power().cuts()
}

// onDestroyActs reports whether an instance that leaves may be touched.
func (m fleetModel) onDestroyActs() bool {
	return slices.Contains([]string{onDestroyRunning, onDestroyStopped, onDestroyRestore}, m.OnDestroy.ValueString())
}
