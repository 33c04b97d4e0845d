package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// good is a result within all its bounds.
func good(s scenario) result {
	pages := ceil(s.n, batchSize)
	return result{
		scenario: s, wall: 6 * time.Second, memory: 100 << 20,
		apply: account{
			stops: pages, reads: 7 * pages, mostReads: 7, roundReads: pages, actions: map[string]int{"StopInstances": pages},
		},
		empty: account{reads: pages},
		base:  &base{apply: time.Second, plan: time.Second},
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	first := services()[0]
	for _, test := range []struct {
		name     string
		scenario scenario
		spoil    func(r *result)
		what     string // of the check that is not ok; none for all ok
		problems int
	}{
		{"a fleet of 1000 within its bounds", fleet(first, 1000), func(*result) {}, "", 0},
		{"one stop call too many", fleet(first, 1000), func(r *result) { r.apply.stops++ }, "stop calls", 1},
		{"one stop call too few", fleet(first, 1000), func(r *result) { r.apply.stops-- }, "stop calls", 1},
		{"a round too many", fleet(first, 1000), func(r *result) { r.apply.mostReads = 13 }, "rounds of reads", 1},
		{
			"a describe call too many in a round", fleet(first, 1000), func(r *result) { r.apply.roundReads++ },
			"describe calls of a round", 1,
		},
		{
			"a describe call too many in all rounds", fleet(first, 1000), func(r *result) { r.apply.reads++ },
			"describe calls of all rounds", 1,
		},
		{
			"a throttle in any command", fleet(first, 1000), func(r *result) { r.plan.throttled = 1 }, "answers that throttle",
			1,
		},
		{"slow is no failure", fleet(first, 1000), func(r *result) { r.wall = 8 * time.Second }, "wall time", 0},
		{"a promise broken", fleet(first, 1000), func(r *result) { r.breaches = []string{"forced"} }, "promises", 1},
		{"a run that failed", fleet(first, 1000), func(r *result) { r.err = errors.New("no") }, "a fleet of 1000", 1},
		{
			"a fleet of 10000 within its bounds", fleet(first, 10_000),
			func(r *result) { r.wall, r.limits = 30*time.Second, 15*time.Second }, "", 0,
		},
		{
			"a fleet of 10000 that waits for more than the limits", fleet(first, 10_000),
			func(r *result) { r.wall, r.limits = 31*time.Second, 15*time.Second }, "wall time", 0,
		},
		{"too much memory", fleet(first, 10_000), func(r *result) { r.memory = 200 << 20 }, "memory", 1},
		{
			"slow where no limits are documented", fleet(first, 1000),
			func(r *result) { r.wall, r.unlimited = 8*time.Second, true }, "wall time", 0,
		},
		{
			"10,000 where no limits are documented", fleet(first, 10_000),
			func(r *result) { r.wall, r.unlimited = time.Minute, true }, "", 0,
		},
		{"ten in two calls", single(first, 10, 10), func(r *result) { r.apply.stops = 2 }, "stop calls", 1},
		{"40 at once in two calls", single(first, 40, 40), func(r *result) { r.apply.stops = 2 }, "", 0},
		{"40 at once in three calls", single(first, 40, 40), func(r *result) { r.apply.stops = 3 }, "stop calls", 1},
		{"1000 at once in 15 calls", single(first, 1000, 1000), func(r *result) { r.apply.stops = 15 }, "", 0},
		{"1000 at once in 16 calls", single(first, 1000, 1000), func(r *result) { r.apply.stops = 16 }, "stop calls", 1},
		{"each ten of 100 in one call", single(first, 100, 10), func(r *result) { r.apply.stops = 10 }, "", 0},
		{"a ten of 100 in two calls", single(first, 100, 10), func(r *result) { r.apply.stops = 11 }, "stop calls", 1},
		{"300 refreshed in 8 calls", single(first, 300, 100), func(r *result) { r.empty.reads = 8 }, "", 0},
		{
			"300 refreshed in 9 calls", single(first, 300, 100), func(r *result) { r.empty.reads = 9 },
			"describe calls of the empty plan", 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := good(test.scenario)
			test.spoil(&got)
			r := &report{options: options{transition: 5 * time.Second}, results: []result{got}}
			var failed []string
			for _, c := range r.acceptance() {
				if !c.ok {
					failed = append(failed, c.what)
				}
			}
			all := strings.Join(failed, "; ")
			if test.what == "" && all != "" || test.what != "" && (len(failed) != 1 || !strings.Contains(all, test.what)) {
				t.Errorf("not ok: got %q, want %q", all, test.what)
			}
			if got := r.problems(); got != test.problems {
				t.Errorf("got %d problems, want %d", got, test.problems)
			}
		})
	}
}

func TestNoticeBounds(t *testing.T) {
	t.Parallel()
	late := []time.Duration{time.Second / 2, time.Second / 2, 4 * time.Second}
	soon := []time.Duration{time.Second / 2}
	r := &report{notices: []noticed{
		{length: 5 * time.Second, first: true, alone: late, together: soon, readsAlone: 30},
		{length: time.Minute, first: true, alone: soon, together: soon, readsAlone: 20, readsTogether: 19},
		{length: 5 * time.Second, alone: soon, together: late},
		{length: time.Minute, alone: soon, together: soon},
	}}
	var failed []string
	for _, c := range r.acceptance() {
		if !c.ok {
			failed = append(failed, c.what)
		}
	}
	if diff := cmp.Diff(failed, []string{
		"notice of the end, the first stop of an instance, alone in an apply: 95th percentile",
		"notice of the end, each later one, all in one apply: 95th percentile",
	}); diff != "" {
		t.Errorf("not ok (-got +want):\n%s", diff)
	}
	if got := r.problems(); got != 0 {
		t.Errorf("got %d problems, want none: a delay is a time", got)
	}
	r.notices[3].readsTogether = 21
	if got := r.problems(); got != 1 {
		t.Errorf("21 reads over a minute: got %d problems, want 1", got)
	}
}

func TestJoiningBound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		longer time.Duration
		want   bool
	}{{50 * time.Millisecond, true}, {51 * time.Millisecond, false}, {-time.Second, true}} {
		r := &report{
			joining: joining{with: []time.Duration{2*time.Second + test.longer}, without: []time.Duration{2 * time.Second}},
		}
		checks := r.acceptance()
		if len(checks) != 1 || checks[0].ok != test.want || checks[0].kind != taken {
			t.Errorf("longer by %s: got %+v, want one check of the time that is ok: %v", test.longer, checks, test.want)
		}
	}
}
