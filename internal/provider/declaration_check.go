package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// check refuses what the attributes of a resource must not say together, as far as they
// are known.
func (d declaration) check(ctx context.Context) diag.Diagnostics {
	return d.checkForce(d.stopLimits(ctx))
}

// stopLimits are the time limits of a resource that end a stop, as far as they are
// known.
func (d declaration) stopLimits(ctx context.Context) []limit {
	var limits []limit
	for _, operation := range []struct {
		name  string
		value func(context.Context, time.Duration) (time.Duration, diag.Diagnostics)
	}{{"create", d.Timeouts.Create}, {"update", d.Timeouts.Update}, {"delete", d.Timeouts.Delete}} {
		if operation.name == "delete" && !d.destroyStops() {
			continue
		}
		if set := d.Timeouts.Attributes()[operation.name]; d.Timeouts.IsUnknown() || set != nil && set.IsUnknown() {
			continue // A variable, say. The plan validates once more, with its value.
		}
		timeout, diags := operation.value(ctx, defaultTimeout)
		if diags.HasError() {
			break // The block's own validators say more.
		}
		limits = append(limits, onInstance.limit(operation.name, timeout))
	}
	return limits
}

// checkForce refuses force options that contradict each other, or a time limit that ends
// a stop before.
func (d declaration) checkForce(stops []limit) diag.Diagnostics {
	var diags diag.Diagnostics
	after, err := time.ParseDuration(d.ForceStopAfter.ValueString())
	if err != nil {
		return diags // Not set, not known, or refused by its own validator.
	}
	at := path.Root("force_stop_after")
	if d.ForceStop.ValueBool() {
		diags.AddAttributeError(at, "Both force options are set",
			"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. Remove "+
				"one of the two.")
	}
	for _, stop := range stops {
		if after >= stop.d {
			diags.AddAttributeError(at, "force_stop_after is too long",
				fmt.Sprintf("`force_stop_after` is %s, but `%s` ends the operation after %s, before the power would be cut. "+
					"Shorten `force_stop_after` or raise `%s`.", after, stop.attribute, stop.d, stop.attribute))
		}
	}
	return diags
}

// destroyStops reports whether a destroy can stop the instances.
func (d declaration) destroyStops() bool {
	return d.OnDestroy.ValueString() == onDestroyStopped || d.OnDestroy.ValueString() == onDestroyRestore
}

// checkCloud refuses ids and a mode that do not go with the cloud, as far as they are
// known; also the mode of an instance that is to run: the configuration promises what no
// stop would do.
func (d declaration) checkCloud(clouds map[string]cloud, of surface, ids ...string) diag.Diagnostics {
	diags := checkForms(clouds, d.Cloud, of, ids...)
	c := clouds[d.Cloud.ValueString()]
	if mode, _ := parseMode(d.StoppedMode.ValueString()); mode == backend.StopCharging && c.alwaysCharges {
		diags.AddAttributeError(path.Root("stopped_mode"), "Stopped mode that the cloud does not have",
			fmt.Sprintf("A stopped instance of %s is billed like a running one. Set `stopped_mode` to `keep_charging` or "+
				"`stop_charging_if_supported`, or leave it out.", c.title))
	}
	return diags
}

// checkForms refuses the first id that plainly belongs to another cloud.
func checkForms(clouds map[string]cloud, cloudName types.String, of surface, ids ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	name := cloudName.ValueString()
	for _, id := range ids {
		if others := plainlyOther(clouds, name, id); id != "" && len(others) > 0 {
			diags.AddAttributeError(path.Root(of.ids), "Instance id of another cloud",
				fmt.Sprintf("%q is not in the form of an instance id of %s, such as %q; it looks like one of %s. Correct "+
					"`%s`, or set `cloud`.",
					id, name, clouds[name].example, quoteAll(others), of.ids))
			break
		}
	}
	return diags
}
