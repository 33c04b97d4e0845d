// Package modeltest proves the promises of package powerstate on random
// histories. A seed makes a Scenario: instances and their behavior, a cloud with
// its troubles, interference by somebody else, and operations. Play runs the
// operations against a fake cloud in fake time and records a History; Check
// reads the history and reports each promise that it breaks. The checker knows
// the specification and the public interface of the engine, and nothing of how
// the engine works.
package modeltest

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Never is the time of an event that does not happen.
const Never = time.Duration(-1)

// Always is the number of calls that a trouble meets when it does not end.
const Always = -1

// Scenario is all that a history begins with. It is plain data: the same
// scenario can be played again, printed, and made smaller.
type Scenario struct {
	Seed          uint64
	Cloud         CloudSettings
	Client        ClientSettings
	Instances     []Instance
	Interferences []Interference
	Troubles      []Trouble
	Operations    []Operation
}

// ClientSettings are the options of the engine.
type ClientSettings struct {
	BatchWindow       time.Duration
	RequestsPerSecond float64
}

// CloudSettings are the behavior of a cloud.
type CloudSettings struct {
	BatchSize int
	// PerItemOutcomes: one bad id does not fail its neighbors. Elsewhere the
	// first bad id refuses the whole call, and is named with NamesIDs.
	PerItemOutcomes bool
	NamesIDs        bool
	// NativeEscalation: the cloud cuts the power itself half a minute after a
	// stop with EscalateLater.
	NativeEscalation bool
	StopCharging     bool
	// OperationReason: instances report their last operation, with the request
	// id of the call that began it.
	OperationReason bool
	// BusyWhenAlreadySo: starting a running instance and stopping a stopped one
	// is refused as busy.
	BusyWhenAlreadySo bool
	// BusyWhenForcedWhileStopping: a shutdown that is under way is not cut short.
	BusyWhenForcedWhileStopping bool
	// MissingRefusesDescribe: a describe of several ids is refused as a whole
	// for one that does not exist.
	MissingRefusesDescribe bool
	ReadsPerSecond         float64
	WritesPerSecond        float64
	Burst                  int
	// Latency is how long a call is on its way in each direction, and Jitter how
	// much longer it may be.
	Latency, Jitter time.Duration
	// CanceledCallsArrive: a call that is given up on its way takes effect all
	// the same.
	CanceledCallsArrive bool
	// DryRuns and ChecksAbsence say which optional interfaces the driver has.
	DryRuns, ChecksAbsence bool
}

// Fate is how a transition ends.
type Fate int

// The fates.
const (
	// Completes: it takes its time and is done.
	Completes Fate = iota
	// FallsBack: it takes its time and ends where it began.
	FallsBack
	// Stuck: it never ends.
	Stuck
	// Ignored: the cloud accepts the call, and nothing changes at all.
	Ignored
)

// String returns the fate as a clause.
func (f Fate) String() string {
	return [...]string{"completes", "falls back", "is stuck", "is ignored"}[f]
}

// Transition is how one kind of transition of an instance goes.
type Transition struct {
	Time time.Duration
	Fate Fate
}

// Instance is one instance and its behavior.
type Instance struct {
	ID    string
	State backend.State // in the beginning; Absent with Appears
	Mode  backend.StoppedMode
	// Ends is when a transition that is under way in the beginning ends, and GivenUp
	// that it ends where it began.
	Ends    time.Duration
	GivenUp bool
	Appears time.Duration // of one that is Absent in the beginning

	Start, Stop, Reboot Transition // Stop is the graceful one
	ForcedStop          time.Duration

	// IgnoresMode: it stops in keep_charging, whatever was asked for.
	IgnoresMode bool
	// RefusesMode: the cloud refuses to stop charging, and nothing else shows it.
	RefusesMode bool
	// ModeLate is how long after a stop the mode reads as keep_charging.
	ModeLate        time.Duration
	StopChargingBar string
	Blocked         string
	StartBlocked    string
	AlwaysForced    bool
	// Locked: every write is refused as busy, although the state looks ordinary.
	Locked bool
	// OddFrom and OddTo bound the time in which the state reads as a word that
	// no table knows.
	OddFrom, OddTo time.Duration
	// Lag is how old a read may be; LagVaries says that each read is of another
	// age, as from replicas.
	Lag       time.Duration
	LagVaries bool
	// OperationStays: the last operation of a transition reads as running
	// although the transition is over.
	OperationStays bool
	// Hidden: the account may not see it, so that a describe does not return it
	// and the question of its absence is denied.
	Hidden bool
}

// Trigger is when something happens.
type Trigger int

// The triggers.
const (
	AtTime  Trigger = iota // Delay after the beginning
	OnState                // Delay after the instance entered State for the Nth time
	OnRead                 // Delay after the Nth describe of the instance arrived
	OnWrite                // Delay after the Nth write about the instance arrived
)

// Action is an act of somebody else.
type Action int

// The actions.
const (
	DoStop Action = iota
	DoForcedStop
	DoStart
	DoReboot
	DoDelete
	DoBlock
	DoUnblock
	DoMakeUnavailable
)

// String returns the action as a verb.
func (a Action) String() string {
	return [...]string{
		"stops", "cuts the power of", "starts", "reboots", "deletes", "locks", "unlocks", "makes unavailable",
	}[a]
}

// Interference is one act of somebody else. What the instance is not in a state
// for is not done.
type Interference struct {
	ID     string
	On     Trigger
	State  backend.State // with OnState
	Nth    int           // from 1
	Delay  time.Duration
	Action Action
	Mode   backend.StoppedMode // of a stop
	// Takes and Fate are those of the transition that it begins.
	Takes time.Duration
	Fate  Fate
}

// Trouble is how some calls fail, in the cloud or on their way.
type Trouble struct {
	Op CallOp
	// ID is the instance to which it applies; empty for any call of Op.
	ID string
	// Skip is how many matching calls come before; Times is how many it meets,
	// or Always.
	Skip, Times int
	// From and To bound the time of arrival; To of 0 is no bound.
	From, To time.Duration
	Fault    backend.Fault
	// Lost: a write takes effect, and the answer is the fault. Without it a
	// fault has no effect.
	Lost bool
	// Hang: no answer ever comes. With Lost the call has its effect before.
	Hang bool
}

// CallOp is one kind of call to a driver.
type CallOp int

// The calls.
const (
	Describe CallOp = iota
	Start
	Stop
	Reboot
	DryRun
	CheckAbsent
)

// String returns the name of the call.
func (o CallOp) String() string {
	return [...]string{"describe", "start", "stop", "reboot", "dry run", "absence check"}[o]
}

// Writes tells whether the call asks for a transition.
func (o CallOp) Writes() bool { return o == Start || o == Stop || o == Reboot }

// OperationKind is which method of the engine an operation calls.
type OperationKind int

// The kinds of operations.
const (
	Reach OperationKind = iota
	ReachAll
	Observe
	ObserveAll
	Preflight
)

// String returns the name of the method.
func (k OperationKind) String() string {
	return [...]string{"Reach", "ReachAll", "Observe", "ObserveAll", "Preflight"}[k]
}

// Writes tells whether operations of this kind may write.
func (k OperationKind) Writes() bool { return k <= ReachAll }

// Operation is one call of the engine.
type Operation struct {
	Kind   OperationKind
	IDs    []string
	Target powerstate.Target
	NoWait bool
	// Lasted is how long former transitions lasted, as far as the caller knows: it may be
	// wrong. 0 is unknown.
	Lasted time.Duration
	// Most is how many instances of a ReachAll may be in a transition at a time; 0 is all.
	Most    int
	Appear  bool // wait for an instance that is missing in the beginning
	DryRun  bool // with Preflight
	Begin   time.Duration
	Timeout time.Duration
	// Cancel is when the caller gives up, counted from Begin; 0 is never.
	Cancel time.Duration
}
