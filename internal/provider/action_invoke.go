package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// progressEvery is how often a waiting action says how far it is.
const progressEvery = 10 * time.Second

// slowest is how many of the instances that are still awaited a message names.
const slowest = 3

// Invoke acts on the instances, tells how far it is as it goes, and accounts
// for each id.
func (a *powerAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	m, fleet, client, diags := a.prepare(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	ids, diags := fleet.ids(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	within := limit{"timeout", m.timeout()}
	ctx, cancel := context.WithTimeout(ctx, within.d)
	defer cancel()
	say := func(text string) { resp.SendProgress(action.InvokeProgressEvent{Message: text}) }
	if m.DryRun.ValueBool() {
		a.rehearse(ctx, client, fleet, ids, say, resp)
		return
	}
	wait := m.Wait.IsNull() || m.Wait.ValueBool()
	say(fmt.Sprintf("%s %s on %s.", gerund(a.op), instances(len(ids)), placeOf(client)))
	t := newTally(a.op, ids, wait)
	opts := powerstate.ReachOptions{NoWait: !wait, Finished: t.finished}
	stop := t.report(ctx, say)
	var results []powerstate.Result
	if a.op == backend.OpReboot {
		results = client.RebootAll(ctx, ids, fleet.power().target(), opts)
	} else {
		results = client.ReachAll(ctx, ids, fleet.power().target(), opts)
	}
	stop()
	say(t.sentence())
	for _, d := range diagnoseFleet(fleet, ids, results, within) {
		summary := fmt.Sprintf("Unable to %s %d of %s", a.op, len(failedOf(ids, results)), instances(len(ids)))
		if d.Severity().String() == "Error" {
			resp.Diagnostics.AddError(summary, d.Detail())
			continue
		}
		resp.Diagnostics.AddWarning(summary, d.Detail())
	}
}

// rehearse says what the action would do, and does none of it.
func (a *powerAction) rehearse(ctx context.Context, client *powerstate.Client, fleet fleetModel, ids []string, say func(string), resp *action.InvokeResponse) {
	look := survey(ids, a.forecast(ctx, client, fleet, ids, true))
	text := look.sentence()
	if text == "" {
		text = fmt.Sprintf("nothing to %s (of %d)", a.op, look.total)
	}
	say(fmt.Sprintf("Dry run on %s: %s. Nothing was changed.", placeOf(client), text))
	if n := len(look.refused); int64(n) > fleet.MaxFailures.ValueInt64() {
		resp.Diagnostics.AddError(fmt.Sprintf("Dry run: unable to %s %d of %s", a.op, n, instances(len(ids))),
			reasons(look.refusedIDs, look.refused, limit{"timeout", defaultTimeout}))
	}
}

// tally counts the results of an action as they come.
type tally struct {
	op    backend.Op
	wait  bool
	began time.Time

	mu      sync.Mutex
	waiting map[string]bool
	done    int
	failed  int
}

func newTally(op backend.Op, ids []string, wait bool) *tally {
	t := &tally{op: op, wait: wait, began: time.Now(), waiting: make(map[string]bool, len(ids))}
	for _, id := range ids {
		t.waiting[id] = true
	}
	return t
}

func (t *tally) finished(id string, r powerstate.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, id)
	if r.Err != nil {
		t.failed++
		return
	}
	t.done++
}

// sentence says how many are done and left, and who is slow.
func (t *tally) sentence() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.done + t.failed + len(t.waiting)
	text := fmt.Sprintf("%d of %s %s after %s", t.done, instances(total), t.participle(), round(time.Since(t.began)))
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
			text += ", ..."
		}
	}
	return text + "."
}

// participle names what became of those that are done.
func (t *tally) participle() string {
	word := map[backend.Op]string{backend.OpStart: "running", backend.OpStop: "stopped", backend.OpReboot: "rebooted"}[t.op]
	if !t.wait {
		return "asked to be " + word
	}
	return word
}

// report says the sentence at intervals until stop is called, which returns
// only when nothing more will be said.
func (t *tally) report(ctx context.Context, say func(string)) (stop func()) {
	ticker := time.NewTicker(progressEvery)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
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
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func gerund(op backend.Op) string {
	return map[backend.Op]string{backend.OpStart: "Starting", backend.OpStop: "Stopping", backend.OpReboot: "Rebooting"}[op]
}
