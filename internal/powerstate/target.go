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

// optionsFor are the options with which a call for the target is sent.
func (t Target) optionsFor(op backend.Op) backend.StopOptions {
	switch op {
	case backend.OpStop:
		return backend.StopOptions{Force: t.force(), Mode: t.Mode}
	case backend.OpReboot:
		return backend.StopOptions{Force: t.force()}
	case backend.OpStart:
	}
	return backend.StopOptions{}
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

// sameMode reports whether a stopped instance that reports the mode observed is in
// the target's mode. One to which the question does not apply keeps being charged.
func sameMode(observed, target backend.StoppedMode) bool {
	switch target {
	case backend.UnknownMode:
		return true
	case backend.KeepCharging:
		return observed == backend.KeepCharging || observed == backend.NotApplicable
	case backend.StopCharging, backend.NotApplicable:
	}
	return observed == target
}
