package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// fleetModel is the resource instance_fleet_power_state as Terraform holds it.
type fleetModel struct {
	members
	States          types.Map    `tfsdk:"states"`
	MaxInTransition types.Number `tfsdk:"max_in_transition"`
	ID              types.String `tfsdk:"id"`
	Instances       types.Map    `tfsdk:"instances"`
}

// stateMixed is what a fleet's state holds after a refresh that found
// differing states.
const stateMixed = "mixed"

// observeOver puts what a failed operation observed of ids over what is there, and
// keeps what was known of an id of which nothing was observed. all are the ids that the
// fleet has then.
func (m *fleetModel) observeOver(all, ids []string, results []powerstate.Result) {
	before := m.known()
	known := make(map[string]memberModel, len(all))
	for _, id := range all {
		if was, ok := before[id]; ok {
			known[id] = was // Unless something became of it.
		}
	}
	for i, id := range ids {
		member := memberOf(results[i], m.Region.ValueString())
		was, ok := before[id]
		if failure, failed := asFailure(results[i].Err); ok && failed && failure.Last == nil {
			member.State, member.Status, member.Charging = was.State, was.Status, was.Charging
		}
		known[id] = member
	}
	m.StoppedMode = m.modeOver(ids, lastOf(results))
	words := make(map[string]string, len(known))
	for id, member := range known {
		words[id] = member.State.ValueString()
	}
	m.setStates(words)
	m.setInstances(slices.Collect(maps.Keys(known)), known)
}

// modeOver is the mode that all stopped instances share after an operation on ids, of
// which the others are in the mode that the model has so far; null where they do not.
func (m fleetModel) modeOver(ids []string, results []powerstate.Result) types.String {
	if !slices.ContainsFunc(results, isStopped) {
		return m.StoppedMode
	}
	_, mode := common(results)
	others := m.known()
	for _, id := range ids {
		delete(others, id)
	}
	for _, other := range others {
		held, _ := parseMode(m.StoppedMode.ValueString())
		if other.State.ValueString() == stateStopped && held != mode {
			return types.StringNull()
		}
	}
	return observedMode(m.StoppedMode, mode)
}

func isStopped(r powerstate.Result) bool { return r.Err == nil && r.After.State == backend.Stopped }

// reason is why an instance failed, in one line.
func reason(f *powerstate.Error) string {
	happened, _ := explain(f, limit{})
	code, requestID := faultOf(f)
	var codes []string
	if code != "" {
		codes = append(codes, code)
	}
	if requestID != "" {
		codes = append(codes, "request id "+requestID)
	}
	if len(codes) > 0 {
		happened += " (" + strings.Join(codes, ", ") + ")"
	}
	return happened
}

// common is the state of a fleet as its state attribute shows it, the word that
// all instances share, or mixed; and the mode that those share which are
// stopped, or none.
func common(results []powerstate.Result) (state string, mode backend.StoppedMode) {
	words := make(map[string]bool)
	modes := make(map[backend.StoppedMode]bool)
	for _, r := range results {
		if r.Err != nil {
			words[stateMixed] = true
			continue
		}
		words[r.After.State.String()] = true
		if r.After.State == backend.Stopped {
			modes[plainMode(r.After.StoppedMode)] = true
		}
	}
	return only(words, stateMixed), only(modes, backend.UnknownMode)
}

// only is the one member of a set, or what stands for any other number.
func only[T comparable](set map[T]bool, otherwise T) T {
	if len(set) != 1 {
		return otherwise
	}
	for member := range set {
		return member
	}
	return otherwise
}

// fleetID names a fleet by its first set of ids; it stays when ids come and go.
func fleetID(cloudName, scope string, ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, ",")))
	return formatID(cloudName, scope, "fleet-"+hex.EncodeToString(sum[:6]))
}
