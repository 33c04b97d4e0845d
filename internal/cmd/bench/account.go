package main

import (
	"maps"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// account is what a log of calls comes to.
type account struct {
	actions   map[string]int
	reads     int // describes
	stops     int
	throttled int
	refused   int // for another reason
	// mostReads is how many describes named the same instance, at the most. A
	// poller that reads all who wait at once makes as many rounds.
	mostReads int
	// roundReads is how many describes there were, at the most, before one named an
	// instance again: those of one round.
	roundReads int
	// mostWaitReads counts only those between the cloud's acceptance of the stop
	// and the first that sees its end.
	mostWaitReads int
	// notice has, for each instance whose stop was accepted, the time from the
	// end of its transition to the first describe of it after that.
	notice []time.Duration
}

// reckon reads a log in order. takes says how long the stop of an instance
// takes, and throttle is the code of the cloud's throttling.
func reckon(calls []simulator.Call, takes func(id string) time.Duration, throttle string) account {
	a := account{actions: map[string]int{}}
	read, waited := map[string]int{}, map[string]int{}
	ends := map[string]time.Time{}
	seen := map[string]bool{}
	round, inRound := map[string]bool{}, 0
	for _, k := range calls {
		a.actions[k.Action]++
		switch {
		case k.Code == throttle:
			a.throttled++
		case k.Code != "":
			a.refused++
		}
		switch k.Op {
		case simulator.OpDescribe:
			a.reads++
			if slices.ContainsFunc(k.InstanceIDs, func(id string) bool { return round[id] }) {
				clear(round)
				inRound = 0
			}
			inRound++
			a.roundReads = max(a.roundReads, inRound)
			for _, id := range k.InstanceIDs {
				round[id] = true
				read[id]++
				a.mostReads = max(a.mostReads, read[id])
				end, stopped := ends[id]
				if !stopped || seen[id] {
					continue
				}
				waited[id]++
				a.mostWaitReads = max(a.mostWaitReads, waited[id])
				if k.Code == "" && !k.Time.Before(end) {
					seen[id] = true
					a.notice = append(a.notice, k.Time.Sub(end))
				}
			}
		case simulator.OpStop:
			a.stops++
			for _, id := range k.Accepted {
				ends[id] = k.Time.Add(takes(id))
			}
		case simulator.OpStart, simulator.OpReboot, simulator.OpOther:
		}
	}
	// A describe that arrived a moment before the end can be answered after it:
	// then there is none later, and no delay.
	for id := range ends {
		if !seen[id] && read[id] > 0 {
			a.notice = append(a.notice, 0)
		}
	}
	return a
}

// add puts another account of the same kind to this one.
func (a account) add(b account) account {
	sum := account{
		actions: maps.Clone(a.actions), reads: a.reads + b.reads, stops: a.stops + b.stops,
		throttled: a.throttled + b.throttled, refused: a.refused + b.refused,
		mostReads: max(a.mostReads, b.mostReads), roundReads: max(a.roundReads, b.roundReads), mostWaitReads: max(
			a.mostWaitReads, b.mostWaitReads,
		), notice: slices.Concat(a.notice, b.notice),
	}
	if sum.actions == nil {
		sum.actions = map[string]int{}
	}
	for action, n := range b.actions {
		sum.actions[action] += n
	}
	return sum
}
