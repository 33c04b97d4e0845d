package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// location is the cloud and the region of a declaration.
type location struct {
	Cloud  types.String `tfsdk:"cloud"`
	Region types.String `tfsdk:"region"`
}

// unset makes unknown what is null, so that place fills it in: the attributes are not
// computed.
func (l *location) unset() {
	for _, value := range []*types.String{&l.Cloud, &l.Region} {
		if value.IsNull() {
			*value = types.StringUnknown()
		}
	}
}

// declaration is what a configuration declares about the power state of instances. The
// single resource, the fleet and the actions embed it; an action leaves null what it
// does not have. Whatever follows from these attributes alone is a method of it.
type declaration struct {
	location
	State          types.String   `tfsdk:"state"`
	ForceStop      types.Bool     `tfsdk:"force_stop"`
	ForceStopAfter types.String   `tfsdk:"force_stop_after"`
	StoppedMode    types.String   `tfsdk:"stopped_mode"`
	AllowRestart   types.Bool     `tfsdk:"allow_restart"`
	OnDestroy      types.String   `tfsdk:"on_destroy"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// The values of on_destroy.
const (
	onDestroyLeave   = "leave"
	onDestroyRestore = "restore"
	onDestroyRunning = "running"
	onDestroyStopped = "stopped"
)

// The values of state that can be asked for.
var (
	stateRunning = backend.Running.String()
	stateStopped = backend.Stopped.String()
)

// The default time limits.
const (
	defaultTimeout     = 20 * time.Minute
	defaultReadTimeout = 5 * time.Minute
)

// target is what the declaration asks of the engine. A word that a refresh has observed
// asks for nothing, and the engine refuses it.
func (d declaration) target() powerstate.Target {
	goal := powerstate.Goal(0)
	switch d.State.ValueString() {
	case stateRunning:
		goal = powerstate.GoalRunning
	case stateStopped:
		goal = powerstate.GoalStopped
	}
	return d.targetFor(goal)
}

// verb is what an apply does to the instances, in the summary of an error.
func (d declaration) verb() string {
	switch d.State.ValueString() {
	case stateRunning:
		return "start"
	case stateMixed:
		return "start or stop"
	}
	return "stop"
}

// targetFor is target with another goal.
func (d declaration) targetFor(goal powerstate.Goal) powerstate.Target {
	after, err := time.ParseDuration(d.ForceStopAfter.ValueString())
	if err != nil {
		after = 0 // Validated with the configuration: it is not set.
	}
	mode, _ := parseMode(d.StoppedMode.ValueString())
	return powerstate.Target{
		Goal:           goal,
		Mode:           mode,
		ForceStop:      d.ForceStop.ValueBool(),
		ForceStopAfter: after,
		AllowRestart:   d.AllowRestart.ValueBool(),
	}
}

// releaseTarget is what on_destroy asks for an instance that was found in the state of
// an origin; known is false where that could not be told, and act is false when nothing
// is asked for.
func (d declaration) releaseTarget(found origin, known bool) (target powerstate.Target, act bool) {
	switch d.OnDestroy.ValueString() {
	case onDestroyRunning:
		return d.targetFor(powerstate.GoalRunning), true
	case onDestroyStopped:
		target = d.targetFor(powerstate.GoalStopped)
		target.AllowRestart = false // It is stopped, whatever the mode.
		return target, true
	case onDestroyRestore:
		if !known {
			return powerstate.Target{}, false
		}
		if found.State == stateRunning {
			return d.targetFor(powerstate.GoalRunning), true
		}
		d.StoppedMode = orNull(found.Mode)
		return d.targetFor(powerstate.GoalStopped), true
	}
	return powerstate.Target{}, false
}

// actsOnDestroy reports whether an instance that leaves may be touched.
func (d declaration) actsOnDestroy() bool {
	word := d.OnDestroy.ValueString()
	return word == onDestroyRestore || word == onDestroyRunning || word == onDestroyStopped
}

// asks returns the plan as the configuration asks for it. A mode that it does not
// name is in the plan a promise about what was read, and nothing that a stop is
// to use.
func (d declaration) asks(config declaration) declaration {
	d.StoppedMode = config.StoppedMode
	return d
}

// declares reports whether the state is one that can be asked for, or may turn
// out to be. It is not where ignore_changes puts what was observed in the place
// of what is configured.
func (d declaration) declares() bool {
	word := d.State.ValueString()
	return d.State.IsUnknown() || word == stateRunning || word == stateStopped
}

// moves reports whether a plan may touch the instances, which are where prior says
// they are: it declares another state, or another mode of what is stopped.
func (d declaration) moves(prior declaration) bool {
	return d.declares() && (!d.State.Equal(prior.State) || d.changesMode(prior))
}

// changesMode reports whether a plan may change the mode of instances that are stopped,
// and stay so. Where none is declared, or one that is only preferred, the mode in which
// they are satisfies it.
func (d declaration) changesMode(prior declaration) bool {
	mode, _ := parseMode(d.StoppedMode.ValueString())
	return d.State.ValueString() == stateStopped && !d.StoppedMode.IsNull() && !d.StoppedMode.Equal(prior.StoppedMode) &&
		mode != powerstate.StopChargingIfSupported
}

// relocated reports whether the plan is about another place than prior. A region that
// was not known, as after a move from another type, is only filled in.
func (d declaration) relocated(prior declaration) bool {
	return !d.Cloud.Equal(prior.Cloud) || !d.Region.Equal(prior.Region) && !prior.Region.IsNull()
}

// planMode plans stopped_mode: another spelling of what is there is no change,
// and one that is not configured is unknown only while a stop is to choose it.
func (d *declaration) planMode(config declaration, prior *declaration, facts modeFacts) {
	if prior != nil && !config.StoppedMode.IsNull() && !config.StoppedMode.IsUnknown() {
		wanted, _ := parseMode(config.StoppedMode.ValueString())
		held, _ := parseMode(prior.StoppedMode.ValueString())
		// Whatever state is planned: it may not be known yet, and the core holds the plan within
		// the apply to this one. A refresh shows the declared mode of what runs then.
		satisfied := wanted == powerstate.StopChargingIfSupported && held != backend.UnknownMode &&
			prior.State.ValueString() == stateStopped
		if held == wanted || satisfied {
			d.StoppedMode = prior.StoppedMode
		}
		return
	}
	if !config.StoppedMode.IsNull() {
		return
	}
	switch {
	case d.State.IsUnknown():
		d.StoppedMode = types.StringUnknown()
	case d.State.ValueString() == stateRunning && prior != nil && !facts.applied && d.State.Equal(prior.State):
		d.StoppedMode = prior.StoppedMode // Nothing tells whether it was ever declared.
	case d.State.ValueString() == stateRunning:
		d.StoppedMode = types.StringNull()
	case !d.declares() && prior != nil:
		d.StoppedMode = prior.StoppedMode
	case prior != nil && prior.State.ValueString() == stateStopped:
		d.StoppedMode = undeclaredMode(prior.StoppedMode, facts.billed)
	default:
		d.StoppedMode = types.StringUnknown()
	}
}

// modeFacts are what a plan knows of the mode beside the declarations.
type modeFacts struct {
	// applied is set when the private state tells which mode was declared: after the first
	// apply. Before it, as after an import, the state has a mode that was only observed.
	applied bool
	// billed is whether the instances that are stopped are charged for, where that is known.
	billed types.Bool
}

// undeclaredMode is the mode that stays where the configuration names none any longer. The
// state does not show how one that was only preferred turned out, but the billing does.
func undeclaredMode(held types.String, billed types.Bool) types.String {
	if mode, _ := parseMode(held.ValueString()); mode != powerstate.StopChargingIfSupported {
		return held
	}
	return billedMode(billed)
}

// billedMode is the mode of what is stopped, by the billing.
func billedMode(billed types.Bool) types.String {
	switch {
	case billed.IsNull() || billed.IsUnknown():
		return types.StringNull()
	case billed.ValueBool():
		return types.StringValue(string(backend.KeepCharging))
	}
	return types.StringValue(string(backend.StopCharging))
}
