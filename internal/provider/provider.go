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

// How long a call waits for others to join its batch.
const (
	defaultBatchWindow = 50 * time.Millisecond
	maxBatchWindow     = 10 * time.Second
)

// What a plan asks the cloud.
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

// engineOptions are those of every client; logged is set where somebody reads the log.
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
				MarkdownDescription: "What a plan asks the cloud about an instance that it would change: nothing (`off`), or its " +
					"state (`describe`, the default). `dry_run` adds the cloud's own dry run, where there is one " +
					dryRunClouds(p.clouds) + ".",
				Validators: []validator.String{oneOf(preflightOff, preflightDescribe, preflightDryRun)},
			},
			"strict_plan": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "`true` fails the plan if an instance cannot reach its declared state: it is locked, " +
					"missing, or cannot use its `stopped_mode`. Default `false`: the plan warns, and the apply fails for that " +
					"instance alone.",
			},
			"batch_window": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long a call waits for others to join its batch: a duration in `ms` and `s`, at most " +
					"`10s`, default `50ms`. `0s` turns batching off, except within fleets; see " +
					guideLink("Fleets and parallelism", "fleets-and-parallelism") + ".",
				Validators: []validator.String{durationUpTo(maxBatchWindow)},
			},
		},
		Blocks: make(map[string]schema.Block, len(p.clouds)),
	}
	for name, c := range p.clouds {
		resp.Schema.Blocks[name] = c.block()
	}
}

func (p *instanceProvider) Configure(
	ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
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
	const page = "https://registry.terraform.io/providers/instance-power/instance"
	agent := fmt.Sprintf("terraform-provider-instance/%s (+%s) Terraform/%s", version, page, terraform)
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
