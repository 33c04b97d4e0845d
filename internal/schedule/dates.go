package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// dated is an exception with the place where it is written.
type dated struct {
	exception

	where string
}

// parseDates reads both lists of exceptions, and names what is wrong in them.
func parseDates(spec Spec) (all []dated, problems []error) {
	for _, list := range []struct {
		name    string
		texts   []string
		running bool
	}{{"stopped_dates", spec.StoppedDates, false}, {"running_dates", spec.RunningDates, true}} {
		for i, text := range list.texts {
			where := fmt.Sprintf("%s[%d]", list.name, i)
			first, last, err := parseDateRange(text)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", where, err))
				continue
			}
			all = append(all, dated{exception{first: first, last: last, running: list.running}, where})
		}
	}
	return all, problems
}

// parseDateRange reads "2026-12-25" or "2026-12-24/2027-01-02".
func parseDateRange(text string) (first, last day, err error) {
	from, to, isRange := strings.Cut(text, "/")
	if first, err = parseDate(from); err != nil {
		return 0, 0, err
	}
	if !isRange {
		return first, first, nil
	}
	if last, err = parseDate(to); err != nil {
		return 0, 0, err
	}
	if last < first {
		return 0, 0, fmt.Errorf("%s ends before it begins", quoted(text))
	}
	return first, last, nil
}

func parseDate(text string) (day, error) {
	at, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("%s is not a date: write YYYY-MM-DD, or two of them with a slash for a range", quoted(text))
	}
	return dayOf(at.Unix()), nil
}

// arrange sorts exceptions and joins those of one kind that overlap or meet. A
// date in both kinds is an error, since either answer would surprise somebody.
func arrange(all []dated) ([]exception, error) {
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(a.first, b.first) })
	var out []exception
	furthest := map[bool]dated{} // of each kind, the one that lasts longest so far
	for _, one := range all {
		if other, ok := furthest[!one.running]; ok && one.first <= other.last {
			stopped, running := other, one
			if !one.running {
				stopped, running = one, other
			}
			return nil, fmt.Errorf("%s and %s both name %s: a date is stopped or running", stopped.where, running.where,
				one.first)
		}
		if same, ok := furthest[one.running]; !ok || one.last > same.last {
			furthest[one.running] = one
		}
		if n := len(out); n > 0 && out[n-1].running == one.running && one.first <= out[n-1].last+1 {
			out[n-1].last = max(out[n-1].last, one.last)
			continue
		}
		out = append(out, one.exception)
	}
	return out, nil
}

// exceptionOn returns the exception that a day is in.
func (s *Schedule) exceptionOn(d day) (exception, bool) {
	i := s.exceptionFrom(d)
	if i < len(s.exceptions) && s.exceptions[i].first <= d {
		return s.exceptions[i], true
	}
	return exception{}, false
}

// exceptionFrom is the index of the first exception that ends on a day or later.
func (s *Schedule) exceptionFrom(d day) int {
	i, _ := slices.BinarySearchFunc(s.exceptions, d, func(x exception, d day) int { return cmp.Compare(x.last, d) })
	return i
}
