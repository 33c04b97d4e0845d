package modeltest

import (
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// busyLimit is how long an instance in no transition may answer busy, and
// busySlack how much a last retry adds.
const (
	busyLimit = 5 * time.Minute
	busySlack = 45 * time.Second
	// ignoredAfter is when an accepted call without any visible transition
	// counts as ignored, and confirmedIn how soon a return to the former state is.
	ignoredAfter = 30 * time.Second
	confirmedIn  = 2 * time.Second
	// noticedIn is how long a reached target may go unnoticed, and heldFor how much
	// longer for each read that hangs.
	noticedIn = 15 * time.Second
	heldFor   = 10 * time.Second
	mostHung  = 1
)

// checkPrompt proves Prompt: a wait that cannot end well ends soon.
func (c *checker) checkPrompt(v *instanceView, o *operationView, reads []event) {
	if o.Target.Goal == powerstate.GoalRebooted || c.h.Scenario.Client.RequestsPerSecond > 0 || o.Most > 0 {
		return
	}
	c.checkNoticed(v, o)
	if c.troubled > 0 {
		return
	}
	c.checkBusy(v, o, reads)
	c.checkIgnored(v, o, reads)
}

// checkNoticed: an instance that is as the target wants it is soon noticed, also
// when a read hangs.
func (c *checker) checkNoticed(v *instanceView, o *operationView) {
	hung := 0
	for _, call := range c.h.Calls {
		if call.Op == Describe && call.Hung {
			hung++
		}
	}
	if o.NoWait || c.troubled > hung || hung > mostHung || v.OddTo > 0 || v.OperationStays || v.LagVaries || v.Hidden {
		return
	}
	since, met := time.Duration(0), false
	for _, change := range v.changes {
		if change.At > o.ended.At {
			break
		}
		is := meets(o.Target, &backend.Instance{State: change.State, StoppedMode: change.Mode})
		if is && !met {
			since = max(change.At, o.Began.At)
		}
		met = is
	}
	s := c.h.Scenario.Cloud
	limit := noticedIn + time.Duration(hung)*heldFor + v.Lag + 4*(s.Latency+s.Jitter) +
		c.h.Scenario.Client.BatchWindow + 2*c.round()
	start := func(w event) bool { return w.Op == Start }
	if o.Target.Goal == powerstate.GoalStopped && slices.ContainsFunc(v.writesIn(o), start) {
		limit += ignoredAfter // A restart: see leavesTarget.
	}
	if o.Target.Mode == powerstate.StopChargingIfSupported && slices.ContainsFunc(v.writesIn(o), stopsCharging) {
		limit += modeGrace
	}
	if met && o.ended.At-since > limit {
		c.report(Prompt, v.ID, "%s ended at %v, and the instance was as the target wants it from %v on; %d reads hung",
			o, o.ended.At, since, hung)
	}
}

// round is how long it may take until all instances were read and written once
// within the limits of the cloud.
func (c *checker) round() time.Duration {
	s := c.h.Scenario
	calls := 2 * float64(len(s.Instances)*len(s.Operations))
	return time.Duration(calls / min(s.Cloud.ReadsPerSecond, s.Cloud.WritesPerSecond) * float64(time.Second))
}

// checkBusy: an instance that answers busy for ever while it is in no transition. The
// time begins with the first refusal that is its own: that of a whole batch may concern
// another member.
func (c *checker) checkBusy(v *instanceView, o *operationView, reads []event) {
	if slices.ContainsFunc(reads, func(r event) bool {
		return r.state() != backend.Running && r.state() != backend.Stopped
	}) {
		return
	}
	another := func(r event) bool { return operationID(r) != operationID(reads[0]) }
	if slices.ContainsFunc(reads, another) {
		return // Somebody else's operation has begun since, which begins the time anew.
	}
	var first, last *event
	writes := v.writesIn(o)
	for i := range writes {
		w := &writes[i]
		if w.OK() || w.Fault.Kind != backend.KindBusy {
			return
		}
		if own := len(w.IDs) == 1 || !w.Fault.Shared; first == nil && own {
			first = w
		}
		last = w
	}
	if first != nil && last.Answered.At-first.Answered.At > busyLimit+busySlack {
		c.report(Prompt, v.ID, "%s was answered busy from %v to %v, and the instance was in no transition",
			o, first.Answered.At, last.Answered.At)
	}
}

// checkIgnored: a stop that was accepted and given up by the guest, or that never
// began.
func (c *checker) checkIgnored(v *instanceView, o *operationView, reads []event) {
	writes := v.writesIn(o)
	if v.OperationStays && c.h.Scenario.Cloud.OperationReason {
		return // the cloud says that the stop is still under way
	}
	if len(writes) != 1 || writes[0].Op != Stop || !writes[0].OK() || o.Target.ForceStopAfter > 0 || v.Lag > 0 ||
		o.NoWait {
		return
	}
	var since time.Duration
	stopping, running := false, false
	for _, r := range reads {
		if !writes[0].Answered.Before(r.Requested) {
			continue
		}
		switch {
		case r.state() == backend.Stopping:
			stopping, running = true, false
		case r.state() != backend.Running:
			return
		case !running:
			running, since = true, r.Answered.At
		}
	}
	limit, text := confirmedIn, "came back to running"
	if !stopping {
		limit, text, since = ignoredAfter+confirmedIn, "stayed running", writes[0].Answered.At
	}
	slow := 4*(c.h.Scenario.Cloud.Latency+c.h.Scenario.Cloud.Jitter) + time.Second + c.round()
	if running && o.ended.At-since > limit+slow {
		c.report(Prompt, v.ID, "%s stopped it, it %s at %v, and the operation ended at %v", o, text, since, o.ended.At)
	}
}
