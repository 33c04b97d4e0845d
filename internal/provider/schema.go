package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// powerAttributes are the attributes with which a resource declares the power state of
// one instance or of several: of is "the instance" or "the instances".
func powerAttributes(of string, clouds map[string]cloud) map[string]schema.Attribute {
	fixed := []planmodifier.String{
		stringplanmodifier.UseStateForUnknown(),
		stringplanmodifier.RequiresReplaceIfConfigured(),
	}
	fixedRegion := append([]planmodifier.String{sameRegion{}}, fixed...)
	return map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			Optional:      true,
			Computed:      true,
			PlanModifiers: fixed,
			MarkdownDescription: "Cloud of " + of + ": " + quoteAll(cloudNames(clouds)) + "; by default, the only cloud " +
				"that the provider configures. A change replaces the resource, not " + of + ".",
			Validators: []validator.String{oneOf(cloudNames(clouds)...)},
		},
		"region": schema.StringAttribute{
			Optional:      true,
			Computed:      true,
			PlanModifiers: fixedRegion,
			MarkdownDescription: regionDescription(
				fmt.Sprintf("Region of %s, in upper or lower case; another one replaces the resource, not %[1]s", of), clouds),
			Validators: []validator.String{plainWord(regionForm)},
		},
		"state": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "`running` or `stopped`. A refresh stores the observed state, which can also be " +
				"`starting`, `stopping`, `restarting`, `unavailable` or `unknown`, so drift appears as a difference.",
			Validators: []validator.String{oneOf(stateRunning, stateStopped)},
		},
		"force_stop": schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
			MarkdownDescription: forceDescription,
		},
		"force_stop_after": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: forceAfterDescription(clouds, "the timeouts", "`force_stop = true`"),
			Validators:          []validator.String{duration()},
		},
		"stopped_mode": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: modeDescription,
			Validators:          []validator.String{anyMode()},
		},
		"allow_restart": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
			MarkdownDescription: "`true` lets the provider start a stopped instance and stop it again if nothing else can " +
				"change its `stopped_mode`. Default `false`.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(onDestroyLeave),
			MarkdownDescription: "Power state after a destroy: `leave` (unchanged, the default), `restore` (as the create " +
				"or import found it), `running` or `stopped`. Use `moved` for renames and " +
				"`create_before_destroy` for replacements; see " +
				guideLink("A renamed resource", "troubleshooting#a-renamed-resource-starts-or-stops-its-instance") + ".",
			Validators: []validator.String{oneOf(onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped)},
		},
	}
}

// The descriptions that several schemas share, each with its own beginning.

func cloudDescription(of string, clouds map[string]cloud) string {
	return of + ": " + quoteAll(cloudNames(clouds)) + ". Default: the only cloud that the provider configures."
}

func regionDescription(of string, clouds map[string]cloud) string {
	return of + ". Default: the provider's region for the cloud" + noRegions(clouds) + "."
}

func idsDescription() string {
	return fmt.Sprintf("Ids of the instances, 0 to %d, in any order, all in one region.", maxFleet)
}

func failuresDescription(whileWhat string) string {
	return "Instances that may fail while " + whileWhat + " still succeeds: a number, or a percentage of the ids " +
		"such as `\"10%\"`, rounded down; default `0`. "
}

// The descriptions that resources and actions share.
const forceDescription = "`true` cuts the power, which can lose unsaved data. Default `false`: the guest is asked " +
	"to shut down."

var modeDescription = "Whether compute is billed while stopped: `keep_charging`, `stop_charging`, or " +
	"`stop_charging_if_supported`, which stops charging where the instance can, and otherwise keeps charging. " +
	"Default: that of the account or the cloud; see " +
	guideLink("Not paying for stopped instances", "stop-charging") + "."

// forceAfterDescription is that of force_stop_after, which is shorter than some time limit
// and contradicts other arguments.
func forceAfterDescription(clouds map[string]cloud, shorterThan, without string) string {
	return "How long a graceful stop may take before the cloud is asked to cut the power (default: no limit): a " +
		"duration such as `5m`, shorter than " + shorterThan + ", and not with " + without + ". " + escalationSentence(clouds)
}

// The descriptions of the time limits.
const (
	durationUnits = "a duration in `ms`, `s`, `m` and `h`, such as `90s` or `1h30m`."
	createLimit   = "Time limit of a create, retries and waiting included: " + durationUnits + " Default `20m`."
	readLimit     = "Time limit of a refresh, retries included: " + durationUnits + " Default `5m`."
	updateLimit   = "Time limit of an update, retries and waiting included: " + durationUnits + " Default `20m`."
	deleteLimit   = "Time limit of a destroy that starts or stops the instance: " + durationUnits + " Default `20m`."
)

// powerTimeouts is the block of the time limits.
func powerTimeouts() schema.Block {
	timeLimit := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description,
			Validators:          []validator.String{duration()},
		}
	}
	return schema.SingleNestedBlock{
		Attributes: map[string]schema.Attribute{
			"create": timeLimit(createLimit),
			"read":   timeLimit(readLimit),
			"update": timeLimit(updateLimit),
			"delete": timeLimit(deleteLimit),
		},
		CustomType: timeouts.Type{ObjectType: limitsOf("create", "read", "update", "delete")},
	}
}

// limitsOf is the type of a block of time limits. The blocks are written out here and not
// made by the timeouts package, whose validators take a limit that is not above zero.
func limitsOf(operations ...string) types.ObjectType {
	attributes := make(map[string]attr.Type, len(operations))
	for _, operation := range operations {
		attributes[operation] = types.StringType
	}
	return types.ObjectType{AttrTypes: attributes}
}
