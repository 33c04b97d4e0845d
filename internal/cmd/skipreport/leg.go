package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// leg is the result of one run of the tests.
type leg struct {
	label          string
	passed, failed int
	names          map[string]bool // of the tests that passed or failed
	skips          []skip
	first, last    time.Time // of its events; zero where these have no time
}

// took is the time from the first event of the leg to the last.
func (l leg) took() time.Duration { return l.last.Sub(l.first) }

// ran is how many tests were not skipped.
func (l leg) ran() int { return l.passed + l.failed }

// skip is one test that was skipped.
type skip struct{ name, reason string }

// event is one line of test2json (go doc test2json).
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
}

// position is what the testing package puts in front of a line of a log.
var position = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// readLeg reads the events of one leg. It counts tests alone: the events of a
// package carry its name and no test's.
func readLeg(label string, r io.Reader) (leg, error) {
	l := leg{label: label, names: make(map[string]bool)}
	output := make(map[string][]string)
	decoder := json.NewDecoder(bufio.NewReader(r))
	for {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			return l, nil
		} else if err != nil {
			return leg{}, fmt.Errorf("read test events: %w", err)
		}
		if !e.Time.IsZero() { // Packages that ran side by side follow one another.
			if l.first.IsZero() || e.Time.Before(l.first) {
				l.first = e.Time
			}
			if e.Time.After(l.last) {
				l.last = e.Time
			}
		}
		if e.Test == "" {
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			output[key] = append(output[key], e.Output)
		case "pass":
			l.passed++
			l.names[e.Test] = true
			delete(output, key)
		case "fail":
			l.failed++
			l.names[e.Test] = true
			delete(output, key)
		case "skip":
			l.skips = append(l.skips, skip{name: e.Test, reason: reason(output[key])})
			delete(output, key)
		}
	}
}

// reason makes one line of what a skipped test printed: its log without the
// marks of the testing package.
func reason(output []string) string {
	var words []string
	for line := range strings.Lines(strings.Join(output, "")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		words = append(words, position.ReplaceAllString(line, ""))
	}
	if len(words) == 0 {
		return "no reason given"
	}
	return strings.Join(words, " ")
}
