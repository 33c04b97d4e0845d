package schedule

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// exampleWindow is the window that errors show.
const exampleWindow = "mon-fri 08:00-19:30"

// aroundSigns is white space beside a sign, which has no meaning.
var aroundSigns = regexp.MustCompile(`\s*([-,+])\s*`)

// syntaxError is a word that does not belong where it is written.
type syntaxError struct {
	offset  int // Of the word's first byte in the text that was parsed.
	word    string
	problem string
}

func (e *syntaxError) Error() string { return quoted(e.word) + " " + e.problem }

// moved is the error in a longer text, in which the parsed one begins at offset.
func (e *syntaxError) moved(offset int) *syntaxError {
	return &syntaxError{offset: e.offset + offset, word: e.word, problem: e.problem}
}

// longest is how many characters of a text an error quotes.
const longest = 60

// quoted is a text as errors quote it.
func quoted(text string) string {
	if utf8.RuneCountInString(text) <= longest {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q...", string([]rune(text)[:longest]))
}

// parseWindow reads a window such as "mon-fri,sun 08:00-19:30": the weekdays on
// which it begins, and its times.
func parseWindow(text string) (days [7]bool, w window, wrong *syntaxError) {
	squeezed, offsets := squeeze(text)
	fields := strings.Fields(squeezed)
	if len(fields) != 2 {
		start := len(text) - len(strings.TrimLeft(text, " "))
		problem := fmt.Sprintf("is not a window: write days and times, such as %q", exampleWindow)
		return days, w, &syntaxError{start, text, problem}
	}
	at := strings.Index(squeezed, fields[0])
	days, wrong = parseDays(fields[0])
	if wrong == nil {
		at = strings.LastIndex(squeezed, fields[1])
		w, wrong = parseTimes(fields[1])
	}
	if wrong != nil {
		return days, w, &syntaxError{offsets[at+wrong.offset], wrong.word, wrong.problem}
	}
	return days, w, nil
}

// squeeze removes the white space beside signs. The offsets are those that each
// byte of the result, and its end, had in the text.
func squeeze(text string) (squeezed string, offsets []int) {
	var out []byte
	take := func(from, to int) {
		for i := from; i < to; i++ {
			out, offsets = append(out, text[i]), append(offsets, i)
		}
	}
	at := 0
	for _, found := range aroundSigns.FindAllStringSubmatchIndex(text, -1) {
		take(at, found[0])
		take(found[2], found[3])
		at = found[1]
	}
	take(at, len(text))
	return string(out), append(offsets, len(text))
}

// parseDays reads a list of weekdays, ranges of them, and words for several.
func parseDays(text string) (days [7]bool, wrong *syntaxError) {
	for at := 0; ; {
		part, next := text[at:], strings.IndexAny(text[at:], ",+")
		if next >= 0 {
			part = part[:next]
		}
		from, to, wrong := parseDayRange(part)
		if wrong != nil {
			return days, wrong.moved(at)
		}
		// A range may go over the end of the week: fri-mon.
		for d := from; ; d = (d + 1) % 7 {
			days[d] = true
			if d == to {
				break
			}
		}
		if next < 0 {
			return days, nil
		}
		at += next + 1
	}
}

func parseDayRange(text string) (from, to time.Weekday, wrong *syntaxError) {
	switch strings.ToLower(text) {
	case "daily":
		return time.Monday, time.Sunday, nil
	case "weekdays":
		return time.Monday, time.Friday, nil
	case "weekends":
		return time.Saturday, time.Sunday, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if from, wrong = parseWeekday(first); wrong != nil {
		return from, to, wrong
	}
	if !isRange {
		return from, from, nil
	}
	if to, wrong = parseWeekday(last); wrong != nil {
		return from, to, wrong.moved(len(first) + 1)
	}
	return from, to, nil
}

func parseWeekday(text string) (time.Weekday, *syntaxError) {
	word := strings.ToLower(text)
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if word == name || word == name[:3] {
			return d, nil
		}
	}
	return 0, &syntaxError{
		word:    text,
		problem: "is not a day: write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends",
	}
}

// parseTimes reads "08:00-19:30". An end that is not after its start is on the
// next day.
func parseTimes(text string) (window, *syntaxError) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		return window{}, &syntaxError{
			word: text, problem: fmt.Sprintf("is not a range of times: write start and end, such as %q", "08:00-19:30"),
		}
	}
	from, wrong := parseTime(first)
	if wrong != nil {
		return window{}, wrong
	}
	to, wrong := parseTime(last)
	if wrong != nil {
		return window{}, wrong.moved(len(first) + 1)
	}
	if from == secondsPerDay {
		return window{}, &syntaxError{word: first, problem: "cannot be the start of a window: write 00:00 of the next day"}
	}
	if to <= from {
		to += secondsPerDay
	}
	return window{from: from, to: to}, nil
}

// parseTime returns the seconds since 00:00.
func parseTime(text string) (int64, *syntaxError) {
	wrong := &syntaxError{word: text, problem: "is not a time: write HH:MM, from 00:00 to 24:00"}
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
