package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// surface is where something is declared, or asked for: a resource, an action or a
// data source. It decides the words of a text: which attribute names the instances, and
// what can be done next.
type surface struct {
	// ids is the attribute that names the instances.
	ids string
	// op is what an action does; a resource, which alone has a state and a next
	// apply, has none.
	op backend.Op
}

// The surfaces of resources and data sources.
var (
	onInstance = surface{ids: "instance_id"}
	onFleet    = surface{ids: "instance_ids"}
)

// onAction is the surface of the action for an operation.
func onAction(op backend.Op) surface { return surface{ids: "instance_ids", op: op} }

// one reports whether there is one instance and no list of them.
func (s surface) one() bool { return s.ids == onInstance.ids }

// acts reports whether it is an action, which has no state and no next apply.
func (s surface) acts() bool { return s.op != 0 }

// subject begins a sentence about all of its instances, as far as they are known.
func (s surface) subject(ids []string) string {
	switch {
	case len(ids) == 0 && s.one():
		return "The instance"
	case len(ids) == 0:
		return "The instances"
	case len(ids) == 1:
		return fmt.Sprintf("Instance %q", ids[0])
	}
	return "The instances " + strings.Join(firstOf(ids), ", ")
}

// either begins a sentence about any of its instances.
func (s surface) either(ids []string) string {
	switch {
	case len(ids) == 1 || s.one():
		return s.subject(ids)
	case len(ids) == 0:
		return "An instance"
	}
	return "Each of " + lowerFirst(s.subject(ids))
}

// whereSupported restricts a sentence about instances to those that can stop charging.
func (s surface) whereSupported(ids []string) string {
	if s.one() || len(ids) == 1 {
		return " if it can stop charging"
	}
	return " where they can stop charging"
}

// limit is the time limit of an operation, with the attribute that sets it.
type limit struct {
	of        surface
	attribute string
	d         time.Duration
	// onlyReads is set for a refresh, a preflight, a listing and a dry run, which change
	// nothing.
	onlyReads bool
}

// limit is the time limit of an operation of a resource or a data source.
func (s surface) limit(operation string, d time.Duration) limit {
	return limit{s, "timeouts." + operation, d, operation == "read" || operation == "list"}
}

// String names the limit, as far as it is known, after the words "time limit".
func (l limit) String() string {
	if l.attribute == "" {
		return ""
	}
	return fmt.Sprintf(" of %s (`%s`)", l.d, l.attribute)
}

// replacedRemedy is what can be done about an instance that was deleted.
func (s surface) replacedRemedy() string {
	if s.one() {
		return "Remove the resource from the configuration, or change `instance_id` to that of the new instance."
	}
	return fmt.Sprintf("Remove the id from `%s`, or put that of the new instance in its place.", s.ids)
}

// notUndone says what an end of the run does not undo.
const notUndone = "Calls that the cloud has already accepted are not undone."

// goesOn says what follows an operation that was cut short.
func (s surface) goesOn(after string) string {
	if s.acts() {
		return notUndone
	}
	return after
}

// modeRemedy is what can be done about a stopped instance in another mode.
func (s surface) modeRemedy() string {
	if s.acts() {
		return "Leave `stopped_mode` out, or set it to the mode that the instance is in."
	}
	return "Set `allow_restart = true` to let the provider start it and stop it again, or set `stopped_mode` to the " +
		"mode that it is in."
}

// ignoredRemedy is what can be done about a stop that did not lead to its mode.
func (s surface) ignoredRemedy() string {
	remedy := "Set `stopped_mode` to a mode that the instance supports, or leave it out."
	if s.acts() {
		return remedy
	}
	return remedy + " The instance is stopped, and the next plan shows it as it is."
}

// noEffectRemedy is what can be done about a call that the cloud accepted and that did
// nothing.
func (s surface) noEffectRemedy(f *powerstate.Error) string {
	switch {
	case f.Op == backend.OpStop && !f.Target.ForceStop:
		return "The guest may have ignored the request to shut down. Shut it down from inside, or set " +
			"`force_stop_after` or `force_stop` to cut the power (unsaved data can be lost)."
	case f.Op == backend.OpStart:
		return "The cloud may have no stock of this instance type in the zone at the moment: apply again later, " +
			"or change the type."
	case s.acts():
		return "See the instance's operations in the cloud's console."
	}
	return "Apply again; if it stays so, see the instance's operations in the cloud's console."
}
