package modeltest

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Moment is when something was recorded. Much happens at the same instant of
// fake time, so that each record also has a number in the order of events; 0 is
// not yet.
type Moment struct {
	Number int
	At     time.Duration
}

// Happened tells whether the moment came at all.
func (m Moment) Happened() bool { return m.Number > 0 }

// Before tells whether m came before other, which it did when other never came.
func (m Moment) Before(other Moment) bool {
	return m.Happened() && (!other.Happened() || m.Number < other.Number)
}

// Author is whose doing a change of an instance was.
type Author int

// The authors.
const (
	TheCloud Author = iota
	Ours
	SomebodyElse
	TheGuest
)

// String returns the author as a noun.
func (a Author) String() string {
	return [...]string{"the cloud", "we", "somebody else", "the guest"}[a]
}

// Call is one call to the driver.
type Call struct {
	Serial  int
	Op      CallOp
	For     CallOp // with DryRun, the call that is tried
	IDs     []string
	Options backend.StopOptions

	// Requested is when the engine called the driver, Arrived when the call took
	// effect in the cloud (if ever), and Answered when the driver returned.
	Requested, Arrived, Answered Moment
	// Answers has one answer for each id, in order, or none when nothing came.
	Answers []Answer
	// Hung: the cloud never answers; the call ends when it is given up.
	Hung bool
	// Misuse is how the call breaks the driver's contract.
	Misuse string
}

// Answer is the answer to one call about one id.
type Answer struct {
	// Fault is nil when the call was accepted, or the instance was read.
	Fault *backend.Fault
	// Troubled says that the scenario planned the fault, Own that it was about
	// this id and not only about another of the same call.
	Troubled, Own bool
	// Observed is the instance that a describe returned; nil where it was absent.
	Observed *backend.Instance
	// Effect says that a write changed something, whatever was answered.
	Effect bool
}

// OK tells whether the call was answered without a fault.
func (a Answer) OK() bool { return a.Fault == nil }

// Change is one change of an instance as it truly was.
type Change struct {
	Moment
	ID     string
	State  backend.State
	Mode   backend.StoppedMode
	Author Author
	// Call is the serial of our call that caused it, 0 with other authors.
	Call int
	Note string
}

// OperationRecord is one operation and its results.
type OperationRecord struct {
	Operation
	Began, Ended Moment
	Results      []ResultRecord // one for each that came back, in order
	// Finished counts the reports of the engine for each id while the operation
	// ran, and FinishedAt has the first.
	Finished   map[string]int
	FinishedAt map[string]Moment
	Panic      string
}

// ResultRecord is the result for one id.
type ResultRecord struct {
	Before, After backend.Instance
	Decision      powerstate.Decision // of a preflight
	DryRun        *backend.Fault      // of a preflight
	Err           error
}

// History is all that happened in one scenario.
type History struct {
	Scenario   Scenario
	Calls      []*Call
	Changes    []Change
	Operations []*OperationRecord
	// Stuck is why the history did not end by itself: goroutines that were left.
	Stuck string
}
