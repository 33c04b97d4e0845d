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
)

// ValidateConfig checks what is known of the configuration. It makes no API call.
func (a *powerAction) ValidateConfig(
	ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse,
) {
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
	diags.Append(m.checkCloud(ctx, a.clouds)...)
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
		}
	}
	return diags
}

// checkForce refuses force options that contradict each other, the time limit,
// or wait.
func (m actionModel) checkForce() diag.Diagnostics {
	var stops []limit
	// An error where it is not known, or refused by its own validator.
	if _, err := time.ParseDuration(m.Timeout.ValueString()); err == nil || m.Timeout.IsNull() {
		stops = []limit{{attribute: "timeout", d: m.timeout()}}
	}
	diags := m.declaration.checkForce(stops)
	_, err := time.ParseDuration(m.ForceStopAfter.ValueString())
	if err == nil && !m.Wait.IsNull() && !m.Wait.IsUnknown() && !m.Wait.ValueBool() {
		diags.AddAttributeError(path.Root("force_stop_after"), "force_stop_after without waiting",
			"`wait = false` ends the action as soon as the cloud has accepted the stops, so nothing is left that could cut "+
				"the power after `force_stop_after`. Remove one of the two.")
	}
	return diags
}

// place is check, and fills in what the provider's configuration gives. It is
// called for the plan and again for the invocation, since the CLI may come with
// values then that were not known before.
func (a *powerAction) place(ctx context.Context, config tfsdk.Config) (actionModel, diag.Diagnostics) {
	m, diags := a.check(ctx, config)
	if diags.HasError() {
		return m, diags
	}
	if m.InstanceIDs.IsNull() { // The framework refuses that, but only where it validates.
		diags.AddAttributeError(path.Root("instance_ids"), "No instances are named",
			fmt.Sprintf("`instance_ids` is null. Set it to the ids of up to %d instances, or to `[]` for none.", maxFleet))
		return m, diags
	}
	given := m.location
	m.unset()
	diags.Append(a.data.planPlace(given, nil, &m.location)...)
	if !diags.HasError() {
		diags.Append(m.checkCloud(ctx, a.clouds)...)
	}
	return m, diags
}
