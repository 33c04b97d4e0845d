package modeltest

import (
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// rebootSettles is how long after the acceptance of a reboot a running instance
// counts as rebooted although it was never observed to leave that state.
const rebootSettles = 30 * time.Second

// planAge is how old the observation of a preflight may be.
const planAge = 15 * time.Second

// checkResult proves the promises about the result of one id.
func (c *checker) checkResult(v *instanceView, o *operationView) {
	reads := v.readsIn(o)
	if !o.Kind.Writes() {
		c.checkObserved(v, o)
		c.checkCause(v, o, reads)
		c.checkNeedlessError(v, o)
		return
	}
	if o.result.Err == nil {
		c.checkSuccess(v, o)
	}
	if o.active {
		c.checkEnds(v, o, reads)
		c.checkConfirmed(v, o)
	}
	if o.alone {
		c.checkLast(v, o, reads)
		c.checkPrompt(v, o, reads)
	}
	c.checkCause(v, o, reads)
	c.checkNeedlessError(v, o)
}

// returned finds the describe that an observation came from. One of an absent
// instance does not tell: it is any that found it absent in time.
func (v *instanceView) returned(in backend.Instance, o *operationView) *event {
	var latest *event
	for i := range v.reads {
		r := &v.reads[i]
		same := r.Observed == nil && in.State == backend.Absent || r.Observed != nil && r.Observed.Name == in.Name
		if same && !o.ended.Before(r.Answered) && (latest == nil || latest.Requested.Before(r.Requested)) {
			latest = r
		}
	}
	return latest
}

// checkObserved proves Success of an operation that only observes.
func (c *checker) checkObserved(v *instanceView, o *operationView) {
	if o.result.Err != nil || o.result.After.ID == "" {
		return
	}
	from := v.returned(o.result.After, o)
	switch {
	case from == nil:
		c.report(Success, v.ID, "%s returned an observation that the cloud did not give", o)
	case (o.Kind == Observe || o.Kind == ObserveAll) && from.Requested.Before(o.Began):
		c.report(Success, v.ID, "%s returned an observation that was requested at %v, before it began, at %v",
			o, from.Requested.At, o.Began.At)
	case from.Answered.Before(o.Began) && o.Began.At-from.Answered.At > planAge:
		c.report(Success, v.ID, "%s returned an observation that is %v old", o, o.Began.At-from.Answered.At)
	}
}

// checkSuccess proves Success.
func (c *checker) checkSuccess(v *instanceView, o *operationView) {
	writes := v.writesIn(o)
	if o.NoWait && slices.ContainsFunc(writes, func(w event) bool { return w.OK() && leadsTo(w.Op, o.Target.Goal) }) {
		return
	}
	if o.first == nil && o.result.Before.ID != "" {
		c.report(Success, v.ID, "%s began with an observation that the cloud did not give", o)
	}
	from := v.returned(o.result.After, o)
	switch {
	case from == nil || from.Observed == nil:
		c.report(Success, v.ID, "%s succeeded on an observation that the cloud did not give", o)
		return
	case from.Requested.Before(o.Began):
		c.report(Success, v.ID, "%s succeeded on %v, which was requested before it began, at %v", o, from, o.Began.At)
		return
	case o.Target.Goal == powerstate.GoalRebooted:
		c.checkRebooted(v, o, writes, from)
	case !meets(o.Target, from.Observed):
		c.report(Success, v.ID, "%s succeeded on an instance that was observed %s in mode %q",
			o, from.state(), from.Observed.StoppedMode)
	}
	for _, w := range writes {
		if !w.Answered.Before(from.Requested) {
			c.report(Success, v.ID, "%s succeeded on %v, and %v was not answered before %v", o, from, w, w.Answered.At)
		}
	}
}

// leadsTo tells whether a call that is obeyed brings an instance to the goal: the start of
// a restart does not.
func leadsTo(op CallOp, goal powerstate.Goal) bool {
	return op == map[powerstate.Goal]CallOp{
		powerstate.GoalRunning: Start, powerstate.GoalStopped: Stop, powerstate.GoalRebooted: Reboot,
	}[goal]
}

func (c *checker) checkRebooted(v *instanceView, o *operationView, writes []event, from *event) {
	if from.state() != backend.Running {
		c.report(Success, v.ID, "%s succeeded on an instance that was observed %s", o, from.state())
		return
	}
	for _, w := range writes {
		if w.Op != Reboot || !w.OK() && !w.lost() {
			continue
		}
		if w.OK() && from.Answered.At >= w.Answered.At+rebootSettles {
			return
		}
		if op := from.Observed.LastOperation; op != nil && op.RequestID == requestID(w.Serial) {
			return
		}
		for _, r := range v.readsIn(o) {
			if w.Answered.Before(r.Requested) && r.state() != backend.Running && r.Answered.Before(from.Answered) {
				return
			}
		}
	}
	c.report(Success, v.ID, "%s succeeded, and no reboot of ours was observed", o)
}

// checkEnds proves Ends.
func (c *checker) checkEnds(v *instanceView, o *operationView, reads []event) {
	if o.Target.Goal == powerstate.GoalRebooted || o.NoWait || !o.quiet {
		return
	}
	writes := v.writesIn(o)
	for _, r := range reads {
		if !meets(o.Target, r.Observed) || !settled(r.Observed) || v.raced(r) || underWay(writes, r) ||
			v.leavesTarget(o, writes, reads, r) || modeMayBeLate(o, writes, r) {
			continue
		}
		if r.Answered.At >= o.gaveUp() {
			return
		}
		for _, w := range writes {
			if r.Answered.Before(w.Requested) {
				c.report(Ends, v.ID, "%s observed the target (%v), and sends %v", o, r, w)
				return
			}
		}
		for _, later := range v.reads {
			if o.only && r.Answered.Before(later.Requested) && later.Requested.Before(o.ended) {
				c.report(Ends, v.ID, "%s observed the target (%v), and reads again (%v)", o, r, later)
				return
			}
		}
		switch {
		case o.ended.At > r.Answered.At+time.Millisecond:
			c.report(Ends, v.ID, "%s observed the target at %v, and ended at %v", o, r.Answered.At, o.ended.At)
		case o.result.Err != nil:
			c.report(Ends, v.ID, "%s observed the target (%v), and returned an error: %v", o, r, o.result.Err)
		}
		return
	}
}

// leavesTarget tells whether our last call before the read takes the instance away
// from the target, and was not observed to have an effect yet: the start of a
// restart. A replica that lags may show the target as it was before.
func (v *instanceView) leavesTarget(o *operationView, writes, reads []event, r event) bool {
	var last *event
	for i := range writes {
		if writes[i].Answered.Before(r.Requested) {
			last = &writes[i]
		}
	}
	if last == nil || last.Op != Start || o.Target.Goal != powerstate.GoalStopped ||
		r.Requested.At >= last.Answered.At+ignoredAfter {
		return false
	}
	return !slices.ContainsFunc(reads, func(shown event) bool {
		return last.Answered.Before(shown.Requested) && shown.Requested.Before(r.Requested) &&
			(shown.state() == backend.Starting || shown.state() == backend.Running)
	})
}

// underWay tells whether one of the writes had not been answered when the read
// was requested.
func underWay(writes []event, r event) bool {
	for _, w := range writes {
		if w.Requested.Before(r.Answered) && !w.Answered.Before(r.Requested) {
			return true
		}
	}
	return false
}

// checkLast proves Last of an operation that was alone with the instance.
func (c *checker) checkLast(v *instanceView, o *operationView, reads []event) {
	returned := &o.result.After
	if o.result.Err != nil {
		e := o.err()
		if e == nil {
			c.report(TrueCause, v.ID, "%s returned an error that is not an *Error: %v", o, o.result.Err)
			return
		}
		returned = e.Last
	}
	if returned != nil {
		if from := v.returned(*returned, o); from != nil && v.raced(*from) {
			return
		}
	}
	for len(reads) > 0 && v.raced(reads[len(reads)-1]) {
		reads = reads[:len(reads)-1]
	}
	if len(reads) == 0 || o.NoWait && o.result.Err == nil {
		return
	}
	last := reads[len(reads)-1]
	if last.Observed == nil && c.h.Scenario.Cloud.ChecksAbsence {
		return // it is no observation until the cloud has confirmed the absence
	}
	if last.Answered.At == o.ended.At && o.ended.At >= o.gaveUp() {
		return // it came as time was up
	}
	switch {
	case returned == nil:
		c.report(Last, v.ID, "%s returned no observation, and had one (%v)", o, last)
	case last.Observed == nil && returned.State != backend.Absent:
		c.report(Last, v.ID, "%s returned %s (%s), and last it was observed absent (%v)", o, returned.State,
			returned.Name, last)
	case last.Observed != nil && last.Observed.Name != returned.Name:
		c.report(Last, v.ID, "%s returned the observation %q, and the last one was %v", o, returned.Name, last)
	}
}
