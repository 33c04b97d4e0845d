package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var (
	_ datasource.DataSourceWithConfigure      = (*powerStatesData)(nil)
	_ datasource.DataSourceWithValidateConfig = (*powerStatesData)(nil)
)

// powerStatesData is the data source instance_power_states: the instances of a
// cloud and region that fit a search.
type powerStatesData struct {
	clouds map[string]cloud
	data   *providerData
}

// powerStatesModel is the data source as Terraform holds it.
type powerStatesModel struct {
	Cloud       types.String   `tfsdk:"cloud"`
	Region      types.String   `tfsdk:"region"`
	InstanceIDs types.List     `tfsdk:"instance_ids"`
	IDs         types.List     `tfsdk:"ids"`
	Instances   types.Map      `tfsdk:"instances"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
	searchModel
}

// named are the instances that are named by their ids.
func (m powerStatesModel) named() members {
	return members{declaration: declaration{location: location{Cloud: m.Cloud}}, InstanceIDs: m.InstanceIDs}
}

func (d *powerStatesData) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_power_states"
}

func (d *powerStatesData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := searchAttributes(d.clouds, true)
	attributes["instance_ids"] = schema.ListAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: fmt.Sprintf("Only the instances with these ids, at most %d; an empty list finds nothing. "+
			"A missing instance is left out, with a warning.", maxFleet),
		Validators: []validator.List{elementsValidator{most: maxFleet, values: plainWord(idForm)}},
	}
	attributes["ids"] = schema.ListAttribute{
		Computed:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Ids of the instances found, sorted. Use them as `instance_ids` of a fleet, or with " +
			"`toset` in `for_each`.",
	}
	attributes["instances"] = schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Instances found, by id.",
		NestedObject:        schema.NestedAttributeObject{Attributes: foundAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds instances of one cloud and region, with their power state. An instance must match " +
			"every argument that is set; with none set, all instances are returned.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": readTimeouts()},
	}
}

func (d *powerStatesData) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses ids that plainly belong to another cloud. It makes no API call.
func (d *powerStatesData) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var config powerStatesModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, diags := newSearch(config.searchModel)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(config.named().checkCloud(ctx, d.clouds)...)
}

// Read finds the instances: by their ids where they are named, otherwise by listing them.
func (d *powerStatesData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config powerStatesModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	what, diags := newSearch(config.searchModel)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(d.data.locate(&config.Cloud, &config.Region)...)
	resp.Diagnostics.Append(config.named().checkCloud(ctx, d.clouds)...)
	ids, diags := config.named().ids(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d.data.notConfigured(config.Cloud) {
		resp.Deferred = d.data.deferredData(config.Cloud, req.ClientCapabilities.DeferralAllowed)
		if resp.Deferred == nil {
			config.Region = nullIfUnknown(config.Region)
			resp.Diagnostics.Append(notRead(config.Cloud, "the instances were")...)
		}
		config.IDs, config.Instances = foundNone(resp.Deferred != nil)
		resp.Diagnostics.Append(store(ctx, &resp.State, &config)...)
		return
	}
	client, diags := d.data.client(ctx, config.Cloud.ValueString(), config.Region.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	found := make(map[string]foundInstance)
	take := func(in backend.Instance) {
		if what.fits(client, in) {
			found[in.ID] = foundInstanceOf(client, d.data.id(config.Cloud, config.Region, in.ID), in)
		}
	}
	within := onFleet.limit("read", timeout)
	if config.InstanceIDs.IsNull() {
		resp.Diagnostics.Append(d.listed(ctx, client, what, within, take)...)
	} else {
		resp.Diagnostics.Append(observed(ctx, client, ids, what, within, take)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	// An empty result is an empty list, and not null.
	names := slices.AppendSeq([]string{}, maps.Keys(found))
	slices.Sort(names)
	config.IDs, diags = types.ListValueFrom(ctx, types.StringType, names)
	resp.Diagnostics.Append(diags...)
	config.Instances, diags = types.MapValueFrom(ctx, foundInstanceType(), found)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(store(ctx, &resp.State, &config)...)
}

// listed takes what the cloud lists.
func (d *powerStatesData) listed(
	ctx context.Context, client *powerstate.Client, what search, within limit, take func(backend.Instance),
) diag.Diagnostics {
	n := 0
	for in, err := range client.List(ctx, what.filter) {
		if err != nil {
			return diag.Diagnostics{diagnoseList(client, err, within)}
		}
		n++
		take(in)
	}
	return d.data.warnOfNone(client, n)
}

// observed takes what is read of the ids.
func observed(
	ctx context.Context, client *powerstate.Client, ids []string, what search, within limit, take func(backend.Instance),
) diag.Diagnostics {
	var diags diag.Diagnostics
	results := client.ObserveAll(ctx, ids)
	if failed := failedOf(ids, results); len(failed) > 0 {
		summary := fmt.Sprintf("Unable to read %d of %s", len(failed), instances(len(ids)))
		diags.AddError(summary, reasons(ids, results, within))
		return diags
	}
	gone := idsWhere(ids, results, func(r powerstate.Result) bool { return r.After.State == backend.Absent })
	if len(gone) > 0 {
		diags.AddAttributeWarning(path.Root("instance_ids"),
			fmt.Sprintf("%s of `instance_ids` %s missing", instances(len(gone)), isAre(len(gone))),
			fmt.Sprintf("%s does not have %s. The result leaves %s out.", placeOf(client),
				strings.Join(firstOf(gone), ", "), itThem(len(gone))))
	}
	for _, r := range results {
		if r.After.State != backend.Absent && what.filter.Matches(r.After) {
			take(r.After)
		}
	}
	return diags
}

func itThem(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
