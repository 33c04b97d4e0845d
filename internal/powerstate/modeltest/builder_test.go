package modeltest

import (
	"context"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// builder is a history that a test makes by hand. It has one cloud, which reports
// last operations, and the instances i-1 and i-2.
type builder struct {
	h      *History
	number int
	at     time.Duration
}

func newBuilder() *builder {
	s := &builder{h: &History{}}
	s.h.Scenario.Cloud = CloudSettings{
		BatchSize: 100, ReadsPerSecond: 20, WritesPerSecond: 10, StopCharging: true, PerItemOutcomes: true,
	}
	for _, id := range []string{"i-1", "i-2"} {
		s.h.Scenario.Instances = append(s.h.Scenario.Instances, Instance{
			ID: id, State: backend.Running, Start: Transition{Time: time.Second}, Stop: Transition{Time: time.Second},
			Reboot: Transition{Time: time.Second}, ForcedStop: time.Second,
		})
	}
	return s
}

func (s *builder) wait(d time.Duration) { s.at += d }

func (s *builder) moment() Moment {
	s.number++
	return Moment{Number: s.number, At: s.at}
}

// begin begins an operation; what is not set is that of a patient Reach of i-1
// stopped.
func (s *builder) begin(op Operation) *OperationRecord {
	if op.IDs == nil {
		op.IDs = []string{"i-1"}
	}
	if op.Timeout == 0 {
		op.Timeout = 20 * time.Minute
	}
	if op.Target.Goal == 0 {
		op.Target.Goal = powerstate.GoalStopped
	}
	op.Begin = s.at
	record := &OperationRecord{
		Operation: op, Began: s.moment(), Finished: map[string]int{}, FinishedAt: map[string]Moment{},
	}
	s.h.Operations = append(s.h.Operations, record)
	s.h.Scenario.Operations = append(s.h.Scenario.Operations, op)
	return record
}

// end ends an operation, with a result for each id.
func (s *builder) end(record *OperationRecord, results ...ResultRecord) {
	if record.Kind == ReachAll {
		for _, id := range record.IDs {
			record.Finished[id]++
			record.FinishedAt[id] = s.moment()
		}
	}
	record.Results, record.Ended = results, s.moment()
}

// request sends a call; it arrives at once.
func (s *builder) request(op CallOp, ids ...string) *Call {
	call := &Call{Serial: len(s.h.Calls) + 1, Op: op, IDs: ids, Requested: s.moment(), Arrived: s.moment()}
	s.h.Calls = append(s.h.Calls, call)
	return call
}

func (s *builder) answer(call *Call, answers ...Answer) *Call {
	call.Answers, call.Answered = answers, s.moment()
	return call
}

func (s *builder) write(op CallOp, force backend.Force, mode backend.StoppedMode) *Call {
	call := s.request(op, "i-1")
	call.Options = backend.StopOptions{Force: force, Mode: mode}
	return s.answer(call, Answer{Effect: true})
}

func (s *builder) stop() *Call { return s.write(Stop, backend.Graceful, "") }

// lost is a write without an answer.
func (s *builder) lost(op CallOp, force backend.Force) *Call {
	call := s.write(op, force, "")
	call.Answers[0].Fault = s.fault(call, backend.KindUnavailable)
	return call
}

// refused is a call that is refused for i-1.
func (s *builder) refused(op CallOp, kind backend.Kind) *Call {
	call := s.request(op, "i-1")
	call = s.answer(call, Answer{Own: true})
	call.Answers[0].Fault = s.fault(call, kind)
	return call
}

func (s *builder) fault(call *Call, kind backend.Kind) *backend.Fault {
	return &backend.Fault{
		Kind: kind, Code: "Fake" + kind.String(), RequestID: requestID(call.Serial),
		Message: fmt.Sprintf("refused (call %d)", call.Serial), Status: 400,
	}
}

// read observes i-1, in keep_charging where it is stopped.
func (s *builder) read(state backend.State) *Call { return s.readMode(state, backend.KeepCharging) }

func (s *builder) readMode(state backend.State, mode backend.StoppedMode) *Call {
	call := s.request(Describe, "i-1")
	return s.answer(call, Answer{Observed: s.instance(call, "i-1", state, mode)})
}

// readBoth observes i-1 and i-2, in keep_charging where they are stopped.
func (s *builder) readBoth(state backend.State) *Call {
	call := s.request(Describe, "i-1", "i-2")
	one := s.instance(call, "i-1", state, backend.KeepCharging)
	two := s.instance(call, "i-2", state, backend.KeepCharging)
	return s.answer(call, Answer{Observed: one}, Answer{Observed: two})
}

// endBoth ends an operation on i-1 and i-2 with success.
func (s *builder) endBoth(op *OperationRecord, before, after *Call) {
	results := make([]ResultRecord, 2)
	for i := range results {
		results[i] = ResultRecord{Before: *before.Answers[i].Observed, After: *after.Answers[i].Observed}
	}
	s.end(op, results...)
}

func (s *builder) instance(call *Call, id string, state backend.State, mode backend.StoppedMode) *backend.Instance {
	if state == backend.Absent {
		return nil
	}
	return &backend.Instance{
		ID: id, Name: fmt.Sprintf("read %d", call.Serial), State: state, Raw: word(state), StoppedMode: mode,
	}
}

// becomes is a change of i-1 as it truly was.
func (s *builder) becomes(state backend.State, author Author) {
	s.h.Changes = append(s.h.Changes, Change{Moment: s.moment(), ID: "i-1", State: state, Author: author})
}

// shown is what a describe of one instance showed.
func shown(call *Call) backend.Instance {
	if in := call.Answers[0].Observed; in != nil {
		return *in
	}
	return backend.Instance{ID: call.IDs[0], State: backend.Absent}
}

func succeeds(before, after *Call) ResultRecord {
	return ResultRecord{Before: shown(before), After: shown(after)}
}

// fails is the result of an operation that began with an observation and ended
// with an error after another.
func fails(before, last *Call, e powerstate.Error) ResultRecord {
	result := ResultRecord{}
	if before != nil {
		result.Before = shown(before)
	}
	if last != nil {
		in := shown(last)
		e.Last = &in
	}
	if e.InstanceID == "" {
		e.InstanceID = "i-1"
	}
	if e.Cause == powerstate.TimedOut {
		e.Err = context.DeadlineExceeded
	}
	result.Err = &e
	return result
}
