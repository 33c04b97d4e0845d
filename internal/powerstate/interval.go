package powerstate

import (
	"slices"
	"time"
)

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

// at is what is expected of a wait that is age old: e, the best guess, until its time has
// passed, and then another.
func (e expectation) at(age time.Duration, another expectation) expectation {
	if age < e.to {
		return e
	}
	return another
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
