// Package provider is the Terraform side: the provider, its resources, and all
// that imports the plugin framework. It reads configurations, plans and writes
// state and diagnostics; what is done to an instance, and how it is waited for,
// is package powerstate's.
package provider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var _ provider.Provider = (*instanceProvider)(nil)

// defaultBatchWindow is how long a call waits for others to join it.
const defaultBatchWindow = 50 * time.Millisecond

// What a plan may ask of the cloud.
const (
	preflightOff      = "off"
	preflightDescribe = "describe"
	preflightDryRun   = "dry_run"
)

// instanceProvider implements provider.Provider.
type instanceProvider struct {
	version string
	clouds  map[string]cloud
	// engine are the options of every client; the configuration adds its own.
	engine powerstate.Options
}

// New returns the provider's constructor. version is that of the release, or
// "dev".
func New(version string) func() provider.Provider {
	return newWith(version, clouds, engineOptions(true))
}

// engineOptions are those of every client; logged says whether somebody reads
// the log.
func engineOptions(logged bool) powerstate.Options {
	level := hclog.Off
	if logged {
		level = hclog.Trace // The CLI shows what its own level asks for.
	}
	// A CLI knows the level of a line that is JSON.
	logger := hclog.New(&hclog.LoggerOptions{Name: "instance", Level: level, Output: os.Stderr, JSONFormat: true})
	return powerstate.Options{Logger: logger, Silent: !logged}
}

// newWith is New with other clouds or engine options, for tests.
func newWith(version string, clouds map[string]cloud, engine powerstate.Options) func() provider.Provider {
	return func() provider.Provider {
		return &instanceProvider{version: version, clouds: clouds, engine: engine}
	}
}

func (p *instanceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "instance"
	resp.Version = p.version
}

func (p *instanceProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Declares whether virtual machines run or are stopped, on several clouds. " +
			"The machines themselves are created by something else.",
		Attributes: map[string]schema.Attribute{
			"preflight": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What a plan may ask of the cloud about an instance whose state it changes: `off`, `describe` (the default) " +
					"or `dry_run`, which adds the cloud's own dry run where there is one " + dryRunClouds(p.clouds) + ". A plan never changes anything.",
				Validators: []validator.String{stringvalidator.OneOf(preflightOff, preflightDescribe, preflightDryRun)},
			},
			"strict_plan": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "`true` makes it an error of the plan if an instance cannot be brought to its state as it is observed: locked, missing, of a charge type " +
					"without the `stopped_mode`. Default `false`: a warning, and the apply fails for that instance alone.",
			},
			"batch_window": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long a call waits for others to join it, a quarter of that while one operation is alone and longer while dozens " +
					"are active; a duration in `ms` and `s`, at most `10s`, default `50ms`. `0s` turns joining off, but for the calls of fleets.",
				Validators: []validator.String{durationValidator{zero: true, most: 10 * time.Second}},
			},
		},
		Blocks: make(map[string]schema.Block, len(p.clouds)),
	}
	for name, c := range p.clouds {
		resp.Schema.Blocks[name] = c.block()
	}
}

func endpointDescription(c cloud) string {
	text := "URL of the API, scheme and host, instead of the cloud's own. Plain `http` is accepted for a loopback address only"
	if c.hasRegion() {
		text += "; `{region}` stands for the region of the resource"
	}
	return text + "."
}

// block describes the configuration of a cloud. It is a block and not an object
// because Terraform drops an attribute of an object that it does not know
// without a word.
func (c cloud) block() schema.Block {
	attributes := map[string]schema.Attribute{
		"endpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: endpointDescription(c),
		},
		"requests_per_second": schema.Float64Attribute{
			Optional: true,
			MarkdownDescription: "How many calls of one action may go out in a second, instead of the cloud's documented limits: at least `0.1`, " +
				"fractions are possible. Lower it where several runs share one account.",
			Validators: []validator.Float64{float64validator.AtLeast(0.1)},
		},
	}
	if c.hasRegion() {
		attributes["region"] = schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Region of the resources that name none." + fromEnvironment(c.regionEnv),
		}
	}
	for _, f := range c.fields {
		attribute := schema.StringAttribute{
			Optional: true, Sensitive: f.sensitive, MarkdownDescription: f.description,
		}
		if len(f.oneOf) > 0 {
			attribute.Validators = []validator.String{stringvalidator.OneOf(f.oneOf...)}
		}
		attributes[f.name] = attribute
	}
	block := schema.SingleNestedBlock{
		MarkdownDescription: c.title + ". Every argument is optional; credentials are looked for when a resource first uses the cloud.",
		Attributes:          attributes,
	}
	if c.account != nil {
		describeCredentials(c.account, &block)
	}
	return block
}

func fromEnvironment(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " Without it, the environment variable `" + strings.Join(names, "`, else `") + "`."
}

func (p *instanceProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	data := &providerData{
		clouds:    p.clouds,
		settings:  make(map[string]settings, len(p.clouds)),
		preflight: preflightDescribe,
		engine:    p.engine,
		userAgent: userAgent(p.version, req.TerraformVersion, os.Getenv("TF_APPEND_USER_AGENT")),
	}
	var preflight, window types.String
	var strict types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("preflight"), &preflight)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("batch_window"), &window)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("strict_plan"), &strict)...)
	data.strictPlan = strict.ValueBool()
	if value := preflight.ValueString(); value != "" {
		data.preflight = value
	}
	data.engine.BatchWindow = defaultBatchWindow
	if value := window.ValueString(); value != "" {
		parsed, err := time.ParseDuration(value)
		if err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("batch_window"), "Invalid duration", err.Error())
		}
		data.engine.BatchWindow = parsed
	}
	for _, name := range cloudNames(p.clouds) {
		var block types.Object
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &block)...)
		s, diags := resolve(ctx, name, p.clouds[name], block)
		resp.Diagnostics.Append(diags...)
		data.settings[name] = s
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ActionData = data
	resp.ListResourceData = data
}

// userAgent is what every request of the provider names itself. appended is the
// variable with which Terraform lets its users add to it.
func userAgent(version, terraform, appended string) string {
	agent := fmt.Sprintf("terraform-provider-instance/%s (+https://registry.terraform.io/providers/instance-power/instance) Terraform/%s",
		version, terraform)
	appended = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' ' // A header takes no other.
		}
		return r
	}, appended))
	if appended == "" {
		return agent
	}
	return agent + " " + appended
}

func (p *instanceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &powerStateResource{clouds: p.clouds} },
		func() resource.Resource { return &fleetResource{clouds: p.clouds} },
	}
}

func (p *instanceProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &powerStateData{clouds: p.clouds} },
		func() datasource.DataSource { return &powerStatesData{clouds: p.clouds} },
	}
}
