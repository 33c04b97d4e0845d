package schedule

import (
	"math"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// day is a date, as the number of days since 1970-01-01.
type day int64

// dayOf is the date that a clock shows which counts seconds since 1970-01-01.
func dayOf(wall int64) day {
	d := wall / secondsPerDay
	if wall%secondsPerDay < 0 {
		d--
	}
	return day(d)
}

// at is a time of the day, in seconds of the wall clock.
func (d day) at(seconds int64) int64 { return int64(d)*secondsPerDay + seconds }

// weekday returns the day's; 1970-01-01 was a Thursday.
func (d day) weekday() time.Weekday {
	return time.Weekday(((int64(d)+int64(time.Thursday))%7 + 7) % 7)
}

// String returns the date as YYYY-MM-DD.
func (d day) String() string { return time.Unix(d.at(0), 0).UTC().Format(time.DateOnly) }

// clock is the wall clock of a zone. It turns what the clock shows into instants;
// both are seconds since 1970-01-01, the instants in UTC. No zone has ever been
// a whole day away from UTC.
type clock struct{ zone *time.Location }

// day is the day that an instant belongs to. It is the date that the clock shows,
// or a later one where the clock was put back over midnight: a day that has
// begun does not end twice.
func (c clock) day(instant int64) day {
	_, offset := time.Unix(instant, 0).In(c.zone).Zone()
	d := dayOf(instant + int64(offset))
	for c.begin(d+1) <= instant {
		d++
	}
	return d
}

// begin is the instant at which a day begins.
func (c clock) begin(d day) int64 { return c.first(d.at(0)) }

// first is the first instant at which the clock shows a time or a later one.
func (c clock) first(wall int64) int64 {
	p := c.period(wall - secondsPerDay)
	for {
		if at := max(wall-p.offset, p.from); at < p.to {
			return at
		}
		p = c.period(p.to)
	}
}

// last is the first instant from which on the clock never again shows an earlier
// time.
func (c clock) last(wall int64) int64 {
	var at int64
	for p := c.period(wall - secondsPerDay); p.from < wall+secondsPerDay; p = c.period(p.to) {
		if p.from+p.offset < wall {
			at = min(wall-p.offset, p.to)
		}
	}
	return at
}

// period is a time between two clock changes, or a part of one.
type period struct{ from, to, offset int64 }

// period returns the one that begins at an instant.
func (c clock) period(from int64) period {
	at := time.Unix(from, 0).In(c.zone)
	_, offset := at.Zone()
	p := period{from: from, to: math.MaxInt64, offset: int64(offset)}
	if _, end := at.ZoneBounds(); !end.IsZero() {
		p.to = end.Unix()
	}
	if p.to <= from {
		// Package time counts 365 days a year where it computes the bounds from
		// a rule, so on the last day of a leap year they are in the past. No
		// rule has a change on that day or the next.
		p.to = from + 60*60
	}
	return p
}
