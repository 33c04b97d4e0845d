package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

func (r *powerStateResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_power_state"
}

func (r *powerStateResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	fixed := []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Declares whether an instance runs or is stopped. The instance itself is created by something else, " +
			"and is never created or deleted by this resource. An apply ends only when the cloud reports the state that was asked for.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				MarkdownDescription: "`cloud/region/instance_id`; on a cloud without regions its service takes the place of the region.",
			},
			"cloud": schema.StringAttribute{
				Optional: true, Computed: true, PlanModifiers: fixed,
				MarkdownDescription: "The cloud of the instance: " + quoteAll(cloudNames(r.clouds)) + ". Default: the one cloud that the provider configures. " +
					"A change replaces the resource, not the instance.",
				Validators: []validator.String{stringvalidator.OneOf(cloudNames(r.clouds)...)},
			},
			"region": schema.StringAttribute{
				Optional: true, Computed: true, PlanModifiers: fixed,
				MarkdownDescription: "The region of the instance. Default: the region that the provider has for the cloud. " +
					"Not for a cloud without regions (`zenlayercloud`). A change replaces the resource, not the instance.",
				Validators: []validator.String{plainWord("a region, such as `ap-guangzhou`")},
			},
			"instance_id": schema.StringAttribute{
				Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: "The cloud's id of the instance. A change replaces the resource, not the instance.",
				Validators:          []validator.String{plainWord("the cloud's id of the instance, such as `ins-r8hr2upy`")},
			},
			"state": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "`running` or `stopped`. After a refresh it holds what was observed, also `starting`, `stopping`, `restarting`, " +
					"`unavailable` or `unknown`, so that drift shows as a difference.",
				Validators: []validator.String{stringvalidator.OneOf(stateRunning, stateStopped)},
			},
			"force_stop": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "`true` cuts the power at once when the instance is stopped: unsaved data can be lost. Default `false`: the guest is asked, " +
					"and is never forced.",
			},
			"force_stop_after": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Stop gracefully, and cut the power when the instance is still not stopped after this long: a duration such as `5m`, shorter than " +
					"the timeout. Not with `force_stop = true`. Unset: never cut the power. On Tencent Cloud the cloud itself may cut it earlier, after its own grace period.",
				Validators: []validator.String{durationValidator{}},
			},
			"stopped_mode": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Whether compute is paid for while the instance is stopped: `keep_charging` or `stop_charging`. The clouds' own spellings " +
					"(`KeepCharging`, `STOP_CHARGING`, ...) mean the same. Unset: the cloud's or the account's default, and what it turned out to be is read back.",
				Validators: []validator.String{modeValidator{}},
			},
			"allow_restart": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "`true` permits to start an instance and stop it again where only that changes the mode of one that is already stopped. Default `false`.",
			},
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(onDestroyLeave),
				MarkdownDescription: "What happens to the instance when the resource is destroyed: `leave` (the default: nothing), `restore` (the state found when the " +
					"resource was created or imported), `running` or `stopped`. The instance is never deleted.",
				Validators: []validator.String{stringvalidator.OneOf(onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped)},
			},
			"status": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The cloud's own word for the state, unchanged, such as `RUNNING`.",
			},
			"charging": schema.BoolAttribute{
				Computed: true,
				MarkdownDescription: "Whether compute is billed now, as far as the cloud tells: `true`, `false`, or null for unknown. " +
					"Disks, images and addresses are billed either way.",
			},
			"instance_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The name of the instance."},
			"public_ip": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The first public address, or null. A stop that stops charging can release it.",
			},
			"private_ip": schema.StringAttribute{Computed: true, MarkdownDescription: "The first private address, or null."},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long to reach the state at create, everything included: a duration. Default `20m`.",
				ReadDescription:   "How long a refresh may take: a duration. Default `5m`.",
				UpdateDescription: "How long to reach the state at update, everything included: a duration. Default `20m`.",
				DeleteDescription: "How long to reach the state that `on_destroy` asks for: a duration. Default `20m`.",
			}),
		},
	}
}

func (r *powerStateResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	data, ok := req.ProviderData.(*providerData)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data", fmt.Sprintf("Expected *providerData, got %T. This is a bug of the provider.", req.ProviderData))
		return
	}
	r.data = data
}

// Create makes nothing in the cloud: it brings the instance to the state. One
// that fails writes no state, so that nothing is tainted and the next apply
// begins with a look, as this one did.
func (r *powerStateResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan powerStateModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(r.place(&plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.clientOf(plan, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := client.Reach(ctx, plan.InstanceID.ValueString(), plan.target(), powerstate.ReachOptions{AwaitAppearance: true})
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, limit{"create", timeout}))
		return
	}
	resp.Diagnostics.Append(saveOrigin(ctx, resp.Private, got.Before)...)
	state := plan
	state.observe(got.After)
	state.keepKnown(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Read stores what is observed. An instance that is gone is removed from state
// with a warning, once the cloud has confirmed it.
func (r *powerStateResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state powerStateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.data.settings[state.Cloud.ValueString()].unknown {
		resp.Diagnostics.AddWarning("Instance not refreshed",
			fmt.Sprintf("The provider's `%s` object is not known yet, so instance %q was not looked at; its state is as it was at the last run.",
				state.Cloud.ValueString(), state.InstanceID.ValueString()))
		return
	}
	client, diags := r.clientOf(state, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	in, err := client.Observe(ctx, state.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, limit{"read", timeout}))
		return
	}
	if in.State == backend.Absent {
		resp.Diagnostics.AddWarning(fmt.Sprintf("Instance %q is gone", in.ID),
			fmt.Sprintf("%s has no instance %q any more, so it was removed from the state. If it was replaced by another, change `instance_id`; "+
				"otherwise remove the resource from the configuration.", placeOf(client), in.ID))
		resp.State.RemoveResource(ctx)
		return
	}
	_, known, diags := loadOrigin(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if !known {
		resp.Diagnostics.Append(saveOrigin(ctx, resp.Private, in)...)
	}
	state.observe(in)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update is the same path as Create. One that fails writes what was last
// observed.
func (r *powerStateResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan powerStateModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.clientOf(plan, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := client.Reach(ctx, plan.InstanceID.ValueString(), plan.target(), powerstate.ReachOptions{})
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, limit{"update", timeout}))
		resp.Diagnostics.Append(r.writeLast(context.WithoutCancel(ctx), err, req, resp)...)
		return
	}
	state := plan
	state.observe(got.After)
	state.keepKnown(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// writeLast puts what a failed update last observed over the prior state, whose
// settings stay in force. Where nothing was observed, the prior state stays.
func (r *powerStateResource) writeLast(ctx context.Context, err error, req resource.UpdateRequest, resp *resource.UpdateResponse) diag.Diagnostics {
	failure, ok := asFailure(err)
	if !ok || failure.Last == nil || failure.Last.State == backend.Absent {
		return nil
	}
	var state powerStateModel
	diags := req.State.Get(ctx, &state)
	if diags.HasError() {
		return diags
	}
	state.observe(*failure.Last)
	return append(diags, resp.State.Set(ctx, &state)...)
}

// Delete forgets the instance, and does nothing to it unless on_destroy asks
// for a state. It never deletes the instance.
func (r *powerStateResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state powerStateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	target, act, diags := destroyTarget(ctx, state, req.Private)
	resp.Diagnostics.Append(diags...)
	if !act || resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.clientOf(state, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err := client.Reach(ctx, state.InstanceID.ValueString(), target, powerstate.ReachOptions{})
	if failure, ok := asFailure(err); ok && failure.Last != nil && failure.Last.State == backend.Absent {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, limit{"delete", timeout}))
	}
}

// destroyTarget is what on_destroy asks for; act is false when it asks for
// nothing.
func destroyTarget(ctx context.Context, state powerStateModel, private privateData) (target powerstate.Target, act bool, diags diag.Diagnostics) {
	switch state.OnDestroy.ValueString() {
	case onDestroyRunning:
		return state.targetFor(backend.Running), true, diags
	case onDestroyStopped:
		return state.targetFor(backend.Stopped), true, diags
	case onDestroyRestore:
	default:
		return powerstate.Target{}, false, diags
	}
	o, known, diags := loadOrigin(ctx, private)
	if !known {
		diags.AddWarning("Original state is not known",
			fmt.Sprintf("`on_destroy` is `restore`, but the state that instance %q was in before Terraform managed it could not be told. It was left as it is.",
				state.InstanceID.ValueString()))
		return powerstate.Target{}, false, diags
	}
	if o.State == stateRunning {
		return state.targetFor(backend.Running), true, diags
	}
	state.StoppedMode = orNull(o.Mode)
	return state.targetFor(backend.Stopped), true, diags
}

// ImportState takes cloud/region/instance_id. The refresh that follows fills in
// the rest.
func (r *powerStateResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	cloudName, scope, instanceID, err := parseID(r.clouds, req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import id", upperFirst(err.Error()))
		return
	}
	region := types.StringNull()
	c := r.clouds[cloudName]
	if c.hasRegion() {
		region = types.StringValue(scope)
	} else if own := r.data.scope(cloudName, ""); scope != own {
		resp.Diagnostics.AddError("Invalid import id",
			fmt.Sprintf("The id %q is of the %s %q, and the provider is configured for %q. Use a provider configuration with `%s = { %s = %q }`.",
				req.ID, c.scopeField, scope, own, cloudName, c.scopeField, scope))
		return
	}
	for name, value := range map[string]any{
		"id": req.ID, "cloud": cloudName, "region": region, "instance_id": instanceID,
		"force_stop": false, "allow_restart": false, "on_destroy": onDestroyLeave,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// clientOf returns the client of a model's cloud and region. It is asked for
// only when nothing is wrong so far.
func (r *powerStateResource) clientOf(m powerStateModel, so diag.Diagnostics) (*powerstate.Client, diag.Diagnostics) {
	if so.HasError() {
		return nil, nil
	}
	return r.data.client(m.Cloud.ValueString(), m.Region.ValueString())
}
