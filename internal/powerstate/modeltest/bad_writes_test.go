package modeltest

import (
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// badWrites are bad histories of the writes, and of when calls go out.
var badWrites = []badHistory{
	{"a write without an observation", Preceded, "has not been observed at all", func(s *builder) {
		op := s.begin(Operation{})
		s.stop()
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
	}},
	{"a second write without an observation between", Preceded, "has not been observed since call 2", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.lost(Stop, backend.Graceful)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{
		"a second write after an observation that was requested before the first had ended", Preceded,
		"has not been observed since call 2", func(s *builder) {
			op := s.begin(Operation{})
			before := s.read(backend.Running)
			w := s.request(Stop, "i-1")
			r := s.request(Describe, "i-1")
			s.answer(w, Answer{Fault: s.fault(w, backend.KindUnavailable)})
			s.answer(r, Answer{Observed: s.instance(r, "i-1", backend.Running, "")})
			s.stop()
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		},
	},
	{"a second write while the first is on its way", Preceded, "goes out before call 2", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.request(Stop, "i-1")
		s.read(backend.Running)
		s.stop()
		s.answer(w, Answer{Effect: true})
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"two in a transition where one may be", Paced, "2 instances of operation 1", func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}, Most: 1})
		before := s.readBoth(backend.Running)
		s.answer(s.request(Stop, "i-1", "i-2"), Answer{Effect: true}, Answer{Effect: true})
		s.wait(time.Second)
		s.endBoth(op, before, s.readBoth(backend.Stopped))
	}},
	{"a stop for the target running", Asked, "the target is running", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopped)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a start for the target stopped", Asked, "no restart is allowed and due", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a restart that was not allowed", Asked, "no restart is allowed and due", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{"a stop instead of a reboot", Asked, "the target is a reboot", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a reboot instead of a start", Asked, "the target is no reboot", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopped)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a reboot whose answer was lost is sent again", Asked, "it was sent before", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.lost(Reboot, backend.Graceful)
		s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.read(backend.Restarting)
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a reboot of what is not running", Asked, "the last observation is starting", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Starting)
		s.write(Reboot, backend.Graceful, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a start of what is not stopped", Asked, "the last observation is stopping", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Goal: powerstate.GoalRunning}})
		before := s.read(backend.Stopping)
		s.write(Start, 0, "")
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"a stop of what is not running", Asked, "the last observation is starting", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Starting)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a stop in another mode", Asked, "the target's mode is stop_charging", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging}})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{"a graceful stop where force was asked for", Asked, "force was asked for", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStop: true}})
		before := s.read(backend.Running)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a write on an old observation", Asked, "older than the operation", func(s *builder) {
		s.end(s.begin(Operation{Kind: Observe}), ResultRecord{After: shown(s.read(backend.Running))})
		r := s.h.Calls[0]
		s.wait(time.Minute)
		op := s.begin(Operation{})
		s.stop()
		s.end(op, succeeds(r, s.read(backend.Stopped)))
	}},
	{"a restart for a mode that is only preferred", Asked, "no restart is allowed and due", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{
			Mode:         powerstate.StopChargingIfSupported,
			AllowRestart: true,
		}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	}},
	{
		"a preferred mode that is not asked for", Asked, "the target's mode is stop_charging_if_supported",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
			before := s.read(backend.Running)
			s.write(Stop, backend.Graceful, backend.KeepCharging)
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		},
	},
	{
		"a preferred mode that the cloud has refused before", Asked, "the target's mode is stop_charging_if_supported",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
			before := s.read(backend.Running)
			w := s.refused(Stop, backend.KindInvalid)
			w.Options.Mode, w.Answers[0].Fault.ModeRefused = backend.StopCharging, true
			s.read(backend.Running)
			s.write(Stop, backend.Graceful, backend.StopCharging)
			s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
		},
	},
	{"a write that waited too long after its observation", Fresh, "20s before", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.wait(20 * time.Second)
		s.stop()
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force that was not asked for", Forced, "force was not asked for", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"a forced reboot that was not asked for", Forced, "force was not asked for", func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Forced, "")
		s.read(backend.Restarting)
		s.end(op, succeeds(before, s.read(backend.Running)))
	}},
	{"an escalation that was not asked for", Forced, "no escalation was asked for", func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{
		"force without a graceful stop", Forced, "no graceful stop of ours and no stop of somebody else",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
			before := s.read(backend.Stopping)
			s.wait(10 * time.Second)
			s.read(backend.Running)
			s.write(Stop, backend.Forced, "")
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		},
	},
	{"force before the time of our stop", Forced, "has had only 9s", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(9 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force before the time of somebody else's stop", Forced, "no graceful stop of ours and no stop", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(9 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{
		"force after somebody else's stop was interrupted", Forced, "no graceful stop of ours and no stop",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
			before := s.read(backend.Stopping)
			s.wait(5 * time.Second)
			s.read(backend.Running)
			s.wait(5 * time.Second)
			s.read(backend.Stopping)
			s.write(Stop, backend.Forced, "")
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		},
	},
	{"force after our stop was lost", Forced, "was not accepted", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.lost(Stop, backend.EscalateLater)
		s.wait(10 * time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force without a fresh observation", Forced, "was not observed again", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(5 * time.Second)
		s.read(backend.Stopping)
		s.wait(5 * time.Second)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force that waited too long after its observation", Forced, "the last observation is 6s old", func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(10 * time.Second)
		s.read(backend.Stopping)
		s.wait(6 * time.Second)
		s.write(Stop, backend.Forced, "")
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	}},
	{"force after our stop was obeyed and somebody started it", Forced, "it was observed starting", func(s *builder) {
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
	{
		"force although the last operation is somebody else's", Forced, "the last operation was somebody else's",
		func(s *builder) {
			op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
			before := s.read(backend.Running)
			s.write(Stop, backend.EscalateLater, "")
			s.becomes(backend.Stopped, TheCloud)
			s.becomes(backend.Starting, SomebodyElse)
			s.wait(10 * time.Second)
			s.read(backend.Running).Answers[0].Observed.LastOperation = &backend.Operation{RequestID: "f-1"}
			s.write(Stop, backend.Forced, "")
			s.end(op, succeeds(before, s.read(backend.Stopped)))
		},
	},
	{"a write after the deadline", NotLate, "goes out after the time of", func(s *builder) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.wait(1500 * time.Millisecond)
		s.stop()
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
	}},
	{"a write after the cancellation", NotLate, "goes out after the time of", func(s *builder) {
		op := s.begin(Operation{Cancel: time.Second})
		before := s.read(backend.Running)
		s.wait(1050 * time.Millisecond)
		s.stop()
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.Canceled}))
	}},
	{"a write after the end of the operation", NotLate, "no operation is at work", func(s *builder) {
		op := s.begin(Operation{Timeout: time.Second})
		before := s.read(backend.Running)
		s.wait(time.Second)
		s.end(op, fails(before, before, powerstate.Error{Cause: powerstate.TimedOut}))
		s.stop()
	}},
	{"more reads than the cloud allows", Limits, "21 calls of describe arrived within 0s", func(s *builder) {
		for range 21 {
			s.read(backend.Running)
		}
	}},
	{"more writes than the cloud allows", Limits, "11 calls of stop arrived within 900ms", func(s *builder) {
		for range 11 {
			s.stop()
			s.wait(90 * time.Millisecond)
		}
	}},
	{"more calls than the user allows", Limits, "the limit is 2 a second", func(s *builder) {
		s.h.Scenario.Client.RequestsPerSecond = 2
		for range 3 {
			s.read(backend.Running)
		}
	}},
}
