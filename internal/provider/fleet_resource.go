package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var (
	_ resource.ResourceWithConfigure      = (*fleetResource)(nil)
	_ resource.ResourceWithValidateConfig = (*fleetResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*fleetResource)(nil)
	_ resource.ResourceWithImportState    = (*fleetResource)(nil)
)

// maxFleet is the most instances of one fleet.
const maxFleet = 10_000

// fleetResource is instance_fleet_power_state: the power state of many
// instances of one cloud and region.
type fleetResource struct {
	clouds map[string]cloud
	data   *providerData
}

func (r *fleetResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_fleet_power_state"
	resp.ResourceBehavior.MutableIdentity = true // Instances come and go.
}

const fleetErrorDescription = "Error of the last apply or refresh for this instance, with the cloud's code and " +
	"request id; " +
	"null if there was none. The next refresh that reads the instance clears it."

func (r *fleetResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := powerAttributes("the instances", r.clouds)
	attributes["id"] = schema.StringAttribute{
		Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: "`cloud/region/fleet-...`, made from the first set of ids. It stays the same when ids are " +
			"added or removed.",
	}
	attributes["instance_ids"] = schema.ListAttribute{ // A list, since sets take time in the square of their size.
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: idsDescription() + " Ids are added and removed in place; `on_destroy` applies to removed ones.",
		Validators: []validator.List{
			elementsValidator{most: maxFleet, values: plainWord(idForm)},
		},
	}
	attributes["states"] = schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Map from the id of each instance to `running` or `stopped`, instead of `instance_ids` " +
			"and `state`. A refresh stores the observed states, so drift appears as a difference.",
		Validators: []validator.Map{
			elementsValidator{most: maxFleet, keys: plainWord(idForm), values: oneOf(stateRunning, stateStopped)},
		},
	}
	attributes["state"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "`running` or `stopped`: the state of all `instance_ids`. A refresh stores the state that " +
			"all instances share, or `mixed`, so drift appears as a difference.",
		Validators: []validator.String{oneOf(stateRunning, stateStopped)},
	}
	attributes["max_failures"] = schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString("0"),
		MarkdownDescription: failuresDescription("the plan or apply") + "See " +
			guideLink("When some instances fail", "fleets-and-parallelism#when-some-instances-fail") + ".",
		Validators: []validator.String{failures()},
	}
	attributes["max_in_transition"] = schema.NumberAttribute{
		Optional: true,
		MarkdownDescription: "Number of instances that may start or stop at a time; unset means all. The others wait, " +
			"and the time limits include the wait.",
		Validators: []validator.Number{numberValidator{whole: true, least: 1, most: 1e6}},
	}
	attributes["instances"] = schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Result for each instance, by id. Every id has an entry.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"state": schema.StringAttribute{Computed: true, MarkdownDescription: "Observed state, as in " +
				"`instance_power_state`, or `absent`."},
			"status": schema.StringAttribute{Computed: true, MarkdownDescription: "State as the cloud reports it, " +
				"unchanged; null if the instance was not found."},
			"charging": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether compute is billed now; null if " +
				"the cloud does not report it."},
			"error": schema.StringAttribute{Computed: true, MarkdownDescription: fleetErrorDescription},
		}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Declares whether many existing instances of one cloud and region run or are stopped, and " +
			"never creates or deletes one. One start or stop call covers up to 100 instances, whatever the `-parallelism`.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": powerTimeouts()},
	}
}

func (r *fleetResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig checks what attributes say together. It makes no API call.
func (r *fleetResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var config fleetModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.checkForm()...)
	resp.Diagnostics.Append(config.check(ctx)...)
	resp.Diagnostics.Append(config.checkCloud(ctx, r.clouds)...)
}

// Create makes nothing in the cloud: it brings the instances to the state. One
// that fails writes no state, and the next apply begins by reading the instances.
func (r *fleetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config fleetModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Plan), &plan)...)
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	resp.Diagnostics.Append(r.data.place(&plan.location)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ids, diags := plan.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.ID.IsUnknown() {
		r.nameID(&plan, ids)
	}
	if len(ids) == 0 { // There is nothing to ask a cloud for, nor an origin to keep.
		plan.settle(types.StringNull(), nil, nil)
		resp.Diagnostics.Append(store(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(plan.identify(ctx, resp.Identity, nil)...)
		return
	}
	client, diags := r.data.clientOf(ctx, plan.location, plan.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	opts := powerstate.ReachOptions{AwaitAppearance: true, Transitions: plan.transitions()}
	ids, results, _ := plan.reach(ctx, client, config.declaration, ids, opts)
	resp.Diagnostics.Append(plan.diagnose(len(ids), ids, results, plan.surface().limit("create", timeout))...)
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(plan.originLost()...)
		return
	}
	resp.Diagnostics.Append(saveOrigins(ctx, resp.Private, noteOrigins(nil, ids, ids, results))...)
	resp.Diagnostics.Append(r.data.created(ctx, resp.Private, onFleet, plan.location, ids)...)
	resp.Diagnostics.Append(saveDurations(ctx, resp.Private, nil, powerstate.MergeDurations(results))...)
	resp.Diagnostics.Append(saveMode(ctx, resp.Private, config.declaration)...)
	plan.settle(types.StringNull(), ids, results)
	resp.Diagnostics.Append(store(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity, ids)...)
}

// Read stores what is observed of each instance. An instance that is gone
// stays, as absent, until its id is removed; a fleet of which none is left is
// removed from state.
func (r *fleetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state fleetModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	if resp.Deferred = r.data.deferred(state.Cloud, req.ClientCapabilities.DeferralAllowed); resp.Deferred != nil {
		return
	}
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	ids, diags := state.ids(ctx)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity, ids)...)
	if len(ids) == 0 || resp.Diagnostics.HasError() {
		return // Of a fleet without instances nothing is to be read.
	}
	if r.data.notConfigured(state.Cloud) {
		resp.Diagnostics.Append(state.notRefreshed("the fleet"))
		return
	}
	client, diags := r.data.clientOf(ctx, state.location, state.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	object, diags := r.data.holdRead(ctx, resp.Private, onFleet, state.declaration, ids)
	resp.Diagnostics.Append(diags...)
	results := client.ObserveAll(ctx, ids)
	resp.Diagnostics.Append(diagnoseReads(ctx, ids, results, state.surface().limit("read", timeout))...)
	if resp.Diagnostics.HasError() {
		return
	}
	gone := idsWhere(ids, results, func(res powerstate.Result) bool {
		return res.Err == nil && res.After.State == backend.Absent
	})
	if len(gone) > 0 {
		resp.Diagnostics.AddWarning(
			fmt.Sprintf("%s of the fleet %s gone", upperFirst(instanceAndMore(gone)), isAre(len(gone))),
			fmt.Sprintf("%s no longer has: %s.\n\nRemove the ids from `%s`.",
				placeOf(client), strings.Join(firstOf(gone), ", "), state.surface().ids))
	}
	if len(gone) == len(ids) {
		r.data.registry.drop(object.token)
		resp.State.RemoveResource(ctx)
		return
	}
	if state.Instances.IsNull() {
		// The first read after an import. Later ones may see what we made.
		resp.Diagnostics.Append(saveOrigins(ctx, resp.Private, noteOrigins(nil, ids, ids, results))...)
	}
	state.refresh(ids, results)
	if !slices.ContainsFunc(results, isStopped) {
		resp.Diagnostics.Append(state.restoreMode(ctx, req.Private)...)
	}
	state.Instances = types.MapNull(memberType)
	state.observe(ids, results)
	resp.Diagnostics.Append(r.data.noteOthers(ctx, resp.Private, object, state.location, ids)...)
	resp.Diagnostics.Append(store(ctx, &resp.State, &state)...)
}

// diagnoseReads tells of instances that could not be read: an error when that
// is true of all, or because time is up, else a warning.
func diagnoseReads(ctx context.Context, ids []string, results []powerstate.Result, within limit) diag.Diagnostics {
	var diags diag.Diagnostics
	failed := failedOf(ids, results)
	if len(failed) == 0 {
		return diags
	}
	summary := fmt.Sprintf("Unable to read %d of %s", len(failed), instances(len(ids)))
	text := reasons(ids, results, within)
	if len(failed) == len(ids) || ctx.Err() != nil {
		diags.AddError(summary, text)
		return diags
	}
	diags.AddWarning(summary+": "+firstAndMore(failed),
		text+"\n\nTheir states are not known, so the plan goes on as if they were not as declared.")
	return diags
}

// Delete forgets the fleet, and does nothing to its instances unless on_destroy
// asks for a state. It never deletes an instance.
func (r *fleetResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state fleetModel
	resp.Diagnostics.Append(load(ctx, req.State, &state)...)
	ids, diags := state.ids(ctx)
	resp.Diagnostics.Append(diags...)
	origins, diags := loadOrigins(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	object, diags := r.data.departing(ctx, req.Private, state.releases(origins), ids)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || len(ids) == 0 || !state.actsOnDestroy() {
		object.leaveAll(ids...)
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	client, diags := r.data.clientOf(ctx, state.location, state.ID, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	opts := powerstate.ReachOptions{Durations: loadDurations(ctx, req.Private), Transitions: state.transitions()}
	released, diags := object.release(ctx, client, state, ids, origins, opts, state.surface().limit("delete", timeout))
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		return
	}
	// Of those without a known origin nothing was asked, and they are as they were.
	ctx = context.WithoutCancel(ctx)
	all := ids
	ids = slices.DeleteFunc(slices.Clone(all), func(id string) bool { _, touched := released[id]; return !touched })
	results := make([]powerstate.Result, len(ids))
	for i, id := range ids {
		results[i] = released[id]
	}
	state.observeOver(all, ids, results)
	resp.Diagnostics.Append(store(ctx, &resp.State, &state)...)
}
