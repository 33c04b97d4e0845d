package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// serve answers a call that has arrived, and lets it take effect. It tells
// whether no answer will come.
func (c *cloud) serve(call *Call) (hang bool) {
	call.Answers = make([]Answer, max(1, len(call.IDs)))
	c.count(call)
	if misuse := c.misuse(call.IDs); misuse != "" {
		call.Misuse = misuse
		c.answerAll(call, c.fault(call, backend.Fault{Kind: backend.KindInvalid, Message: misuse}, ""), false)
		return false
	}
	if trouble := c.meetCall(call); trouble != nil {
		if trouble.Lost {
			c.judgeAll(call)
			c.carryOut(call)
		}
		c.answerAll(call, c.fault(call, trouble.Fault, ""), true)
		return trouble.Hang
	}
	c.judgeAll(call)
	if call.Op == Describe {
		c.read(call)
		return false
	}
	c.carryOut(call)
	return false
}

// count lets the acts of somebody else begin that wait for a call.
func (c *cloud) count(call *Call) {
	for _, id := range call.IDs {
		m := c.instances[id]
		switch {
		case m == nil:
		case call.Op == Describe:
			m.reads++
			c.trigger(id, func(act *Interference) bool { return act.On == OnRead && act.Nth == m.reads })
		case call.Op.Writes():
			m.writes++
			c.trigger(id, func(act *Interference) bool { return act.On == OnWrite && act.Nth == m.writes })
		}
	}
}

func (c *cloud) misuse(ids []string) string {
	sorted := slices.Sorted(slices.Values(ids))
	switch {
	case len(ids) == 0:
		return "the call names no instance"
	case len(ids) > c.scenario.Cloud.BatchSize:
		return "the call names more instances than the batch size"
	case sorted[0] == "":
		return "the call names an empty id"
	case len(slices.Compact(sorted)) < len(ids):
		return "the call names an instance twice"
	}
	return ""
}

// ofCall tells whether a trouble is always that of the call, and never of one id.
func (t *activeTrouble) ofCall() bool {
	return t.Hang || t.Lost || t.Fault.Kind == backend.KindThrottled || t.Fault.Kind == backend.KindUnavailable
}

func (c *cloud) meetCall(call *Call) *activeTrouble {
	for _, trouble := range c.troubles {
		if trouble.Op != call.Op || !trouble.ofCall() || trouble.ID != "" && !slices.Contains(call.IDs, trouble.ID) {
			continue
		}
		if c.matches(trouble) {
			return trouble
		}
	}
	return nil
}

func (c *cloud) meetID(call *Call, id string) *activeTrouble {
	for _, trouble := range c.troubles {
		if trouble.Op != call.Op || trouble.ofCall() || trouble.ID != "" && trouble.ID != id {
			continue
		}
		if c.matches(trouble) {
			return trouble
		}
	}
	return nil
}

// matches counts a call that a trouble is about, and tells whether it meets it.
func (c *cloud) matches(trouble *activeTrouble) bool {
	if c.clock < trouble.From || trouble.To > 0 && c.clock >= trouble.To {
		return false
	}
	trouble.matched++
	return trouble.matched > trouble.Skip &&
		(trouble.Times == Always || trouble.matched <= trouble.Skip+trouble.Times)
}

// fault completes a fault so that it names the call, and can be told from every
// other.
func (c *cloud) fault(call *Call, fault backend.Fault, id string) *backend.Fault {
	about := "the call"
	if id != "" {
		about = id
	}
	if fault.Message == "" {
		fault.Message = "refused"
	}
	fault.Message = fmt.Sprintf("%s: %s (call %d)", about, fault.Message, call.Serial)
	if fault.Kind == backend.KindUnavailable && fault.Status == 0 {
		return &fault // the connection broke
	}
	if fault.Status == 0 {
		fault.Status = 400
	}
	if fault.Code == "" && !fault.Unexplained {
		fault.Code = "Fake" + fault.Kind.String()
	}
	fault.RequestID = requestID(call.Serial)
	return &fault
}

func (c *cloud) answerAll(call *Call, fault *backend.Fault, troubled bool) {
	for i := range call.Answers {
		call.Answers[i].Fault, call.Answers[i].Troubled, call.Answers[i].Own = fault, troubled, false
	}
}

// judgeAll decides about each id, and refuses the whole call for one where the
// cloud does so.
func (c *cloud) judgeAll(call *Call) {
	culprit := -1
	for i, id := range call.IDs {
		answer := &call.Answers[i]
		if trouble := c.meetID(call, id); trouble != nil {
			answer.Fault, answer.Troubled, answer.Own = c.fault(call, trouble.Fault, id), true, true
		} else if fault := c.judge(call, id); fault != nil {
			answer.Fault, answer.Own = c.fault(call, *fault, id), true
		}
		if answer.Fault != nil && culprit < 0 {
			culprit = i
		}
	}
	alone := call.Op != Describe && c.scenario.Cloud.PerItemOutcomes
	if culprit < 0 || alone || len(call.IDs) == 1 {
		return
	}
	fault := *call.Answers[culprit].Fault
	fault.Shared = true
	if c.scenario.Cloud.NamesIDs {
		fault.IDs = []string{call.IDs[culprit]}
	}
	for i := range call.Answers {
		call.Answers[i].Fault = &fault
		call.Answers[i].Troubled = call.Answers[culprit].Troubled
		call.Answers[i].Own = call.Answers[i].Own && i == culprit
	}
}

// judge returns why the cloud refuses the call about one instance, or nil.
func (c *cloud) judge(call *Call, id string) *backend.Fault {
	m := c.instances[id]
	missing := m == nil || !m.truth.exists() || m.Hidden
	switch call.Op {
	case Describe:
		if missing && c.scenario.Cloud.MissingRefusesDescribe && len(call.IDs) > 1 {
			return refusal(backend.KindNotFound, "there is no such instance")
		}
		return nil
	case CheckAbsent:
		switch {
		case m != nil && m.Hidden:
			return refusal(backend.KindDenied, "no permission")
		case !missing:
			return refusal(backend.KindOther, "the instance exists")
		}
		return nil
	case DryRun:
		return c.judgeWrite(call.For, call.Options, m, missing)
	case Start, Stop, Reboot:
		return c.judgeWrite(call.Op, call.Options, m, missing)
	}
	return nil
}

func refusal(kind backend.Kind, message string) *backend.Fault {
	return &backend.Fault{Kind: kind, Message: message}
}

func (c *cloud) judgeWrite(op CallOp, opts backend.StopOptions, m *machine, missing bool) *backend.Fault {
	s := c.scenario.Cloud
	switch {
	case m != nil && m.Hidden:
		return refusal(backend.KindDenied, "no permission")
	case missing:
		return refusal(backend.KindNotFound, "there is no such instance")
	case m.truth.blocked != "":
		return refusal(backend.KindInvalid, m.truth.blocked)
	case m.StartBlocked != "" && op != Stop:
		return refusal(backend.KindInvalid, m.StartBlocked)
	case m.Locked:
		return refusal(backend.KindBusy, "the instance is locked")
	case op == Stop && opts.Mode == backend.StopCharging && (!s.StopCharging || m.RefusesMode):
		fault := refusal(backend.KindInvalid, "the instance cannot stop charging")
		fault.ModeRefused = true
		return fault
	}
	busy := refusal(backend.KindBusy, fmt.Sprintf("cannot %s an instance that is %s", op, m.truth.state))
	already := busy
	if !s.BusyWhenAlreadySo {
		already = nil
	}
	switch m.truth.state {
	case backend.Running:
		if op == Start {
			return already
		}
		return nil
	case backend.Stopped:
		switch op {
		case Start:
			return nil
		case Reboot:
			return busy
		case Stop, Describe, DryRun, CheckAbsent:
		}
		return already
	case backend.Stopping:
		if op == Stop && opts.Force == backend.Forced && !s.BusyWhenForcedWhileStopping {
			return nil
		}
		return busy
	case backend.Starting, backend.Restarting:
		return busy
	case backend.Unknown, backend.Unavailable, backend.Absent:
		return refusal(backend.KindInvalid, "not in this state")
	}
	return nil
}

// read fills in the instances that a describe returns.
func (c *cloud) read(call *Call) {
	if call.Answers[0].Fault != nil {
		return
	}
	found := make([]backend.Instance, 0, len(call.IDs))
	name := "read " + fmt.Sprint(call.Serial)
	for i, id := range call.IDs {
		m := c.instances[id]
		if m == nil || m.Hidden {
			continue
		}
		was := m.at(c.clock - c.age(m))
		if !was.exists() {
			continue
		}
		found = append(found, m.describe(was, c.clock))
		found[len(found)-1].Name = name
		call.Answers[i].Observed = &found[len(found)-1]
	}
}

// age is how old the returned state of an instance is.
func (c *cloud) age(m *machine) time.Duration {
	if !m.LagVaries || m.Lag == 0 {
		return m.Lag
	}
	return m.Lag * time.Duration(m.reads*617%1000) / 1000 // of no order that could be noticed
}

// carryOut lets a write take effect on those that were not refused.
func (c *cloud) carryOut(call *Call) {
	if !call.Op.Writes() {
		return
	}
	for i, id := range call.IDs {
		if call.Answers[i].Fault == nil {
			call.Answers[i].Effect = c.obey(call, c.instances[id])
		}
	}
}
