package modeltest

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// cloud is a fake cloud in fake time. Nothing in it runs by itself: all events that
// are due happen, in order of time, whenever a call arrives.
type cloud struct {
	scenario Scenario
	began    time.Time

	mu        sync.Mutex
	number    int
	clock     time.Duration // of the last event
	history   *History
	instances map[string]*machine
	due       dueHeap
	troubles  []*activeTrouble
	sent      map[string]int // calls so far, by operation and first id
	foreign   int
}

// activeTrouble is a trouble and how often it was matched.
type activeTrouble struct {
	Trouble
	matched int
}

// callError is the error of a call, as a vendor's would be.
type callError struct {
	fault backend.Fault
	cause error
}

func (e *callError) Error() string { return e.fault.Message }
func (e *callError) Unwrap() error { return e.cause }

// newCloud returns a cloud as it is when the scenario begins, which is now.
func newCloud(s Scenario) *cloud {
	c := &cloud{
		scenario: s, began: time.Now(), history: &History{Scenario: s},
		instances: map[string]*machine{}, sent: map[string]int{},
	}
	for _, in := range s.Instances {
		c.add(in)
	}
	for _, trouble := range s.Troubles {
		c.troubles = append(c.troubles, &activeTrouble{Trouble: trouble})
	}
	for i := range s.Interferences {
		if act := &s.Interferences[i]; act.On == AtTime {
			c.schedule(act.Delay, func() { c.interfere(act) })
		}
	}
	return c
}

// driver returns the cloud as a backend.Driver with the optional interfaces of
// the scenario.
func (c *cloud) driver() backend.Driver {
	switch {
	case c.scenario.Cloud.DryRuns && c.scenario.Cloud.ChecksAbsence:
		return struct {
			*cloud
			dryRunner
			absenceChecker
		}{c, dryRunner{c}, absenceChecker{c}}
	case c.scenario.Cloud.DryRuns:
		return struct {
			*cloud
			dryRunner
		}{c, dryRunner{c}}
	case c.scenario.Cloud.ChecksAbsence:
		return struct {
			*cloud
			absenceChecker
		}{c, absenceChecker{c}}
	}
	return c
}

type dryRunner struct{ on *cloud }

// DryRun implements backend.DryRunner.
func (d dryRunner) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	call := d.on.call(ctx, &Call{Op: DryRun, For: callOf(op), IDs: ids, Options: opts})
	errs := make([]error, len(ids))
	for i := range ids {
		errs[i] = call.err(i)
	}
	return errs
}

type absenceChecker struct{ on *cloud }

// CheckAbsent implements backend.AbsenceChecker.
func (a absenceChecker) CheckAbsent(ctx context.Context, id string) error {
	return a.on.call(ctx, &Call{Op: CheckAbsent, IDs: []string{id}}).err(0)
}

// Describe implements backend.Driver.
func (c *cloud) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	call := c.call(ctx, &Call{Op: Describe, IDs: ids})
	if err := call.err(0); err != nil {
		return nil, err
	}
	var found []backend.Instance
	for _, answer := range slices.Backward(call.Answers) {
		if answer.Observed != nil {
			found = append(found, *answer.Observed)
		}
	}
	return found, nil
}

// Start implements backend.Driver.
func (c *cloud) Start(ctx context.Context, ids []string) []backend.Outcome {
	return c.write(ctx, &Call{Op: Start, IDs: ids})
}

// Stop implements backend.Driver.
func (c *cloud) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return c.write(ctx, &Call{Op: Stop, IDs: ids, Options: opts})
}

// Reboot implements backend.Driver.
func (c *cloud) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return c.write(ctx, &Call{Op: Reboot, IDs: ids, Options: opts})
}

// BatchSize implements backend.Driver.
func (c *cloud) BatchSize() int { return c.scenario.Cloud.BatchSize }

// Capabilities implements backend.Driver.
func (c *cloud) Capabilities() backend.Capabilities {
	s := c.scenario.Cloud
	return backend.Capabilities{
		StopCharging: s.StopCharging, NativeEscalation: s.NativeEscalation,
		ModeChangeNeedsRestart: true, OperationReason: s.OperationReason,
		PerItemOutcomes: s.PerItemOutcomes,
		ReadsPerSecond:  s.ReadsPerSecond, WritesPerSecond: s.WritesPerSecond, Burst: s.Burst,
	}
}

// Fault implements backend.Driver.
func (c *cloud) Fault(err error) backend.Fault {
	var own *callError
	if errors.As(err, &own) {
		return own.fault
	}
	return backend.Fault{Kind: backend.KindOther, Message: err.Error()}
}

func (c *cloud) write(ctx context.Context, call *Call) []backend.Outcome {
	c.call(ctx, call)
	outcomes := make([]backend.Outcome, len(call.IDs))
	for i := range outcomes {
		outcomes[i] = backend.Outcome{RequestID: requestID(call.Serial), Err: call.err(i)}
	}
	return outcomes
}

func requestID(serial int) string { return fmt.Sprintf("r-%d", serial) }

func callOf(op backend.Op) CallOp {
	switch op {
	case backend.OpStart:
		return Start
	case backend.OpStop:
		return Stop
	case backend.OpReboot:
		return Reboot
	}
	return Describe
}

// err is the answer about the id at index as the error of a driver.
func (c *Call) err(index int) error {
	fault := c.Answers[index].Fault
	if fault == nil {
		return nil
	}
	err := &callError{fault: *fault}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if fault.Message == givenUp(ended, c.Serial) {
			err.cause = ended
		}
	}
	return err
}

// givenUp is the message of a call that ended with its context.
func givenUp(ended error, serial int) string { return fmt.Sprintf("%v (call %d)", ended, serial) }

// call takes a call to the cloud and back. When ctx ends on the way, the answer
// is that it ended.
func (c *cloud) call(ctx context.Context, call *Call) *Call {
	there, back := c.request(call)
	ended := sleep(ctx, there)
	if ended == nil {
		ended = c.wait(ctx, back, c.arrive(call))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	if ended != nil {
		c.lose(call, ended)
	}
	call.Answered = c.moment()
	return call
}

// request records that the engine made the call, and returns how long it is on
// its way in each direction.
func (c *cloud) request(call *Call) (there, back time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	call.IDs = slices.Clone(call.IDs)
	call.Serial = len(c.history.Calls) + 1
	call.Requested = c.moment()
	c.history.Calls = append(c.history.Calls, call)
	first := call.Op.String()
	if len(call.IDs) > 0 {
		first += " " + call.IDs[0]
	}
	c.sent[first]++
	s := c.scenario.Cloud
	dice := fnv.New64a()
	fmt.Fprint(dice, c.scenario.Seed, first, c.sent[first])
	sum := dice.Sum64()
	jitter := func(n uint64) time.Duration { return s.Jitter * time.Duration(n%1000) / 1000 }
	return s.Latency + jitter(sum), s.Latency + jitter(sum>>20)
}

func sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *cloud) wait(ctx context.Context, back time.Duration, hang bool) error {
	if !hang {
		return sleep(ctx, back)
	}
	<-ctx.Done()
	return ctx.Err()
}

// lose makes the answer that of a call that was given up. A write that had not
// arrived may arrive all the same.
func (c *cloud) lose(call *Call, ended error) {
	if !call.Arrived.Happened() && call.Op.Writes() && c.scenario.Cloud.CanceledCallsArrive {
		late := &Call{Serial: call.Serial, Op: call.Op, IDs: call.IDs, Options: call.Options}
		c.schedule(c.clock+c.scenario.Cloud.Latency, func() {
			c.serve(late)
			call.Arrived = c.moment()
		})
	}
	effects := call.Answers
	call.Answers = make([]Answer, len(call.IDs))
	for i := range call.Answers {
		call.Answers[i].Fault = &backend.Fault{Kind: backend.KindUnavailable, Message: givenUp(ended, call.Serial)}
		if i < len(effects) {
			call.Answers[i].Effect, call.Answers[i].Troubled = effects[i].Effect, effects[i].Troubled
		}
	}
}

// arrive lets a call take effect in the cloud; it tells whether no answer will come.
func (c *cloud) arrive(call *Call) (hang bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	call.Arrived = c.moment()
	call.Hung = c.serve(call)
	return call.Hung
}

// moment numbers an event that happens at the clock of the cloud.
func (c *cloud) moment() Moment {
	c.number++
	return Moment{Number: c.number, At: c.clock}
}

// now records a moment for an event outside of the cloud.
func (c *cloud) now() Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle(time.Since(c.began))
	return c.moment()
}

// settle lets everything happen that is due until then.
func (c *cloud) settle(until time.Duration) {
	for len(c.due) > 0 && c.due[0].at <= until {
		next, ok := heap.Pop(&c.due).(dueEvent)
		if !ok {
			return
		}
		c.clock = max(c.clock, next.at)
		next.do()
	}
	c.clock = max(c.clock, until)
}

func (c *cloud) schedule(at time.Duration, do func()) {
	c.number++
	heap.Push(&c.due, dueEvent{at: at, number: c.number, do: do})
}

// dueEvent is something that will happen.
type dueEvent struct {
	at     time.Duration
	number int
	do     func()
}

type dueHeap []dueEvent

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].number < h[j].number
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any) {
	if e, ok := x.(dueEvent); ok {
		*h = append(*h, e)
	}
}

func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
