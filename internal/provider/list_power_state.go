package provider

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/list/timeouts"
	resourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var (
	_ list.ListResourceWithConfigure      = (*powerStateList)(nil)
	_ list.ListResourceWithValidateConfig = (*powerStateList)(nil)
)

// defaultListTimeout is generous: a listing takes as long as its reader does.
const defaultListTimeout = 20 * time.Minute

// powerStateList is the list resource instance_power_state: the instances that a
// query shows, and that can be imported in bulk.
type powerStateList struct {
	clouds map[string]cloud
	data   *providerData
}

// powerStateListModel is the configuration of a list block.
type powerStateListModel struct {
	Cloud    types.String   `tfsdk:"cloud"`
	Region   types.String   `tfsdk:"region"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
	searchModel
}

// ListResources implements provider.ProviderWithListResources.
func (p *instanceProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return &powerStateList{clouds: p.clouds} }}
}

func (l *powerStateList) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_power_state"
}

func (l *powerStateList) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	attributes := make(map[string]schema.Attribute)
	for name, attribute := range searchAttributes(l.clouds, false) {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the instances of one cloud and region for `terraform query` and bulk imports. " +
			"Needs Terraform 1.14 or newer; OpenTofu has no `query`.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": listTimeouts()},
	}
}

// listTimeouts is the block of the time limit of a query.
func listTimeouts() schema.Block {
	return schema.SingleNestedBlock{
		Attributes: map[string]schema.Attribute{
			"list": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Time limit of the listing, retries included: " + durationUnits + " Default `20m`.",
				Validators:          []validator.String{duration()},
			},
		},
		CustomType: timeouts.Type{ObjectType: limitsOf("list")},
	}
}

func (l *powerStateList) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	l.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// ValidateListResourceConfig refuses elements that are null, which a schema cannot.
func (l *powerStateList) ValidateListResourceConfig(
	ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse,
) {
	var config powerStateListModel
	resp.Diagnostics.Append(load(ctx, tfsdk.State(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, diags := newSearch(config.searchModel)
	resp.Diagnostics.Append(diags...)
}

// List streams the instances page by page.
func (l *powerStateList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config powerStateListModel
	diags := load(ctx, tfsdk.State(req.Config), &config)
	timeout, more := config.Timeouts.List(ctx, defaultListTimeout)
	diags.Append(more...)
	what, more := newSearch(config.searchModel)
	diags.Append(more...)
	diags.Append(l.data.locate(&config.Cloud, &config.Region)...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	client, more := l.data.client(ctx, config.Cloud.ValueString(), config.Region.ValueString())
	diags.Append(more...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = l.results(ctx, req, config, client, what, timeout)
}

// results ends at the limit of the request, at the end of the listing, or with
// an error.
func (l *powerStateList) results(
	ctx context.Context, req list.ListRequest, config powerStateListModel, client *powerstate.Client, what search,
	timeout time.Duration,
) iter.Seq[list.ListResult] {
	within := onInstance.limit("list", timeout)
	return func(yield func(list.ListResult) bool) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		seen, shown := 0, int64(0)
		for in, err := range client.List(ctx, what.filter) {
			if err != nil {
				yield(list.ListResult{Diagnostics: diag.Diagnostics{diagnoseList(client, err, within)}})
				return
			}
			seen++
			if !what.fits(client, in) {
				continue
			}
			shown++
			if !yield(l.result(ctx, req, config, in)) || shown == req.Limit {
				return
			}
		}
		if diags := l.data.warnOfNone(client, seen); len(diags) > 0 {
			yield(list.ListResult{Diagnostics: diags})
		}
	}
}

// result is one instance as an import of it would begin.
func (l *powerStateList) result(
	ctx context.Context, req list.ListRequest, config powerStateListModel, in backend.Instance,
) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = displayName(in)
	m := powerStateModel{
		ID:         l.data.id(config.Cloud, config.Region, in.ID),
		InstanceID: types.StringValue(in.ID),
		declaration: declaration{
			location:     location{Cloud: config.Cloud, Region: config.Region},
			ForceStop:    types.BoolValue(false),
			AllowRestart: types.BoolValue(false),
			OnDestroy:    types.StringValue(onDestroyLeave),
			Timeouts:     noTimeouts(),
		},
	}
	m.observe(in)
	m.FoundState = foundAs(in.State)
	result.Diagnostics.Append(identify(ctx, result.Identity, m)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result
}

// displayName names an instance in a query, with its state and whether it is billed.
func displayName(in backend.Instance) string {
	name := in.ID
	if in.Name != "" {
		name = fmt.Sprintf("%s (%s)", in.Name, in.ID)
	}
	name += ": " + in.State.String()
	switch billed := powerstate.Charging(in); {
	case billed == nil:
		return name
	case *billed:
		return name + ", charging"
	}
	return name + ", not charging"
}

// noTimeouts is the resource's timeouts block where there is none. The zero
// value has no type, and cannot be stored.
func noTimeouts() resourcetimeouts.Value {
	of := limitsOf("create", "read", "update", "delete")
	return resourcetimeouts.Value{Object: types.ObjectNull(of.AttrTypes)}
}
