package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var (
	_ resource.ResourceWithConfigure      = (*powerStateResource)(nil)
	_ resource.ResourceWithValidateConfig = (*powerStateResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*powerStateResource)(nil)
	_ resource.ResourceWithImportState    = (*powerStateResource)(nil)
)

// powerStateResource is instance_power_state: the power state of one instance.
type powerStateResource struct {
	clouds map[string]cloud
	data   *providerData
}

func (r *powerStateResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_power_state"
}

func (r *powerStateResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := powerAttributes("the instance", r.clouds)
	attributes["id"] = schema.StringAttribute{
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: "`cloud/region/instance_id`; a cloud without regions has its service in place of the region.",
	}
	attributes["instance_id"] = schema.StringAttribute{
		Required:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		MarkdownDescription: "Id that the cloud gave the instance. A change replaces the resource, not the instance.",
		Validators:          []validator.String{plainWord(idForm)},
	}
	attributes["status"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "State as the cloud reports it, unchanged, such as `RUNNING`.",
	}
	attributes["charging"] = schema.BoolAttribute{
		Computed: true,
		MarkdownDescription: "Whether compute is billed now: `true`, `false`, or null if the cloud does not report it. " +
			"Disks, images and addresses are billed regardless.",
	}
	attributes["found_state"] = schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "State in which the instance was found when it was first declared or imported: `running` or " +
			"`stopped`, or null if that is not known. `on_destroy = \"restore\"` restores it.",
	}
	attributes["instance_name"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the instance."}
	attributes["public_ip"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "First public address, or null. A stop with `stop_charging` can release it.",
	}
	attributes["private_ip"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "First private address, or null.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Declares whether an existing instance runs or is stopped, and never creates or deletes it. " +
			"An apply succeeds only after the cloud reports the declared state.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": powerTimeouts()},
	}
}

func (r *powerStateResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses attributes that contradict each other. It makes no API call.
func (r *powerStateResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var config powerStateModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(ctx)...)
	resp.Diagnostics.Append(config.checkCloud(r.clouds, onInstance, config.InstanceID.ValueString())...)
}

// Create makes nothing in the cloud: it brings the instance to the state. One
// that fails writes no state, so that nothing is tainted and the next apply
// begins with an observation, as this one did.
func (r *powerStateResource) Create(
	ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse,
) {
	var plan, config powerStateModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	resp.Diagnostics.Append(r.place(&plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.data.clientOf(ctx, plan.location, plan.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	id := plan.InstanceID.ValueString()
	target := plan.asks(config.declaration).target()
	got, err := client.Reach(ctx, id, target, powerstate.ReachOptions{AwaitAppearance: true})
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, onInstance.limit("create", timeout)))
		resp.Diagnostics.Append(plan.originLost()...)
		return
	}
	resp.Diagnostics.Append(saveOrigin(ctx, resp.Private, got.Before)...)
	resp.Diagnostics.Append(r.data.created(ctx, resp.Private, onInstance, plan.location, []string{id})...)
	resp.Diagnostics.Append(saveDurations(ctx, resp.Private, nil, got.Durations)...)
	resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
	state := plan
	state.observe(got.After)
	state.FoundState = foundAs(got.Before.State)
	state.keepKnown(plan)
	resp.Diagnostics.Append(store(ctx, &resp.State, &state)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
}

// Read stores what is observed. An instance that is gone is removed from state
// with a warning, once the cloud has confirmed it.
func (r *powerStateResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state powerStateModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	if resp.Deferred = r.data.deferred(state.Cloud, req.ClientCapabilities.DeferralAllowed); resp.Deferred != nil {
		resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
		return
	}
	taken := state.ID.IsNull() // A move brought it here, and knew no region.
	resp.Diagnostics.Append(r.settle(&state)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.data.notConfigured(state.Cloud) {
		resp.Diagnostics.Append(state.notRefreshed(fmt.Sprintf("instance %q", state.InstanceID.ValueString())))
		return
	}
	client, diags := r.data.clientOf(ctx, state.location, state.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	ids := []string{state.InstanceID.ValueString()}
	object, diags := r.data.holdRead(ctx, resp.Private, onInstance, state.declaration, ids)
	resp.Diagnostics.Append(diags...)
	in, err := client.Observe(ctx, ids[0])
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, onInstance.limit("read", timeout)))
		return
	}
	if in.State == backend.Absent && taken {
		resp.Diagnostics.Append(r.movedElsewhere(client, in.ID))
		return
	}
	if in.State == backend.Absent {
		resp.Diagnostics.AddWarning(fmt.Sprintf("Instance %q is gone", in.ID),
			fmt.Sprintf("%s no longer has instance %q. If another instance has replaced it, change `instance_id`; otherwise "+
				"remove the resource from the configuration. Until then Terraform plans to create the resource again, which fails "+
				"while the instance is missing.", placeOf(client), in.ID))
		r.data.registry.drop(object.token)
		resp.State.RemoveResource(ctx)
		return
	}
	if state.State.IsNull() {
		// The first read after an import. Later ones may observe what we made.
		resp.Diagnostics.Append(saveOrigin(ctx, resp.Private, in)...)
	}
	found, known, diags := loadOrigin(ctx, resp.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case !state.FoundState.IsNull():
	case known:
		state.FoundState = orNull(found.State)
	case state.State.IsNull() || taken:
		state.FoundState = foundAs(in.State)
	}
	state.observe(in)
	resp.Diagnostics.Append(r.data.noteOthers(ctx, resp.Private, object, state.location, ids)...)
	if in.State != backend.Stopped {
		resp.Diagnostics.Append(state.restoreMode(ctx, req.Private)...)
	}
	resp.Diagnostics.Append(store(ctx, &resp.State, &state)...)
}

// Update is the same path as Create. One that fails writes what was last
// observed.
func (r *powerStateResource) Update(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse,
) {
	var plan, prior, config powerStateModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	resp.Diagnostics.Append(load(ctx, req.State, &prior)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan)...)
	if !resp.Diagnostics.HasError() && !plan.Status.IsUnknown() {
		// Settings alone: the plan promised that the instance is not touched.
		resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
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
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	former := loadDurations(ctx, req.Private)
	target := plan.asks(config.declaration).target()
	got, err := client.Reach(ctx, plan.InstanceID.ValueString(), target, powerstate.ReachOptions{Durations: former})
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, onInstance.limit("update", timeout)))
		resp.Diagnostics.Append(writeLast(context.WithoutCancel(ctx), err, prior, resp)...)
		return
	}
	resp.Diagnostics.Append(saveDurations(ctx, resp.Private, former, got.Durations)...)
	resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
	state := plan
	state.observe(got.After)
	state.keepKnown(plan)
	resp.Diagnostics.Append(store(ctx, &resp.State, &state)...)
}

// writeLast puts what a failed update last observed over the prior state, whose
// settings stay in force. Where nothing was observed, the prior state stays.
func writeLast(
	ctx context.Context, err error, state powerStateModel, resp *resource.UpdateResponse,
) diag.Diagnostics {
	failure, ok := asFailure(err)
	if !ok || failure.Last == nil || failure.Last.State == backend.Absent {
		return nil
	}
	state.observe(*failure.Last)
	return store(ctx, &resp.State, &state)
}

// Delete forgets the instance, and does nothing to it unless on_destroy asks
// for a state. It never deletes the instance.
func (r *powerStateResource) Delete(
	ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse,
) {
	var state powerStateModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := state.InstanceID.ValueString()
	found, _, diags := loadOrigin(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	release := state.releases(found)
	object, diags := r.data.departing(ctx, req.Private, release, []string{id})
	resp.Diagnostics.Append(diags...)
	target, act := release.target(id)
	if !act {
		object.leaveAll(id)
		resp.Diagnostics.Append(state.originUnknown([]string{id})...)
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() && object.leaves(id) {
		resp.Diagnostics.Append(object.leftAlone(id)...)
		return
	}
	client, diags := r.data.clientOf(ctx, state.location, state.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	opts := powerstate.ReachOptions{Durations: loadDurations(ctx, req.Private), Withdrawn: object.leaves}
	_, err := client.Reach(ctx, id, target, opts)
	switch {
	case err == nil, isGone(err), onlyTheMode(err):
	case isWithdrawn(err):
		resp.Diagnostics.Append(object.leftAlone(id)...)
	default:
		resp.Diagnostics.Append(diagnose(err, onInstance.limit("delete", timeout)))
		if failure, ok := asFailure(err); ok && failure.Last != nil {
			state.observe(*failure.Last)
			resp.Diagnostics.Append(store(context.WithoutCancel(ctx), &resp.State, &state)...)
		}
	}
}

// isGone reports whether an operation failed on an instance that was last observed to be
// absent. The answer to a call does not tell: the operation confirms it by a read.
func isGone(err error) bool {
	failure, ok := asFailure(err)
	return ok && failure.Last != nil && failure.Last.State == backend.Absent
}

// ImportState takes cloud/region/instance_id, or an identity. The refresh that
// follows fills in the rest.
func (r *powerStateResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	m, diags := r.data.imported(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	for name, value := range map[string]any{
		"id": m.ID, "cloud": m.Cloud, "region": m.Region, "instance_id": m.InstanceID,
		"force_stop": false, "allow_restart": false, "on_destroy": onDestroyLeave,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, m)...)
}
