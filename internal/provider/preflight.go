package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// preflight is what a plan has read of the instances that it changes, in the order of
// their ids.
type preflight struct {
	client  *powerstate.Client
	results []powerstate.PreflightResult
	within  limit
}

// canRead reports whether enough is known to read the instances, of which the ids are
// known: a mode that a stop has yet to choose does not matter.
func (d *providerData) canRead(plan declaration) bool {
	return !plan.Cloud.IsUnknown() && !plan.Region.IsUnknown() && !plan.State.IsUnknown() &&
		d.preflight != preflightOff && !d.settings[plan.Cloud.ValueString()].unknown
}

// read reads the instances of a plan of a resource; id is that of the resource, and
// appearing is set where some may not be listed yet.
func (d *providerData) read(ctx context.Context, of surface, plan, config declaration, id types.String, ids []string, appearing bool) (preflight, diag.Diagnostics) {
	timeout, diags := plan.Timeouts.Read(ctx, defaultReadTimeout)
	client, more := d.clientOf(ctx, plan.location, id, diags)
	diags.Append(more...)
	if diags.HasError() {
		return preflight{}, diags
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	target := plan.asks(config).target()
	// Where that is known only later, a plan that would be right is not refused.
	target.AllowRestart = target.AllowRestart || plan.AllowRestart.IsUnknown()
	opts := powerstate.PreflightOptions{DryRun: d.preflight == preflightDryRun, AwaitAppearance: appearing}
	got := preflight{client: client, within: of.limit("read", timeout)}
	if of.one() {
		found, err := client.Preflight(ctx, ids[0], target, opts)
		got.results = []powerstate.PreflightResult{{Preflight: found, Err: err}}
		return got, diags
	}
	got.results = client.PreflightAll(ctx, ids, target, opts)
	return got, diags
}
