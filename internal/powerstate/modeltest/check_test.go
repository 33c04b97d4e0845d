package modeltest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var errPlain = errors.New("something else")

// reboot is the operation that reboots i-1.
var reboot = Operation{Target: powerstate.Target{Goal: powerstate.GoalRebooted}}

// good are histories in which every promise is kept.
var good = map[string]func(*story){
	"a graceful stop": func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"an instance that is stopped already": func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
	},
	"a power cut after the time of our own stop": func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(10 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"a power cut after the time of somebody else's stop": func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(10 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"a restart for the mode": func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging, AllowRestart: true}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.wait(time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	},
	"a reboot": func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.wait(time.Second)
		s.read(backend.Restarting)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Running)))
	},
	"two operations, one after the other": func(s *story) {
		first := s.begin(Operation{})
		second := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		s.end(first, succeeds(before, s.read(backend.Stopped)))
		before = s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.wait(time.Second)
		s.end(second, succeeds(before, s.read(backend.Running)))
	},
	"a deadline": func(s *story) {
		op := s.begin(Operation{Timeout: 10 * time.Second})
		before := s.read(backend.Running)
		s.stop()
		s.wait(9 * time.Second)
		last := s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut, Op: backend.OpStop}))
	},
	"a refusal": func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	},
}

// bad are histories that break one promise each, in each way that the checker
// tells apart: it must report the promise, in a sentence that contains the text.
var bad = []struct {
	name  string
	proof Proof
	text  string
	tell  func(*story)
}{
	{"an id has no result", Answered, "0 results for 1 ids", func(s *story) {
		op := s.begin(Operation{Kind: ReachAll})
		s.read(backend.Stopped)
		s.end(op)
	}},
	{"the results of two ids are swapped", Answered, "an observation of i-2 for it", func(s *story) {
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}})
		call := s.request(Describe, "i-1", "i-2")
		one, two := s.seen(call, "i-1", backend.Stopped, ""), s.seen(call, "i-2", backend.Stopped, "")
		s.answer(call, Answer{Seen: one}, Answer{Seen: two})
		s.end(op, ResultRecord{Before: *two, After: *two}, ResultRecord{Before: *one, After: *one})
	}},
	{"a result is empty", Answered, "neither an observation nor an error", func(s *story) {
		op := s.begin(Operation{})
		s.read(backend.Stopped)
		s.end(op, ResultRecord{})
	}},
	{"an id is reported finished twice", Answered, "reported it finished 2 times", func(s *story) {
		op := s.begin(Operation{Kind: ReachAll})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
		op.Finished["i-1"]++
	}},
	{"a foreign id is reported finished", Answered, "was not about it", func(s *story) {
		op := s.begin(Operation{Kind: ReachAll})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
		op.Finished["i-2"]++
	}},
	{"a call names an id twice", Contract, "an instance twice", func(s *story) {
		s.read(backend.Running).Misuse = "the call names an instance twice"
	}},
	{"two operations work at the same time", OneAtATime, "operation 2 (Reach) from", func(s *story) {
		first, second := s.begin(Operation{}), s.begin(Operation{})
		one := s.read(backend.Running)
		two := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		after := s.read(backend.Stopped)
		s.end(first, succeeds(one, after))
		s.end(second, succeeds(two, after))
	}},
	{"success without the target", Success, "observed stopping", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopping)))
	}},
	{"success in another mode", Success, `in mode "keep_charging"`, func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"success on an observation that was requested before our call was answered", Success, "was not answered before",
		func(s *story) {
			op := s.begin(Operation{})
			before := s.read(backend.Running)
			w := s.request(Stop, "i-1")
			after := s.read(backend.Stopped)
			s.answer(w, Answer{Effect: true})
			s.end(op, succeeds(before, after))
		}},
	{"success on a cached observation", Success, "requested before it began", func(s *story) {
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: saw(s.read(backend.Stopped))})
		r := s.h.Calls[0]
		s.end(s.begin(Operation{}), succeeds(r, r))
	}},
	{"success on an observation that nobody made", Success, "that the cloud did not give", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		result := succeeds(r, r)
		result.After.Name = "read 99"
		s.end(op, result)
	}},
	{"success of a reboot that was not seen", Success, "no reboot of ours was observed", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"success of a reboot that has not ended", Success, "observed restarting", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Restarting)))
	}},
	{"an observation that is older than the question", Success, "before it began", func(s *story) {
		r := s.read(backend.Stopped)
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: saw(r)})
	}},
	{"a preflight on an old observation", Success, "is 1m0s old", func(s *story) {
		r := s.read(backend.Stopped)
		s.wait(time.Minute)
		s.end(s.begin(Operation{Kind: Preflight}), ResultRecord{After: saw(r)})
	}},
	{"an observation that nobody made", Success, "that the cloud did not give", func(s *story) {
		r := s.read(backend.Stopped)
		r.Answers[0].Seen.Name = "read 99"
		op := s.begin(Operation{Kind: Observe})
		result := ResultRecord{After: saw(r)}
		r.Answers[0].Seen.Name = "read 1"
		s.end(op, result)
	}},
	{"a call after the target was observed", Ends, "sends call 5", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(time.Second)
		s.read(backend.Stopped)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a read after the target was observed", Ends, "reads again", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.read(backend.Stopped)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a pause after the target was observed", Ends, "and ended at 1s", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.wait(time.Second)
		s.end(op, succeeds(r, r))
	}},
	{"an error although the target was observed", Ends, "returned an error", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.NoEffect}))
	}},
	{"a write without an observation", Preceded, "has not been observed at all", func(s *story) {
		op := s.begin(Operation{})
		s.stop()
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
	}},
	{"a second write without an observation between", Preceded, "has not been observed since call 2", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.lost(Stop, backend.Graceful)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a second write after an observation that was requested before the first had ended", Preceded,
		"has not been observed since call 2", func(s *story) {
			op := s.begin(Operation{})
			before := s.read(backend.Running)
			w := s.request(Stop, "i-1")
			r := s.request(Describe, "i-1")
			s.answer(w, Answer{Fault: s.fault(w, backend.KindUnavailable)})
			s.answer(r, Answer{Seen: s.seen(r, "i-1", backend.Running, "")})
			s.stop()
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		}},
	{"a second write while the first is on its way", Preceded, "goes out before call 2", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.request(Stop, "i-1")
		s.read(backend.Running)
		s.stop()
		s.answer(w, Answer{Effect: true})
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a stop for the target running", Asked, "the target is running", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopped)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a start for the target stopped", Asked, "no restart is allowed and due", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a restart that was not allowed", Asked, "no restart is allowed and due", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{"a stop instead of a reboot", Asked, "the target is a reboot", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a reboot instead of a start", Asked, "the target is no reboot", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopped)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a reboot of what is not running", Asked, "the last observation is starting", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Starting)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a start of what is not stopped", Asked, "the last observation is stopping", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopping)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a stop of what is not running", Asked, "the last observation is starting", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Starting)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a stop in another mode", Asked, "the target's mode is stop_charging", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{"a graceful stop where force was asked for", Asked, "force was asked for", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStop: true}})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a write on an old observation", Asked, "older than the operation", func(s *story) {
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: saw(s.read(backend.Running))})
		r := s.h.Calls[0]
		s.wait(time.Minute)
		op := s.begin(Operation{})
		s.stop()
		s.end(op, succeeds(r, s.read(backend.Stopped)))
	}},
	{"force that nobody asked for", Forced, "nobody asked for force", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a forced reboot that nobody asked for", Forced, "nobody asked for force", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Forced, "")
		s.read(backend.Restarting)
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"an escalation that nobody asked for", Forced, "no escalation was asked for", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force without a graceful stop", Forced, "no graceful stop of ours and no stop of somebody else", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(10 * time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force before the time of our stop", Forced, "has had only 9s", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(9 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force before the time of somebody else's stop", Forced, "no graceful stop of ours and no stop", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(9 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force after somebody else's stop was interrupted", Forced, "no graceful stop of ours and no stop", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(5 * time.Second)
		s.read(backend.Running)
		s.wait(5 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force after our stop was lost", Forced, "was not accepted", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.lost(Stop, backend.EscalateLater)
		s.wait(10 * time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force without a fresh observation", Forced, "was not observed again", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(5 * time.Second)
		s.read(backend.Stopping)
		s.wait(5 * time.Second)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force after our stop was obeyed and somebody started it", Forced, "it was observed starting", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.becomes(backend.Stopping, Ours)
		s.becomes(backend.Stopped, TheCloud)
		s.becomes(backend.Starting, SomebodyElse)
		s.wait(5 * time.Second)
		s.read(backend.Starting)
		s.wait(5 * time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force although the last operation is somebody else's", Forced, "the last operation was somebody else's",
		func(s *story) {
			op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
			before := s.read(backend.Running)
			s.write(Stop, backend.EscalateLater, "")
			s.becomes(backend.Stopped, TheCloud)
			s.becomes(backend.Starting, SomebodyElse)
			s.wait(10 * time.Second)
			s.read(backend.Running).Answers[0].Seen.LastOperation = &backend.Operation{RequestID: "f-1"}
			s.write(Stop, backend.Forced, "")
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		}},
	{"an error without the last observation", Last, "returned no observation", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, nil, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	}},
	{"an error with an earlier observation", Last, `returned the observation "read 1"`, func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	}},
	{"an error that leaves out that it is gone", Last, "last it was observed absent", func(s *story) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.read(backend.Absent)
		s.wait(2 * time.Second)
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"an error about another instance", TrueCause, `the error is about "i-2"`, func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{InstanceID: "i-2"}))
	}},
	{"an error that is not the package's", TrueCause, "not an *Error", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, ResultRecord{Before: saw(r), Err: errPlain})
	}},
	{"a fault of nothing", TrueCause, "carries no fault", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.CloudFault}))
	}},
	{"a fault of another instance", TrueCause, "the cloud gave no fault", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.request(Stop, "i-2")
		s.answer(w, Answer{Fault: s.fault(w, backend.KindInvalid), Own: true})
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a fault of another operation", TrueCause, "the cloud gave no fault", func(s *story) {
		w := s.refused(Describe, backend.KindInvalid)
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a fault that was changed on its way", TrueCause, "the fault is not as the cloud gave it", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		fault := *s.refused(Stop, backend.KindInvalid).Answers[0].Fault
		fault.RequestID = "r-99"
		s.end(op, fails(r, r, powerstate.Error{Fault: &fault}))
	}},
	{"a throttle that was not waited out", TrueCause, "is to be retried", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.refused(Stop, backend.KindThrottled)
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a shared refusal that was not split", TrueCause, "and not split", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.request(Stop, "i-1", "i-2")
		fault := s.fault(w, backend.KindInvalid)
		fault.Shared = true
		s.answer(w, Answer{Fault: fault}, Answer{Fault: fault, Own: true})
		s.end(op, fails(r, r, powerstate.Error{Fault: fault}))
	}},
	{"a refusal that was overcome", TrueCause, "was refused, and succeeded after that", func(s *story) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindThrottled)
		s.read(backend.Running)
		s.stop()
		last := s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut, Fault: w.Answers[0].Fault}))
	}},
	{"a deadline before its time", TrueCause, "the deadline is at 20m0s", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a cancellation that did not happen", TrueCause, "nobody canceled it", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"no effect of a call that was not accepted", TrueCause, "no stop of ours was accepted", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.lost(Stop, backend.Graceful)
		s.end(op, fails(before, s.read(backend.Running), powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"no effect of a reboot that had one", TrueCause, "no reboot of ours was accepted", func(s *story) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.lost(Reboot, backend.Graceful)
		s.wait(time.Minute)
		last := s.read(backend.Running)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpReboot}))
	}},
	{"no effect of a stop that is under way", TrueCause, "is not one that shows it", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, fails(before, s.read(backend.Stopping), powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"a mode that nobody was asked for", TrueCause, "no stop of ours in that mode was accepted", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Stopping)
		s.end(op, fails(before, s.read(backend.Stopped), powerstate.Error{Cause: powerstate.ModeIgnored}))
	}},
	{"a mode that was not ignored", TrueCause, "is not one in another mode", func(s *story) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.end(op, fails(before, s.read(backend.Running), powerstate.Error{Cause: powerstate.ModeIgnored}))
	}},
	{"an instance that never was there vanishes", TrueCause, "to be there, and then absent", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Absent)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Vanished}))
	}},
	{"an instance that can be operated is unavailable", TrueCause, "not an unavailable one", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.BecameUnavailable}))
	}},
	{"a state that lasted longer than the operation", TrueCause, "is said to have lasted 1h0m0s", func(s *story) {
		op := s.begin(Operation{})
		r := s.read(backend.Unavailable)
		s.end(op, fails(r, r, powerstate.Error{
			Cause: powerstate.Refused, Reason: powerstate.IsUnavailable, LastFor: time.Hour,
		}))
	}},
	{"a refusal without an observation", TrueCause, "nothing was observed", func(s *story) {
		s.end(s.begin(Operation{}), fails(nil, nil, powerstate.Error{Cause: powerstate.Refused}))
	}},
	{"a write after the deadline", NotLate, "goes out after the time of", func(s *story) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.wait(1500 * time.Millisecond)
		s.stop()
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a write after the cancellation", NotLate, "goes out after the time of", func(s *story) {
		op := s.begin(Operation{Cancel: time.Second})
		before := s.read(backend.Running)
		s.wait(1050 * time.Millisecond)
		s.stop()
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"a write after the end of the operation", NotLate, "no operation is at work", func(s *story) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.wait(time.Second)
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
		s.stop()
	}},
	{"an operation that outlasts its deadline", InTime, "3s after its deadline", func(s *story) {
		op := s.begin(Operation{Timeout: time.Second})
		r := s.read(backend.Running)
		s.wait(4 * time.Second)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"an operation that outlasts its cancellation", InTime, "2s after it was canceled", func(s *story) {
		op := s.begin(Operation{Cancel: time.Second})
		r := s.read(backend.Running)
		s.wait(3 * time.Second)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"an operation that never ends", InTime, "has not ended", func(s *story) {
		s.begin(Operation{Timeout: time.Second})
	}},
	{"more reads than the cloud allows", Limits, "21 calls of describe arrived within 0s", func(s *story) {
		for range 21 {
			s.read(backend.Running)
		}
	}},
	{"more writes than the cloud allows", Limits, "11 calls of stop arrived within 900ms", func(s *story) {
		for range 11 {
			s.stop()
			s.wait(90 * time.Millisecond)
		}
	}},
	{"more calls than the user allows", Limits, "the limit is 2 a second", func(s *story) {
		s.h.Scenario.Client.RequestsPerSecond = 2
		for range 3 {
			s.read(backend.Running)
		}
	}},
	{"goroutines are left", NothingLeft, "blocked goroutines remain", func(s *story) {
		s.h.Stuck = "deadlock: main bubble goroutine has exited but blocked goroutines remain\nmore"
	}},
	{"a call is never given up", NothingLeft, "was never given up", func(s *story) {
		s.request(Describe, "i-1")
	}},
	{"an operation panics", NoPanic, "nil pointer", func(s *story) {
		op := s.begin(Operation{})
		op.Panic = "nil pointer\nin some line"
		op.Ended = s.moment()
	}},
	{"an error out of nothing", Unhindered, "nothing stood in its way", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		last := s.read(backend.Stopping)
		s.wait(20 * time.Minute)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"an observation fails out of nothing", Unhindered, "nothing stood in its way", func(s *story) {
		op := s.begin(Operation{Kind: Observe})
		s.wait(20 * time.Minute)
		s.end(op, fails(nil, nil, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a busy answer that is retried for ever", Prompt, "answered busy from 0s to 10m0s", func(s *story) {
		op := s.begin(Operation{Timeout: 10 * time.Minute})
		before := s.read(backend.Running)
		for range 11 {
			s.refused(Stop, backend.KindBusy)
			s.read(backend.Running)
			s.wait(time.Minute)
		}
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a stop that the guest ignored is waited for", Prompt, "came back to running", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.read(backend.Stopping)
		s.wait(time.Second)
		last := s.read(backend.Running)
		s.wait(10 * time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"a stop that never began is waited for", Prompt, "stayed running", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Minute)
		last := s.read(backend.Running)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"a target that is not noticed", Prompt, "as the target wants it from 1s on", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		s.becomes(backend.Stopped, TheCloud)
		s.wait(time.Minute)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a read that hangs and holds up the operation", Prompt, "1 reads hung", func(s *story) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		r := s.request(Describe, "i-1")
		s.becomes(backend.Stopped, TheCloud)
		s.wait(time.Minute)
		s.answer(r, Answer{Fault: s.fault(r, backend.KindUnavailable), Troubled: true}).Hung = true
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
}

// TestCheckerAcceptsGoodHistories keeps the checker from finding fault with what
// is right.
func TestCheckerAcceptsGoodHistories(t *testing.T) {
	t.Parallel()
	for name, tell := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory()
			tell(s)
			for _, v := range Check(s.h) {
				t.Errorf("%s\n%s", v, s.h.Text())
			}
		})
	}
}

// TestCheckerRejectsBadHistories keeps each proof from being one that cannot
// fail.
func TestCheckerRejectsBadHistories(t *testing.T) {
	t.Parallel()
	for _, test := range bad {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStory()
			test.tell(s)
			found := Check(s.h)
			for _, v := range found {
				if v.Proof == test.proof && strings.Contains(v.Text, test.text) {
					return
				}
			}
			t.Errorf("got %v, want a violation of %q with %q\n%s", found, test.proof, test.text, s.h.Text())
		})
	}
}

func TestEveryProofHasABadHistory(t *testing.T) {
	t.Parallel()
	has := map[Proof]bool{}
	for _, test := range bad {
		has[test.proof] = true
	}
	for _, proof := range Proofs() {
		if !has[proof] {
			t.Errorf("no bad history breaks %q", proof)
		}
	}
}
