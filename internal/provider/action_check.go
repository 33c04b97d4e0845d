package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ValidateConfig checks what is known of the configuration. It makes no API call.
func (a *powerAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	_, diags := a.check(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// check reads the configuration and refuses what it must not say, as far as it
// is known. The CLI validates an action only before it knows what variables and
// other resources hold, and neither the plan of an action nor its invocation
// runs validators, so all three come here.
func (a *powerAction) check(ctx context.Context, config tfsdk.Config) (actionModel, diag.Diagnostics) {
	diags := checkValues(ctx, config)
	m, more := a.read(ctx, config)
	diags.Append(more...)
	diags.Append(m.checkForce()...)
	diags.Append(a.checkCloud(ctx, a.fleet(m))...)
	return m, diags
}

// checkValues runs the validators of the schema. Where the framework has run
// them too, their equal errors are shown once.
func checkValues(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	attributes := config.Schema.GetAttributes()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		at := path.Root(name)
		switch attribute := attributes[name].(type) {
		case schema.StringAttribute:
			var resp validator.StringResponse
			req := validator.StringRequest{Path: at, PathExpression: at.Expression(), Config: config}
			diags.Append(config.GetAttribute(ctx, at, &req.ConfigValue)...)
			for _, v := range attribute.Validators {
				v.ValidateString(ctx, req, &resp)
			}
			diags.Append(resp.Diagnostics...)
		case schema.ListAttribute:
			var resp validator.ListResponse
			req := validator.ListRequest{Path: at, PathExpression: at.Expression(), Config: config}
			diags.Append(config.GetAttribute(ctx, at, &req.ConfigValue)...)
			for _, v := range attribute.Validators {
				v.ValidateList(ctx, req, &resp)
			}
			diags.Append(resp.Diagnostics...)
		case schema.Int64Attribute:
			var resp validator.Int64Response
			req := validator.Int64Request{Path: at, PathExpression: at.Expression(), Config: config}
			diags.Append(config.GetAttribute(ctx, at, &req.ConfigValue)...)
			for _, v := range attribute.Validators {
				v.ValidateInt64(ctx, req, &resp)
			}
			diags.Append(resp.Diagnostics...)
		}
	}
	return diags
}

// checkForce refuses force options that contradict each other, the time limit,
// or wait.
func (m actionModel) checkForce() diag.Diagnostics {
	var diags diag.Diagnostics
	after, err := time.ParseDuration(m.ForceStopAfter.ValueString())
	if err != nil {
		return diags // Not set, not known, or refused by its own validator.
	}
	at := path.Root("force_stop_after")
	if m.ForceStop.ValueBool() {
		diags.AddAttributeError(at, "Both force options are set",
			"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. Remove one of the two.")
	}
	if !m.Wait.IsNull() && !m.Wait.IsUnknown() && !m.Wait.ValueBool() {
		diags.AddAttributeError(at, "force_stop_after without waiting",
			"`wait = false` ends the action as soon as the cloud has accepted the stops, so nothing is left that could cut the power after `force_stop_after`. "+
				"Remove one of the two.")
	}
	timeout, err := defaultTimeout, error(nil)
	if !m.Timeout.IsNull() {
		timeout, err = time.ParseDuration(m.Timeout.ValueString()) // An error where it is not known, or refused by its own validator.
	}
	if err == nil && after >= timeout {
		diags.AddAttributeError(at, "force_stop_after is too long",
			fmt.Sprintf("`force_stop_after` is %s, but `timeout` ends the action after %s, before the power would be cut. Shorten `force_stop_after` or raise `timeout`.", after, timeout))
	}
	return diags
}

// checkCloud refuses ids and a mode that do not go with the cloud, as far as
// that is known.
func (a *powerAction) checkCloud(ctx context.Context, fleet fleetModel) diag.Diagnostics {
	return append(checkIDs(ctx, a.clouds, fleet), checkMode(a.clouds, fleet.power())...)
}

// place is check, and fills in what the provider's configuration gives. It is
// called for the plan and again for the invocation, since the CLI may come with
// values then that were not known before.
func (a *powerAction) place(ctx context.Context, config tfsdk.Config) (m actionModel, fleet fleetModel, diags diag.Diagnostics) {
	m, diags = a.check(ctx, config)
	if diags.HasError() {
		return m, fleet, diags
	}
	if m.InstanceIDs.IsNull() { // The framework refuses that, but only where it validates.
		diags.AddAttributeError(path.Root("instance_ids"), "No instances are named",
			fmt.Sprintf("`instance_ids` is null. Set it to the ids of 1 to %d instances.", maxFleet))
		return m, fleet, diags
	}
	fleet = a.fleet(m)
	for _, value := range []*types.String{&fleet.Cloud, &fleet.Region} {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
	diags.Append(a.data.planPlace(location{m.Cloud, m.Region}, nil, &fleet.Cloud, &fleet.Region)...)
	if !diags.HasError() {
		diags.Append(a.checkCloud(ctx, fleet)...)
	}
	return m, fleet, diags
}
