package schedule

import (
	"cmp"
	"slices"
	"time"
)

// RunningHours returns how many hours of a period the schedule asks for running.
// They are hours that elapse and not hours that a clock shows: a day on which
// clocks go forward has 23. The period includes from and excludes to; one that
// ends before it begins has none.
func (s *Schedule) RunningHours(from, to time.Time, zone *time.Location) float64 {
	c := clock{zone}
	// Whole seconds and the rest are added up apart, so that the sum is exact.
	var seconds, nanoseconds int64
	last := to.Unix()
	for d := c.day(from.Unix()); c.begin(d) <= last; d++ {
		for _, one := range union(s.spans(c, d)) {
			begin, end := time.Unix(one.from, 0), time.Unix(one.to, 0)
			if begin.Before(from) {
				begin = from
			}
			if end.After(to) {
				end = to
			}
			if begin.Before(end) {
				seconds += end.Unix() - begin.Unix()
				nanoseconds += int64(end.Nanosecond() - begin.Nanosecond())
			}
		}
	}
	return (float64(seconds) + float64(nanoseconds)/1e9) / 3600
}

// union joins the spans that overlap or meet.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, one := range spans {
		if n := len(out); n > 0 && one.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, one.to)
			continue
		}
		out = append(out, one)
	}
	return out
}
