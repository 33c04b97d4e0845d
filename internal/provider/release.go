package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// releases is what on_destroy asks for the instances of an object that is destroyed, or
// for those that leave it.
type releases struct {
	declaration
	of surface
	// leaving is set for instances that leave a fleet, which stays.
	leaving bool
	// id is that of the resource.
	id types.String
	// found is how the instances were found, and now the states in which they were last
	// observed; both as far as that is known.
	found map[string]origin
	now   map[string]string
}

// target is what on_destroy asks for one instance; act is false where it asks for
// nothing, or where the original state is not known.
func (r releases) target(id string) (target powerstate.Target, act bool) {
	found, known := r.found[id]
	return r.releaseTarget(found, known)
}

// changes returns those of the instances whose power state on_destroy may change.
func (r releases) changes(ids []string) []string {
	if r.OnDestroy.IsUnknown() {
		return ids
	}
	var all []string
	for _, id := range ids {
		target, act := r.target(id)
		remode := target.Goal == powerstate.GoalStopped && target.AllowRestart && target.Mode != backend.UnknownMode
		if act && (remode || r.now[id] != target.Goal.String()) {
			all = append(all, id)
		}
	}
	return all
}

// remodes returns those that are stopped as they were found, perhaps in another mode. A
// read tells.
func (r releases) remodes(ids []string) []string {
	var all []string
	for _, id := range ids {
		target, act := r.target(id)
		restores := act && r.OnDestroy.ValueString() == onDestroyRestore && target.Goal == powerstate.GoalStopped
		if restores && target.Mode != backend.UnknownMode && r.now[id] == stateStopped && !target.AllowRestart {
			all = append(all, id)
		}
	}
	return all
}

// warnings says what on_destroy will do to instances, in a sentence for each goal.
func (r releases) warnings(ids []string) diag.Diagnostics {
	var sentences []string
	for _, goal := range []powerstate.Goal{powerstate.GoalRunning, powerstate.GoalStopped} {
		part := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			target, act := r.target(id)
			return !act || target.Goal != goal
		})
		if len(part) > 0 {
			sentences = append(sentences, r.of.subject(part)+r.becomes(goal, len(part))+".")
		}
	}
	if len(sentences) == 0 {
		return nil
	}
	what := "Destroy"
	if r.leaving {
		what = "Leaving the fleet"
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(what+" changes the power state of "+instanceAndMore(ids),
		strings.Join(sentences, " ")+
			fmt.Sprintf(" This is `on_destroy = %q`. No instance is deleted.", r.OnDestroy.ValueString()))}
}

// becomes says what on_destroy makes of so many instances with a goal.
func (r releases) becomes(goal powerstate.Goal, n int) string {
	found := ""
	switch {
	case r.OnDestroy.ValueString() != onDestroyRestore:
	case n == 1:
		found = fmt.Sprintf(" again, as it was found (%s)", goal)
	default:
		found = fmt.Sprintf(" again, as they were found (%s)", goal)
	}
	if goal == powerstate.GoalRunning {
		return " will be started" + found + ", unless already running"
	}
	return " will be stopped" + found + ", unless already stopped" + r.cuts()
}

// planRelease reads the instances that on_destroy may change, and says what becomes of
// them. What cannot be read prevents no destroy.
func (d *providerData) planRelease(ctx context.Context, r releases, ids []string) diag.Diagnostics {
	changing := r.changes(ids)
	if ids = slices.Concat(changing, r.remodes(ids)); len(ids) == 0 || !d.canRead(r.declaration) {
		return r.warnings(changing)
	}
	results, within, diags := d.readReleases(ctx, r, ids)
	if diags.HasError() {
		return r.warnings(changing)
	}
	var changed, restarted, staying, forced, failing []string
	var failures []powerstate.Result
	for i, id := range ids {
		got := results[i]
		switch {
		case got.Err != nil && isGone(got.Err):
		case got.Err != nil && onlyTheMode(got.Err):
			if r.OnDestroy.ValueString() == onDestroyRestore {
				staying = append(staying, id)
			}
		case got.Err != nil && concernsInstance(got.Err):
			failing, failures = append(failing, id), append(failures, powerstate.Result{Err: got.Err})
		case got.Err != nil:
			changed = append(changed, id)
		case got.Decision.Step == powerstate.Restart:
			changed, restarted = append(changed, id), append(restarted, id)
		case got.Decision.Step != powerstate.Done:
			changed = append(changed, id)
			if got.Observed.AlwaysForced && got.Decision.Op == backend.OpStop && !r.ForceStop.ValueBool() {
				forced = append(forced, id)
			}
		}
	}
	diags.Append(r.warnings(changed)...)
	diags.Append(restartPlanned(restarted)...)
	diags.Append(alwaysForced(forced)...)
	if len(staying) > 0 {
		diags.AddWarning(fmt.Sprintf("Stopped mode of %s is not restored", instanceAndMore(staying)),
			r.of.subject(staying)+" will stay stopped in another mode than found: only a start and a stop change it, and "+
				"`allow_restart` does not permit them.")
	}
	return append(diags, d.refused(r.of, "destroy", failing, failures, within, 0)...)
}

// readReleases reads the instances for what on_destroy asks of each.
func (d *providerData) readReleases(
	ctx context.Context, r releases, ids []string,
) ([]powerstate.PreflightResult, limit, diag.Diagnostics) {
	timeout, diags := r.Timeouts.Read(ctx, defaultReadTimeout)
	client, more := d.clientOf(ctx, r.location, r.id, diags)
	diags.Append(more...)
	within := r.of.limit("read", timeout)
	if diags.HasError() {
		return nil, within, diags
	}
	ctx, cancel := inTime(ctx, timeout)
	defer cancel()
	parts := make(map[powerstate.Target][]string)
	for _, id := range ids {
		target, _ := r.target(id)
		parts[target] = append(parts[target], id)
	}
	byID := make(map[string]powerstate.PreflightResult, len(ids))
	for target, part := range parts {
		for i, result := range preflightAll(ctx, client, r.of, part, target, powerstate.PreflightOptions{}) {
			byID[part[i]] = result
		}
	}
	results := make([]powerstate.PreflightResult, len(ids))
	for i, id := range ids {
		results[i] = byID[id]
	}
	return results, within, diags
}

// onlyTheMode reports whether an operation was refused for the mode of an instance that
// is stopped already. A destroy does not insist on it.
func onlyTheMode(err error) bool {
	failure, ok := asFailure(err)
	return ok && failure.Cause == powerstate.Refused && failure.Last != nil && failure.Last.State == backend.Stopped &&
		(failure.Reason == powerstate.ModeNeedsRestart || failure.Reason == powerstate.ModeUnsupported)
}

// isWithdrawn reports whether an operation was left to another object of the run.
func isWithdrawn(err error) bool {
	failure, ok := asFailure(err)
	return ok && failure.Cause == powerstate.Withdrawn
}
