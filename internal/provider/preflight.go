package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
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
func (d *providerData) read(
	ctx context.Context, of surface, plan, config declaration, id types.String, ids []string, appearing bool,
) (preflight, diag.Diagnostics) {
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
	got.results = preflightAll(ctx, client, of, ids, target, opts)
	return got, diags
}

// preflightAll reads instances for a target, as the surface does: a single one joins
// others, and a fleet is one operation.
func preflightAll(
	ctx context.Context, client *powerstate.Client, of surface, ids []string, target powerstate.Target,
	opts powerstate.PreflightOptions,
) []powerstate.PreflightResult {
	if of.one() {
		found, err := client.Preflight(ctx, ids[0], target, opts)
		return []powerstate.PreflightResult{{Preflight: found, Err: err}}
	}
	return client.PreflightAll(ctx, ids, target, opts)
}

// concernsInstance reports whether a preflight failed for the instance as it was
// observed, and not for the configuration, the credentials or the network. A read that is
// refused as invalid has a malformed id, or an unknown region; a dry run that is has met
// the instance.
func concernsInstance(err error) bool {
	failure, ok := asFailure(err)
	switch {
	case !ok:
		return false
	case failure.Cause == powerstate.Refused:
		return true
	}
	return failure.Cause == powerstate.CloudFault && failure.Fault != nil && !failure.Fault.Unreachable &&
		(failure.Fault.Kind == backend.KindNotFound || failure.Fault.Kind == backend.KindInvalid && failure.Op != 0)
}

// refused says for which instances an operation, "apply" or "destroy", will fail as they
// were observed: a warning, since it fails for these alone, or with strict_plan an error
// where more than most fail. What does not concern the instances is an error in any case.
func (d *providerData) refused(
	of surface, operation string, ids []string, failures []powerstate.Result, within limit, most int,
) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	concerned := !slices.ContainsFunc(failures, func(r powerstate.Result) bool { return !concernsInstance(r.Err) })
	fails := len(ids) > most
	if of.one() && fails && (d.strictPlan || !concerned) {
		return diag.Diagnostics{diagnose(failures[0].Err, within)}
	}
	text := reasons(ids, failures, within)
	if failure, ok := asFailure(failures[0].Err); ok && of.one() {
		text = detail(failure, within)
	}
	summary := fmt.Sprintf("%s will fail for %s", upperFirst(operation), instanceAndMore(ids))
	if !fails {
		summary = fmt.Sprintf("%s will leave out %s", upperFirst(operation), instanceAndMore(ids))
	}
	if fails && !of.one() && operation == "apply" {
		text += fmt.Sprintf("\n\nRemove the ids from `%s`, or raise `max_failures` to at least %d.", of.ids, len(ids))
	}
	if fails && (d.strictPlan || !concerned) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(of.ids), summary, text)}
	}
	if fails {
		text += fmt.Sprintf("\n\nThe %s goes on with the other instances. %s", operation, strictHint)
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root(of.ids), summary, text)}
}

// strictHint says how such a warning becomes an error.
const strictHint = "With `strict_plan = true` in the provider's configuration, the plan fails instead."
