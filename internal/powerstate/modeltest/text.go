package modeltest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// clause joins "name value" where the value is not the zero one.
type clauses []string

func (c *clauses) add(when bool, format string, args ...any) {
	if when {
		*c = append(*c, fmt.Sprintf(format, args...))
	}
}

// String returns the scenario as text that a person can read.
func (s Scenario) String() string {
	var b strings.Builder
	c := s.Cloud
	var cloud clauses
	cloud.add(true, "batches of %d", c.BatchSize)
	cloud.add(true, "%v reads and %v writes a second, burst %d", c.ReadsPerSecond, c.WritesPerSecond, c.Burst)
	cloud.add(c.Latency > 0, "latency %v to %v", c.Latency, c.Latency+c.Jitter)
	cloud.add(c.PerItemOutcomes, "an outcome for each id")
	cloud.add(!c.PerItemOutcomes, "one bad id refuses the call")
	cloud.add(c.NamesIDs, "refusals name ids")
	cloud.add(c.NativeEscalation, "escalates by itself")
	cloud.add(c.StopCharging, "can stop charging")
	cloud.add(c.OperationReason, "reports last operations")
	cloud.add(c.BusyWhenAlreadySo, "busy when already so")
	cloud.add(c.BusyWhenForcedWhileStopping, "busy when forced while stopping")
	cloud.add(c.MissingRefusesDescribe, "a missing id refuses a describe")
	cloud.add(c.CanceledCallsArrive, "canceled calls arrive")
	cloud.add(c.DryRuns, "dry runs")
	cloud.add(c.ChecksAbsence, "absence checks")
	fmt.Fprintf(&b, "scenario of seed %d\n  cloud: %s\n", s.Seed, strings.Join(cloud, "; "))
	fmt.Fprintf(&b, "  client: batch window %v, requests per second %v\n", s.Client.BatchWindow,
		s.Client.RequestsPerSecond)
	for _, in := range s.Instances {
		fmt.Fprintf(&b, "  instance %s\n", in)
	}
	for _, act := range s.Interferences {
		fmt.Fprintf(&b, "  interference: %s\n", act)
	}
	for _, trouble := range s.Troubles {
		fmt.Fprintf(&b, "  trouble: %s\n", trouble)
	}
	for i, op := range s.Operations {
		fmt.Fprintf(&b, "  operation %d: %s\n", i+1, op)
	}
	return b.String()
}

// String returns the instance and its behavior.
func (in Instance) String() string {
	var text clauses
	text.add(true, "%s: %s", in.ID, in.State)
	text.add(in.State == backend.Stopped, "in %q", in.Mode)
	passing := slices.Contains([]backend.State{backend.Starting, backend.Stopping, backend.Restarting}, in.State)
	text.add(passing, "until %v", when(in.Ends))
	text.add(passing && in.GivenUp, "when that is given up")
	text.add(in.State == backend.Absent, "appears at %v", when(in.Appears))
	text.add(in.Start != Transition{}, "a start %s (%v)", in.Start.Fate, in.Start.Time)
	text.add(in.Stop != Transition{}, "a stop %s (%v)", in.Stop.Fate, in.Stop.Time)
	text.add(in.Reboot != Transition{}, "a reboot %s (%v)", in.Reboot.Fate, in.Reboot.Time)
	text.add(in.ForcedStop > 0, "a forced stop takes %v", in.ForcedStop)
	text.add(in.IgnoresMode, "ignores the mode")
	text.add(in.RefusesMode, "refuses to stop charging")
	text.add(in.ModeLate > 0, "the mode is %v late", in.ModeLate)
	text.add(in.StopChargingBar != "", "cannot stop charging: %s", in.StopChargingBar)
	text.add(in.Blocked != "", "blocked: %s", in.Blocked)
	text.add(in.StartBlocked != "", "start blocked: %s", in.StartBlocked)
	text.add(in.AlwaysForced, "always forced")
	text.add(in.Locked, "answers busy to every write")
	text.add(in.OddTo > 0, "an odd word from %v to %v", in.OddFrom, in.OddTo)
	text.add(in.Lag > 0 && in.LagVaries, "reads are up to %v old", in.Lag)
	text.add(in.Lag > 0 && !in.LagVaries, "reads are %v old", in.Lag)
	text.add(in.OperationStays, "last operations never end")
	text.add(in.Hidden, "hidden")
	return strings.Join(text, ", ")
}

func when(d time.Duration) string {
	if d == Never {
		return "never"
	}
	return d.String()
}

// String returns the act as a sentence.
func (a Interference) String() string {
	trigger := ""
	switch a.On {
	case AtTime:
		trigger = fmt.Sprintf("at %v", a.Delay)
	case OnState:
		trigger = fmt.Sprintf("%v after it was %s for the %s time", a.Delay, a.State, ordinal(a.Nth))
	case OnRead:
		trigger = fmt.Sprintf("%v after its %s describe", a.Delay, ordinal(a.Nth))
	case OnWrite:
		trigger = fmt.Sprintf("%v after its %s write", a.Delay, ordinal(a.Nth))
	}
	text := fmt.Sprintf("%s somebody else %s %s", trigger, a.Action, a.ID)
	if a.Action <= DoReboot {
		text += fmt.Sprintf(", which takes %v and %s", a.Takes, a.Fate)
	}
	if a.Action <= DoForcedStop && a.Mode != "" {
		text += fmt.Sprintf(", in %q", a.Mode)
	}
	return text
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "1st"
	case 2:
		return "2nd"
	case 3:
		return "3rd"
	}
	return fmt.Sprintf("%dth", n)
}

// String returns the trouble as a clause.
func (t Trouble) String() string {
	var text clauses
	times := fmt.Sprintf("%d calls of", t.Times)
	if t.Times == Always {
		times = "all calls of"
	}
	text.add(true, "%s %s", times, t.Op)
	text.add(t.ID != "", "about %s", t.ID)
	text.add(t.Skip > 0, "after %d", t.Skip)
	text.add(t.From > 0, "from %v", t.From)
	text.add(t.To > 0, "until %v", t.To)
	text.add(t.Hang, "hang")
	text.add(!t.Hang, "fail: %s", t.Fault.Kind)
	text.add(t.Fault.Code != "", "code %s", t.Fault.Code)
	text.add(t.Fault.Status != 0, "status %d", t.Fault.Status)
	text.add(t.Fault.RetryAfter > 0, "retry after %v", t.Fault.RetryAfter)
	text.add(t.Fault.Unexplained, "unexplained")
	text.add(t.Fault.ModeRefused, "mode refused")
	text.add(t.Lost, "and take effect")
	return strings.Join(text, ", ")
}

// String returns the operation as a call.
func (op Operation) String() string {
	var text clauses
	ids := strings.Join(op.IDs, " ")
	if len(op.IDs) > 5 {
		ids = fmt.Sprintf("%s and %d more", strings.Join(op.IDs[:5], " "), len(op.IDs)-5)
	}
	text.add(true, "%s(%s)", op.Kind, ids)
	text.add(op.Target != powerstate.Target{}, "target %s", target(op.Target))
	text.add(op.NoWait, "no wait")
	text.add(op.Lasted > 0, "former transitions lasted %v", op.Lasted)
	text.add(op.Most > 0, "at most %d in a transition at a time", op.Most)
	text.add(op.Appear, "awaits its appearance")
	text.add(op.DryRun, "dry run")
	text.add(true, "at %v, timeout %v", op.Begin, op.Timeout)
	text.add(op.Cancel > 0, "canceled after %v", op.Cancel)
	return strings.Join(text, ", ")
}

func target(t powerstate.Target) string {
	text := t.Goal.String()
	if t.Mode != "" {
		text += " in " + string(t.Mode)
	}
	if t.ForceStop {
		text += " by force"
	}
	if t.ForceStopAfter > 0 {
		text += fmt.Sprintf(", by force after %v", t.ForceStopAfter)
	}
	if t.AllowRestart {
		text += ", restart allowed"
	}
	return text
}

// line is one line of a history.
type line struct {
	at     time.Duration
	number int
	text   string
}

// Text returns the history of the instances with these ids, line by line; without
// ids, of all.
func (h *History) Text(ids ...string) string {
	about := func(of []string) bool {
		return len(ids) == 0 || slices.ContainsFunc(of, func(id string) bool { return slices.Contains(ids, id) })
	}
	var lines []line
	add := func(m Moment, format string, args ...any) {
		if m.Happened() {
			lines = append(lines, line{m.At, m.Number, fmt.Sprintf(format, args...)})
		}
	}
	for _, change := range h.Changes {
		if about([]string{change.ID}) {
			add(Moment{change.Number, change.At}, "  %s is %s %s  [%s: %s]",
				change.ID, change.State, change.Mode, change.Author, change.Note)
		}
	}
	for _, call := range h.Calls {
		if !about(call.IDs) {
			continue
		}
		name := fmt.Sprintf("call %d: %s", call.Serial, call.Op)
		options := ""
		if call.Op == Stop || call.Op == Reboot {
			options = fmt.Sprintf(" (%s, mode %q)", call.Options.Force, call.Options.Mode)
		}
		add(call.Requested, "%s of %s%s", name, few(call.IDs), options)
		if call.Arrived.At != call.Requested.At || call.Op.Writes() {
			add(call.Arrived, "%s arrives", name)
		}
		add(call.Answered, "%s is answered: %s", name, call.answers(ids))
	}
	for i, o := range h.Operations {
		if !about(o.IDs) {
			continue
		}
		add(o.Began, "operation %d begins: %s", i+1, o.Operation)
		for id, at := range o.FinishedAt {
			if about([]string{id}) {
				add(at, "operation %d has finished %s", i+1, id)
			}
		}
		add(o.Ended, "operation %d ends: %s", i+1, o.results(ids))
	}
	slices.SortFunc(lines, func(a, b line) int { return a.number - b.number })
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%14v  %s\n", l.at, l.text)
	}
	if h.Stuck != "" {
		fmt.Fprintf(&b, "in the end: %s\n", firstLine(h.Stuck))
	}
	return b.String()
}

func few(ids []string) string {
	if len(ids) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:5], " "), len(ids)-5)
	}
	return strings.Join(ids, " ")
}

func (c *Call) answers(ids []string) string {
	var text []string
	for i, answer := range c.Answers {
		if i < len(c.IDs) && len(ids) > 0 && !slices.Contains(ids, c.IDs[i]) {
			continue
		}
		switch {
		case answer.Fault != nil:
			one := fmt.Sprintf("%s %q", answer.Fault.Kind, answer.Fault.Message)
			if answer.Fault.Shared {
				one += fmt.Sprintf(" shared %v", answer.Fault.IDs)
			}
			if answer.Fault.RetryAfter > 0 {
				one += fmt.Sprintf(" retry after %v", answer.Fault.RetryAfter)
			}
			text = append(text, one)
		case c.Op != Describe:
			text = append(text, "accepted")
		case answer.Observed == nil:
			text = append(text, c.IDs[i]+" absent")
		default:
			one := fmt.Sprintf("%s %s %s", c.IDs[i], answer.Observed.State, answer.Observed.StoppedMode)
			if answer.Observed.Blocked != "" {
				one += " blocked"
			}
			if op := answer.Observed.LastOperation; op != nil {
				one += fmt.Sprintf(" (operation %s %s)", op.RequestID,
					[...]string{"unknown", "running", "succeeded", "failed"}[op.State])
			}
			text = append(text, one)
		}
	}
	if len(text) > 5 {
		text = append(text[:5], "...")
	}
	return strings.Join(text, "; ")
}

func (o *OperationRecord) results(ids []string) string {
	var text []string
	for i, result := range o.Results {
		if i < len(o.IDs) && len(ids) > 0 && !slices.Contains(ids, o.IDs[i]) {
			continue
		}
		id := ""
		if i < len(o.IDs) {
			id = o.IDs[i] + " "
		}
		if result.Err != nil {
			text = append(text, id+result.Err.Error())
			continue
		}
		text = append(text, fmt.Sprintf("%s%s (%s)", id, result.After.State, result.After.Name))
	}
	if o.Panic != "" {
		text = append(text, "panic: "+firstLine(o.Panic))
	}
	if len(text) > 5 {
		text = append(text[:5], "...")
	}
	return strings.Join(text, "; ")
}
