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
	"github.com/hashicorp/terraform-plugin-framework/types"

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
	results := client.ReachAll(ctx, ids, a.target(m), opts)
	stop()
	say(t.sentence())
	resp.Diagnostics.Append(m.diagnoseAll(a.op.String(), len(ids), ids, results, within, t.outcome())...)
}

// refusals lists the instances on which the action cannot act.
func (a *powerAction) refusals(m actionModel, totals planSummary) string {
	return reasons(totals.refusedIDs, totals.refused, a.limit(m, true))
}

// rehearse says what the action would do, and does none of it.
func (a *powerAction) rehearse(ctx context.Context, client *powerstate.Client, m actionModel, ids []string, say func(string)) diag.Diagnostics {
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
