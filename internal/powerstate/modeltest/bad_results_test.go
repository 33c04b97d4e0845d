package modeltest

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// badResults are bad histories of what an operation returns, and of when it ends.
var badResults = []badHistory{
	{"an id has no result", Answered, "0 results for 1 ids", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll})
		s.read(backend.Stopped)
		s.end(op)
	}},
	{"the results of two ids are swapped", Answered, "an observation of i-2 for it", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}})
		call := s.request(Describe, "i-1", "i-2")
		one, two := s.instance(call, "i-1", backend.Stopped, ""), s.instance(call, "i-2", backend.Stopped, "")
		s.answer(call, Answer{Observed: one}, Answer{Observed: two})
		s.end(op, ResultRecord{Before: *two, After: *two}, ResultRecord{Before: *one, After: *one})
	}},
	{"a result is empty", Answered, "neither an observation nor an error", func(s *builder) {
		op := s.begin(Operation{})
		s.read(backend.Stopped)
		s.end(op, ResultRecord{})
	}},
	{"an id is reported finished twice", Answered, "reported it finished 2 times", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
		op.Finished["i-1"]++
	}},
	{"a foreign id is reported finished", Answered, "was not about it", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
		op.Finished["i-2"]++
	}},
	{"a call names an id twice", Contract, "an instance twice", func(s *builder) {
		s.read(backend.Running).Misuse = "the call names an instance twice"
	}},
	{"two operations work at the same time", OneAtATime, "operation 2 (Reach) from", func(s *builder) {
		first, second := s.begin(Operation{}), s.begin(Operation{})
		one := s.read(backend.Running)
		two := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		after := s.read(backend.Stopped)
		s.end(first, succeeds(one, after))
		s.end(second, succeeds(two, after))
	}},
	{"success without the target", Success, "observed stopping", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopping)))
	}},
	{"success without a wait after the start of a restart", Success, `in mode "keep_charging"`, func(s *builder) {
		op := s.begin(Operation{
			NoWait: true, Target: powerstate.Target{Mode: backend.StopCharging, AllowRestart: true},
		})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, before))
	}},
	{"success in another mode", Success, `in mode "keep_charging"`, func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a read after a preferred mode was reached", Ends, "reads again", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.readMode(backend.Stopped, backend.StopCharging)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{"a wait for a preferred mode that was not asked for", Ends, "reads again", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
		before := s.read(backend.Stopped)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{
		"success on an observation that was requested before our call was answered", Success, "was not answered before",
		func(s *builder) {
			op := s.begin(Operation{})
			before := s.read(backend.Running)
			w := s.request(Stop, "i-1")
			after := s.read(backend.Stopped)
			s.answer(w, Answer{Effect: true})
			s.end(op, succeeds(before, after))
		},
	},
	{"success on a cached observation", Success, "requested before it began", func(s *builder) {
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: shown(s.read(backend.Stopped))})
		r := s.h.Calls[0]
		s.end(s.begin(Operation{}), succeeds(r, r))
	}},
	{"success on an observation that was not made", Success, "that the cloud did not give", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		result := succeeds(r, r)
		result.After.Name = "read 99"
		s.end(op, result)
	}},
	{"success of a reboot that was not observed", Success, "no reboot of ours was observed", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"success of a reboot that has not ended", Success, "observed restarting", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Restarting)))
	}},
	{"an observation that is older than the question", Success, "before it began", func(s *builder) {
		r := s.read(backend.Stopped)
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: shown(r)})
	}},
	{"a preflight on an old observation", Success, "is 1m0s old", func(s *builder) {
		r := s.read(backend.Stopped)
		s.wait(time.Minute)
		s.end(s.begin(Operation{Kind: Preflight}), ResultRecord{After: shown(r)})
	}},
	{"an observation that was not made", Success, "that the cloud did not give", func(s *builder) {
		r := s.read(backend.Stopped)
		r.Answers[0].Observed.Name = "read 99"
		op := s.begin(Operation{Kind: Observe})
		result := ResultRecord{After: shown(r)}
		r.Answers[0].Observed.Name = "read 1"
		s.end(op, result)
	}},
	{"a call after the target was observed", Ends, "sends call 5", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(time.Second)
		s.read(backend.Stopped)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a read after the target was observed", Ends, "reads again", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.read(backend.Stopped)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a pause after the target was observed", Ends, "and ended at 1s", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.wait(time.Second)
		s.end(op, succeeds(r, r))
	}},
	{"an error although the target was observed", Ends, "returned an error", func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.end(op, fails(r, r, powerstate.Error{Cause: powerstate.NoEffect}))
	}},
	{"an error without the last observation", Last, "returned no observation", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, nil, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	}},
	{"an error with an earlier observation", Last, `returned the observation "read 1"`, func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	}},
	{"an error that leaves out that it is gone", Last, "last it was observed absent", func(s *builder) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.read(backend.Absent)
		s.wait(2 * time.Second)
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
}
