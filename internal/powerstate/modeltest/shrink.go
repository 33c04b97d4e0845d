package modeltest

import (
	"reflect"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// Shrink returns the smallest scenario that it finds for which fails is still
// true. It asks fails about no more scenarios than most.
func Shrink(s Scenario, most int, fails func(Scenario) bool) Scenario {
	for smaller := true; smaller; {
		smaller = false
		for _, candidate := range candidates(s) {
			if most == 0 {
				return s
			}
			if reflect.DeepEqual(candidate, s) || len(candidate.Operations) == 0 {
				continue
			}
			most--
			if fails(candidate) {
				s, smaller = candidate, true
				break
			}
		}
	}
	return s
}

// candidates are scenarios with a little less in them, those with much less
// first.
func candidates(s Scenario) []Scenario {
	var all []Scenario
	for size := len(s.Instances) / 2; size > 0; size /= 2 {
		for from := 0; from < len(s.Instances); from += size {
			all = append(all, withoutInstances(s, s.Instances[from:min(from+size, len(s.Instances))]))
		}
	}
	for i := range s.Operations {
		all = append(all, changed(s, func(c *Scenario) { c.Operations = slices.Delete(c.Operations, i, i+1) }))
	}
	for i := range s.Interferences {
		all = append(all, changed(s, func(c *Scenario) { c.Interferences = slices.Delete(c.Interferences, i, i+1) }))
	}
	for i := range s.Troubles {
		all = append(all, changed(s, func(c *Scenario) { c.Troubles = slices.Delete(c.Troubles, i, i+1) }))
	}
	for i, op := range s.Operations {
		for j := range op.IDs {
			if len(op.IDs) > 1 {
				all = append(all, changed(s, func(c *Scenario) {
					c.Operations[i].IDs = slices.Delete(slices.Clone(op.IDs), j, j+1)
				}))
			}
		}
	}
	for _, simpler := range simplifications(s) {
		all = append(all, changed(s, simpler))
	}
	return all
}

// changed is a copy of the scenario with a change; the lists are copied, their
// elements are not.
func changed(s Scenario, change func(*Scenario)) Scenario {
	s.Instances = slices.Clone(s.Instances)
	s.Interferences = slices.Clone(s.Interferences)
	s.Troubles = slices.Clone(s.Troubles)
	s.Operations = slices.Clone(s.Operations)
	change(&s)
	return s
}

func withoutInstances(s Scenario, gone []Instance) Scenario {
	isGone := func(id string) bool {
		return slices.ContainsFunc(gone, func(in Instance) bool { return in.ID == id })
	}
	return changed(s, func(c *Scenario) {
		c.Instances = slices.DeleteFunc(c.Instances, func(in Instance) bool { return isGone(in.ID) })
		c.Interferences = slices.DeleteFunc(c.Interferences, func(act Interference) bool { return isGone(act.ID) })
		c.Troubles = slices.DeleteFunc(c.Troubles, func(t Trouble) bool { return isGone(t.ID) })
		for i := range c.Operations {
			c.Operations[i].IDs = slices.DeleteFunc(slices.Clone(c.Operations[i].IDs), isGone)
		}
		c.Operations = slices.DeleteFunc(c.Operations, func(op Operation) bool { return len(op.IDs) == 0 })
	})
}

// simplifications are changes of single fields to their plainest values.
func simplifications(s Scenario) []func(*Scenario) {
	all := []func(*Scenario){
		func(c *Scenario) { c.Cloud.Latency, c.Cloud.Jitter = 0, 0 },
		func(c *Scenario) { c.Cloud.Jitter = 0 },
		func(c *Scenario) { c.Cloud.PerItemOutcomes, c.Cloud.NamesIDs = true, false },
		func(c *Scenario) { c.Cloud.NamesIDs = false },
		func(c *Scenario) { c.Cloud.NativeEscalation = false },
		func(c *Scenario) { c.Cloud.OperationReason = false },
		func(c *Scenario) { c.Cloud.BusyWhenAlreadySo = false },
		func(c *Scenario) { c.Cloud.BusyWhenForcedWhileStopping = false },
		func(c *Scenario) { c.Cloud.MissingRefusesDescribe = false },
		func(c *Scenario) { c.Cloud.CanceledCallsArrive = false },
		func(c *Scenario) { c.Cloud.DryRuns = false },
		func(c *Scenario) { c.Cloud.ChecksAbsence = false },
		func(c *Scenario) { c.Cloud.ReadsPerSecond, c.Cloud.WritesPerSecond, c.Cloud.Burst = 50, 50, 0 },
		func(c *Scenario) { c.Cloud.BatchSize = 1 },
		func(c *Scenario) { c.Cloud.BatchSize = 100 },
		func(c *Scenario) { c.Client.BatchWindow = 0 },
		func(c *Scenario) { c.Client.RequestsPerSecond = 0 },
	}
	for i, in := range s.Instances {
		for _, simpler := range simplerInstances(in) {
			all = append(all, func(c *Scenario) { c.Instances[i] = simpler })
		}
	}
	for i, act := range s.Interferences {
		act.Fate, act.Mode = Completes, backend.UnknownMode
		act.Delay, act.Takes = rounded(act.Delay), rounded(act.Takes)
		all = append(all, func(c *Scenario) { c.Interferences[i] = act })
		all = append(all, func(c *Scenario) { c.Interferences[i].Delay = act.Delay })
		all = append(all, func(c *Scenario) { c.Interferences[i].Takes = act.Takes })
		all = append(all, func(c *Scenario) { c.Interferences[i].Mode = act.Mode })
	}
	for i, t := range s.Troubles {
		all = append(all, func(c *Scenario) { c.Troubles[i].From, c.Troubles[i].To = 0, 0 })
		all = append(all, func(c *Scenario) { c.Troubles[i].Times = 1 })
		all = append(all, func(c *Scenario) { c.Troubles[i].Skip = 0 })
		all = append(all, func(c *Scenario) { c.Troubles[i].Fault.RetryAfter = rounded(t.Fault.RetryAfter) })
	}
	for i, op := range s.Operations {
		all = append(all, simplerOperations(i, op)...)
	}
	return all
}

func simplerInstances(in Instance) []Instance {
	var all []Instance
	add := func(change func(*Instance)) {
		simpler := in
		change(&simpler)
		all = append(all, simpler)
	}
	add(func(in *Instance) {
		*in = Instance{
			ID: in.ID, State: in.State, Mode: in.Mode, Ends: in.Ends, GivenUp: in.GivenUp,
			Start: Transition{Time: 10 * time.Second},
			Stop:  Transition{Time: 10 * time.Second}, Reboot: Transition{Time: 10 * time.Second},
			ForcedStop: time.Second,
		}
	})
	add(func(in *Instance) { in.State, in.Mode = backend.Running, backend.NotApplicable })
	add(func(in *Instance) { in.Ends = rounded(in.Ends) })
	add(func(in *Instance) { in.GivenUp = false })
	add(func(in *Instance) { in.Start = Transition{Time: rounded(in.Start.Time)} })
	add(func(in *Instance) { in.Stop = Transition{Time: rounded(in.Stop.Time)} })
	add(func(in *Instance) { in.Stop.Time = rounded(in.Stop.Time) })
	add(func(in *Instance) { in.Reboot = Transition{Time: rounded(in.Reboot.Time)} })
	add(func(in *Instance) { in.ForcedStop = time.Second })
	add(func(in *Instance) { in.IgnoresMode = false })
	add(func(in *Instance) { in.RefusesMode = false })
	add(func(in *Instance) { in.ModeLate = 0 })
	add(func(in *Instance) { in.StopChargingBar = "" })
	add(func(in *Instance) { in.Blocked = "" })
	add(func(in *Instance) { in.StartBlocked = "" })
	add(func(in *Instance) { in.AlwaysForced = false })
	add(func(in *Instance) { in.Locked = false })
	add(func(in *Instance) { in.OddFrom, in.OddTo = 0, 0 })
	add(func(in *Instance) { in.OddFrom, in.OddTo = rounded(in.OddFrom), rounded(in.OddTo) })
	add(func(in *Instance) { in.Lag, in.LagVaries = 0, false })
	add(func(in *Instance) { in.LagVaries = false })
	add(func(in *Instance) { in.Lag = rounded(in.Lag) })
	add(func(in *Instance) { in.OperationStays = false })
	add(func(in *Instance) { in.Hidden = false })
	return all
}

func simplerOperations(i int, op Operation) []func(*Scenario) {
	var all []func(*Scenario)
	add := func(change func(*Operation)) {
		simpler := op
		change(&simpler)
		all = append(all, func(c *Scenario) { c.Operations[i] = simpler })
	}
	add(func(op *Operation) {
		if len(op.IDs) == 1 && op.Kind == ReachAll {
			op.Kind = Reach
		}
	})
	add(func(op *Operation) { op.DryRun = false })
	add(func(op *Operation) { op.NoWait = false })
	add(func(op *Operation) { op.Lasted = 0 })
	add(func(op *Operation) { op.Most = 0 })
	add(func(op *Operation) { op.Appear = false })
	add(func(op *Operation) { op.Cancel = 0 })
	add(func(op *Operation) { op.Cancel = rounded(op.Cancel) })
	add(func(op *Operation) { op.Begin = 0 })
	add(func(op *Operation) { op.Begin = rounded(op.Begin) })
	add(func(op *Operation) { op.Timeout = 40 * time.Minute })
	add(func(op *Operation) { op.Timeout = rounded(op.Timeout) })
	add(func(op *Operation) { op.Target = powerstate.Target{Goal: op.Target.Goal} })
	add(func(op *Operation) { op.Target.ForceStop = false })
	add(func(op *Operation) { op.Target.ForceStopAfter = 0 })
	add(func(op *Operation) { op.Target.ForceStopAfter = rounded(op.Target.ForceStopAfter) })
	add(func(op *Operation) { op.Target.Mode, op.Target.AllowRestart = backend.UnknownMode, false })
	add(func(op *Operation) { op.Target.AllowRestart = false })
	return all
}

// rounded is a time of the same size with fewer digits.
func rounded(d time.Duration) time.Duration {
	for _, unit := range []time.Duration{
		time.Minute, time.Second, 100 * time.Millisecond, time.Millisecond,
		time.Microsecond,
	} {
		if d >= unit {
			return d.Round(unit)
		}
	}
	return d
}
