package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func wantContains(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	first := services()[0]
	done := good(fleet(first, 1000))
	done.adoptTook, done.emptyTook, done.base = 3*time.Second, time.Second, &base{
		apply: 2 * time.Second, plan: 2 * time.Second,
	}
	failed := result{scenario: single(first, 40, 40), err: errors.New("the CLI fell over")}
	r := &report{
		options: options{transition: 5 * time.Second}, machine: "2 processors", load: "0.50", cli: "Terraform v1.2.3",
		date: at(0), took: 61 * time.Second,
		results: []result{done, failed}, left: []scenario{single(first, 1000, 10)},
		notices: []noticed{{
			length: 5 * time.Second, alone: []time.Duration{time.Second / 2}, together: []time.Duration{time.Second / 4},
			readsAlone: 6, readsTogether: 5,
		}},
		goals: goals{one: oneStop{first: 7, known: 5}},
		joining: joining{
			with: []time.Duration{time.Second}, without: []time.Duration{time.Second},
			gapWith: []time.Duration{30 * time.Millisecond}, gapWithout: []time.Duration{time.Millisecond},
		},
	}
	text := r.markdown()
	// Runs of blanks are the table's own affair.
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"A simulated stop takes 5s.",
		"A fleet of 1,000 instances is stopped with 10 stop calls and 70 reads.",
		"The stop of one instance takes 7 calls with refresh and plan, and 5 when the resource has stopped it before.",
		"| the same, when it was stopped before: calls | at most 5 | 5 | ok |",
		"in 1m1s with Terraform v1.2.3: 2 processors, load average 0.50 before.",
		"Left out to keep the run short, and measured with `-clouds`: tencentcloud: 1000 single, parallelism 10.",
		"| service | instances | Stop | wall / transition |",
		"| tencentcloud | a fleet of 1000 | 10 | 1.20 | 1 | 0.00 s | 0.00 s | 7 |",
		"| tencentcloud | 40 single, parallelism 40 | failed | |",
		"| 1.5 | 0.5 | 100 MiB |",
		"| 5s | later | 0.50 s | 0.50 s | 6 | 0.25 s | 0.25 s | 5 |",
		"| default | 1.00 s | 30 ms |",
		"| tencentcloud | a fleet of 1000: stop calls | count | exactly 10 | 10 | ok |",
		"| tencentcloud | 40 single, parallelism 40 | count | no failure | the CLI fell over | NOT ok |",
	} {
		wantContains(t, flat, want)
	}
	at := 0
	for _, part := range []string{
		"<!-- figures -->", "<!-- /figures -->", "Measured on", "## Goals", "## The clouds' own tools",
		"## How it is measured", "## Stops", "## Bounds",
	} {
		next := strings.Index(text, part)
		if next < at {
			t.Errorf("%q stands before what it should follow, or nowhere", part)
		}
		at = next
	}
	if got := r.problems(); got != 1 {
		t.Errorf("got %d problems, want 1: the failed run", got)
	}
}

func TestMemoryThatIsNotKnown(t *testing.T) {
	t.Parallel()
	if got, want := mebibytes(0), "n/a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Services that meet a bound alike share a row; one that misses it has its own.
func TestChecksOfAllServicesAreOneRow(t *testing.T) {
	t.Parallel()
	stops := func(service, figure string, ok bool) check {
		return check{service, "stop calls", "at most 2", figure, count, ok}
	}
	want := func(checks []check, rows ...string) {
		t.Helper()
		flat := strings.Join(strings.Fields(checkTable(checks)), " ")
		for _, row := range rows {
			wantContains(t, flat, row)
		}
		if got := strings.Count(flat, "stop calls"); got != len(rows) {
			t.Errorf("got %d rows, want %d:\n%s", got, len(rows), flat)
		}
	}
	want([]check{stops("a", "1", true), stops("b", "2", true), stops("c", "1", true)},
		"| all 3 | stop calls | count | at most 2 | 1, 2 | ok |")
	want([]check{stops("a", "1", true), stops("b", "3", false), stops("c", "1", true)},
		"| a, c | stop calls | count | at most 2 | 1 | ok |", "| b | stop calls | count | at most 2 | 3 | NOT ok |")
}
