package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Invoke acts on the instances, reports its progress, and accounts for each id.
func (a *powerAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer recoverInto(ctx, &resp.Diagnostics, "the action instance_"+a.op.String())
	m, diags := a.place(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	ids, diags := m.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if len(ids) == 0 && !resp.Diagnostics.HasError() {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("No instances are named: nothing to %s.", a.op)})
		return
	}
	client, diags := a.data.clientOf(ctx, m.location, types.StringNull(), resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	within := a.limit(m, false)
	ctx, cancel := context.WithTimeout(ctx, within.d)
	defer cancel()
	say := func(text string) {
		if errors.Is(ctx.Err(), context.Canceled) {
			return // Terraform 1.14 and 1.15 crash when a canceled action sends more than its end.
		}
		resp.SendProgress(action.InvokeProgressEvent{Message: text})
	}
	if m.DryRun.ValueBool() {
		resp.Diagnostics.Append(a.rehearse(ctx, client, m, ids, say)...)
		return
	}
	wait := m.Wait.IsNull() || m.Wait.ValueBool()
	say(fmt.Sprintf("%s %s on %s.", gerund(a.op), instances(len(ids)), placeOf(client)))
	t := newProgress(a.op, ended(a.op), ids, wait)
	opts := powerstate.ReachOptions{AwaitAppearance: true, NoWait: !wait, Finished: t.finished}
	stop := t.report(ctx, say)
	defer stop()
	results := client.ReachAll(ctx, ids, a.target(m), opts)
	stop()
	say(t.sentence())
	resp.Diagnostics.Append(m.diagnoseAll(a.op.String(), len(ids), ids, results, within, t.outcome())...)
}

// refusals lists the instances on which the action cannot act.
func (a *powerAction) refusals(m actionModel, totals planSummary) string {
	return reasons(totals.refusedIDs, totals.refused, a.limit(m, true))
}

// rehearse reports what the action would do, and does none of it.
func (a *powerAction) rehearse(
	ctx context.Context, client *powerstate.Client, m actionModel, ids []string, say func(string),
) diag.Diagnostics {
	var diags diag.Diagnostics
	totals := summarize(ids, a.forecast(ctx, client, m, ids, true))
	text := totals.sentence()
	if text == "" {
		text = fmt.Sprintf("nothing to %s (of %d)", a.op, totals.total)
	}
	say(fmt.Sprintf("Dry run on %s: %s. Nothing was changed.", placeOf(client), text))
	if totals.denied != nil {
		diags.Append(dryRunIncomplete(*totals.denied))
	}
	n := len(totals.refused)
	if n == 0 {
		return diags
	}
	summary := fmt.Sprintf("Dry run: unable to %s %d of %s", a.op, n, instances(len(ids)))
	if m.failsFor(totals.refused, len(ids)) {
		diags.AddError(summary, a.refusals(m, totals))
		return diags
	}
	diags.AddWarning(summary, a.refusals(m, totals))
	return diags
}

func gerund(op backend.Op) string {
	words := map[backend.Op]string{
		backend.OpStart: "Starting", backend.OpStop: "Stopping", backend.OpReboot: "Rebooting",
	}
	return words[op]
}
