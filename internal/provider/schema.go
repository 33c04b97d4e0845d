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
			MarkdownDescription: "Cloud of the instance: " + quoteAll(cloudNames(clouds)) + "; by default, the only cloud " +
				"that the " +
				"provider configures. A change replaces the resource, not the instance.",
			Validators: []validator.String{stringvalidator.OneOf(cloudNames(clouds)...)},
		},
		"region": schema.StringAttribute{
			Optional: true, Computed: true, PlanModifiers: fixed,
			MarkdownDescription: "Region of the instance; a change replaces the resource, not the instance. " +
				"Default: the provider's region for the cloud" + noRegions(clouds) + ".",
			Validators: []validator.String{plainWord("a region, such as `ap-guangzhou`")},
		},
		"state": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "`running` or `stopped`. A refresh stores the observed state, which can also be " +
				"`starting`, `stopping`, " +
				"`restarting`, `unavailable` or `unknown`, so drift appears as a difference.",
			Validators: []validator.String{stringvalidator.OneOf(stateRunning, stateStopped)},
		},
		"force_stop": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: forceDescription,
		},
		"force_stop_after": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: forceAfterDescription(clouds, "the timeouts", "`force_stop = true`"),
			Validators:          []validator.String{durationValidator{}},
		},
		"stopped_mode": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: modeDescription,
			Validators:          []validator.String{modeValidator{}},
		},
		"allow_restart": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "`true` lets the provider start a stopped instance and stop it again where `stopped_mode` " +
				"cannot be " +
				"changed otherwise. Default `false`.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(onDestroyLeave),
			MarkdownDescription: "Power state after a destroy: `leave` (unchanged, the default), `restore` (as found by " +
				"the import or the " +
				"successful create), `running` or `stopped`. Use `moved` for renames and `create_before_destroy` for " +
				"replacements; see " +
				guideLink("A renamed resource", "troubleshooting#a-renamed-resource-starts-or-stops-its-instance") + ".",
			Validators: []validator.String{stringvalidator.OneOf(onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped)},
		},
	}
}

// The descriptions of what resources and actions have alike.
const forceDescription = "`true` cuts the power, which can lose unsaved data. Default `false`: the guest is asked " +
	"to shut down."

var modeDescription = "Whether compute is billed while stopped: `keep_charging`, `stop_charging`, or " +
	"`stop_charging_if_supported`, " +
	"which stops charging where the instance can, and otherwise keeps charging. Default: that of the account or the " +
	"cloud; see " +
	guideLink("Not paying for stopped instances", "stop-charging") + "."

// forceAfterDescription is that of force_stop_after, which is shorter than some time limit
// and contradicts other arguments.
func forceAfterDescription(clouds map[string]cloud, shorterThan, without string) string {
	return "Time for a graceful stop, after which the cloud is asked to cut the power (unset: never): a duration " +
		"such as `5m`, shorter than " +
		shorterThan + ", and not with " + without + ". " + escalationSentence(clouds)
}

// idDescription is what an id in a list is.
const idDescription = "the cloud's id of an instance, such as `ins-r8hr2upy`"

// The descriptions of the time limits.
const (
	durationForm = "a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`."
	createLimit  = "Time limit of a create, retries and waiting included: " + durationForm + " Default `20m`."
	readLimit    = "Time limit of a refresh, retries included: " + durationForm + " Default `5m`."
	updateLimit  = "Time limit of an update, retries and waiting included: " + durationForm + " Default `20m`."
	deleteLimit  = "Time limit of a destroy that starts or stops the instance: " + durationForm + " Default `20m`."
)

// powerTimeouts is the block of the time limits.
func powerTimeouts(ctx context.Context) schema.Block {
	return timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: createLimit,
		ReadDescription:   readLimit,
		UpdateDescription: updateLimit,
		DeleteDescription: deleteLimit,
	})
}
