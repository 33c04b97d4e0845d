package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// cacheAge is how old an observation may be that serves the decision to act.
const cacheAge = time.Second

// cutAge is how old the observation may be with which an escalation goes out: one
// that had to wait for longer rests on a state that may have passed.
const cutAge = 5 * time.Second

// writeAge is how old the observation may be with which any other call goes out.
const writeAge = 16 * time.Second

// checkLine proves OneAtATime.
func (c *checker) checkLine(v *instanceView) {
	for i, a := range v.operations {
		for _, b := range v.operations[i+1:] {
			if !a.Kind.Writes() || !b.Kind.Writes() || a.first == nil || b.first == nil {
				continue
			}
			// An operation is over some time before it returns, within the same instant.
			if a.start.At < b.ended.At && b.start.At < a.ended.At {
				c.report(OneAtATime, v.ID, "%s was at work from %v to %v, and %s from %v to %v",
					a, a.start.At, a.ended.At, b, b.start.At, b.ended.At)
			}
		}
	}
}

// checkWrites proves Preceded, Fresh, NotLate, Asked and Forced for each write.
func (c *checker) checkWrites(v *instanceView) {
	for i, w := range v.writes {
		c.checkPreceded(v, i)
		c.checkFresh(v, w)
		var by []*operationView
		late := true
		for _, o := range v.operations {
			// The result of a fleet may be in while its call goes on.
			if o.mayHaveSent(w) {
				by = append(by, o)
				late = late && w.Requested.At > o.gaveUp()
			}
		}
		if len(by) == 0 {
			c.report(NotLate, v.ID, "%v goes out, and no operation is at work on the instance then", w)
			continue
		}
		if late {
			c.report(NotLate, v.ID, "%v goes out after the time of %s was up, at %v", w, by[0], by[0].gaveUp())
		}
		c.checkAsked(v, w, by)
	}
}

// checkPreceded proves Preceded of the write at the index.
func (c *checker) checkPreceded(v *instanceView, index int) {
	w := v.writes[index]
	var since Moment
	if index > 0 {
		before := v.writes[index-1]
		since = before.Answered
		if w.Requested.Before(before.Answered) {
			c.report(Preceded, v.ID, "%v goes out before %v has ended, at %v", w, before, before.Answered.At)
			return
		}
	}
	// A call that is canceled with its operation ends in the instant in which the
	// next operation begins.
	canceled := index > 0 && v.writes[index-1].canceled()
	read := slices.IndexFunc(v.reads, func(r event) bool {
		return r.Answered.Before(w.Requested) &&
			(!since.Happened() || since.Before(r.Requested) || canceled && since.At == r.Requested.At)
	})
	switch {
	case read >= 0:
	case index == 0:
		c.report(Preceded, v.ID, "%v goes out, and the instance has not been observed at all", w)
	default:
		c.report(Preceded, v.ID, "%v goes out, and the instance has not been observed since %v ended, at %v",
			w, v.writes[index-1], since.At)
	}
}

// checkFresh proves Fresh.
func (c *checker) checkFresh(v *instanceView, w event) {
	last := v.lastReadBefore(w.Requested)
	if last == nil {
		return // Preceded tells.
	}
	if age := w.Requested.At - last.Answered.At; age > writeAge {
		c.report(Fresh, v.ID, "%v goes out on %v, which was answered %v before", w, last, age)
	}
}

// checkAsked proves Asked and Forced: one of the operations at work must have
// asked for the write.
func (c *checker) checkAsked(v *instanceView, w event, by []*operationView) {
	var objection, objector string
	proof := Asked
	for _, o := range by {
		wrong, cut := c.objection(v, w, o)
		if wrong == "" {
			return
		}
		objection, objector = wrong, o.String()
		if cut {
			proof = Forced
		}
	}
	c.report(proof, v.ID, "%v (%v, mode %q) by %s: %s", w, w.Options.Force, w.Options.Mode, objector, objection)
}

// objection says why the operation cannot have asked for the write, and whether
// it is about the power being cut.
func (c *checker) objection(v *instanceView, w event, o *operationView) (text string, cut bool) {
	target := o.Target
	last := v.lastReadBefore(w.Requested)
	state := backend.Unknown
	switch {
	case last == nil:
		return "nothing has been observed", false
	case last.Answered.Before(o.Began) && o.Began.At-last.Answered.At > cacheAge:
		return "the last observation is older than the operation", false
	default:
		state = last.state()
	}
	switch {
	case o.Target.Goal == powerstate.GoalRebooted && w.Op != Reboot:
		return "the target is a reboot", false
	case o.Target.Goal != powerstate.GoalRebooted && w.Op == Reboot:
		return "the target is no reboot", false
	case w.Op == Reboot && slices.ContainsFunc(v.writesIn(o), func(sent event) bool {
		return sent.Op == Reboot && sent.Serial < w.Serial && (sent.OK() || sent.lost())
	}):
		return "it was sent before, and may have had its effect", false
	case w.Op == Reboot && w.Options.Force == backend.Forced && !target.ForceStop:
		return "force was not asked for", true
	case w.Op == Reboot && state != backend.Running && o.alone:
		return "the last observation is " + state.String(), false
	case w.Op == Start && target.Goal == powerstate.GoalStopped && !c.mayRestart(v, w, o):
		return "the target is stopped, and no restart is allowed and due", false
	case w.Op == Start && state != backend.Stopped && o.alone:
		return "the last observation is " + state.String(), false
	case w.Op == Stop && target.Goal != powerstate.GoalStopped:
		return "the target is running", false
	case w.Op == Stop:
		return c.objectionToStop(v, w, o, last)
	}
	return "", false
}

// mayRestart tells whether a start is due on the way to another stopped mode.
func (c *checker) mayRestart(v *instanceView, w event, o *operationView) bool {
	last := v.lastReadBefore(w.Requested)
	return o.Target.AllowRestart && o.Target.Mode != backend.UnknownMode && last != nil && last.Observed != nil &&
		last.Observed.State == backend.Stopped && !modeMet(o.Target.Mode, last.Observed.StoppedMode)
}

func (c *checker) objectionToStop(v *instanceView, w event, o *operationView, last *event) (text string, cut bool) {
	target, state := o.Target, last.state()
	switch {
	case !c.modeFits(v, w, o, last):
		return "the target's mode is " + string(target.Mode), false
	case target.ForceStop && w.Options.Force != backend.Forced:
		return "force was asked for", false
	case w.Options.Force == backend.EscalateLater && target.ForceStopAfter == 0:
		return "no escalation was asked for", true
	case w.Options.Force != backend.Forced && state != backend.Running && o.alone:
		return "the last observation is " + state.String(), false
	case w.Options.Force != backend.Forced:
		return "", false
	case o.alone && state != backend.Running && state != backend.Stopping && state != backend.Unknown:
		return "the last observation is " + state.String(), true
	case target.ForceStop:
		return "", false
	case target.ForceStopAfter == 0:
		return "force was not asked for", true
	}
	return c.tooEarly(v, w, o), true
}

// tooEarly says why the time of an escalation has not come, or is empty.
func (c *checker) tooEarly(v *instanceView, w event, o *operationView) string {
	reads := slices.DeleteFunc(v.readsIn(o), func(r event) bool { return !r.Answered.Before(w.Requested) })
	if len(reads) == 0 {
		return "it has not been observed by the operation"
	}
	if age := w.Requested.At - reads[len(reads)-1].Answered.At; age > cutAge {
		return fmt.Sprintf("the last observation is %v old", age)
	}
	why := "no graceful stop of ours and no stop of somebody else has had its time"
	for _, stop := range v.writesIn(o) {
		if stop.Op != Stop || stop.Options.Force == backend.Forced || !stop.Answered.Before(w.Requested) {
			continue
		}
		reason := v.ownStopHadTime(o, stop, w, reads)
		if reason == "" {
			return ""
		}
		why = reason
	}
	own := slices.DeleteFunc(reads, func(r event) bool { return r.state() != backend.Stopping && !v.mustBeOf(o, r) })
	if len(own) > 0 && stoppingFor(w, own) >= o.Target.ForceStopAfter {
		return ""
	}
	return why
}

// mustBeOf tells whether no other operation can have made the read.
func (v *instanceView) mustBeOf(o *operationView, r event) bool {
	return !slices.ContainsFunc(v.operations, func(other *operationView) bool {
		return other != o && other.during(r.Requested)
	})
}

// ownStopHadTime says why our graceful stop does not earn the power cut.
func (v *instanceView) ownStopHadTime(o *operationView, stop, cut event, reads []event) string {
	name, began := fmt.Sprintf("our graceful stop (call %d)", stop.Serial), stop.Requested.At
	if stop.Arrived.Happened() {
		began = stop.Arrived.At
	}
	since := slices.DeleteFunc(slices.Clone(reads), func(r event) bool { return !stop.Answered.Before(r.Requested) })
	accepted := stop.OK() || stop.lost() && slices.ContainsFunc(since, func(r event) bool {
		return r.state() == backend.Stopping
	})
	again := func(r event) bool { return r.Requested.At >= stop.Requested.At+o.Target.ForceStopAfter }
	switch {
	case !accepted:
		return name + " was not accepted"
	case cut.Requested.At < began+o.Target.ForceStopAfter:
		return fmt.Sprintf("%s has had only %v", name, cut.Requested.At-began)
	case !slices.ContainsFunc(since, again):
		return "it was not observed again when the time of " + name + " was up"
	case o.quiet && v.restarted(stop, cut):
		if over := v.observedOver(stop, since); over != "" {
			return "after " + name + " " + over
		}
	}
	return ""
}

// observedOver says how observations show that our graceful stop was over, or is
// empty.
func (v *instanceView) observedOver(stop event, since []event) string {
	before := ""
	if r := v.lastReadBefore(stop.Requested); r != nil {
		before = operationID(*r)
	}
	for _, r := range since {
		id := operationID(r)
		switch {
		case !slices.Contains([]backend.State{backend.Running, backend.Unknown, backend.Stopping}, r.state()):
			return "it was observed " + r.state().String()
		case id != "" && id != before && !v.isOurs(id):
			return "the last operation was somebody else's"
		}
	}
	return ""
}

// isOurs tells whether a request id is that of one of our writes.
func (v *instanceView) isOurs(id string) bool {
	return slices.ContainsFunc(v.writes, func(w event) bool { return requestID(w.Serial) == id })
}

// restarted tells whether the guest has truly begun anew between our graceful stop
// and the cut, so that nothing has asked it to stop.
func (v *instanceView) restarted(stop, cut event) bool {
	return slices.ContainsFunc(v.changes, func(change Change) bool {
		return stop.Arrived.Before(change.Moment) && change.Before(cut.Requested) &&
			(change.State == backend.Starting || change.State == backend.Restarting)
	})
}

func operationID(r event) string {
	if r.Observed == nil || r.Observed.LastOperation == nil {
		return ""
	}
	return r.Observed.LastOperation.RequestID
}

// stoppingFor is how long the instance has been observed to be stopping without
// a break.
func stoppingFor(cut event, reads []event) time.Duration {
	if reads[len(reads)-1].state() != backend.Stopping {
		return 0
	}
	since := cut.Requested.At
	for _, r := range slices.Backward(reads) {
		switch r.state() {
		case backend.Stopping:
			since = min(since, r.Requested.At)
			continue
		case backend.Unknown:
			continue
		default:
		}
		break
	}
	return cut.Requested.At - since
}
