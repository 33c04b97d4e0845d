package modeltest

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// badErrors are bad histories of the errors, and of how long an operation may take.
var badErrors = []badHistory{
	{"an error about another instance", TrueCause, `the error is about "i-2"`, func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{InstanceID: "i-2"}))
	}},
	{"an error that is not the package's", TrueCause, "not an *Error", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, ResultRecord{Before: shown(r), Err: errPlain})
	}},
	{"an instance that was held back for no other", TrueCause, "held back", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll, Most: 1})
		r := s.read(backend.Running)
		s.wait(20 * time.Minute)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.TimedOut, Held: true}))
	}},
	{"a fault of nothing", TrueCause, "carries no fault", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.CloudFault}))
	}},
	{"a fault of another instance", TrueCause, "the cloud gave no fault", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.request(Stop, "i-2")
		s.answer(w, Answer{Fault: s.fault(w, backend.KindInvalid), Own: true})
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a fault of another operation", TrueCause, "the cloud gave no fault", func(s *builder) {
		w := s.refused(Describe, backend.KindInvalid)
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a fault that was changed on its way", TrueCause, "the fault is not as the cloud gave it", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		fault := *s.refused(Stop, backend.KindInvalid).Answers[0].Fault
		fault.RequestID = "r-99"
		s.end(op, fails(r, r, powerstate.Error{Fault: &fault}))
	}},
	{"a throttle that was not waited out", TrueCause, "is to be retried", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.refused(Stop, backend.KindThrottled)
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a shared refusal that was not split", TrueCause, "and not split", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.request(Stop, "i-1", "i-2")
		fault := s.fault(w, backend.KindInvalid)
		fault.Shared = true
		s.answer(w, Answer{Fault: fault}, Answer{Fault: fault, Own: true})
		s.end(op, fails(r, r, powerstate.Error{Fault: fault}))
	}},
	{"a refusal that was overcome", TrueCause, "was refused, and succeeded after that", func(s *builder) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindThrottled)
		s.read(backend.Running)
		s.stop()
		last := s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut, Fault: w.Answers[0].Fault}))
	}},
	{"a missing instance that is not confirmed", Confirmed, "without a read", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		w := s.refused(Stop, backend.KindNotFound)
		s.end(op, fails(r, r, powerstate.Error{Fault: w.Answers[0].Fault}))
	}},
	{"a deadline before its time", TrueCause, "the deadline is at 20m0s", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a cancellation that did not happen", TrueCause, "it was not canceled before", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"no effect of a call that was not accepted", TrueCause, "no stop of ours was accepted", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.lost(Stop, backend.Graceful)
		s.end(op, fails(before, s.read(backend.Running),
			powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"no effect of a reboot that had one", TrueCause, "no reboot of ours was accepted", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.lost(Reboot, backend.Graceful)
		s.wait(time.Minute)
		last := s.read(backend.Running)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpReboot}))
	}},
	{"no effect of a stop that is under way", TrueCause, "is not one that shows it", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, fails(before, s.read(backend.Stopping),
			powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{
		"an ignored mode without an accepted stop", TrueCause, "no stop of ours in that mode was accepted",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
			before := s.read(backend.Stopping)
			s.end(op, fails(before, s.read(backend.Stopped), powerstate.Error{Cause: powerstate.ModeIgnored}))
		},
	},
	{"a mode that was not ignored", TrueCause, "is not one in another mode", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.end(op, fails(before, s.read(backend.Running), powerstate.Error{Cause: powerstate.ModeIgnored}))
	}},
	{"an instance that never was there vanishes", TrueCause, "to be there, and then absent", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Absent)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Vanished}))
	}},
	{"an instance that can be operated is unavailable", TrueCause, "not an unavailable one", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Running)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.BecameUnavailable}))
	}},
	{"a state that lasted longer than the operation", TrueCause, "is said to have lasted 1h0m0s", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Unavailable)
		s.end(op, fails(r, r, powerstate.Error{
			Cause: powerstate.Refused, Reason: powerstate.IsUnavailable, LastFor: time.Hour,
		}))
	}},
	{"a refusal without an observation", TrueCause, "nothing was observed", func(s *builder) {
		s.end(s.begin(Operation{}), fails(nil, nil, powerstate.Error{Cause: powerstate.Refused}))
	}},
	{"an operation that outlasts its deadline", InTime, "3s after its deadline", func(s *builder) {
		op := s.begin(Operation{Timeout: time.Second})
		r := s.read(backend.Running)
		s.wait(4 * time.Second)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"an operation that outlasts its cancellation", InTime, "2s after it was canceled", func(s *builder) {
		op := s.begin(Operation{Cancel: time.Second})
		r := s.read(backend.Running)
		s.wait(3 * time.Second)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"an operation that never ends", InTime, "has not ended", func(s *builder) {
		s.begin(Operation{Timeout: time.Second})
	}},
	{"goroutines are left", NothingLeft, "blocked goroutines remain", func(s *builder) {
		s.h.Stuck = "deadlock: main bubble goroutine has exited but blocked goroutines remain\nmore"
	}},
	{"a call is never given up", NothingLeft, "was never given up", func(s *builder) {
		s.request(Describe, "i-1")
	}},
	{"an operation panics", NoPanic, "nil pointer", func(s *builder) {
		op := s.begin(Operation{})
		op.Panic = "nil pointer\nin some line"
		op.Ended = s.moment()
	}},
	{"an error out of nothing", NoNeedlessError, "nothing stood in its way", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		last := s.read(backend.Stopping)
		s.wait(20 * time.Minute)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"an observation fails out of nothing", NoNeedlessError, "nothing stood in its way", func(s *builder) {
		op := s.begin(Operation{Kind: Observe})
		s.wait(20 * time.Minute)
		s.end(op, fails(nil, nil, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a busy answer that is retried for ever", Prompt, "answered busy from 0s to 10m0s", func(s *builder) {
		op := s.begin(Operation{Timeout: 10 * time.Minute})
		before := s.read(backend.Running)
		for range 11 {
			s.refused(Stop, backend.KindBusy)
			s.read(backend.Running)
			s.wait(time.Minute)
		}
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a stop that the guest ignored is waited for", Prompt, "came back to running", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.read(backend.Stopping)
		s.wait(time.Second)
		last := s.read(backend.Running)
		s.wait(10 * time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"a stop that never began is waited for", Prompt, "stayed running", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Minute)
		last := s.read(backend.Running)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpStop}))
	}},
	{"a target that is not noticed", Prompt, "as the target wants it from 1s on", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		s.becomes(backend.Stopped, TheCloud)
		s.wait(time.Minute)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a read that hangs and holds up the operation", Prompt, "1 reads hung", func(s *builder) {
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
