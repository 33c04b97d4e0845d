package schedule

import (
	"math"
	"time"
)

// enough is the number of days after which a weekly schedule that has not changed
// never will, but for exceptions: every window that there is has had its weekday
// several times, so that no clock change can have hidden it each time.
const enough = 28

// lastDay is the last day that RFC 3339 can write.
var lastDay = dayOf(time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC).Unix())

// Running reports whether the schedule asks for running at an instant.
func (s *Schedule) Running(at time.Time, zone *time.Location) bool {
	c := clock{zone}
	now := at.Unix()
	return covered(s.spans(c, c.day(now)), now)
}

// NextChange returns the first instant after at, to the second, at which the
// answer of Running changes, or false when it never does. The search has no
// horizon: it walks day by day only as long as a weekly schedule can still
// surprise, and from there to the next exception.
func (s *Schedule) NextChange(at time.Time, zone *time.Location) (time.Time, bool) {
	c := clock{zone}
	now := at.Unix()
	d := c.day(now)
	running := covered(s.spans(c, d), now)
	quiet := 0
	for d <= lastDay {
		if end := stateEnd(s.spans(c, d), max(now, c.begin(d)), running); end < c.begin(d+1) {
			return time.Unix(end, 0).In(zone), true
		}
		if x, ok := s.exceptionOn(d); ok {
			d, quiet = x.last+1, 0
			continue
		}
		d++
		if quiet++; quiet < enough {
			continue
		}
		i := s.exceptionFrom(d)
		if i == len(s.exceptions) {
			break
		}
		d, quiet = max(d, s.exceptions[i].first), 0
	}
	return time.Time{}, false
}

// span is a time in which the schedule asks for running; to is not in it.
type span struct{ from, to int64 }

// spans are the parts of a day on which the schedule asks for running. They may
// overlap.
func (s *Schedule) spans(c clock, d day) []span {
	begin, end := c.begin(d), c.begin(d+1)
	if x, ok := s.exceptionOn(d); ok {
		if x.running {
			return []span{{begin, end}}
		}
		return nil
	}
	var out []span
	// What began the day before the day before can still last where a zone
	// crossed the date line and a day was repeated.
	for e := d - 2; e <= d; e++ {
		if x, ok := s.exceptionOn(e); ok && !x.running {
			continue
		}
		for _, w := range s.windows[e.weekday()] {
			one := span{from: c.first(e.at(w.from)), to: c.last(e.at(w.to))}
			one.from, one.to = max(one.from, begin), min(one.to, end)
			if one.from < one.to {
				out = append(out, one)
			}
		}
	}
	return out
}

func covered(spans []span, at int64) bool {
	for _, one := range spans {
		if one.from <= at && at < one.to {
			return true
		}
	}
	return false
}

// stateEnd is the first instant, not before from, that spans do not cover, or if
// running is false, that they do.
func stateEnd(spans []span, from int64, running bool) int64 {
	if !running {
		next := int64(math.MaxInt64)
		for _, one := range spans {
			if one.to > from {
				next = min(next, max(one.from, from))
			}
		}
		return next
	}
	for grown := true; grown; {
		grown = false
		for _, one := range spans {
			if one.from <= from && from < one.to {
				from, grown = one.to, true
			}
		}
	}
	return from
}
