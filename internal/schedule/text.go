package schedule

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// exampleText is the schedule that errors show.
const exampleText = "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"

// foreign is a character that not every cloud allows in the value of a tag, or
// that has no meaning in a schedule.
var foreign = regexp.MustCompile(`[^a-zA-Z0-9 :+/-]`)

// aDate is a word in the form of a date.
var aDate = regexp.MustCompile(`\b\d{4}-\d{1,2}-\d{1,2}\b`)

// ParseText reads a schedule that is one line and fits into the value of a tag:
// windows separated by slashes, such as "mon-fri 08:00-19:30 / sat+sun
// 10:00-14:00". A window is as in Spec, with days joined by plus signs and not by
// commas; there are no exceptions, and at least one window. The error names every
// window that is wrong, one problem a line, each with the position in the text,
// counted in characters from 1.
func ParseText(text string) (*Schedule, error) {
	if strings.Trim(text, " ") == "" {
		return nil, fmt.Errorf("the schedule is empty: write windows, such as %q", exampleText)
	}
	if found := foreign.FindStringIndex(text); found != nil {
		return nil, forbidden(text, found[0], found[1])
	}
	if found := aDate.FindStringIndex(text); found != nil {
		return nil, at(text, &syntaxError{
			found[0], text[found[0]:found[1]],
			"is a date, which a string cannot have: write an object with stopped_dates or running_dates",
		})
	}
	s := &Schedule{}
	var problems []error
	offset := 0
	for part := range strings.SplitSeq(text, "/") {
		days, w, wrong := parseWindow(part)
		switch {
		case strings.Trim(part, " ") == "":
			problems = append(problems, fmt.Errorf(
				"character %d: a window is missing beside a slash: write %q", position(text, offset), exampleText))
		case wrong != nil:
			problems = append(problems, at(text, wrong.moved(offset)))
		default:
			s.add(days, w)
		}
		offset += len(part) + len("/")
	}
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	return s, nil
}

// forbidden is the error of a character that cannot be in a schedule.
func forbidden(text string, from, to int) error {
	problem := "cannot be in a schedule: write letters, digits, spaces and the signs - + : /, which every cloud " +
		"allows in a tag"
	switch text[from] {
	case ',':
		problem = "cannot be in a schedule, as not every cloud allows it in a tag: join days with +, such as \"sat+sun\""
	case ';', '|', '\n':
		problem = "cannot be in a schedule: separate windows with /"
	}
	return at(text, &syntaxError{from, text[from:to], problem})
}

// at is an error with the position of its word in a text.
func at(text string, wrong *syntaxError) error {
	wrong.word = strings.Trim(wrong.word, " ")
	return fmt.Errorf("character %d: %w", position(text, wrong.offset), wrong)
}

// position is the number of the character at an offset; the first is 1.
func position(text string, offset int) int { return utf8.RuneCountInString(text[:offset]) + 1 }
