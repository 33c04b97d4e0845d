package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// machine is one instance as it truly is, and as it was.
type machine struct {
	Instance
	truth   truth
	past    []truth
	token   int // of the transition under way
	entered map[backend.State]int
	reads   int
	writes  int
	origin  truth // before the transition under way
}

// truth is how an instance is from a moment on.
type truth struct {
	from      time.Duration
	state     backend.State
	mode      backend.StoppedMode
	blocked   string
	operation *backend.Operation
}

func (t truth) exists() bool { return t.state != backend.Absent }

// escalation is how long a cloud that cuts the power by itself waits.
const escalation = 30 * time.Second

func (c *cloud) add(in Instance) {
	m := &machine{Instance: in, entered: map[backend.State]int{}}
	c.instances[in.ID] = m
	first := truth{from: -time.Hour, state: in.State, mode: in.Mode, blocked: in.Blocked}
	if in.OperationStays {
		first.operation = c.operation("older", backend.OperationRunning)
	}
	m.truth, m.past = first, []truth{first}
	c.history.Changes = append(c.history.Changes,
		Change{Moment: c.moment(), ID: in.ID, State: in.State, Mode: in.Mode, Author: TheCloud, Note: "so it is found"})
	final, ends := backend.Running, in.Ends
	switch in.State {
	case backend.Stopping:
		final = backend.Stopped
		m.origin = truth{state: backend.Running, mode: c.runningMode()}
	case backend.Starting:
		m.origin = truth{state: backend.Stopped, mode: backend.KeepCharging}
	case backend.Restarting:
		m.origin = truth{state: backend.Running, mode: c.runningMode()}
	case backend.Absent:
		ends = in.Appears
	case backend.Unknown, backend.Running, backend.Stopped, backend.Unavailable:
		return
	}
	if ends == Never {
		return
	}
	token := m.token
	c.schedule(ends, func() {
		if m.token != token {
			return
		}
		next := m.truth
		next.state, next.mode = final, c.runningMode()
		if final == backend.Stopped {
			next.mode = c.stoppedMode(m, backend.UnknownMode)
		}
		note := "the transition of the beginning ends"
		if in.GivenUp && in.State != backend.Absent {
			next.state, next.mode, note = m.origin.state, m.origin.mode, "the transition of the beginning is given up"
		}
		c.change(m, next, TheCloud, 0, note)
	})
}

// at is the instance as it was at a time.
func (m *machine) at(when time.Duration) truth {
	for _, was := range slices.Backward(m.past) {
		if was.from <= when {
			return was
		}
	}
	return m.past[0]
}

func (m *machine) describe(was truth, now time.Duration) backend.Instance {
	in := backend.Instance{
		ID: m.ID, State: was.state, Raw: word(was.state), StoppedMode: was.mode, StopChargingBar: m.StopChargingBar,
		Blocked: was.blocked, StartBlocked: m.StartBlocked, AlwaysForced: m.AlwaysForced, LastOperation: was.operation,
	}
	if m.OddFrom <= now && now < m.OddTo {
		in.State, in.Raw = backend.Unknown, "MIGRATING"
	}
	return in
}

// word is the cloud's own for a state.
func word(state backend.State) string {
	return [...]string{"ODD", "UP", "DOWN", "POWERING_UP", "POWERING_DOWN", "CYCLING", "RECYCLED", "GONE"}[state]
}

func (c *cloud) runningMode() backend.StoppedMode {
	if c.scenario.Cloud.StopCharging {
		return backend.NotApplicable
	}
	return backend.KeepCharging
}

// stoppedMode is the mode that follows a stop in the mode asked for.
func (c *cloud) stoppedMode(m *machine, asked backend.StoppedMode) backend.StoppedMode {
	switch {
	case !c.scenario.Cloud.StopCharging:
		return backend.KeepCharging
	case m.StopChargingBar != "":
		return backend.NotApplicable
	case asked == backend.UnknownMode || m.IgnoresMode:
		return backend.KeepCharging
	}
	return asked
}

func (c *cloud) operation(id string, state backend.OperationState) *backend.Operation {
	if !c.scenario.Cloud.OperationReason {
		return nil
	}
	message := ""
	if state == backend.OperationFailed {
		message = "the transition of " + id + " failed"
	}
	return &backend.Operation{RequestID: id, State: state, Message: message}
}

// change makes the instance be as next from the clock on.
func (c *cloud) change(m *machine, next truth, author Author, call int, note string) {
	next.from = c.clock
	entered := next.state != m.truth.state
	m.truth = next
	m.past = append(m.past, next)
	c.history.Changes = append(c.history.Changes, Change{
		Moment: c.moment(), ID: m.ID, State: next.state, Mode: next.mode, Author: author, Call: call, Note: note,
	})
	if !entered {
		return
	}
	m.entered[next.state]++
	c.trigger(m.ID, func(act *Interference) bool {
		return act.On == OnState && act.State == next.state && act.Nth == m.entered[next.state]
	})
}

func (c *cloud) trigger(id string, match func(*Interference) bool) {
	for i := range c.scenario.Interferences {
		if act := &c.scenario.Interferences[i]; act.ID == id && match(act) {
			c.schedule(c.clock+act.Delay, func() { c.interfere(act) })
		}
	}
}

// transit begins a transition, and lays down how it ends.
type transit struct {
	through, to backend.State
	mode        backend.StoppedMode
	takes       time.Duration
	fate        Fate
	author      Author
	call        int
	request     string
	note        string
}

func (c *cloud) begin(m *machine, t transit) {
	if t.fate == Ignored {
		return
	}
	origin := m.truth
	if m.truth.state == backend.Stopping && t.to == backend.Stopped {
		origin = m.origin // a stop is cut short
	}
	m.origin = origin
	m.token++
	token := m.token
	next := m.truth
	next.state, next.mode, next.operation = t.through, c.runningMode(), c.operation(t.request, backend.OperationRunning)
	c.change(m, next, t.author, t.call, t.note)
	if t.fate == Stuck {
		return
	}
	c.schedule(c.clock+t.takes, func() {
		if m.token != token {
			return
		}
		end := m.truth
		end.state, end.mode = t.to, t.mode
		state, author, note := backend.OperationSucceeded, TheCloud, "the transition is done"
		if t.fate == FallsBack {
			end.state, end.mode = origin.state, origin.mode
			state, author, note = backend.OperationFailed, TheGuest, "the transition is given up"
		}
		if !m.OperationStays {
			end.operation = c.operation(t.request, state)
		}
		late := m.ModeLate > 0 && end.state == backend.Stopped && end.mode == backend.StopCharging
		if late {
			end.mode = backend.KeepCharging
		}
		c.change(m, end, author, t.call, note)
		if late {
			c.setModeLater(m, token)
		}
	})
}

func (c *cloud) setModeLater(m *machine, token int) {
	c.schedule(c.clock+m.ModeLate, func() {
		if m.token != token || m.truth.state != backend.Stopped {
			return
		}
		next := m.truth
		next.mode = backend.StopCharging
		c.change(m, next, TheCloud, 0, "the mode follows")
	})
}

// obey carries out our write about one instance, and tells whether anything
// changed.
func (c *cloud) obey(call *Call, m *machine) bool {
	t := transit{author: Ours, call: call.Serial, request: requestID(call.Serial)}
	switch {
	case call.Op == Start && m.truth.state == backend.Stopped:
		t.through, t.to, t.mode = backend.Starting, backend.Running, c.runningMode()
		t.takes, t.fate = m.Start.Time, m.Start.Fate
	case call.Op == Reboot && m.truth.state == backend.Running:
		t.through, t.to, t.mode = backend.Restarting, backend.Running, c.runningMode()
		t.takes, t.fate = m.Reboot.Time, m.Reboot.Fate
	case call.Op == Stop && (m.truth.state == backend.Running || m.truth.state == backend.Stopping):
		t.through, t.to, t.mode = backend.Stopping, backend.Stopped, c.stoppedMode(m, call.Options.Mode)
		t.takes, t.fate = m.stopping(call.Options.Force, c.scenario.Cloud.NativeEscalation)
	default:
		return false // it is so already
	}
	t.note = fmt.Sprintf("our %s (call %d) takes effect", call.Op, call.Serial)
	if call.Op == Stop && call.Options.Force == backend.Forced {
		t.note += ": the power is cut"
	}
	c.begin(m, t)
	return t.fate != Ignored
}

func (m *machine) stopping(force backend.Force, escalates bool) (time.Duration, Fate) {
	switch {
	case force == backend.Forced || m.AlwaysForced:
		return m.ForcedStop, Completes
	case m.Stop.Fate == Stuck && force == backend.EscalateLater && escalates:
		return escalation + m.ForcedStop, Completes
	}
	return m.Stop.Time, m.Stop.Fate
}

// interfere is an act of somebody else.
func (c *cloud) interfere(act *Interference) {
	m := c.instances[act.ID]
	if m == nil || !m.truth.exists() {
		return
	}
	c.foreign++
	t := transit{
		author: SomebodyElse, request: fmt.Sprintf("f-%d", c.foreign), takes: act.Takes, fate: act.Fate,
		note: "somebody else " + act.Action.String() + " it",
	}
	next, note := m.truth, t.note
	switch act.Action {
	case DoStop, DoForcedStop:
		cuts := act.Action == DoForcedStop && m.truth.state == backend.Stopping
		if m.truth.state != backend.Running && !cuts {
			return
		}
		t.through, t.to, t.mode = backend.Stopping, backend.Stopped, c.stoppedMode(m, act.Mode)
	case DoStart:
		if m.truth.state != backend.Stopped {
			return
		}
		t.through, t.to, t.mode = backend.Starting, backend.Running, c.runningMode()
	case DoReboot:
		if m.truth.state != backend.Running {
			return
		}
		t.through, t.to, t.mode = backend.Restarting, backend.Running, c.runningMode()
	case DoDelete:
		next.state = backend.Absent
	case DoMakeUnavailable:
		next.state = backend.Unavailable
	case DoBlock:
		next.blocked = "it is locked by somebody else"
	case DoUnblock:
		next.blocked = ""
	}
	if t.through != backend.Unknown {
		c.begin(m, t)
		return
	}
	if next.state != m.truth.state {
		m.token++
	}
	c.change(m, next, SomebodyElse, 0, note)
}
