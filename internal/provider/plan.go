package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// ModifyPlan fills in the defaults that the provider's configuration gives,
// leaves unknown only what the planned transition can change, and looks at the
// instance before anything is promised. It never writes.
func (r *powerStateResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	var config, plan powerStateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var prior *powerStateModel
	if !req.State.Raw.IsNull() {
		prior = new(powerStateModel)
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	resp.Diagnostics.Append(r.planPlace(&plan, config, prior)...)
	resp.Diagnostics.Append(checkPlace(r.clouds, plan)...)
	resp.Diagnostics.Append(checkMode(r.clouds, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework does not tell what it is going to replace. A region that was
	// not known, as after a move from another type, is only filled in.
	replaced := prior == nil || !plan.InstanceID.Equal(prior.InstanceID) || !plan.Cloud.Equal(prior.Cloud) ||
		!plan.Region.Equal(prior.Region) && !prior.Region.IsNull()
	held := prior
	if replaced {
		held = nil // What another instance is like says nothing about this one.
	}
	planMode(&plan, config, held)
	moves := replaced || plan.moves(*prior)
	planComputed(&plan, prior, replaced, moves)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if replaced && prior != nil {
		// Only the plan of a destroy alone is asked for by itself.
		resp.Diagnostics.Append(destroyWarning(*prior)...)
	}
	// A replacement is planned once more, without what it replaces.
	if moves && (!replaced || prior == nil) {
		resp.Diagnostics.Append(r.preflight(ctx, plan, config, prior == nil)...)
	}
}

// place fills in cloud, region and id where they are known.
func (r *powerStateResource) place(plan *powerStateModel) diag.Diagnostics {
	diags := r.data.place(&plan.Cloud, &plan.Region)
	r.nameID(plan)
	return diags
}

// planPlace is place for a plan. The id of what stays where it is stays too.
func (r *powerStateResource) planPlace(plan *powerStateModel, config powerStateModel, prior *powerStateModel) diag.Diagnostics {
	var was *location
	if prior != nil {
		was = &location{prior.Cloud, prior.Region}
	}
	diags := r.data.planPlace(location{config.Cloud, config.Region}, was, &plan.Cloud, &plan.Region)
	if prior == nil || !plan.Cloud.Equal(prior.Cloud) || !plan.Region.Equal(prior.Region) || !plan.InstanceID.Equal(prior.InstanceID) {
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

// planMode plans stopped_mode: another spelling of what is there is no change,
// and one that is not configured is unknown only while a stop is to choose it.
func planMode(plan *powerStateModel, config powerStateModel, prior *powerStateModel) {
	if prior != nil && !config.StoppedMode.IsNull() && !config.StoppedMode.IsUnknown() {
		wanted, _ := parseMode(config.StoppedMode.ValueString())
		if held, _ := parseMode(prior.StoppedMode.ValueString()); held == wanted {
			plan.StoppedMode = prior.StoppedMode
		}
		return
	}
	if !config.StoppedMode.IsNull() {
		return
	}
	switch {
	case plan.State.IsUnknown():
		plan.StoppedMode = types.StringUnknown()
	case plan.State.ValueString() == stateRunning:
		plan.StoppedMode = types.StringNull()
	case !plan.declares() && prior != nil:
		plan.StoppedMode = prior.StoppedMode
	case prior != nil && prior.State.ValueString() == stateStopped:
		plan.StoppedMode = prior.StoppedMode
	default:
		plan.StoppedMode = types.StringUnknown()
	}
}

// planComputed leaves unknown what the transition can change, and nothing else.
func planComputed(plan, prior *powerStateModel, replaced, moves bool) {
	if replaced {
		plan.Status, plan.InstanceName = types.StringUnknown(), types.StringUnknown()
		plan.PublicIP, plan.PrivateIP = types.StringUnknown(), types.StringUnknown()
		plan.Charging = types.BoolUnknown()
		return
	}
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
	mode := plan.StoppedMode
	if plan.State.ValueString() == stateRunning {
		mode = prior.StoppedMode
	}
	parsed, _ := parseMode(mode.ValueString())
	return mode.IsUnknown() || parsed != backend.KeepCharging
}

// preflight looks at the instance, says as errors what would fail, and as
// warnings what has consequences.
func (r *powerStateResource) preflight(ctx context.Context, plan, config powerStateModel, isNew bool) diag.Diagnostics {
	var diags diag.Diagnostics
	stops := plan.State.ValueString() == stateStopped
	if !plan.canRead() || r.data.preflight == preflightOff || r.data.settings[plan.Cloud.ValueString()].unknown {
		if stops {
			diags.Append(stopWarnings(plan, nil)...)
		}
		return diags
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
	target := plan.asks(config).target()
	// Where that is known only later, a plan that would be right is not refused.
	target.AllowRestart = target.AllowRestart || plan.AllowRestart.IsUnknown()
	opts := powerstate.PreflightOptions{DryRun: r.data.preflight == preflightDryRun, AwaitAppearance: isNew}
	got, err := client.Preflight(ctx, plan.InstanceID.ValueString(), target, opts)
	if err != nil {
		return append(diags, diagnose(err, limit{"timeouts.read", timeout}))
	}
	if got.DryRun != nil {
		diags.Append(diagnoseDryRun(client, plan.InstanceID.ValueString(), got)...)
	}
	if stops && got.Decision.Step != powerstate.Done {
		diags.Append(stopWarnings(plan, &got)...)
	}
	return diags
}

// canRead reports whether enough is known to read the instance: a mode that
// a stop has yet to choose does not matter.
func (m powerStateModel) canRead() bool {
	return !m.InstanceID.IsUnknown() && !m.Cloud.IsUnknown() && !m.Region.IsUnknown() && !m.State.IsUnknown()
}

// stopWarnings names the consequences of a planned stop; got is nil where the
// instance was not looked at.
func stopWarnings(plan powerStateModel, got *powerstate.Preflight) diag.Diagnostics {
	var diags diag.Diagnostics
	name := plan.InstanceID.ValueString()
	if plan.InstanceID.IsUnknown() {
		name = "(known after apply)"
	}
	var seen backend.Instance
	if got != nil {
		seen = got.Observed
	}
	switch {
	case plan.ForceStop.ValueBool():
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced stop planned",
			fmt.Sprintf("Instance %q will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.", name))
	case seen.AlwaysForced:
		diags.AddAttributeWarning(path.Root("state"), "Forced stop planned",
			fmt.Sprintf("The cloud stops instances of the type of %q by cutting the power, whatever it is asked: unsaved data can be lost.", name))
	case plan.ForceStopAfter.ValueString() != "":
		diags.AddAttributeWarning(path.Root("force_stop_after"), "Forced stop possible",
			fmt.Sprintf("Instance %q will lose power when a graceful stop has not ended after %s: unsaved data can then be lost.", name, plan.ForceStopAfter.ValueString()))
	}
	if mode, _ := parseMode(plan.StoppedMode.ValueString()); mode == backend.StopCharging {
		detail := fmt.Sprintf("Instance %q will release its CPU and memory: a later start may find no stock", name)
		if seen.PublicIP != "" && !seen.PublicIPKept {
			detail += fmt.Sprintf(", and its public address %s can be released", seen.PublicIP)
		} else if got == nil {
			detail += ", and an assigned public address can be released"
		}
		diags.AddAttributeWarning(path.Root("stopped_mode"), "Stop-charging planned", detail+".")
	}
	if got != nil && got.Decision.Step == powerstate.Restart {
		diags.AddAttributeWarning(path.Root("allow_restart"), "Restart planned",
			fmt.Sprintf("Instance %q is stopped in another mode. It will be started and stopped again, since nothing else changes the mode.", name))
	}
	return diags
}

// planDestroy says what on_destroy will do.
func (r *powerStateResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state powerStateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(destroyWarning(state)...)
	}
}

// cuts says that a stop cuts the power; it is empty for a graceful one.
func (m powerStateModel) cuts() string {
	after := m.ForceStopAfter.ValueString()
	switch {
	case m.ForceStop.ValueBool():
		return ", and a stop cuts the power: unsaved data can be lost"
	case after != "":
		return ", and a stop cuts the power when a graceful one has not ended after " + after + ": unsaved data can be lost"
	}
	return ""
}

// destroyWarning says what on_destroy will do to the instance.
func destroyWarning(state powerStateModel) diag.Diagnostics {
	what := ""
	switch state.OnDestroy.ValueString() {
	case onDestroyRunning:
		what = "will be started, unless it runs"
	case onDestroyStopped:
		what = "will be stopped, unless it is" + state.cuts()
	case onDestroyRestore:
		what = "will be brought back to the state that it was in before Terraform managed it" + state.cuts()
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Destroy changes the power state",
		fmt.Sprintf("Instance %q %s (`on_destroy = %q`). The instance itself is not deleted.", state.InstanceID.ValueString(), what, state.OnDestroy.ValueString()))}
}
