package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// ModifyPlan checks the known values and reads the instances. What will fail is an
// error; what may fail, and what has consequences, is a warning. It changes nothing.
func (a *powerAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	if a.data == nil {
		return
	}
	m, diags := a.place(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if a.data.preflight == preflightOff || !req.Config.Raw.IsFullyKnown() || a.data.notConfigured(m.Cloud) {
		resp.Diagnostics.Append(a.consequences(ctx, m, nil)...)
		return
	}
	ids, diags := m.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if len(ids) == 0 {
		return
	}
	client, diags := a.data.clientOf(ctx, m.location, types.StringNull(), resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout())
	defer cancel()
	totals := summarize(ids, a.forecast(ctx, client, m, ids, a.data.preflight == preflightDryRun))
	if totals.denied != nil {
		resp.Diagnostics.Append(dryRunIncomplete(*totals.denied))
	}
	passing, lasting := parted(totals)
	resp.Diagnostics.Append(a.foretell(m, passing, lasting, len(ids))...)
	if resp.Diagnostics.HasError() {
		return
	}
	// In which state the action will find these is not known yet.
	totals.wait = append(totals.wait, passing.refusedIDs...)
	resp.Diagnostics.Append(a.consequences(ctx, m, &totals)...)
}

// forecast reads the instances, and decides about each what the action would do first.
func (a *powerAction) forecast(
	ctx context.Context, client *powerstate.Client, m actionModel, ids []string, dryRun bool,
) []powerstate.PreflightResult {
	return client.PreflightAll(ctx, ids, a.target(m), powerstate.PreflightOptions{DryRun: dryRun})
}

// parted sorts the refusals by whether they can pass before the action runs.
func parted(totals planSummary) (passing, lasting planSummary) {
	for i, r := range totals.refused {
		into := &lasting
		if mayPass(r) {
			into = &passing
		}
		into.refused = append(into.refused, r)
		into.refusedIDs = append(into.refusedIDs, totals.refusedIDs[i])
	}
	return passing, lasting
}

// mayPass reports whether the run of which the action is a part can take away
// what refuses an instance now: a resource that triggers the action may create
// the instance, start it, or start it for another stopped mode. No plan is told
// whether the action is invoked by a resource or by itself.
func mayPass(r powerstate.Result) bool {
	reasons := []powerstate.Reason{powerstate.IsAbsent, powerstate.IsStopped, powerstate.ModeNeedsRestart}
	failure, ok := asFailure(r.Err)
	return ok && failure.Cause == powerstate.Refused && slices.Contains(reasons, failure.Reason)
}

// foretell reports the instances, of total, on which the action cannot act: an error
// where more are refused for good than may fail, otherwise a warning.
func (a *powerAction) foretell(m actionModel, passing, lasting planSummary, total int) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("instance_ids")
	summary := func(n int) string { return fmt.Sprintf("Unable to %s %d of %s", a.op, n, instances(total)) }
	if n := len(lasting.refused); n > 0 {
		add := diags.AddAttributeWarning
		concerned := !slices.ContainsFunc(lasting.refused, func(r powerstate.Result) bool { return !concernsInstance(r.Err) })
		text := a.refusals(m, lasting)
		switch fails := m.failsFor(lasting.refused, total); {
		case fails && (a.data.strictPlan || !concerned):
			add = diags.AddAttributeError
		case fails:
			text += "\n\nThe action will act on the other instances, and fail. " + strictHint
		}
		add(at, summary(n), text)
	}
	if n := len(passing.refused); n > 0 {
		text := a.refusals(m, passing)
		if m.failsFor(slices.Concat(passing.refused, lasting.refused), total) {
			text += "\n\nThe action will fail unless this changes before it runs."
		}
		diags.AddAttributeWarning(at, summary(n), text)
	}
	return diags
}

// failsFor reports whether the action counts as failed for these of so many: they are more
// than may fail, or the run was cut short, so that it is not known how many.
func (m actionModel) failsFor(failed []powerstate.Result, total int) bool {
	return len(failed) > m.mayFail(total) || slices.ContainsFunc(failed, isCut)
}

// consequences warns of what the action will do to the instances, of which totals
// is nil where they were not read. A dry run does nothing.
func (a *powerAction) consequences(ctx context.Context, m actionModel, totals *planSummary) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.DryRun.ValueBool() {
		return diags
	}
	ids, _ := m.ids(ctx) // Checked before.
	if a.op == backend.OpStop {
		return m.consequences(onFleet, ids, totals)
	}
	if totals != nil {
		ids = totals.touched()
	}
	if a.op == backend.OpReboot && m.ForceStop.ValueBool() && (totals == nil || len(ids) > 0) {
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced reboot planned",
			onFleet.subject(ids)+" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a "+
				"graceful reboot.")
	}
	return diags
}
