package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var (
	_ datasource.DataSourceWithConfigure      = (*powerStateData)(nil)
	_ datasource.DataSourceWithValidateConfig = (*powerStateData)(nil)
)

// powerStateData is the data source instance_power_state: one instance as it is.
type powerStateData struct {
	clouds map[string]cloud
	data   *providerData
}

// powerStateDataModel is the data source as Terraform holds it.
type powerStateDataModel struct {
	Cloud      types.String   `tfsdk:"cloud"`
	Region     types.String   `tfsdk:"region"`
	InstanceID types.String   `tfsdk:"instance_id"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
	foundInstance
}

func (d *powerStateData) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_power_state"
}

func (d *powerStateData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundAttributes()
	attributes["cloud"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: cloudDescription("Cloud of the instance", d.clouds),
		Validators:          []validator.String{oneOf(cloudNames(d.clouds)...)},
	}
	attributes["region"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: regionDescription("Region of the instance", d.clouds),
		Validators:          []validator.String{plainWord(regionForm)},
	}
	attributes["instance_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Id that the cloud gave the instance. A missing instance is an error.",
		Validators:          []validator.String{plainWord(idForm)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the power state of one instance from the cloud.",
		Attributes:          attributes,
		Blocks:              map[string]schema.Block{"timeouts": readTimeouts()},
	}
}

// readTimeouts is the block of the time limit of a data source.
func readTimeouts() schema.Block {
	return schema.SingleNestedBlock{
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Time limit of the read, retries included: " + durationUnits + " Default `5m`.",
				Validators:          []validator.String{duration()},
			},
		},
		CustomType: timeouts.Type{ObjectType: limitsOf("read")},
	}
}

func (d *powerStateData) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses an id that plainly belongs to another cloud. It makes no API
// call.
func (d *powerStateData) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var config powerStateDataModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkForms(d.clouds, config.Cloud, onInstance, config.InstanceID.ValueString())...)
}

// Read observes the instance. Reads of one run join each other.
func (d *powerStateData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config powerStateDataModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(d.data.locate(&config.Cloud, &config.Region)...)
	resp.Diagnostics.Append(checkForms(d.clouds, config.Cloud, onInstance, config.InstanceID.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d.data.notConfigured(config.Cloud) {
		resp.Deferred = d.data.deferredData(config.Cloud, req.ClientCapabilities.DeferralAllowed)
		if resp.Deferred == nil {
			config.Region = nullIfUnknown(config.Region)
			what := fmt.Sprintf("instance %q was", config.InstanceID.ValueString())
			resp.Diagnostics.Append(notRead(config.Cloud, what)...)
		}
		config.foundInstance = foundNothing(resp.Deferred != nil)
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
	in, err := client.Observe(ctx, config.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, onInstance.limit("read", timeout)))
		return
	}
	if in.State == backend.Absent {
		resp.Diagnostics.AddAttributeError(path.Root("instance_id"), fmt.Sprintf("There is no instance %q", in.ID),
			fmt.Sprintf("%s has no such instance. Check `instance_id`, `region`, and that the credentials belong to the "+
				"account of the instance.", placeOf(client)))
		return
	}
	config.foundInstance = foundInstanceOf(client, d.data.id(config.Cloud, config.Region, in.ID), in)
	resp.Diagnostics.Append(store(ctx, &resp.State, &config)...)
}
