package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// powerAttributes are what every resource says about the state that it declares.
func powerAttributes(clouds map[string]cloud) map[string]schema.Attribute {
	fixed := []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()}
	return map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			Optional: true, Computed: true, PlanModifiers: fixed,
			MarkdownDescription: "The cloud of the instance: " + quoteAll(cloudNames(clouds)) + ". Default: the one cloud that the provider configures. " +
				"A change replaces the resource, not the instance.",
			Validators: []validator.String{stringvalidator.OneOf(cloudNames(clouds)...)},
		},
		"region": schema.StringAttribute{
			Optional: true, Computed: true, PlanModifiers: fixed,
			MarkdownDescription: "The region of the instance. Default: the region that the provider has for the cloud. " +
				"Not for a cloud without regions (`zenlayercloud`). A change replaces the resource, not the instance.",
			Validators: []validator.String{plainWord("a region, such as `ap-guangzhou`")},
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
			MarkdownDescription: "Stop gracefully, and ask the cloud to cut the power when the instance is still not stopped after this long: a duration in `ms`, `s`, `m` and `h`, " +
				"such as `5m`, shorter than each timeout that applies (`delete` where `on_destroy` can stop the instance). Some clouds refuse to cut short a shutdown that is under way; the apply then ends at its time limit with " +
				"that refusal. Not with `force_stop = true`. Unset: never cut the power. On Tencent Cloud the cloud itself may cut it earlier, after its own grace period.",
			Validators: []validator.String{durationValidator{}},
		},
		"stopped_mode": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether compute is paid for while the instance is stopped: `keep_charging` or `stop_charging`. The clouds' own spellings " +
				"(`KeepCharging`, `STOP_CHARGING`, ...) mean the same. Unset: the cloud's or the account's default, and what it turned out to be is read back. " +
				"Not configured, it is null while the instance is declared running.",
			Validators: []validator.String{modeValidator{}},
		},
		"allow_restart": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "`true` permits to start an instance and stop it again where only that changes the mode of one that is already stopped. Default `false`.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(onDestroyLeave),
			MarkdownDescription: "What happens to the instance when the resource is destroyed: `leave` (the default: nothing), `restore` (the state found when the " +
				"resource was imported, or by the create that succeeded), `running` or `stopped`. The instance is never deleted.",
			Validators: []validator.String{stringvalidator.OneOf(onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped)},
		},
	}
}

// powerTimeouts is the block of the time limits.
func powerTimeouts(ctx context.Context) schema.Block {
	return timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long to reach the state at create, everything included: a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`. Default `20m`.",
		ReadDescription:   "How long a refresh may take: a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`. Default `5m`.",
		UpdateDescription: "How long to reach the state at update, everything included: a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`. Default `20m`.",
		DeleteDescription: "How long to reach the state that `on_destroy` asks for: a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`. Default `20m`.",
	})
}
