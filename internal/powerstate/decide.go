package powerstate

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Target is what is wanted of an instance. The zero value is not valid.
type Target struct {
	// State is Running or Stopped.
	State backend.State
	// Mode is the mode wanted while stopped; UnknownMode asks for none.
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

// force is how the first stop of the target goes out.
func (t Target) force() backend.Force {
	switch {
	case t.ForceStop:
		return backend.Forced
	case t.ForceStopAfter > 0:
		return backend.EscalateLater
	}
	return backend.Graceful
}

// optionsFor is how a call goes out for the target.
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

// Step is one of the five answers of Decide.
type Step int

// The answers.
const (
	// Refuse: the target cannot be reached from here; Decision.Reason says why.
	Refuse Step = iota
	// Done: the target is reached.
	Done
	// Act: call Decision.Op.
	Act
	// Wait: look again later.
	Wait
	// Restart: call Decision.Op, a start, only in order to stop again in
	// another mode.
	Restart
)

// Reason says why a target is refused.
type Reason int

// The reasons.
const (
	// NoReason goes with every answer but Refuse.
	NoReason Reason = iota
	// IsAbsent: no such instance.
	IsAbsent
	// IsUnavailable: it exists and cannot be operated.
	IsUnavailable
	// IsBlocked: a lock, arrears, or the like.
	IsBlocked
	// IsStopped: what is stopped is not rebooted.
	IsStopped
	// ModeUnsupported: this instance cannot stop charging.
	ModeUnsupported
	// ModeNeedsRestart: only a restart, which was not permitted, changes the
	// mode of a stopped instance.
	ModeNeedsRestart
)

// Decision is what to do next about one instance.
type Decision struct {
	Step   Step
	Op     backend.Op // with Act and Restart
	Reason Reason     // with Refuse
}

// Decide says what to do about an instance, seen as it is, to reach the
// target. It is pure and total: any state and any target, known or not, has an
// answer.
func Decide(seen backend.Instance, target Target) Decision {
	decision := steps[seen.State].to(target.State)
	switch {
	case decision.Step == Done && target.State == backend.Stopped && !sameMode(seen.StoppedMode, target.Mode):
		decision = changeMode(seen, target)
	case decision.Step == Act && decision.Op == backend.OpStop && target.Mode == backend.StopCharging && seen.StopChargingBar != "":
		return Decision{Step: Refuse, Reason: ModeUnsupported}
	}
	if decision.Step != Act && decision.Step != Restart {
		return decision
	}
	if seen.Blocked != "" || decision.Op == backend.OpStart && seen.StartBlocked != "" {
		return Decision{Step: Refuse, Reason: IsBlocked}
	}
	if op := seen.LastOperation; op != nil && op.State == backend.OperationRunning {
		return Decision{Step: Wait}
	}
	return decision
}

// row is the answers of one state, by target.
type row struct{ running, stopped Decision }

// to refuses a target that is neither: a forgotten one must not stop anything.
func (r row) to(target backend.State) Decision {
	switch target {
	case backend.Running:
		return r.running
	case backend.Stopped:
		return r.stopped
	default:
		return Decision{Step: Refuse}
	}
}

// steps is the decision for each state where nothing else speaks against it.
// An instance in transition is waited out first, whichever way it goes, and an
// unknown word is waited on. The row of a state that is not listed refuses.
var steps = map[backend.State]row{
	backend.Running:     {running: Decision{Step: Done}, stopped: Decision{Step: Act, Op: backend.OpStop}},
	backend.Stopped:     {running: Decision{Step: Act, Op: backend.OpStart}, stopped: Decision{Step: Done}},
	backend.Starting:    {running: Decision{Step: Wait}, stopped: Decision{Step: Wait}},
	backend.Stopping:    {running: Decision{Step: Wait}, stopped: Decision{Step: Wait}},
	backend.Restarting:  {running: Decision{Step: Wait}, stopped: Decision{Step: Wait}},
	backend.Unknown:     {running: Decision{Step: Wait}, stopped: Decision{Step: Wait}},
	backend.Unavailable: {running: Decision{Reason: IsUnavailable}, stopped: Decision{Reason: IsUnavailable}},
	backend.Absent:      {running: Decision{Reason: IsAbsent}, stopped: Decision{Reason: IsAbsent}},
}

// changeMode decides about a stopped instance that is in another mode than the
// target's.
func changeMode(seen backend.Instance, target Target) Decision {
	switch {
	case target.Mode == backend.StopCharging && seen.StopChargingBar != "":
		return Decision{Step: Refuse, Reason: ModeUnsupported}
	case !target.AllowRestart:
		return Decision{Step: Refuse, Reason: ModeNeedsRestart}
	}
	return Decision{Step: Restart, Op: backend.OpStart}
}

// sameMode reports whether a stopped instance that reads back seen is in the
// wanted mode. One to which the question does not apply keeps being charged.
func sameMode(seen, wanted backend.StoppedMode) bool {
	switch wanted {
	case backend.UnknownMode:
		return true
	case backend.KeepCharging:
		return seen == backend.KeepCharging || seen == backend.NotApplicable
	case backend.StopCharging, backend.NotApplicable:
	}
	return seen == wanted
}

// inTransition reports whether a state ends by itself.
func inTransition(s backend.State) bool {
	return s == backend.Starting || s == backend.Stopping || s == backend.Restarting
}

// String returns the step as a word for logs.
func (s Step) String() string {
	switch s {
	case Refuse:
		return "refuse"
	case Done:
		return "done"
	case Act:
		return "act"
	case Wait:
		return "wait"
	case Restart:
		return "restart"
	}
	return "invalid"
}
