package powerstate

import "github.com/instance-power/terraform-provider-instance/internal/backend"

// Step is one of the five answers of Decide.
type Step int

// The answers.
const (
	// Refuse: the target cannot be reached from here; Decision.Reason tells why.
	Refuse Step = iota
	// Done: the instance is at the target.
	Done
	// Act: call Decision.Op.
	Act
	// Wait: observe again later.
	Wait
	// Restart: call Decision.Op, a start, only in order to stop again in
	// another mode.
	Restart
)

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

// Reason is why a target is refused.
type Reason int

// The reasons.
const (
	// NoReason is that of every answer but Refuse.
	NoReason Reason = iota
	// IsAbsent: no such instance.
	IsAbsent
	// IsUnavailable: it exists and cannot be operated.
	IsUnavailable
	// IsBlocked: a lock, arrears, or the like.
	IsBlocked
	// IsStopped: a stopped instance is not rebooted.
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

// Decide returns what to do about an instance, as it was observed, to reach the
// target. It is pure and total: any state and any target, known or not, has an
// answer.
func Decide(in *backend.Instance, target Target) Decision {
	decision := steps[in.State].to(target.Goal)
	switch {
	case decision.Step == Done && target.Goal == GoalStopped && !sameMode(in.StoppedMode, target.Mode):
		decision = changeMode(in, target)
	case decision.Step == Act && decision.Op == backend.OpStop &&
		target.Mode == backend.StopCharging && in.StopChargingBar != "":
		return Decision{Step: Refuse, Reason: ModeUnsupported}
	}
	if decision.Step != Act && decision.Step != Restart {
		return decision
	}
	if in.Blocked != "" || decision.Op != backend.OpStop && in.StartBlocked != "" {
		return Decision{Step: Refuse, Reason: IsBlocked}
	}
	if op := in.LastOperation; op != nil && op.State == backend.OperationRunning {
		return Decision{Step: Wait}
	}
	return decision
}

// row is the answers for one state, by goal.
type row struct{ running, stopped, rebooted Decision }

// to refuses a goal that is none.
func (r row) to(goal Goal) Decision {
	switch goal {
	case GoalRunning:
		return r.running
	case GoalStopped:
		return r.stopped
	case GoalRebooted:
		return r.rebooted
	}
	return Decision{Step: Refuse}
}

// forAll is a row with one answer for all goals.
func forAll(d Decision) row { return row{d, d, d} }

// steps is the decision for each state where nothing else speaks against it.
// An instance in transition is waited out first, whichever it is, and so is an
// unknown word. The row of a state that is not listed refuses.
var steps = map[backend.State]row{
	backend.Running: {
		running:  Decision{Step: Done},
		stopped:  Decision{Step: Act, Op: backend.OpStop},
		rebooted: Decision{Step: Act, Op: backend.OpReboot},
	},
	backend.Stopped: {
		running:  Decision{Step: Act, Op: backend.OpStart},
		stopped:  Decision{Step: Done},
		rebooted: Decision{Step: Refuse, Reason: IsStopped},
	},
	backend.Starting:    forAll(Decision{Step: Wait}),
	backend.Stopping:    forAll(Decision{Step: Wait}),
	backend.Restarting:  forAll(Decision{Step: Wait}),
	backend.Unknown:     forAll(Decision{Step: Wait}),
	backend.Unavailable: forAll(Decision{Reason: IsUnavailable}),
	backend.Absent:      forAll(Decision{Reason: IsAbsent}),
}

// changeMode decides about a stopped instance that is in another mode than the
// target's.
func changeMode(in *backend.Instance, target Target) Decision {
	switch {
	case target.Mode == backend.StopCharging && in.StopChargingBar != "":
		return Decision{Step: Refuse, Reason: ModeUnsupported}
	case !target.AllowRestart:
		return Decision{Step: Refuse, Reason: ModeNeedsRestart}
	}
	return Decision{Step: Restart, Op: backend.OpStart}
}

// inTransition reports whether a state ends by itself.
func inTransition(s backend.State) bool {
	return s == backend.Starting || s == backend.Stopping || s == backend.Restarting
}
