package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// aroundSigns is white space beside a hyphen or a comma, which has no meaning.
var aroundSigns = regexp.MustCompile(`\s*([-,])\s*`)

// parseWindow reads a window such as "mon-fri,sun 08:00-19:30": the weekdays on
// which it begins, and its times.
func parseWindow(text string) (days [7]bool, w window, err error) {
	fields := strings.Fields(aroundSigns.ReplaceAllString(text, "$1"))
	if len(fields) != 2 {
		return days, w, fmt.Errorf("%q is not a window: write days and times, such as %q", text, "mon-fri 08:00-19:30")
	}
	if days, err = parseDays(fields[0]); err != nil {
		return days, w, fmt.Errorf("%q: %w", text, err)
	}
	if w, err = parseTimes(fields[1]); err != nil {
		return days, w, fmt.Errorf("%q: %w", text, err)
	}
	return days, w, nil
}

// parseDays reads a list of weekdays, ranges of them, and words for several.
func parseDays(text string) (days [7]bool, err error) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, err := parseDayRange(part)
		if err != nil {
			return days, err
		}
		// A range may go over the end of the week: fri-mon.
		for d := from; ; d = (d + 1) % 7 {
			days[d] = true
			if d == to {
				break
			}
		}
	}
	return days, nil
}

func parseDayRange(text string) (from, to time.Weekday, err error) {
	switch strings.ToLower(text) {
	case "daily":
		return time.Monday, time.Sunday, nil
	case "weekdays":
		return time.Monday, time.Friday, nil
	case "weekends":
		return time.Saturday, time.Sunday, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if from, err = parseWeekday(first); err != nil {
		return from, to, err
	}
	if !isRange {
		return from, from, nil
	}
	to, err = parseWeekday(last)
	return from, to, err
}

func parseWeekday(text string) (time.Weekday, error) {
	word := strings.ToLower(text)
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if word == name || word == name[:3] {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is not a day: write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends",
		text)
}

// parseTimes reads "08:00-19:30". An end that is not after its start is on the
// next day.
func parseTimes(text string) (window, error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		return window{}, fmt.Errorf("%q is not a range of times: write start and end, such as %q", text, "08:00-19:30")
	}
	from, err := parseTime(first)
	if err != nil {
		return window{}, err
	}
	to, err := parseTime(last)
	if err != nil {
		return window{}, err
	}
	if from == secondsPerDay {
		return window{}, errors.New("a window cannot begin at 24:00: write 00:00 of the next day")
	}
	if to <= from {
		to += secondsPerDay
	}
	return window{from: from, to: to}, nil
}

// parseTime returns the seconds since 00:00.
func parseTime(text string) (int64, error) {
	wrong := fmt.Errorf("%q is not a time: write HH:MM, from 00:00 to 24:00", text)
	if len(text) != len("HH:MM") || text[2] != ':' {
		return 0, wrong
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, wrong
		}
	}
	hour, minute := int64(text[0]-'0')*10+int64(text[1]-'0'), int64(text[3]-'0')*10+int64(text[4]-'0')
	seconds := hour*3600 + minute*60
	if minute > 59 || seconds > secondsPerDay {
		return 0, wrong
	}
	return seconds, nil
}
