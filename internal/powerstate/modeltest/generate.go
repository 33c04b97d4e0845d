package modeltest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// dice makes the choices of a scenario.
type dice struct{ *rand.Rand }

// one is true once in n times.
func (d dice) one(n int) bool { return d.IntN(n) == 0 }

// upTo is any time from 0 to most, in odd numbers, so that seldom two things
// happen at the same instant.
func (d dice) upTo(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(d.Int64N(int64(most)))
}

// between is any time from least to most, of which all sizes are as likely.
func (d dice) between(least, most time.Duration) time.Duration {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(low + d.Float64()*(high-low)))
}

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// difficulty is how much stands in the way in a scenario.
type difficulty int

const (
	clear difficulty = iota // nothing that does not pass by itself
	mixed                   // some behavior, some troubles, some interference
	wild                    // all of it at once
)

// Generate makes the scenario of a seed, the same every time.
func Generate(seed uint64) Scenario {
	d := dice{rand.New(rand.NewPCG(seed, 0x6d6f64656c))} //nolint:gosec // G404: a history must be the same for a seed.
	s := Scenario{Seed: seed}
	how := pick(d, clear, clear, mixed, mixed, mixed, wild)
	s.Cloud = d.cloud()
	s.Client = ClientSettings{
		BatchWindow:       pick(d, 0, 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond, time.Second),
		RequestsPerSecond: pick(d, 0.0, 0, 0, 0, 0, 1, 5),
	}
	count := 1 + d.IntN(3)
	switch {
	case d.one(20):
		count = 20 + d.IntN(101)
	case d.one(6):
		count = 4 + d.IntN(17)
	}
	for i := range count {
		s.Instances = append(s.Instances, d.instance(fmt.Sprintf("i-%03d", i), how))
	}
	for range d.operations(count) {
		s.Operations = append(s.Operations, d.operation(s, how))
	}
	if how == clear {
		d.passingTroubles(&s)
	} else {
		d.interferences(&s, how)
		d.troubles(&s, how)
	}
	preferModes(&s, how)
	limitTransitions(&s)
	return s
}

// preferModes lets some operations only prefer to stop charging. Its dice are its own,
// so that all else in the scenario of a seed is as it was without it.
func preferModes(s *Scenario, how difficulty) {
	//nolint:gosec // G404: a history must be the same for a seed.
	d := dice{rand.New(rand.NewPCG(s.Seed, 0x707265666572))}
	for i := range s.Operations {
		if op := &s.Operations[i]; op.Target.Goal == powerstate.GoalStopped && d.one(4) {
			op.Target.Mode = powerstate.StopChargingIfSupported
		}
	}
	if how == clear {
		return
	}
	for i := range s.Instances {
		s.Instances[i].RefusesMode = d.one(12)
	}
	for i := range s.Troubles {
		if t := &s.Troubles[i]; t.Op == Stop && t.Fault.Kind == backend.KindInvalid {
			t.Fault.ModeRefused = d.one(2)
		}
	}
}

// limitTransitions lets some fleets have few instances in a transition at a time. Its dice
// are its own too.
func limitTransitions(s *Scenario) {
	//nolint:gosec // G404: a history must be the same for a seed.
	d := dice{rand.New(rand.NewPCG(s.Seed, 0x6c696d6974))}
	for i := range s.Operations {
		if op := &s.Operations[i]; op.Kind == ReachAll && d.one(4) {
			op.Most = 1 + d.IntN(len(op.IDs))
		}
	}
}

func (d dice) cloud() CloudSettings {
	c := CloudSettings{
		BatchSize:       pick(d, 1, 2, 5, 20, 50, 100, 100, 100),
		PerItemOutcomes: d.one(2), NamesIDs: d.one(2), NativeEscalation: d.one(3), StopCharging: !d.one(4),
		OperationReason: d.one(3), BusyWhenAlreadySo: d.one(2),
		BusyWhenForcedWhileStopping: d.one(4), MissingRefusesDescribe: d.one(4), CanceledCallsArrive: d.one(2),
		ReadsPerSecond: pick(d, 5.0, 10, 20, 50), WritesPerSecond: pick(d, 2.0, 5, 10, 20),
		Burst:   pick(d, 0, 0, backend.AssumedBurst),
		Latency: pick(d, 0, time.Millisecond, 20*time.Millisecond, 60*time.Millisecond, 300*time.Millisecond),
		DryRuns: d.one(2), ChecksAbsence: d.one(2),
	}
	if c.Latency > 0 {
		c.Jitter = pick(d, time.Millisecond, c.Latency, 5*c.Latency)
	}
	return c
}

func (d dice) instance(id string, how difficulty) Instance {
	in := Instance{
		ID: id, Mode: backend.NotApplicable, Ends: d.upTo(time.Minute),
		State: pick(d, backend.Running, backend.Running, backend.Running, backend.Stopped, backend.Stopped,
			backend.Starting, backend.Stopping, backend.Restarting),
		Start:      Transition{Time: d.between(200*time.Millisecond, 90*time.Second)},
		Stop:       Transition{Time: d.between(200*time.Millisecond, 120*time.Second)},
		Reboot:     Transition{Time: d.between(200*time.Millisecond, 60*time.Second)},
		ForcedStop: d.between(100*time.Millisecond, 10*time.Second),
	}
	if in.State == backend.Stopped {
		in.Mode = pick(d, backend.KeepCharging, backend.StopCharging)
	}
	if d.one(4) {
		in.Lag = d.upTo(3 * time.Second)
	}
	if how == clear || how == mixed && !d.one(3) {
		return in
	}
	in.obstruct(d)
	return in
}

// obstruct adds behavior that stands in the way of an operation.
func (in *Instance) obstruct(d dice) {
	for range 1 + d.IntN(3) {
		switch d.IntN(14) {
		case 0:
			in.Start.Fate = pick(d, FallsBack, Stuck, Ignored)
		case 1, 2:
			in.Stop.Fate = pick(d, FallsBack, FallsBack, Stuck, Stuck, Ignored)
		case 3:
			in.Reboot.Fate = pick(d, FallsBack, Stuck, Ignored)
		case 4:
			in.IgnoresMode = true
		case 5:
			in.ModeLate = d.upTo(50 * time.Second)
		case 6:
			in.StopChargingBar = "it is prepaid"
		case 7:
			in.Blocked = pick(d, "it is locked for security reasons", "")
			in.StartBlocked = pick(d, "the account is in arrears", "")
		case 8:
			in.Locked = true
		case 9:
			in.OddFrom = d.upTo(time.Minute)
			in.OddTo = in.OddFrom + d.between(100*time.Millisecond, 10*time.Minute)
		case 10:
			in.Lag, in.LagVaries = d.upTo(10*time.Second), d.one(2)
		case 11:
			in.OperationStays = true
		case 12:
			in.State = pick(d, backend.Unavailable, backend.Absent, backend.Unknown)
			in.Appears = pick(d, Never, d.upTo(time.Minute))
			in.Hidden = d.one(4)
		case 13:
			in.State = pick(d, backend.Stopping, backend.Stopping, backend.Starting, backend.Restarting)
			in.Mode = backend.NotApplicable
			in.Ends, in.GivenUp = pick(d, Never, d.upTo(20*time.Minute), d.upTo(time.Minute)), d.one(2)
			in.AlwaysForced = d.one(4)
		}
	}
}

func (d dice) operations(instances int) int {
	if instances > 20 {
		return 1 + d.IntN(3)
	}
	return pick(d, 1, 1, 1, 2, 2, 3, 5, 8)
}

func (d dice) operation(s Scenario, how difficulty) Operation {
	op := Operation{
		Kind: pick(d, Reach, Reach, Reach, Reach, ReachAll, ReachAll, ReachAll, Observe, ObserveAll, Preflight,
			Preflight),
		Target: powerstate.Target{
			Goal: pick(d, powerstate.GoalRunning, powerstate.GoalStopped, powerstate.GoalStopped,
				powerstate.GoalStopped,
				powerstate.GoalRebooted),
		},
		Appear: d.one(3), NoWait: d.one(10), DryRun: d.one(2),
	}
	if len(s.Operations) == 0 { // one at least that may write
		op.Kind = pick(d, Reach, ReachAll)
	}
	if op.Target.Goal == powerstate.GoalStopped {
		op.Target.Mode = pick(d, backend.UnknownMode, backend.UnknownMode, backend.KeepCharging, backend.StopCharging)
	}
	if op.Kind == ReachAll && !d.one(3) || op.Kind == ObserveAll || op.Kind == Preflight {
		for _, in := range s.Instances {
			if !d.one(8) {
				op.IDs = append(op.IDs, in.ID)
			}
		}
		d.Shuffle(len(op.IDs), func(i, j int) { op.IDs[i], op.IDs[j] = op.IDs[j], op.IDs[i] })
	}
	if len(op.IDs) == 0 {
		op.IDs = []string{pick(d, s.Instances...).ID}
	}
	if len(s.Operations) > 0 && d.one(3) { // like another, so that calls of the two share a batch
		op.Kind, op.Target = s.Operations[0].Kind, s.Operations[0].Target
		if op.Kind == Reach {
			op.IDs = op.IDs[:1]
		}
		op.Begin = pick(d, s.Operations[0].Begin, d.upTo(100*time.Millisecond))
		d.limit(&op, how)
		return op
	}
	op.Target.ForceStop = op.Target.Goal != powerstate.GoalRunning && d.one(5)
	op.Target.AllowRestart = op.Target.Mode != backend.UnknownMode && d.one(2)
	if op.Target.Goal == powerstate.GoalStopped && !op.Target.ForceStop && d.one(2) {
		op.Target.ForceStopAfter = d.between(time.Second, 5*time.Minute)
	}
	if len(s.Operations) > 0 {
		op.Begin = pick(d, 0, d.upTo(time.Second), d.upTo(2*time.Minute))
	}
	if d.one(3) {
		op.Lasted = d.between(time.Second, 2*time.Minute)
	}
	d.limit(&op, how)
	return op
}

// limit sets the deadline of an operation, and when it is canceled.
func (d dice) limit(op *Operation, how difficulty) {
	op.Timeout = 40 * time.Minute
	if !d.one(4) {
		op.Timeout = d.between(10*time.Minute, 40*time.Minute)
	}
	if how != clear && d.one(4) {
		op.Timeout = pick(d, d.between(1, 40*time.Minute), d.between(time.Second, 5*time.Minute),
			1+d.upTo(500*time.Millisecond))
	}
	if how != clear && d.one(8) {
		op.Cancel = pick(d, d.between(1, 20*time.Minute), d.upTo(time.Minute), d.upTo(500*time.Millisecond))
	}
}

// passingTroubles are those that a patient engine overcomes.
func (d dice) passingTroubles(s *Scenario) {
	for range pick(d, 0, 0, 1, 1, 2, 3) {
		t := Trouble{
			Op: pick(d, Describe, Describe, Start, Stop), Skip: d.IntN(4), Times: 1 + d.IntN(2),
			Fault: backend.Fault{Kind: pick(d, backend.KindThrottled, backend.KindUnavailable)},
		}
		if t.Fault.Kind == backend.KindThrottled {
			t.Fault.RetryAfter = pick(d, 0, d.upTo(5*time.Second), d.between(time.Second, 100*time.Hour))
		}
		if t.Fault.Kind == backend.KindUnavailable {
			t.Hang = d.one(3)
			t.Lost = t.Op.Writes() && d.one(2)
			t.Fault.Status = pick(d, 0, 503)
		}
		s.Troubles = append(s.Troubles, t)
	}
}

func (d dice) interferences(s *Scenario, how difficulty) {
	n := d.IntN(4)
	if how == wild {
		n = 2 + d.IntN(10)
	}
	for range n {
		act := Interference{
			ID: pick(d, pick(d, s.Operations...).IDs...),
			On: pick(d, AtTime, OnState, OnState, OnRead, OnWrite, OnWrite), Nth: 1 + d.IntN(2),
			State: pick(d, backend.Running, backend.Stopped, backend.Stopping, backend.Starting),
			Action: pick(d, DoStop, DoStop, DoStart, DoStart, DoReboot, DoForcedStop, DoDelete, DoBlock, DoUnblock,
				DoMakeUnavailable),
			Mode:  pick(d, backend.UnknownMode, backend.KeepCharging, backend.StopCharging),
			Delay: pick(d, d.between(time.Millisecond, time.Minute), d.between(time.Millisecond, 2*time.Second)),
			Takes: d.between(100*time.Millisecond, 2*time.Minute),
			Fate:  pick(d, Completes, Completes, FallsBack, Stuck),
		}
		if act.On == OnRead {
			act.Nth = 1 + d.IntN(12)
		}
		if act.On == AtTime {
			act.Delay = d.between(time.Millisecond, 5*time.Minute)
		}
		s.Interferences = append(s.Interferences, act)
	}
}

func (d dice) troubles(s *Scenario, how difficulty) {
	if d.one(8) { // a poison id
		s.Troubles = append(s.Troubles, Trouble{
			Op: pick(d, Describe, Start, Stop), ID: pick(d, s.Instances...).ID, Times: Always,
			Fault: backend.Fault{Kind: pick(d, backend.KindInvalid, backend.KindDenied, backend.KindOther)},
		})
	}
	n := d.IntN(3)
	if how == wild {
		n = 1 + d.IntN(5)
	}
	for range n {
		t := Trouble{
			Op: pick(d, Describe, Describe, Start, Stop, Stop, Reboot, DryRun, CheckAbsent),
			ID: pick(d, "", pick(d, s.Instances...).ID), Skip: d.IntN(6), Times: pick(d, 1, 1, 2, 5, 30, Always),
		}
		t.Fault.Kind = pick(d, backend.KindThrottled, backend.KindThrottled, backend.KindUnavailable,
			backend.KindUnavailable,
			backend.KindBusy, backend.KindBusy, backend.KindDenied, backend.KindInvalid, backend.KindNotFound,
			backend.KindOther)
		switch t.Fault.Kind {
		case backend.KindThrottled:
			t.Fault.RetryAfter = pick(d, 0, d.upTo(10*time.Second), d.between(time.Second, 100*time.Hour))
		case backend.KindUnavailable:
			t.Hang, t.Lost = d.one(3), t.Op.Writes() && d.one(2)
			t.Fault.Status = pick(d, 0, 503)
			if t.Fault.Status == 503 {
				t.Fault.RetryAfter = pick(d, 0, d.between(time.Second, 100*time.Hour))
			}
		case backend.KindBusy:
			t.Fault.Unexplained = d.one(4)
		case backend.KindInvalid:
			t.Fault.Code = pick(d, "", "NoStock")
		case backend.KindOther, backend.KindNotFound, backend.KindDenied:
		}
		if t.Fault.Kind != backend.KindThrottled && t.Fault.Kind != backend.KindUnavailable && t.Op == Describe &&
			d.one(2) {
			t.ID = pick(d, s.Instances...).ID // a poison id
		}
		if d.one(4) {
			t.From = d.upTo(time.Minute)
			t.To = t.From + d.between(time.Second, 20*time.Minute)
		}
		s.Troubles = append(s.Troubles, t)
	}
}
