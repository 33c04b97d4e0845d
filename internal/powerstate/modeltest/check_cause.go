package modeltest

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// checkCause proves TrueCause.
func (c *checker) checkCause(v *instanceView, o *operationView, reads []event) {
	if o.result.Err == nil {
		return
	}
	e := o.err()
	if e == nil {
		c.report(TrueCause, v.ID, "%s returned an error that is not an *Error: %v", o, o.result.Err)
		return
	}
	untrue := func(format string, args ...any) {
		c.report(TrueCause, v.ID, "%s returned %q (%v): "+format, append([]any{o, e.Error(), e.Cause}, args...)...)
	}
	if e.InstanceID != v.ID {
		untrue("the error is about %q", e.InstanceID)
		return
	}
	c.checkFault(v, o, e, untrue)
	if e.LastFor < 0 || e.LastFor > o.ended.At-o.Began.At+planAge {
		untrue("the state is said to have lasted %v, and the operation took %v", e.LastFor, o.ended.At-o.Began.At)
	}
	last := e.Last
	wrote := v.writesIn(o)
	if e.Held && (len(o.IDs) <= o.Most || o.Most == 0 || o.only && len(wrote) > 0) {
		untrue("it is said to have been held back, with %d writes and a limit of %d for %d", len(wrote), o.Most, len(o.IDs))
	}
	accepted := slices.ContainsFunc(wrote, func(w event) bool {
		return w.Op == callOf(e.Op) && (w.OK() || w.lost() && v.showsEffect(w, reads))
	})
	switch e.Cause {
	case powerstate.CloudFault:
		if e.Fault == nil {
			untrue("it carries no fault")
		}
	case powerstate.Refused:
		c.checkReason(e, untrue)
	case powerstate.TimedOut:
		if o.ended.At < o.deadline()-slack {
			untrue("the deadline is at %v, and it ended at %v", o.deadline(), o.ended.At)
		}
	case powerstate.Canceled:
		if o.Cancel == 0 || o.Cancel > o.Timeout || o.ended.At < o.gaveUp() {
			untrue("it ended at %v, and it was not canceled before", o.ended.At)
		}
	case powerstate.NoEffect:
		switch {
		case !accepted:
			untrue("no %s of ours was accepted", e.Op)
		case last == nil || last.State == backend.Stopping || last.State == backend.Starting:
			untrue("the last observation is not one that shows it")
		}
	case powerstate.AnswerLost:
		if !slices.ContainsFunc(wrote, func(w event) bool { return w.Op == Reboot && w.lost() }) {
			untrue("no answer to a reboot of ours was lost")
		}
	case powerstate.ModeIgnored:
		stopped := slices.ContainsFunc(wrote, func(w event) bool {
			return w.Op == Stop && w.OK() && w.Options.Mode == o.Target.Mode
		})
		switch {
		case !stopped:
			untrue("no stop of ours in that mode was accepted")
		case last == nil || last.State != backend.Stopped || modeMet(o.Target.Mode, last.StoppedMode):
			untrue("the last observation is not one in another mode")
		}
	case powerstate.Vanished:
		was := slices.ContainsFunc(reads, func(r event) bool { return r.Observed != nil }) ||
			o.result.Before.State != backend.Absent
		if last == nil || last.State != backend.Absent || !was {
			untrue("it was not observed to be there, and then absent")
		}
	case powerstate.BecameUnavailable:
		if last == nil || last.State != backend.Unavailable {
			untrue("the last observation is not an unavailable one")
		}
	case powerstate.Withdrawn:
		untrue("no operation of a history is withdrawn")
	}
}

// checkConfirmed proves Confirmed.
func (c *checker) checkConfirmed(v *instanceView, o *operationView) {
	for _, w := range v.writesIn(o) {
		if w.OK() || w.Fault.Kind != backend.KindNotFound || !w.Answered.Before(o.ended) || o.ended.At >= o.gaveUp() {
			continue
		}
		follows := func(r event) bool { return w.Answered.Before(r.Requested) && r.Requested.Before(o.ended) }
		if !slices.ContainsFunc(v.reads, follows) && !slices.ContainsFunc(v.failed, follows) {
			c.report(Confirmed, v.ID, "%s ended after %v was answered that there is no such instance, without a read",
				o, w)
		}
	}
}

// showsEffect tells whether a write whose answer was lost was observed to have an
// effect. The effect of a quick reboot cannot be observed, so its true effect
// decides.
func (v *instanceView) showsEffect(w event, reads []event) bool {
	through := map[CallOp]backend.State{Start: backend.Starting, Stop: backend.Stopping}[w.Op]
	return w.Op == Reboot && !w.Effect || slices.ContainsFunc(reads, func(r event) bool {
		return w.Answered.Before(r.Requested) && r.state() == through
	})
}

// checkReason proves that a refusal rests on the last observation.
func (c *checker) checkReason(e *powerstate.Error, untrue func(string, ...any)) {
	last := e.Last
	if last == nil {
		untrue("nothing was observed")
		return
	}
	holds := true
	switch e.Reason {
	case powerstate.IsAbsent:
		holds = last.State == backend.Absent
	case powerstate.IsUnavailable:
		holds = last.State == backend.Unavailable
	case powerstate.IsBlocked:
		holds = last.Blocked != "" || last.StartBlocked != ""
	case powerstate.IsStopped:
		holds = last.State == backend.Stopped
	case powerstate.ModeUnsupported:
		holds = e.Target.Mode == backend.StopCharging &&
			(last.StopChargingBar != "" || !c.h.Scenario.Cloud.StopCharging)
	case powerstate.ModeNeedsRestart:
		holds = last.State == backend.Stopped && !modeMet(e.Target.Mode, last.StoppedMode) && !e.Target.AllowRestart
	case powerstate.NoReason:
		holds = false
	}
	if !holds {
		untrue("the last observation (%s, mode %q) is not the reason %d", last.State, last.StoppedMode, e.Reason)
	}
}

// checkFault proves that the fault in an error is one that the cloud gave for
// this instance, and that no call of the same kind succeeded after it.
func (c *checker) checkFault(v *instanceView, o *operationView, e *powerstate.Error, untrue func(string, ...any)) {
	if e.Fault == nil {
		return
	}
	var from *event
	consider := func(call *Call) {
		for i, id := range call.IDs {
			if id == v.ID && i < len(call.Answers) && call.Answers[i].Fault != nil &&
				call.Answers[i].Fault.Message == e.Fault.Message && !o.ended.Before(call.Answered) &&
				!call.Answered.Before(o.Began) {
				from = &event{call, call.Answers[i]}
			}
		}
	}
	for _, call := range c.h.Calls {
		consider(call)
	}
	if from == nil && (e.Cause != powerstate.CloudFault && c.heldBack(e.Fault) || c.deniedToAll(v, e.Fault)) {
		return
	}
	if from == nil {
		untrue("the cloud gave no fault %q for it in that time", e.Fault.Message)
		return
	}
	if e.Fault.Kind != from.Fault.Kind || e.Fault.Code != from.Fault.Code || e.Fault.RequestID != from.Fault.RequestID {
		untrue("the fault is not as the cloud gave it (%+v)", *from.Fault)
	}
	if e.Cause == powerstate.CloudFault {
		c.checkFinal(o, from, untrue)
		return
	}
	overcome := func(all []event) bool {
		return slices.ContainsFunc(all, func(later event) bool {
			return later.Op == from.Op && later.OK() && from.Answered.Before(later.Answered) &&
				later.Answered.Before(o.ended)
		})
	}
	if o.alone && (overcome(v.reads) || overcome(v.writes)) {
		untrue("%v was refused, and succeeded after that", from)
	}
}

// heldBack tells whether the fault is one with which the cloud held back all calls
// of an action, so that those of this instance had none of their own.
func (c *checker) heldBack(fault *backend.Fault) bool {
	if fault.Kind != backend.KindThrottled && fault.Kind != backend.KindUnavailable {
		return false
	}
	return slices.ContainsFunc(c.h.Calls, func(call *Call) bool {
		return slices.ContainsFunc(call.Answers, func(a Answer) bool {
			return a.Fault != nil && !a.Own && a.Fault.Message == fault.Message
		})
	})
}

// deniedToAll tells whether the fault is the denial of another id of a batch that
// was denied as a whole with this instance in it: some ids, tried alone, stand for all.
func (c *checker) deniedToAll(v *instanceView, fault *backend.Fault) bool {
	given, shared := false, false
	for _, call := range c.h.Calls {
		for i, a := range call.Answers {
			denied := a.Fault != nil && a.Fault.Kind == backend.KindDenied
			given = given || denied && a.Fault.Message == fault.Message
			shared = shared || denied && a.Fault.Shared && i < len(call.IDs) && call.IDs[i] == v.ID
		}
	}
	return given && shared
}

// checkFinal proves that the fault is one to give up on.
func (c *checker) checkFinal(o *operationView, from *event, untrue func(string, ...any)) {
	switch {
	case from.Fault.Kind == backend.KindThrottled, from.Fault.Kind == backend.KindUnavailable:
		if o.ended.At < o.gaveUp()-slack {
			untrue("%s is to be retried until the deadline", from.Fault.Kind)
		}
	case from.Fault.Shared && len(from.IDs) > 1 && !from.Own && from.Fault.Kind != backend.KindDenied:
		untrue("%v was refused for another id, and not split", from)
	}
}
