package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// The time that an operation is granted for each obstacle that passes by itself.
const (
	patience      = time.Minute      // beside all else
	perTrouble    = 70 * time.Second // a hung write is given up after a minute
	mostTroubles  = 12
	mostLag       = 5 * time.Second
	mostModeLate  = 20 * time.Second
	mostOddWord   = time.Minute
	roundsOfCalls = 8 // observe, write and poll, for each id that shares the limits
)

// checkNeedlessError proves NoNeedlessError.
func (c *checker) checkNeedlessError(v *instanceView, o *operationView) {
	if o.result.Err == nil {
		return
	}
	if obstacle := c.obstacle(v, o); obstacle == "" {
		c.report(NoNeedlessError, v.ID, "%s had from %v to %v, nothing stood in its way, and it returned %q",
			o, o.Began.At, o.deadline(), o.result.Err)
	}
}

// obstacle names a reason for which the operation may fail, or is empty.
func (c *checker) obstacle(v *instanceView, o *operationView) string {
	for _, of := range []func(*instanceView, *operationView) string{
		c.obstacleTime, c.obstacleBehavior, c.obstacleOthers, c.obstacleRefusal, c.obstacleTarget,
	} {
		if obstacle := of(v, o); obstacle != "" {
			return obstacle
		}
	}
	return ""
}

func (c *checker) obstacleTime(v *instanceView, o *operationView) string {
	if o.Cancel > 0 {
		return "it was canceled"
	}
	if o.Most > 0 && len(o.IDs) > o.Most {
		return "others had to end first"
	}
	if c.troubled > mostTroubles {
		return "there were too many troubles"
	}
	need := patience + time.Duration(c.troubled)*perTrouble + v.Lag
	if v.Ends > o.Began.At {
		need += v.Ends - o.Began.At
	}
	s := c.h.Scenario
	reads, writes := s.Cloud.ReadsPerSecond, s.Cloud.WritesPerSecond
	if s.Client.RequestsPerSecond > 0 {
		reads, writes = s.Client.RequestsPerSecond, s.Client.RequestsPerSecond
	}
	rate := min(reads, writes)
	// Batches need not fill, and a refused one is split.
	calls := roundsOfCalls * float64(len(s.Instances)*len(s.Operations))
	need += time.Duration(calls / rate * float64(time.Second))
	for _, other := range v.operations {
		if other.Kind.Writes() && other.Began.At <= o.deadline() {
			need += v.Start.Time + 2*v.Stop.Time + v.Reboot.Time + v.ForcedStop + v.ModeLate + rebootSettles
		}
	}
	if o.Timeout < need {
		return fmt.Sprintf("it had %v, and may have needed %v", o.Timeout, need)
	}
	return ""
}

func (c *checker) obstacleBehavior(v *instanceView, o *operationView) string {
	switch {
	case v.State == backend.Absent, v.State == backend.Unavailable, v.State == backend.Unknown:
		return "it was found " + v.State.String()
	case v.Hidden, v.Locked, v.Blocked != "", v.StartBlocked != "":
		return "it may not be operated"
	case v.Ends == Never, v.GivenUp:
		return "its transition does not complete"
	case !o.Kind.Writes():
		return ""
	case v.Start.Fate != Completes, v.Stop.Fate != Completes, v.Reboot.Fate != Completes:
		return "its transitions do not always complete"
	case v.Lag > mostLag, v.LagVaries && v.Lag > 0:
		return "its reads lag"
	case v.OddTo-v.OddFrom > mostOddWord:
		return "its state reads as an odd word"
	case v.OperationStays && c.h.Scenario.Cloud.OperationReason:
		return "its last operation stays"
	case mustMatch(o.Target.Mode) &&
		(v.IgnoresMode || v.ModeLate > mostModeLate || v.StopChargingBar != "" || v.RefusesMode):
		return "it does not reach the mode of the target"
	}
	return ""
}

func (c *checker) obstacleOthers(v *instanceView, o *operationView) string {
	for _, change := range v.changes {
		if change.Author == SomebodyElse && change.At <= o.ended.At {
			return "somebody else interfered"
		}
	}
	for _, other := range v.operations {
		if other == o || !other.Kind.Writes() || !o.Kind.Writes() || !other.Began.Before(o.ended) {
			continue
		}
		switch {
		case other.Cancel > 0 || other.result != nil && other.result.Err != nil:
			return "another operation failed on its way"
		case o.Target.Goal == powerstate.GoalRebooted, other.NoWait:
			return "another operation may have stopped it"
		}
	}
	return ""
}

func (c *checker) obstacleRefusal(v *instanceView, o *operationView) string {
	for _, call := range c.h.Calls {
		i := slices.Index(call.IDs, v.ID)
		if i < 0 || i >= len(call.Answers) || call.Answers[i].Fault == nil {
			continue
		}
		answer := call.Answers[i]
		switch {
		case answer.Fault.ModeRefused && call.Options.Mode == backend.StopCharging &&
			o.Target.Mode == powerstate.StopChargingIfSupported:
		case answer.Own && answer.Fault.Kind != backend.KindBusy:
			return "the cloud refused it"
		case answer.Own && answer.Troubled:
			return "the cloud said that it is busy"
		case call.Op == Reboot && answer.Fault.Kind == backend.KindUnavailable:
			return "it is unknown whether it was rebooted"
		case answer.Fault.Kind == backend.KindDenied:
			return "the cloud denied a call that named it"
		}
	}
	return ""
}

func (c *checker) obstacleTarget(v *instanceView, o *operationView) string {
	stopped := func(r event) bool { return r.state() == backend.Stopped }
	idle := func(w event) bool { return w.Op == Stop && w.OK() && !w.Effect && w.Arrived.Happened() }
	another := func(r event) bool { return stopped(r) && !modeMet(o.Target.Mode, r.Observed.StoppedMode) }
	switch {
	case o.Kind == Preflight:
		if e := o.err(); e != nil && e.Cause == powerstate.Refused {
			return "it would be refused"
		}
	case o.Target.Goal == powerstate.GoalRebooted:
		if v.State == backend.Stopping || slices.ContainsFunc(v.reads, stopped) {
			return "it was stopped"
		}
	case o.Target.Mode == backend.StopCharging && !c.h.Scenario.Cloud.StopCharging:
		return "the cloud has no such mode"
	case o.Target.Mode != backend.UnknownMode && slices.ContainsFunc(v.writesIn(o), idle):
		return "the cloud accepted a stop although the instance had just stopped in another mode"
	case o.Target.Goal == powerstate.GoalStopped && !o.Target.AllowRestart &&
		slices.ContainsFunc(v.reads, another):
		return "it was stopped in another mode"
	}
	return ""
}
