package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var (
	_ action.ActionWithConfigure      = (*powerAction)(nil)
	_ action.ActionWithValidateConfig = (*powerAction)(nil)
	_ action.ActionWithModifyPlan     = (*powerAction)(nil)
)

// powerAction is instance_start, instance_stop or instance_reboot: it acts once,
// and declares nothing.
type powerAction struct {
	op     backend.Op
	clouds map[string]cloud
	data   *providerData
}

// actions are the constructors of the three.
func actions(clouds map[string]cloud) []func() action.Action {
	var all []func() action.Action
	for _, op := range []backend.Op{backend.OpStart, backend.OpStop, backend.OpReboot} {
		all = append(all, func() action.Action { return &powerAction{op: op, clouds: clouds} })
	}
	return all
}

// Actions implements provider.ProviderWithActions.
func (p *instanceProvider) Actions(context.Context) []func() action.Action { return actions(p.clouds) }

// actionModel is the configuration of an action. What an action does not have
// stays null.
type actionModel struct {
	members
	Wait    types.Bool
	Timeout types.String
	DryRun  types.Bool
}

func (a *powerAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + a.op.String()
}

func (a *powerAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: cloudDescription("Cloud of the instances", a.clouds),
			Validators:          []validator.String{oneOf(cloudNames(a.clouds)...)},
		},
		"region": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: regionDescription("Region of the instances", a.clouds),
			Validators:          []validator.String{plainWord(regionForm)},
		},
		"instance_ids": schema.ListAttribute{ // A list, since sets take time in the square of their size.
			Required:            true,
			ElementType:         types.StringType,
			MarkdownDescription: idsDescription(),
			Validators:          []validator.List{elementsValidator{most: maxFleet, values: plainWord(idForm)}},
		},
		"wait": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`true`, the default, waits until the cloud reports the state. `false` ends the action once " +
				"the cloud has accepted the calls.",
		},
		"timeout": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Time limit of the action, retries and waiting included: " + durationUnits +
				" Default `20m`.",
			Validators: []validator.String{duration()},
		},
		"dry_run": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`true` changes nothing and prints what would be done; it uses the cloud's own dry run where " +
				"there is one " + dryRunClouds(a.clouds) + ". Default `false`.",
		},
		"max_failures": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: failuresDescription("the action") + "The others are acted on regardless.",
			Validators:          []validator.String{failures()},
		},
	}
	if a.op != backend.OpStart {
		attributes["force_stop"] = schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: forceDescription,
		}
	}
	if a.op == backend.OpStop {
		attributes["force_stop_after"] = schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: forceAfterDescription(a.clouds, "`timeout`", "`force_stop = true` or `wait = false`"),
			Validators:          []validator.String{duration()},
		}
		attributes["stopped_mode"] = schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: modeDescription,
			Validators:          []validator.String{anyMode()},
		}
	}
	resp.Schema = schema.Schema{MarkdownDescription: actionDescription(a.op), Attributes: attributes}
}

func actionDescription(op backend.Op) string {
	const versions = "Needs Terraform 1.14 or newer; OpenTofu has no actions."
	switch op {
	case backend.OpStart:
		return "Starts instances once and waits until the cloud reports them as running; running instances are left " +
			"alone, and one that is missing or unavailable is an error. " + versions
	case backend.OpStop:
		return "Stops instances once and waits until the cloud reports them as stopped; stopped instances are left " +
			"alone, and one that is missing, unavailable or stopped in another `stopped_mode` is an error. " + versions
	case backend.OpReboot:
		return "Reboots running instances once and waits until the cloud reports them as running again; " +
			"one that is stopped, missing or unavailable is an error. " + versions
	}
	return ""
}

func (a *powerAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// read reads the attributes that this action has.
func (a *powerAction) read(ctx context.Context, config tfsdk.Config) (actionModel, diag.Diagnostics) {
	var m actionModel
	var diags diag.Diagnostics
	m.State = types.StringValue(stateRunning)
	if a.op == backend.OpStop {
		m.State = types.StringValue(stateStopped)
	}
	for name, into := range map[string]any{
		"cloud": &m.Cloud, "region": &m.Region, "instance_ids": &m.InstanceIDs, "wait": &m.Wait, "timeout": &m.Timeout,
		"dry_run": &m.DryRun, "max_failures": &m.MaxFailures,
	} {
		diags.Append(config.GetAttribute(ctx, path.Root(name), into)...)
	}
	if a.op != backend.OpStart {
		diags.Append(config.GetAttribute(ctx, path.Root("force_stop"), &m.ForceStop)...)
	}
	if a.op == backend.OpStop {
		diags.Append(config.GetAttribute(ctx, path.Root("force_stop_after"), &m.ForceStopAfter)...)
		diags.Append(config.GetAttribute(ctx, path.Root("stopped_mode"), &m.StoppedMode)...)
	}
	return m, diags
}

// target is what the action asks of the engine.
func (a *powerAction) target(m actionModel) powerstate.Target {
	target := m.target()
	if a.op == backend.OpReboot {
		target.Goal = powerstate.GoalRebooted
	}
	return target
}

// limit is the one time limit of an action, for its reads too.
func (a *powerAction) limit(m actionModel, onlyReads bool) limit {
	return limit{onAction(a.op), "timeout", m.timeout(), onlyReads}
}

func (m actionModel) timeout() time.Duration {
	d, err := time.ParseDuration(m.Timeout.ValueString())
	if err != nil {
		return defaultTimeout // Not set: check refuses a malformed one.
	}
	return d
}
