package modeltest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// slack is how long after its deadline an operation may end.
const slack = time.Second

// atOnce is how long after a cancellation it may end.
const atOnce = 100 * time.Millisecond

// checkHistory proves the promises that concern no single instance.
func (c *checker) checkHistory() {
	if c.h.Stuck != "" {
		c.report(NothingLeft, "", "%v after the last operation: %s", aftermath, firstLine(c.h.Stuck))
	}
	for _, call := range c.h.Calls {
		if call.Misuse != "" {
			c.report(Contract, "", "call %d (%s) of %v: %s", call.Serial, call.Op, call.IDs, call.Misuse)
		}
		if !call.Answered.Happened() {
			c.report(NothingLeft, "", "call %d (%s), requested at %v, was never given up", call.Serial, call.Op,
				call.Requested.At)
		}
	}
	for i, record := range c.h.Operations {
		c.checkAnswers(i+1, record)
	}
	c.checkLimits()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// checkAnswers proves Answered and NoPanic.
func (c *checker) checkAnswers(number int, record *OperationRecord) {
	name := fmt.Sprintf("operation %d (%s)", number, record.Kind)
	switch {
	case !record.Began.Happened():
		return
	case record.Panic != "":
		c.report(NoPanic, "", "%s: %s", name, firstLine(record.Panic))
		return
	case !record.Ended.Happened():
		return // InTime tells
	}
	if len(record.Results) != len(record.IDs) {
		c.report(Answered, "", "%s has %d results for %d ids", name, len(record.Results), len(record.IDs))
		return
	}
	for i, id := range record.IDs {
		result := record.Results[i]
		for _, of := range []string{result.Before.ID, result.After.ID} {
			if of != "" && of != id {
				c.report(Answered, id, "%s returned an observation of %s for it", name, of)
			}
		}
		if result.Err == nil && result.After.ID == "" && !record.NoWait {
			c.report(Answered, id, "%s returned neither an observation nor an error", name)
		}
	}
	if record.Kind != ReachAll {
		return
	}
	for _, id := range record.IDs {
		if n := record.Finished[id]; n != 1 {
			c.report(Answered, id, "%s reported it finished %d times", name, n)
		}
	}
	for id := range record.Finished {
		if !slices.Contains(record.IDs, id) {
			c.report(Answered, id, "%s reported it finished, and was not about it", name)
		}
	}
}

// checkLimits proves Limits. The cloud counts calls of an action as they arrive.
func (c *checker) checkLimits() {
	s := c.h.Scenario
	arrived := map[CallOp][]time.Duration{}
	for _, call := range c.h.Calls {
		if call.Arrived.Happened() && (call.Op == Describe || call.Op.Writes()) {
			arrived[call.Op] = append(arrived[call.Op], call.Arrived.At)
		}
	}
	for _, op := range []CallOp{Describe, Start, Stop, Reboot} {
		rate := s.Cloud.WritesPerSecond
		if op == Describe {
			rate = s.Cloud.ReadsPerSecond
		}
		if s.Client.RequestsPerSecond > 0 {
			rate = s.Client.RequestsPerSecond
		}
		// No more than a burst, or the calls of a second, within the time in
		// which the cloud allows so many.
		burst := max(1, s.Cloud.Burst, int(math.Ceil(rate)))
		window := time.Duration(float64(burst) / rate * float64(time.Second))
		times := arrived[op]
		slices.Sort(times)
		for i := burst; i < len(times); i++ {
			if within := times[i] - times[i-burst]; within < window {
				c.report(Limits, "", "%d calls of %s arrived within %v, from %v on; the limit is %v a second",
					burst+1, op, within, times[i-burst], rate)
				break
			}
		}
	}
}

// checkEnd proves InTime.
func (c *checker) checkEnd(o *operationView) {
	ended := o.ended
	switch {
	case o.Panic != "":
	case !ended.Happened():
		c.report(InTime, o.id, "%s has not ended a minute after its deadline (%v)", o, o.deadline())
	case ended.At > o.deadline()+slack:
		c.report(InTime, o.id, "%s ended at %v, %v after its deadline", o, ended.At, ended.At-o.deadline())
	case ended.At > o.gaveUp()+atOnce && o.gaveUp() < o.deadline():
		c.report(InTime, o.id, "%s ended at %v, %v after it was canceled", o, ended.At, ended.At-o.gaveUp())
	}
}
