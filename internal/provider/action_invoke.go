package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// progressEvery is how often a waiting action says how far it is.
const progressEvery = 10 * time.Second

// slowest is how many of the instances that are still awaited a message names.
const slowest = 3

// Invoke acts on the instances, tells how far it is as it goes, and accounts
// for each id.
func (a *powerAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer recoverInto(ctx, &resp.Diagnostics, "the action instance_"+a.op.String())
	m, fleet, diags := a.place(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	ids, diags := fleet.ids(ctx)
	resp.Diagnostics.Append(diags...)
	client, diags := a.clientOf(ctx, fleet, resp.Diagnostics)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	within := limit{"timeout", m.timeout()}
	ctx, cancel := context.WithTimeout(ctx, within.d)
	defer cancel()
	say := func(text string) {
		if errors.Is(ctx.Err(), context.Canceled) {
			return // Terraform 1.14 and 1.15 crash when an action that they have canceled says more than its end.
		}
		resp.SendProgress(action.InvokeProgressEvent{Message: text})
	}
	if m.DryRun.ValueBool() {
		resp.Diagnostics.Append(a.rehearse(ctx, client, m, ids, say)...)
		return
	}
	wait := m.Wait.IsNull() || m.Wait.ValueBool()
	say(fmt.Sprintf("%s %s on %s.", gerund(a.op), instances(len(ids)), placeOf(client)))
	t := newProgress(a.op, ids, wait)
	opts := powerstate.ReachOptions{AwaitAppearance: true, NoWait: !wait, Finished: t.finished}
	stop := t.report(ctx, say)
	defer stop()
	results := client.ReachAll(ctx, ids, a.target(fleet), opts)
	stop()
	say(t.sentence())
	resp.Diagnostics.Append(a.diagnose(m, ids, results, within, t.outcome())...)
}

// diagnose tells which instances failed, each with its reason: an error when
// they are more than max_failures, or the run was cut short, else a warning.
func (a *powerAction) diagnose(m actionModel, ids []string, results []powerstate.Result, within limit, done string) diag.Diagnostics {
	var diags diag.Diagnostics
	failed, most := len(failedOf(ids, results)), m.MaxFailures.ValueInt64()
	if failed == 0 {
		return diags
	}
	summary := fmt.Sprintf("Unable to %s %d of %s", a.op, failed, instances(len(ids)))
	text := reasonsFor(ids, results, within, a.remedy)
	if slices.ContainsFunc(results, isCut) { // Nobody knows how many would have failed.
		diags.AddError(summary, text+"\n\nAn action that was interrupted does not count as done, whatever `max_failures` says.")
		return diags
	}
	if int64(failed) > most {
		diags.AddError(summary, strings.TrimSpace(fmt.Sprintf("%s\n\nAt most %d may fail (`max_failures`). %s", text, most, others(len(ids)-failed, done))))
		return diags
	}
	diags.AddWarning(summary, fmt.Sprintf("%s\n\nUp to %d may fail (`max_failures`), so the action counts as done.", text, most))
	return diags
}

// remedy is what can be done about the failure of one instance of an action,
// which has no next apply and no state.
func (a *powerAction) remedy(f *powerstate.Error, remedy string) string {
	const goesOn = "What the cloud was already asked for goes on."
	switch {
	case f.Cause == powerstate.TimedOut:
		return goesOn + " If such a transition takes longer, raise `timeout`" + forceHint(f) + "."
	case f.Cause == powerstate.Canceled:
		return goesOn
	case f.Cause == powerstate.ModeIgnored:
		return "Set `stopped_mode` to what the instance supports, or leave it out."
	case (f.Cause == powerstate.NoEffect || f.Cause == powerstate.AnswerLost) && a.op == backend.OpReboot:
		return "See the instance's operations in the cloud's console."
	case f.Reason == powerstate.ModeNeedsRestart:
		return "Leave `stopped_mode` out, or set it to the mode that the instance is in."
	}
	return fleetRemedy(f, remedy)
}

// readRemedy is remedy where the action only looks.
func (a *powerAction) readRemedy(f *powerstate.Error, remedy string) string {
	switch f.Cause {
	case powerstate.TimedOut:
		return "Nothing was changed. If the cloud is often that slow, raise `timeout`."
	case powerstate.Canceled:
		return "Nothing was changed."
	case powerstate.CloudFault, powerstate.Refused, powerstate.NoEffect, powerstate.AnswerLost, powerstate.ModeIgnored, powerstate.Vanished,
		powerstate.BecameUnavailable:
	}
	return a.remedy(f, remedy)
}

// refusals lists the instances on which the action cannot act. It has one time
// limit, which is that of its looks too.
func (a *powerAction) refusals(totals planSummary, timeout time.Duration) string {
	text := reasonsFor(totals.refusedIDs, totals.refused, limit{"timeouts.read", timeout}, a.readRemedy)
	return strings.ReplaceAll(text, "`timeouts.read`", "`timeout`")
}

// rehearse says what the action would do, and does none of it.
func (a *powerAction) rehearse(ctx context.Context, client *powerstate.Client, m actionModel, ids []string, say func(string)) diag.Diagnostics {
	var diags diag.Diagnostics
	totals := summarize(ids, a.forecast(ctx, client, a.fleet(m), ids, true))
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
	if m.failsFor(totals.refused) {
		diags.AddError(summary, a.refusals(totals, m.timeout()))
		return diags
	}
	diags.AddWarning(summary, a.refusals(totals, m.timeout()))
	return diags
}

// progress counts the results of an action as they come.
type progress struct {
	op    backend.Op
	wait  bool
	began time.Time

	mu      sync.Mutex
	waiting map[string]bool
	done    int
	so      int // without wait: those that got no call, since they were so already
	failed  int
}

func newProgress(op backend.Op, ids []string, wait bool) *progress {
	t := &progress{op: op, wait: wait, began: time.Now(), waiting: make(map[string]bool, len(ids))}
	for _, id := range ids {
		t.waiting[id] = true
	}
	return t
}

func (t *progress) finished(id string, r powerstate.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, id)
	switch {
	case r.Err != nil:
		t.failed++
	case !t.wait && t.uncalled(r):
		t.so++
	default:
		t.done++
	}
}

// uncalled reports whether an instance came to be so without a call: it is in
// the state that a call leads to, which is not read after one that is not waited
// for, and it was not seen in the state that the call is for.
func (t *progress) uncalled(r powerstate.Result) bool {
	switch t.op {
	case backend.OpStart:
		return r.After.State == backend.Running && r.Before.State != backend.Stopped
	case backend.OpStop:
		return r.After.State == backend.Stopped && r.Before.State != backend.Running
	case backend.OpReboot: // It is never so already.
	}
	return false
}

// sentence says how many are done and left, and who is slow.
func (t *progress) sentence() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.done + t.so + t.failed + len(t.waiting)
	text := fmt.Sprintf("%d of %s %s after %s", t.done, instances(total), t.participle(), round(time.Since(t.began)))
	if t.so > 0 {
		text += fmt.Sprintf(", %d %s already", t.so, ended(t.op))
	}
	if t.failed > 0 {
		text += fmt.Sprintf(", %d failed", t.failed)
	}
	if len(t.waiting) > 0 {
		left := make([]string, 0, len(t.waiting))
		for id := range t.waiting {
			left = append(left, id)
		}
		slices.Sort(left)
		text += fmt.Sprintf("; waiting for %d: %s", len(left), strings.Join(left[:min(slowest, len(left))], ", "))
		if len(left) > slowest {
			text += fmt.Sprintf(" and %d more", len(left)-slowest)
		}
	}
	return text + "."
}

// participle names what became of those that are counted as done.
func (t *progress) participle() string {
	if !t.wait {
		return "asked to " + t.op.String()
	}
	return ended(t.op)
}

// outcome is what can be said of all those that did not fail.
func (t *progress) outcome() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	so := ended(t.op) + " already"
	switch {
	case t.so == 0:
		return t.participle()
	case t.done == 0:
		return so
	}
	return t.participle() + ", or " + so
}

// ended is what an operation that has ended made of an instance.
func ended(op backend.Op) string {
	return map[backend.Op]string{backend.OpStart: "running", backend.OpStop: "stopped", backend.OpReboot: "rebooted"}[op]
}

// report says the sentence at intervals until stop is called, which returns
// only when nothing more will be said. It may be called again.
func (t *progress) report(ctx context.Context, say func(string)) (stop func()) {
	ticker := time.NewTicker(progressEvery)
	quit := make(chan struct{})
	var reporter panics.Group
	reporter.Go(func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				say(t.sentence())
			case <-quit:
				return
			case <-ctx.Done():
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(quit)
		reporter.Wait()
	})
}

func gerund(op backend.Op) string {
	return map[backend.Op]string{backend.OpStart: "Starting", backend.OpStop: "Stopping", backend.OpReboot: "Rebooting"}[op]
}
