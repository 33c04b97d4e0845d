package powerstate

import (
	"slices"
	"time"
)

// interval returns how long a wait that is age old, and has made so many reads, pauses
// before the next one. former is how long the same transition of the same instance lasted
// before: it is the best guess until that time has passed, and then what other
// instances needed in this process. That may be learned late, when many reads are spent:
// then the intervals are short only as long as enough reads are left for the rest of
// the first minute.
func (h *history) interval(kind string, age time.Duration, reads int, former []time.Duration) time.Duration {
	when := expect(former)
	if age >= when.to {
		when = expect(h.of(kind))
	}
	usual, d := blind(age), when.interval(age)
	if next := age + d; d < usual && next < minute && reads+1+blindReads(next) > mostReads {
		return usual
	}
	return d
}

// blind is the interval while nothing is known about how long the transition takes.
func blind(age time.Duration) time.Duration {
	return min(max(min(firstInterval+age/growth, steadyInterval), age/steadyPart), longestInterval)
}

// blindReads returns how many reads there are from age to the end of the first minute
// when nothing is known.
func blindReads(age time.Duration) (reads int) {
	for ; age < minute; age += blind(age) {
		reads++
	}
	return reads
}

// expectation is when the end of a transition is likely. The zero value expects
// nothing.
type expectation struct {
	from, to time.Duration
	near     time.Duration // the interval between reads in that time
	vague    bool          // they take anything: short intervals for so long are not worth it
}

// expect makes an expectation of how long the same lasted before.
func expect(known []time.Duration) expectation {
	if len(known) == 0 {
		return expectation{}
	}
	known = slices.Sorted(slices.Values(known))
	typical := known[len(known)/2]
	margin := max(time.Second, typical/10, (known[len(known)-1]-known[0])/2)
	return expectation{
		from: max(0, typical-margin), to: typical + 2*margin,
		near: max(closeInterval, margin/6), vague: margin > max(closeInterval, typical/4),
	}
}

// interval is how long to pause before the next read.
func (e expectation) interval(age time.Duration) time.Duration {
	switch {
	case age < e.from:
		// Fewer reads until then, the first of them as early as ever.
		return min(e.from-age, max(blind(age), min(age, 2*blind(age))))
	case age < e.to && e.vague:
		return max(blind(age), min(e.near, 2*blind(age)))
	case age < e.to:
		return min(e.near, blind(age))
	}
	return blind(age)
}
