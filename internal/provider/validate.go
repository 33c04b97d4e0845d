package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// ValidateConfig checks what attributes say together. It makes no API call.
func (r *powerStateResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config powerStateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkTimeouts(config.Timeouts.Attributes())...)
	resp.Diagnostics.Append(checkForce(ctx, config)...)
	resp.Diagnostics.Append(checkPlace(r.clouds, config)...)
	resp.Diagnostics.Append(checkMode(r.clouds, config)...)
}

// checkTimeouts refuses limits that nothing could keep; the block's own validators
// accept any duration.
func checkTimeouts(set map[string]attr.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, operation := range slices.Sorted(maps.Keys(set)) {
		text, ok := set[operation].(types.String)
		if !ok {
			continue
		}
		if limit, err := time.ParseDuration(text.ValueString()); err == nil && limit <= 0 {
			diags.AddAttributeError(path.Root("timeouts").AtName(operation), "Invalid timeout",
				fmt.Sprintf("`timeouts.%s` must be a duration above zero, such as `10m`; got %q. Leave it out for the default.", operation, text.ValueString()))
		}
	}
	return diags
}

// checkForce refuses force options that contradict each other or the timeouts.
func checkForce(ctx context.Context, config powerStateModel) diag.Diagnostics {
	var diags diag.Diagnostics
	after, err := time.ParseDuration(config.ForceStopAfter.ValueString())
	if err != nil {
		return diags // Not set, not known, or refused by its own validator.
	}
	at := path.Root("force_stop_after")
	if config.ForceStop.ValueBool() {
		diags.AddAttributeError(at, "Both force options are set",
			"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. Remove one of the two.")
	}
	for _, operation := range []struct {
		name  string
		value func(context.Context, time.Duration) (time.Duration, diag.Diagnostics)
	}{{"create", config.Timeouts.Create}, {"update", config.Timeouts.Update}, {"delete", config.Timeouts.Delete}} {
		if operation.name == "delete" && !config.destroyStops() {
			continue
		}
		if set := config.Timeouts.Attributes()[operation.name]; config.Timeouts.IsUnknown() || set != nil && set.IsUnknown() {
			continue // A variable, say. The plan validates once more, with its value.
		}
		timeout, more := operation.value(ctx, defaultTimeout)
		if more.HasError() {
			return diags // The block's own validators say more.
		}
		if after >= timeout {
			diags.AddAttributeError(at, "force_stop_after is too long",
				fmt.Sprintf("`force_stop_after` is %s, but `timeouts.%s` ends the operation after %s, before the power would be cut. "+
					"Shorten `force_stop_after` or raise `timeouts.%s`.", after, operation.name, timeout, operation.name))
		}
	}
	return diags
}

// destroyStops reports whether a destroy can stop the instance.
func (m powerStateModel) destroyStops() bool {
	return m.OnDestroy.ValueString() == onDestroyStopped || m.OnDestroy.ValueString() == onDestroyRestore
}

// checkMode refuses a mode that the cloud does not have, also for an instance
// that shall run: the configuration promises what no stop would do.
func checkMode(clouds map[string]cloud, m powerStateModel) diag.Diagnostics {
	var diags diag.Diagnostics
	c := clouds[m.Cloud.ValueString()]
	if mode, _ := parseMode(m.StoppedMode.ValueString()); mode == backend.StopCharging && c.alwaysCharges {
		diags.AddAttributeError(path.Root("stopped_mode"), "Stopped mode that the cloud does not have",
			fmt.Sprintf("A stopped instance of %s is billed like a running one. Set `stopped_mode = \"keep_charging\"`, or leave it out.", c.title))
	}
	return diags
}

// checkPlace refuses an id that plainly belongs to another cloud.
func checkPlace(clouds map[string]cloud, m powerStateModel) diag.Diagnostics {
	var diags diag.Diagnostics
	name, id := m.Cloud.ValueString(), m.InstanceID.ValueString()
	if name == "" || id == "" {
		return diags
	}
	if others := plainlyOther(clouds, name, id); len(others) > 0 {
		diags.AddAttributeError(path.Root("instance_id"), "Instance id of another cloud",
			fmt.Sprintf("%q is not in the form of an instance id of %s, such as %q; it looks like one of %s. Correct `instance_id`, or set `cloud`.",
				id, name, clouds[name].example, quoteAll(others)))
	}
	return diags
}

// word is what ids and regions consist of.
var word = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// maxWord is how many characters it takes; no cloud has an id or a region of half that.
const maxWord = 128

// plainWordValidator accepts one word without spaces or slashes.
type plainWordValidator struct{ what string }

var _ validator.String = plainWordValidator{}

func plainWord(what string) validator.String { return plainWordValidator{what: what} }

func (v plainWordValidator) Description(context.Context) string { return v.what }

func (v plainWordValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v plainWordValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || word.MatchString(req.ConfigValue.ValueString()) {
		return
	}
	value := req.ConfigValue.ValueString()
	problem := fmt.Sprintf("got %q", value)
	switch {
	case value == "":
		problem = "it is empty"
	case len(value) > maxWord:
		problem = fmt.Sprintf("it has %d characters, and may have %d", utf8.RuneCountInString(value), maxWord)
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), fmt.Sprintf("`%s` must be %s; %s.", req.Path, v.what, problem))
}

// modeValidator accepts a stopped mode in any cloud's spelling.
type modeValidator struct{}

var _ validator.String = modeValidator{}

func (modeValidator) Description(context.Context) string {
	return "`keep_charging` or `stop_charging`"
}

func (v modeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v modeValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if _, ok := parseMode(value); ok && value != "" {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid stopped_mode",
		fmt.Sprintf("`%s` must be %s, or the cloud's own spelling of these; got %q.", req.Path, v.Description(ctx), value))
}
