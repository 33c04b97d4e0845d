package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// planSummary is what a plan comes to: the ids of the instances that it touches, and how
// many of those to stop can stop charging.
type planSummary struct {
	total, so, stopCharging            int
	stop, start, reboot, restart, wait []string
	refused                            []powerstate.Result
	refusedIDs                         []string
	forced                             []string // those that no stop is graceful for
	releasing                          []string // those whose address a stop can release
	releases                           []string // these addresses, with their ids
	denied                             *backend.Fault
}

// summarize sorts the instances by what their preflights decided.
func summarize(ids []string, results []powerstate.PreflightResult) planSummary {
	totals := planSummary{total: len(ids)}
	for i, f := range results {
		if f.DryRun != nil && (f.DryRun.Kind == backend.KindInvalid || f.DryRun.Kind == backend.KindNotFound) {
			f.Err = &powerstate.Error{Op: f.Decision.Op, InstanceID: ids[i], Fault: f.DryRun, Last: &f.Observed}
		} else if f.DryRun != nil {
			totals.denied = f.DryRun
		}
		if f.Err != nil {
			totals.refused = append(totals.refused, powerstate.Result{Err: f.Err})
			totals.refusedIDs = append(totals.refusedIDs, ids[i])
			continue
		}
		totals.add(ids[i], f.Preflight)
	}
	return totals
}

// add takes in one instance that is not refused.
func (o *planSummary) add(id string, f powerstate.Preflight) {
	switch f.Decision.Step {
	case powerstate.Act:
		switch f.Decision.Op {
		case backend.OpStart:
			o.start = append(o.start, id)
			return
		case backend.OpReboot:
			o.reboot = append(o.reboot, id)
			return
		case backend.OpStop:
			o.stop = append(o.stop, id)
		}
	case powerstate.Restart:
		o.restart = append(o.restart, id)
	case powerstate.Wait:
		o.wait = append(o.wait, id)
	case powerstate.Done:
		o.so++
		return
	case powerstate.Refuse:
		return
	}
	if f.Observed.AlwaysForced {
		o.forced = append(o.forced, id)
	}
	if f.Observed.StopChargingBar != "" {
		return
	}
	o.stopCharging++
	if f.Observed.PublicIP != "" && !f.Observed.PublicIPKept {
		o.releasing = append(o.releasing, id)
		o.releases = append(o.releases, fmt.Sprintf("%s (%s)", f.Observed.PublicIP, id))
	}
}

// parts are the instances that are touched, by what is done to them.
func (o planSummary) parts() []planPart {
	return []planPart{
		{"to stop", o.stop},
		{"to start", o.start},
		{"to reboot", o.reboot},
		{"to restart for another stopped mode", o.restart},
		{"in transition", o.wait},
	}
}

// touched are the ids of the parts.
func (o planSummary) touched() []string {
	var ids []string
	for _, part := range o.parts() {
		ids = append(ids, part.ids...)
	}
	return ids
}

type planPart struct {
	what string
	ids  []string
}

// sentence says how many will be touched, and is empty when none will.
func (o planSummary) sentence() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	for _, part := range o.parts() {
		add(len(part.ids), part.what)
	}
	if len(parts) == 0 {
		return ""
	}
	add(o.so, "unchanged")
	add(len(o.refused), "refused")
	return strings.Join(parts, ", ") + " (of " + fmt.Sprint(o.total) + ")"
}

// names lists the instances that will be touched, the first of each part.
func (o planSummary) names() string {
	var lines []string
	for _, part := range o.parts() {
		if len(part.ids) > 0 {
			lines = append(lines, upperFirst(part.what)+": "+strings.Join(firstOf(part.ids), ", "))
		}
	}
	return strings.Join(lines, "\n")
}

// stopping are the instances that a stop of the plan touches.
func (o planSummary) stopping() []string {
	return append(append(append([]string(nil), o.stop...), o.restart...), o.wait...)
}

// dryRunIncomplete tells of a dry run that could not be made.
func dryRunIncomplete(fault backend.Fault) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Dry run incomplete",
		strings.TrimSpace("It could not be made for every instance. "+outcomeOf(&fault)+" "+fault.Advice))
}
