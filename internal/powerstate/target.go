package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Goal is the power state that a target leads to.
type Goal int

// The goals. The zero value is none of them, and is refused: a goal that was
// forgotten must not stop anything.
const (
	// GoalRunning: the instance runs.
	GoalRunning Goal = iota + 1
	// GoalStopped: the instance is stopped, in the mode of the target.
	GoalStopped
	// GoalRebooted: the running instance was restarted once. It never leads to a
	// start or a stop.
	GoalRebooted
)

// String returns the goal as a word for messages.
func (g Goal) String() string {
	switch g {
	case GoalRunning:
		return "running"
	case GoalStopped:
		return "stopped"
	case GoalRebooted:
		return "rebooted"
	}
	return "invalid"
}

// StopChargingIfSupported is the mode of a target that stops charging where the
// instance can and keeps charging where it cannot. A stopped instance satisfies it in
// any mode. It never reaches a driver.
const StopChargingIfSupported backend.StoppedMode = "stop_charging_if_supported"

// Target is the wanted state of an instance, with its options. The zero value is
// refused.
type Target struct {
	Goal Goal
	// Mode is the mode of an instance that is to be stopped; UnknownMode accepts
	// any.
	Mode backend.StoppedMode
	// ForceStop cuts the power at once.
	ForceStop bool
	// ForceStopAfter cuts the power of an instance that a graceful stop has
	// not stopped after this long; 0 never does.
	ForceStopAfter time.Duration
	// AllowRestart permits a start and a stop where only that changes the mode
	// of a stopped instance.
	AllowRestart bool
}

// force is how the first stop, or reboot, for the target is sent.
func (t Target) force() backend.Force {
	switch {
	case t.ForceStop:
		return backend.Forced
	case t.ForceStopAfter > 0:
		return backend.EscalateLater
	}
	return backend.Graceful
}

// forceFor is how hard the first call of an operation for the target is sent.
func (t Target) forceFor(op backend.Op) backend.Force { return t.optionsFor(op, false).Force }

// optionsFor are the options with which a call for the target is sent, about an
// instance that can stop charging, or cannot.
func (t Target) optionsFor(op backend.Op, canStopCharging bool) backend.StopOptions {
	switch op {
	case backend.OpStop:
		return backend.StopOptions{Force: t.force(), Mode: t.modeFor(canStopCharging)}
	case backend.OpReboot:
		return backend.StopOptions{Force: t.force()}
	case backend.OpStart:
	}
	return backend.StopOptions{}
}

// modeFor is the mode that a stop for the target asks for.
func (t Target) modeFor(canStopCharging bool) backend.StoppedMode {
	switch {
	case t.Mode != StopChargingIfSupported:
		return t.Mode
	case canStopCharging:
		return backend.StopCharging
	}
	return backend.KeepCharging
}

// escalates reports whether a graceful stop may be followed by a forced one.
func (t Target) escalates() bool {
	return t.Goal == GoalStopped && t.ForceStopAfter > 0 && !t.ForceStop
}

// matches reports whether an instance is at the target. A reboot leaves no trace in
// the state, so that no instance is ever found rebooted.
func (t Target) matches(in *backend.Instance) bool {
	switch t.Goal {
	case GoalRunning:
		return in.State == backend.Running
	case GoalStopped:
		return in.State == backend.Stopped && sameMode(in.StoppedMode, t.Mode)
	case GoalRebooted:
	}
	return false
}

// prefers reports whether a mode is as good as any that the target can come to.
func (t Target) prefers(mode backend.StoppedMode) bool {
	if t.Mode == StopChargingIfSupported {
		return mode == backend.StopCharging
	}
	return sameMode(mode, t.Mode)
}

// sameMode reports whether a stopped instance that reports the mode observed is in
// the target's mode. One to which the question does not apply keeps being charged.
func sameMode(observed, target backend.StoppedMode) bool {
	switch target {
	case backend.UnknownMode, StopChargingIfSupported:
		return true
	case backend.KeepCharging:
		return observed == backend.KeepCharging || observed == backend.NotApplicable
	case backend.StopCharging, backend.NotApplicable:
	}
	return observed == target
}
