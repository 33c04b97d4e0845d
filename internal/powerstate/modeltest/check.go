package modeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Proof names one promise.
type Proof string

// The promises, each proven by a function of the same file or the next ones.
const (
	// Answered: every id of an operation has exactly one result, its own.
	Answered Proof = "each id is answered exactly once"
	// Contract: a call names ids as the driver's contract demands.
	Contract Proof = "the driver's contract is kept"
	// OneAtATime: two operations on one instance run one after the other.
	OneAtATime Proof = "one operation at a time on an instance"
	// Success: an operation succeeds only on an observation of the target that
	// was requested after the last own call was answered.
	Success Proof = "success is an observation of the target after the last own call"
	// Ends: that observation ends the operation, without a further call.
	Ends Proof = "the observation of the target ends the operation"
	// Preceded: a write is preceded by an observation that was requested after
	// the write before it had ended.
	Preceded Proof = "every write is preceded by an observation"
	// Fresh: that observation is not old when the write goes out.
	Fresh Proof = "no write goes out on an old observation"
	// Asked: no write that the target did not ask for.
	Asked Proof = "no write that the target did not ask for"
	// Forced: the power is cut only where that was asked for or its time has come.
	Forced Proof = "no power is cut before its time"
	// Last: the returned observation is the last one.
	Last Proof = "the returned observation is the last one"
	// TrueCause: the cause in an error is true.
	TrueCause Proof = "the cause in an error is true"
	// Confirmed: a write that is answered that there is no such instance is followed
	// by a read.
	Confirmed Proof = "a missing instance is confirmed by a read"
	// NotLate: no write goes out after the deadline or a cancellation.
	NotLate Proof = "no write after the deadline or a cancellation"
	// InTime: an operation ends with its deadline, and with a cancellation.
	InTime Proof = "the deadline is kept"
	// Paced: no more instances of a fleet are in a transition at a time than may be.
	Paced Proof = "the limit of transitions is kept"
	// Limits: the cloud's limits are kept.
	Limits Proof = "the limits are kept"
	// NothingLeft: no goroutine is left.
	NothingLeft Proof = "no goroutine is left"
	// NoPanic: nothing panics.
	NoPanic Proof = "nothing panics"
	// NoNeedlessError: no error where nothing stood in the way.
	NoNeedlessError Proof = "no error where nothing stood in the way"
	// Prompt: an operation ends soon after its end is certain.
	Prompt Proof = "an operation ends soon after its end is certain"
)

// Proofs lists all of them.
func Proofs() []Proof {
	return []Proof{
		Answered, Contract, OneAtATime, Success, Ends, Preceded, Fresh, Asked, Forced, Last, TrueCause, Confirmed,
		NotLate, InTime, Paced, Limits,
		NothingLeft, NoPanic, NoNeedlessError, Prompt,
	}
}

// Violation is a promise that a history breaks.
type Violation struct {
	Proof Proof
	ID    string // of the instance; empty where it is about none
	Text  string
}

// String returns the violation as a sentence.
func (v Violation) String() string {
	if v.ID == "" {
		return fmt.Sprintf("[%s] %s", v.Proof, v.Text)
	}
	return fmt.Sprintf("[%s] %s: %s", v.Proof, v.ID, v.Text)
}

// Check reports each promise that the history breaks.
func Check(h *History) []Violation {
	c := &checker{h: h, instances: map[string]*instanceView{}}
	c.index()
	c.checkHistory()
	c.checkPaced()
	for _, in := range h.Scenario.Instances {
		view := c.instances[in.ID]
		c.checkLine(view)
		c.checkWrites(view)
		for _, o := range view.operations {
			c.checkEnd(o)
			if o.result == nil {
				continue
			}
			c.checkResult(view, o)
		}
	}
	return c.found
}

// checker holds the data that the proofs share.
type checker struct {
	h         *History
	instances map[string]*instanceView
	found     []Violation
	troubled  int // calls that met a trouble, in all
}

func (c *checker) report(proof Proof, id, format string, args ...any) {
	c.found = append(c.found, Violation{Proof: proof, ID: id, Text: fmt.Sprintf(format, args...)})
}

// instanceView is the history of one instance.
type instanceView struct {
	Instance
	reads      []event // that returned an observation, in the order of their answers
	failed     []event // describes that were refused or lost
	writes     []event // in the order of their requests
	changes    []Change
	operations []*operationView // in the order of their beginnings
}

// event is one call and its answer about one id.
type event struct {
	*Call
	Answer
}

// lost tells whether it is unknown if the call took effect.
func (e event) lost() bool { return e.Fault != nil && e.Fault.Kind == backend.KindUnavailable }

// canceled tells whether the call was given up with the operations that made it.
func (e event) canceled() bool {
	return e.Fault != nil && e.Fault.Message == givenUp(context.Canceled, e.Serial)
}

// state is the observed state of a describe.
func (e event) state() backend.State {
	if e.Observed == nil {
		return backend.Absent
	}
	return e.Observed.State
}

func (e event) String() string {
	return fmt.Sprintf("call %d (%s, at %v)", e.Serial, e.Op, e.Requested.At)
}

// operationView is one operation as far as it is about one instance.
type operationView struct {
	*OperationRecord
	id     string
	number int // in the scenario, from 1
	result *ResultRecord
	// ended is when the result of this id came.
	ended Moment
	// active tells whether it observed the instance at all, start since when: the
	// request of its first observation.
	active bool
	start  Moment
	first  *event
	// alone: no other operation is about the same instance at the same time; only:
	// no other that may write; quiet: no other that only reads, so that all reads
	// of its time are its own.
	alone, only, quiet bool
}

func (o *operationView) String() string { return fmt.Sprintf("operation %d (%s)", o.number, o.Kind) }

// deadline is when time is up, and gaveUp when the context ends: then or earlier.
func (o *operationView) deadline() time.Duration { return o.Began.At + o.Timeout }

func (o *operationView) gaveUp() time.Duration {
	if o.Cancel > 0 && o.Cancel < o.Timeout {
		return o.Began.At + o.Cancel
	}
	return o.deadline()
}

func (o *operationView) err() *powerstate.Error {
	var e *powerstate.Error
	if o.result != nil && errors.As(o.result.Err, &e) {
		return e
	}
	return nil
}

// during tells whether the moment is within the operation's work on the instance.
func (o *operationView) during(m Moment) bool {
	return o.active && !m.Before(o.start) && (m.Before(o.ended) || !o.ended.Happened())
}

// mayHaveSent tells whether the write can be the operation's. The operation before it is
// over some time before it returns: within that instant this one may have written.
func (o *operationView) mayHaveSent(w event) bool {
	if !o.Kind.Writes() {
		return false
	}
	begins := o.active && !w.Requested.Before(o.Began) && w.Requested.At == o.start.At
	return o.during(w.Requested) || begins && w.Requested.Before(o.ended)
}

// index sorts the history by instance.
func (c *checker) index() {
	for _, in := range c.h.Scenario.Instances {
		c.instances[in.ID] = &instanceView{Instance: in}
	}
	for _, change := range c.h.Changes {
		if view := c.instances[change.ID]; view != nil {
			view.changes = append(view.changes, change)
		}
	}
	for _, call := range c.h.Calls {
		if len(call.Answers) > 0 && call.Answers[0].Troubled || slices.ContainsFunc(call.Answers, troubled) {
			c.troubled++
		}
		for i, id := range call.IDs {
			view := c.instances[id]
			if view == nil || i >= len(call.Answers) {
				continue
			}
			e := event{call, call.Answers[i]}
			switch {
			case call.Op == Describe && e.OK():
				view.reads = append(view.reads, e)
			case call.Op == Describe:
				view.failed = append(view.failed, e)
			case call.Op.Writes():
				view.writes = append(view.writes, e)
			}
		}
	}
	for _, view := range c.instances {
		slices.SortFunc(view.reads, func(a, b event) int { return a.Answered.Number - b.Answered.Number })
	}
	for number, record := range c.h.Operations {
		for i, id := range record.IDs {
			view := c.instances[id]
			if view == nil || !record.Began.Happened() {
				continue
			}
			o := &operationView{OperationRecord: record, id: id, number: number + 1, ended: record.Ended}
			if at, ok := record.FinishedAt[id]; ok {
				o.ended = at
			}
			if i < len(record.Results) {
				o.result = &record.Results[i]
			}
			view.operations = append(view.operations, o)
		}
	}
	for _, view := range c.instances {
		slices.SortFunc(view.operations, func(a, b *operationView) int { return a.Began.Number - b.Began.Number })
		for _, o := range view.operations {
			view.place(o)
		}
	}
}

func troubled(a Answer) bool { return a.Troubled }

// place finds out when the operation began to work on the instance. Of several
// at the same time, each begins with its first observation, and one that has none
// never began.
func (v *instanceView) place(o *operationView) {
	o.alone, o.only, o.quiet = true, true, true
	var others []*operationView // that may write
	for _, other := range v.operations {
		switch {
		case other == o || !other.Began.Before(o.Ended) || !o.Began.Before(other.Ended):
			continue
		case other.Kind.Writes():
			o.only = false
			others = append(others, other)
		default:
			o.quiet = false
		}
		o.alone = false
	}
	o.active, o.start = true, o.Began
	if !o.Kind.Writes() || o.result == nil {
		return
	}
	// The end of the operation that came before this one, if they ran one after
	// the other.
	var previous Moment
	for _, other := range others {
		if other.observed() && other.ended.Before(o.ended) && (!previous.Happened() || previous.Before(other.ended)) {
			previous = other.ended
		}
	}
	o.first = v.firstRead(o, previous)
	switch {
	case o.only:
	case o.first == nil:
		o.active = o.observed()
		o.start = later(o.Began, previous)
	case v.cached(*o.first, previous):
		o.start = later(o.Began, previous)
	default:
		o.start = later(o.Began, o.first.Requested)
	}
}

func later(a, b Moment) Moment {
	if b.Happened() && a.Before(b) {
		return b
	}
	return a
}

// observed tells whether the operation says that it observed the instance.
func (o *operationView) observed() bool {
	if o.result == nil || o.result.Before.ID != "" || o.result.After.ID != "" {
		return true
	}
	e := o.err()
	return e == nil || e.Last != nil
}

// cached tells whether the observation may serve an operation that came
// after it: it was young, and there was no write since.
func (v *instanceView) cached(r event, previous Moment) bool {
	return previous.Happened() && r.Requested.Before(previous) && previous.At-r.Answered.At <= cacheAge &&
		!slices.ContainsFunc(v.writes, func(w event) bool {
			return w.Requested.Before(previous) && !w.Answered.Before(r.Requested)
		})
}

// firstRead is the observation with which the operation says that it began. Which
// one found it absent is not told: the first one after the previous operation ended.
func (v *instanceView) firstRead(o *operationView, previous Moment) *event {
	if o.result == nil || o.result.Before.ID == "" {
		return nil
	}
	var absent *event
	for i := range v.reads {
		r := &v.reads[i]
		switch {
		case r.Observed != nil && r.Observed.Name == o.result.Before.Name && o.result.Before.Name != "":
			return r
		case r.Observed != nil || o.result.Before.State != backend.Absent || r.Answered.Before(o.Began) ||
			o.ended.Before(r.Answered):
		case absent == nil || absent.Requested.Before(previous):
			absent = r
		}
	}
	return absent
}

// readsIn are the observations of the instance that were requested and answered
// while the operation was at work.
func (v *instanceView) readsIn(o *operationView) []event {
	var in []event
	for _, r := range v.reads {
		if o.during(r.Requested) && !o.ended.Before(r.Answered) {
			in = append(in, r)
		}
	}
	return in
}

// writesIn are the writes about the instance that were requested while the
// operation was at work.
func (v *instanceView) writesIn(o *operationView) []event {
	var in []event
	for _, w := range v.writes {
		// An operation is over some time before it returns: within that instant the
		// next one may have written.
		if o.during(w.Requested) && (o.only || o.NoWait || !o.ended.Happened() || w.Requested.At < o.ended.At) {
			in = append(in, w)
		}
	}
	return in
}

// lastReadBefore is the last observation that was answered before the moment.
func (v *instanceView) lastReadBefore(m Moment) *event {
	for i := range v.reads {
		if r := &v.reads[len(v.reads)-1-i]; r.Answered.Before(m) {
			return r
		}
	}
	return nil
}

// raced tells whether another read of the instance was on its way at the same
// time: the first good answer counts then, and the other may be thrown away.
func (v *instanceView) raced(r event) bool {
	overlaps := func(other event) bool {
		return other.Serial != r.Serial && other.Requested.Before(r.Answered) && r.Requested.Before(other.Answered)
	}
	return slices.ContainsFunc(v.reads, overlaps) || slices.ContainsFunc(v.failed, overlaps)
}

// meets tells whether an observation is one of the target: running, or stopped in
// the mode.
func meets(target powerstate.Target, in *backend.Instance) bool {
	if in == nil {
		return false
	}
	switch target.Goal {
	case powerstate.GoalRunning:
		return in.State == backend.Running
	case powerstate.GoalStopped:
		return in.State == backend.Stopped && modeMet(target.Mode, in.StoppedMode)
	case powerstate.GoalRebooted:
		// One observation alone does not tell.
	}
	return false
}

func modeMet(want, in backend.StoppedMode) bool {
	switch want {
	case backend.UnknownMode, backend.NotApplicable, powerstate.StopChargingIfSupported:
		return true
	case backend.KeepCharging:
		return in == backend.KeepCharging || in == backend.NotApplicable
	case backend.StopCharging:
		return in == backend.StopCharging
	}
	return false
}

// settled tells whether the cloud reports no operation on the instance that has
// not ended, or has failed; with one, the state alone does not say enough.
func settled(in *backend.Instance) bool {
	return in != nil && (in.LastOperation == nil || in.LastOperation.State == backend.OperationSucceeded)
}
