package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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

func (d *powerStateData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_power_state"
}

func (d *powerStateData) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundAttributes()
	attributes["cloud"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The cloud of the instance: " + quoteAll(cloudNames(d.clouds)) + ". Default: the one cloud that the provider configures.",
		Validators:          []validator.String{stringvalidator.OneOf(cloudNames(d.clouds)...)},
	}
	attributes["region"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The region of the instance. Default: the region that the provider has for the cloud. Not for a cloud without regions (`zenlayercloud`).",
		Validators:          []validator.String{plainWord("a region, such as `ap-guangzhou`")},
	}
	attributes["instance_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The cloud's id of the instance. One that does not exist is an error.",
		Validators:          []validator.String{plainWord("the cloud's id of the instance, such as `ins-r8hr2upy`")},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The power state of one instance, read from the cloud.",
		Attributes:          attributes,
		Blocks:              map[string]schema.Block{"timeouts": readTimeouts(ctx)},
	}
}

// foundAttributes are what a data source tells of an instance.
func foundAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`cloud/region/instance_id`, which is also the id for an import of the resource; on a cloud without regions its service takes the place of the region.",
		},
		"state": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`running`, `stopped`, `starting`, `stopping`, `restarting`, `unavailable` (exists, and cannot be operated) or `unknown`.",
		},
		"status": schema.StringAttribute{Computed: true, MarkdownDescription: "The cloud's own word for the state, unchanged, such as `RUNNING`."},
		"stopped_mode": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`keep_charging` or `stop_charging`, as far as the cloud tells; null unless the instance is stopped.",
		},
		"charging": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: "Whether compute is billed now, as far as the cloud tells: `true`, `false`, or null for unknown. Disks, images and addresses are billed either way.",
		},
		"instance_name": schema.StringAttribute{Computed: true, MarkdownDescription: "The name of the instance."},
		"public_ip":     schema.StringAttribute{Computed: true, MarkdownDescription: "The first public address, or null."},
		"private_ip":    schema.StringAttribute{Computed: true, MarkdownDescription: "The first private address, or null."},
		"tags":          schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The tags of the instance."},
	}
}

// readTimeouts is the block of the time limit of a data source.
func readTimeouts(ctx context.Context) schema.Block {
	return timeouts.BlockWithOpts(ctx, timeouts.Opts{ReadDescription: "How long to read, everything included: a duration. Default `5m`."})
}

func (d *powerStateData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses an id that plainly belongs to another cloud. It asks
// nobody.
func (d *powerStateData) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config powerStateDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkTimeouts(config.Timeouts.Attributes())...)
	resp.Diagnostics.Append(checkPlace(d.clouds, powerStateModel{Cloud: config.Cloud, InstanceID: config.InstanceID})...)
}

// Read looks at the instance, joined with the other looks of the run.
func (d *powerStateData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config powerStateDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(d.data.locate(&config.Cloud, &config.Region)...)
	resp.Diagnostics.Append(checkPlace(d.clouds, powerStateModel{Cloud: config.Cloud, InstanceID: config.InstanceID})...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.data.client(config.Cloud.ValueString(), config.Region.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	in, err := client.Observe(ctx, config.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, limit{"timeouts.read", timeout}))
		return
	}
	if in.State == backend.Absent {
		resp.Diagnostics.AddAttributeError(path.Root("instance_id"), fmt.Sprintf("There is no instance %q", in.ID),
			fmt.Sprintf("%s has no such instance. Check `instance_id`, `region`, and that the credentials belong to the account of the instance.", placeOf(client)))
		return
	}
	config.foundInstance = foundInstanceOf(d.data.id(config.Cloud, config.Region, in.ID), in)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}
