package powerstate

import (
	"slices"
	"time"
)

// interval returns how long a wait that is age old pauses before its next read. former is
// how long the same transition of the same instance lasted before: it is the best guess
// until that time has passed, and then the durations of others in this process.
func (h *history) interval(kind string, age time.Duration, former []time.Duration) time.Duration {
	return h.expect(kind, age, former).interval(age)
}

// expect is when the end of a wait that is age old is likely.
func (h *history) expect(kind string, age time.Duration, former []time.Duration) expectation {
	if when := expect(former); age < when.to {
		return when
	}
	return expect(h.of(kind))
}

// blind is the interval while nothing is known about how long the transition lasts.
func blind(age time.Duration) time.Duration {
	switch {
	case age < firstRead:
		return max(firstRead-age, closeInterval)
	case age < steadyFrom:
		return earlyInterval
	}
	return min(max(steadyInterval, age/steadyPart), longestInterval)
}

// expectation is when the end of a transition is likely. The zero value expects
// nothing.
type expectation struct {
	from, to time.Duration
	near     time.Duration // the interval between reads in that time
}

// expect makes an expectation of how long the same lasted before.
func expect(known []time.Duration) expectation {
	if len(known) == 0 {
		return expectation{}
	}
	least, most := slices.Min(known), slices.Max(known)
	from, to := least-least/earlierPart, most+max(most/laterPart, closeInterval)
	reads := min(leastReads+float64(most)/float64(perRead), mostReads)
	return expectation{from: from, to: to, near: max(closeInterval, time.Duration(float64(to-from)/reads))}
}

// interval is how long to pause before the next read: the first one comes an interval
// after the end becomes likely.
func (e expectation) interval(age time.Duration) time.Duration {
	switch {
	case age < e.from:
		return min(e.from+e.near-age, longestGap)
	case age < e.to:
		return min(e.near, blind(age))
	}
	return blind(age)
}
