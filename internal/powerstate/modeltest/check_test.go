package modeltest

import (
	"errors"
	"slices"
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
var good = map[string]func(*builder){
	"a graceful stop": func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		s.stop()
		s.wait(time.Second)
		s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"two in a transition at a time": func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}, Most: 2})
		before := s.readBoth(backend.Running)
		s.answer(s.request(Stop, "i-1", "i-2"), Answer{Effect: true}, Answer{Effect: true})
		s.wait(time.Second)
		s.endBoth(op, before, s.readBoth(backend.Stopped))
	},
	"five minutes of busy answers after one that may concern another": func(s *builder) {
		s.h.Scenario.Instances[0].Locked = true
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}, Timeout: 10 * time.Minute})
		before := s.readBoth(backend.Running)
		batch := s.request(Stop, "i-1", "i-2")
		fault := s.fault(batch, backend.KindBusy)
		fault.Shared = true
		s.answer(batch, Answer{Fault: fault, Own: true}, Answer{Fault: fault})
		s.readBoth(backend.Running)
		s.answer(s.request(Stop, "i-2"), Answer{Effect: true})
		var last, write *Call
		for range 6 {
			s.wait(time.Minute)
			s.read(backend.Running)
			write = s.refused(Stop, backend.KindBusy)
			last = s.read(backend.Running)
		}
		other := s.request(Describe, "i-2")
		s.answer(other, Answer{Observed: s.instance(other, "i-2", backend.Stopped, backend.KeepCharging)})
		s.end(op, fails(before, last, powerstate.Error{Fault: write.Answers[0].Fault}),
			ResultRecord{Before: *before.Answers[1].Observed, After: shown(other)})
	},
	"one whose call is refused for good before another begins": func(s *builder) {
		op := s.begin(Operation{Kind: ReachAll, IDs: []string{"i-1", "i-2"}, Most: 1})
		before := s.readBoth(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		op.Finished["i-1"], op.FinishedAt["i-1"] = 1, s.moment()
		s.answer(s.request(Stop, "i-2"), Answer{Effect: true})
		s.wait(time.Second)
		last := s.request(Describe, "i-2")
		s.answer(last, Answer{Observed: s.instance(last, "i-2", backend.Stopped, backend.KeepCharging)})
		op.Finished["i-2"], op.FinishedAt["i-2"] = 1, s.moment()
		op.Results = []ResultRecord{
			fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}),
			{Before: *before.Answers[1].Observed, After: shown(last)},
		}
		op.Ended = s.moment()
	},
	"an instance that is stopped already": func(s *builder) {
		op := s.begin(Operation{})
		r := s.read(backend.Stopped)
		s.end(op, succeeds(r, r))
	},
	"a power cut after the time of our own stop": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Running)
		s.write(Stop, backend.EscalateLater, "")
		s.wait(10 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"a power cut after the time of somebody else's stop": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{ForceStopAfter: 10 * time.Second}})
		before := s.read(backend.Stopping)
		s.wait(10 * time.Second)
		s.read(backend.Stopping)
		s.write(Stop, backend.Forced, "")
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"a restart for the mode": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging, AllowRestart: true}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.wait(time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	},
	"a preferred mode that is waited for": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
		before := s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.wait(time.Second)
		s.read(backend.Stopped)
		s.wait(20 * time.Second)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	},
	"a preferred mode that the cloud refuses": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		w.Options.Mode, w.Answers[0].Fault.ModeRefused = backend.StopCharging, true
		s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.KeepCharging)
		s.end(op, succeeds(before, s.read(backend.Stopped)))
	},
	"a preferred mode that was decided on before somebody else read the instance": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: powerstate.StopChargingIfSupported}})
		reader := s.begin(Operation{Kind: Observe})
		before := s.read(backend.Running)
		s.wait(time.Second / 2)
		s.answer(s.request(Describe, "i-1"), Answer{})
		s.end(reader, ResultRecord{After: backend.Instance{ID: "i-1", State: backend.Absent}})
		w := s.refused(Stop, backend.KindNotFound)
		w.Options.Mode = backend.StopCharging
		s.answer(s.request(Describe, "i-1"), Answer{})
		s.end(op, fails(before, nil, powerstate.Error{
			Cause: powerstate.Vanished, Op: backend.OpStop, Last: &backend.Instance{ID: "i-1", State: backend.Absent},
		}))
	},
	"a restart that shows no effect at first": func(s *builder) {
		op := s.begin(Operation{Target: powerstate.Target{Mode: backend.StopCharging, AllowRestart: true}})
		before := s.read(backend.Stopped)
		s.write(Start, 0, "")
		s.wait(time.Second)
		s.readMode(backend.Stopped, backend.StopCharging)
		s.wait(time.Second)
		s.read(backend.Running)
		s.write(Stop, backend.Graceful, backend.StopCharging)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.readMode(backend.Stopped, backend.StopCharging)))
	},
	"a reboot": func(s *builder) {
		op := s.begin(reboot)
		before := s.read(backend.Running)
		s.write(Reboot, backend.Graceful, "")
		s.wait(time.Second)
		s.read(backend.Restarting)
		s.wait(time.Second)
		s.end(op, succeeds(before, s.read(backend.Running)))
	},
	"two operations, one after the other": func(s *builder) {
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
	"an operation that is told to be over after the next one has written": func(s *builder) {
		first, second := s.begin(Operation{}), s.begin(reboot)
		before := s.read(backend.Running)
		stop := s.refused(Stop, backend.KindInvalid)
		s.read(backend.Running)
		restart := s.refused(Reboot, backend.KindInvalid)
		s.end(first, fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: stop.Answers[0].Fault}))
		last := s.read(backend.Running)
		s.end(second, fails(nil, last, powerstate.Error{Op: backend.OpReboot, Fault: restart.Answers[0].Fault}))
	},
	"a deadline": func(s *builder) {
		op := s.begin(Operation{Timeout: 10 * time.Second})
		before := s.read(backend.Running)
		s.stop()
		s.wait(9 * time.Second)
		last := s.read(backend.Stopping)
		s.wait(time.Second)
		s.end(op, fails(before, last, powerstate.Error{Cause: powerstate.TimedOut, Op: backend.OpStop}))
	},
	"a refusal": func(s *builder) {
		op := s.begin(Operation{})
		before := s.read(backend.Running)
		w := s.refused(Stop, backend.KindInvalid)
		s.end(op, fails(before, before, powerstate.Error{Op: backend.OpStop, Fault: w.Answers[0].Fault}))
	},
}

// badHistory breaks one promise: the checker must report it, in a sentence that
// contains the text.
type badHistory struct {
	name  string
	proof Proof
	text  string
	build func(*builder)
}

// bad are histories that break a promise in each way that the checker tells apart.
func bad() []badHistory { return slices.Concat(badResults, badWrites, badErrors) }

// TestCheckerAcceptsGoodHistories keeps the checker from finding fault with what
// is right.
func TestCheckerAcceptsGoodHistories(t *testing.T) {
	t.Parallel()
	for name, build := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newBuilder()
			build(s)
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
	for _, test := range bad() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newBuilder()
			test.build(s)
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
	for _, test := range bad() {
		has[test.proof] = true
	}
	for _, proof := range Proofs() {
		if !has[proof] {
			t.Errorf("no bad history breaks %q", proof)
		}
	}
}
