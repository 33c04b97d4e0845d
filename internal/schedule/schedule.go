// Package schedule reads weekly schedules and says what they ask for: running or
// stopped at an instant, when that changes next, and for how many hours of a
// period it is running. It is pure: the same schedule, zone and instant give the
// same answer, and no clock is read. How a schedule arrives, and what is done with
// the answer, is left to others.
//
// A schedule is made of weekly windows in which it asks for running, and of
// exceptions, dates on which the windows do not count. Everything is said in the
// wall clock of a time zone, and every date belongs to that zone:
//
//   - A day begins when the clock first shows its date, and lasts until the next
//     day begins. Where the clock skips midnight, the day begins with the first
//     time that exists.
//   - A window begins when the clock first shows its start, or a later time where
//     the start is skipped. It ends when the clock shows its end, or a later time,
//     and will not be put back before it. So in an hour that the clock repeats, a
//     window lasts from the first occurrence of its start to the second of its
//     end: a clock change never splits a window in two, and never opens a gap
//     between a window and one that begins where it ends. A window that lies in a
//     skipped hour as a whole does not take place.
//   - A window over midnight belongs to the day on which it begins.
//   - On an exception date the whole day is as the exception says, and what is
//     left of a window of the day before does not count. A window that would
//     begin on a stopped date does not take place, nor does its part after
//     midnight.
package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Spec is a schedule as it is written.
type Spec struct {
	// Running are the windows, such as "mon-fri 08:00-19:30". Windows may
	// overlap. With none, the schedule asks for stopped.
	Running []string
	// StoppedDates and RunningDates are the exceptions: dates such as
	// "2026-12-25", and ranges such as "2026-12-24/2027-01-02", both ends
	// included. No date can be in both.
	StoppedDates, RunningDates []string
}

// Schedule is a Spec that was read.
type Schedule struct {
	// windows are those that begin on each weekday.
	windows [7][]window
	// exceptions are in order, and no two have a date in common.
	exceptions []exception
}

// window is a part of a day in seconds of the wall clock since its 00:00; to is
// greater than from, and greater than secondsPerDay after midnight.
type window struct{ from, to int64 }

// exception is a range of days, both ends included.
type exception struct {
	first, last day
	running     bool
}

// Parse reads a schedule. Its error names everything that is wrong, one problem
// a line, each with the field and the index.
func Parse(spec Spec) (*Schedule, error) {
	s := &Schedule{}
	var problems []error
	for i, text := range spec.Running {
		days, w, wrong := parseWindow(text)
		switch {
		case wrong == nil:
			s.add(days, w)
		case wrong.word == text:
			problems = append(problems, fmt.Errorf("running[%d]: %w", i, wrong))
		default:
			problems = append(problems, fmt.Errorf("running[%d]: %s: %w", i, quoted(text), wrong))
		}
	}
	dated, wrong := parseDates(spec)
	problems = append(problems, wrong...)
	if len(problems) == 0 {
		var err error
		if s.exceptions, err = arrange(dated); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	return s, nil
}

// mostProblems is how many problems an error names.
const mostProblems = 10

// joined is one error of several problems, one a line.
func joined(problems []error) error {
	if more := len(problems) - mostProblems; more > 0 {
		problems = append(problems[:mostProblems:mostProblems], fmt.Errorf("and %d more problems", more))
	}
	return errors.Join(problems...)
}

// add adds a window to the weekdays on which it begins.
func (s *Schedule) add(days [7]bool, w window) {
	for weekday, begins := range days {
		if begins {
			s.windows[weekday] = append(s.windows[weekday], w)
		}
	}
}

// rfc3339 is the form of a timestamp; time.Parse takes more.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseTimestamp reads an instant in the form of RFC 3339.
func ParseTimestamp(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339.MatchString(text) {
		return time.Time{}, fmt.Errorf("%s is not a timestamp: write it in the form of RFC 3339, such as %q",
			quoted(text), "2026-11-28T08:00:00Z")
	}
	return at, nil
}

// FormatTimestamp writes an instant in the form of RFC 3339: as the clock of the
// zone shows it, else in UTC, else with the zone's offset rounded up to a minute.
// RFC 3339 can write neither an offset with seconds, which zones had before
// standard time, nor a year before 0.
func FormatTimestamp(at time.Time, zone *time.Location) string {
	local := at.In(zone)
	_, offset := local.Zone()
	switch inUTC := at.UTC(); {
	case offset%60 == 0 && local.Year() >= 0:
		return local.Format(time.RFC3339)
	case inUTC.Year() >= 0:
		return inUTC.Format(time.RFC3339)
	}
	return at.In(time.FixedZone("", (offset+59)/60*60)).Format(time.RFC3339)
}
