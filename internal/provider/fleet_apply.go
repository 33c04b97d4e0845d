package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// failedOf returns the ids that failed.
func failedOf(ids []string, results []powerstate.Result) []string {
	return idsWhere(ids, results, func(r powerstate.Result) bool { return r.Err != nil })
}

func idsWhere(ids []string, results []powerstate.Result, is func(powerstate.Result) bool) []string {
	var found []string
	for i, id := range ids {
		if is(results[i]) {
			found = append(found, id)
		}
	}
	return found
}

// lastOf turns what failed attempts saw last into results, as far as they saw
// anything.
func lastOf(results []powerstate.Result) []powerstate.Result {
	last := slices.Clone(results)
	for i, r := range last {
		if failure, ok := asFailure(r.Err); ok && failure.Last != nil {
			last[i] = powerstate.Result{Reached: powerstate.Reached{After: *failure.Last}}
		}
	}
	return last
}

// observedAny reports whether anything was seen of any instance.
func observedAny(results []powerstate.Result) bool {
	return slices.ContainsFunc(results, func(r powerstate.Result) bool {
		failure, failed := asFailure(r.Err)
		return !failed || failure.Last != nil
	})
}

// diagnose tells which instances failed, each with its reason.
func (m fleetModel) diagnose(total int, ids []string, results []powerstate.Result, within limit) diag.Diagnostics {
	d := m.overall()
	return m.diagnoseAll(d.verb(), total, ids, results, within, d.outcome())
}

// isCut reports whether the run was cut short before the result was known.
func isCut(r powerstate.Result) bool {
	failure, failed := asFailure(r.Err)
	return failed && failure.Cause == powerstate.Canceled
}

// others is a sentence about those that did not fail, with a space behind it.
func others(n int, are string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "The other one is " + are + ". "
	}
	return fmt.Sprintf("The other %d are %s. ", n, are)
}

// reasons lists the failed ids under the reasons that they share.
func reasons(ids []string, results []powerstate.Result, within limit) string {
	groups := make(map[string][]string)
	remedies := make(map[string]string)
	for i, id := range ids {
		if results[i].Err == nil {
			continue
		}
		failure, ok := asFailure(results[i].Err)
		if !ok {
			groups[results[i].Err.Error()] = append(groups[results[i].Err.Error()], id)
			continue
		}
		happened, remedy := explain(failure, within)
		code, requestID := faultOf(failure)
		if code != "" {
			happened += " Code: " + code + "."
		}
		groups[happened] = append(groups[happened], id+known(lastSeen(failure), pendingOperation(failure), requestID))
		remedies[happened] = remedy
	}
	var parts []string
	for _, happened := range slices.Sorted(maps.Keys(groups)) {
		part := happened + "\n  - " + strings.Join(firstN(groups[happened], mostFailures), "\n  - ")
		if remedies[happened] != "" {
			part += "\n" + remedies[happened]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "\n\n")
}

// How many instances a message lists: of those that failed, which are to be looked into,
// more than of those that a plan is about. A fleet has up to 10,000.
const (
	mostListed   = 10
	mostFailures = 20
)

// firstOf returns the first entries of a list, and how many more there are.
func firstOf(entries []string) []string { return firstN(entries, mostListed) }

func firstN(entries []string, n int) []string {
	if len(entries) <= n {
		return entries
	}
	return append(slices.Clone(entries[:n]), fmt.Sprintf("and %d more", len(entries)-n))
}

// known is, in parentheses, what is known of a failed instance.
func known(seen string, pending *backend.Operation, requestID string) string {
	var facts []string
	if seen != "" {
		facts = append(facts, "last seen "+seen)
	}
	if pending != nil {
		facts = append(facts, "operation "+strings.TrimSpace(pending.Name+" "+pending.RequestID)+" not ended")
	}
	if requestID != "" {
		facts = append(facts, "request id "+requestID)
	}
	if len(facts) == 0 {
		return ""
	}
	return " (" + strings.Join(facts, ", ") + ")"
}

// faultOf is the cloud's code and request id, where they have to do with the
// failure.
func faultOf(f *powerstate.Error) (code, requestID string) {
	if f.Fault == nil || !tellsFault(f) {
		return "", ""
	}
	return f.Fault.Code, f.Fault.RequestID
}

// release does what on_destroy says to ids that leave the fleet. It returns the
// results of all that it touched; one that is gone is left so.
func (e departing) release(
	ctx context.Context, client *powerstate.Client, m fleetModel, ids []string, origins map[string]origin,
	opts powerstate.ReachOptions, within limit,
) (map[string]powerstate.Result, diag.Diagnostics) {
	var diags diag.Diagnostics
	targets := make(map[powerstate.Target][]string)
	var unknown, left []string
	for _, id := range ids {
		found, known := origins[id]
		target, act := m.releaseTarget(found, known)
		switch {
		case !act:
			unknown = append(unknown, id)
		case e.leaves(id):
			left = append(left, id)
		default:
			targets[target] = append(targets[target], id)
		}
	}
	e.leaveAll(unknown...)
	diags.Append(m.originUnknown(unknown)...)
	var (
		parts    panics.Group
		mu       sync.Mutex
		released = make(map[string]powerstate.Result)
		stop     func()
	)
	opts.Finished, stop = logProgress(ctx, "left as declared", slices.Concat(slices.Collect(maps.Values(targets))...))
	defer stop()
	opts.Withdrawn = e.leaves
	for target, part := range targets {
		// At once: one that hangs must not take the time of the others.
		parts.Go(func() {
			results := client.ReachAll(ctx, part, target, opts)
			mu.Lock()
			defer mu.Unlock()
			for i, result := range results {
				switch {
				case result.Err == nil:
				case isWithdrawn(result.Err):
					left = append(left, part[i])
					continue
				case isGone(result.Err), onlyTheMode(result.Err):
					result.Err = nil // It needs no release.
				}
				released[part[i]] = result
			}
		})
	}
	parts.Wait()
	slices.Sort(left)
	diags.Append(e.leftAlone(left...)...)
	all := slices.Sorted(maps.Keys(released))
	results := make([]powerstate.Result, len(all))
	for i, id := range all {
		results[i] = released[id]
	}
	if failed := failedOf(all, results); len(failed) > 0 {
		diags.AddError(fmt.Sprintf("Unable to apply `on_destroy` to %d of %s", len(failed), instances(len(all))),
			reasons(all, results, within)+"\n\nThey stay in the state of the resource, and the next apply tries again.")
	}
	return released, diags
}

// without returns the sorted ids that are not in others, which are sorted too.
func without(ids, others []string) []string {
	var rest []string
	for _, id := range ids {
		if _, found := slices.BinarySearch(others, id); !found {
			rest = append(rest, id)
		}
	}
	return rest
}

// instances is a number of them with the noun.
func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
