package main

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// kind says what a bound is about. Time that is over its bound does not make the
// benchmark fail: it is also the machine's affair.
type kind string

const (
	count  kind = "count"
	taken  kind = "time"
	memory kind = "memory"
	// processorTime is a share, and so no affair of the machine.
	processorTime kind = "processor time"
)

// check is one bound and what was measured.
type check struct {
	service             string // of which it is; empty for all at once
	what, bound, figure string
	kind                kind
	ok                  bool
}

// fails reports whether the check makes the benchmark fail.
func (c check) fails() bool { return !c.ok && c.kind != taken }

func (c check) verdict() string {
	if c.ok {
		return "ok"
	}
	return "NOT ok"
}

// The bounds that have a name of their own.
const (
	mostRounds  = 12                      // of reads of a fleet
	mostWall    = 1.5                     // of the transition
	mostMemory  = 200 << 20               // of the largest fleet
	mostReads   = 20                      // at one instance, over the longest wait
	mostRefresh = 8                       // calls for 300 instances that did not change
	noticeFirst = 1600 * time.Millisecond // the median, of a first stop: reads are some three seconds apart
	noticeLater = 600 * time.Millisecond  // the median, where the duration is known
	noticeLate  = 3300 * time.Millisecond // the 95th percentile
	window      = 50 * time.Millisecond   // the provider's default
)

// The numbers that the bounds are about, and the smaller ones of -quick.
const (
	fleetNumber, quickFleet     = 1000, 200
	refreshNumber, quickRefresh = 300, 60
	leastAtOnce                 = 40
)

// leastTransition is the shortest transition beside which the start of the CLI
// is small.
const leastTransition = 5 * time.Second

// acceptance compares what was measured with the bounds. What was not measured
// is not there.
func (r *report) acceptance() []check {
	var out []check
	throttled, runs := map[string]int{}, map[string]int{}
	for _, got := range r.results {
		if got.err != nil {
			out = append(out, check{got.service.Name(), got.name(), "no failure", got.err.Error(), count, false})
			continue
		}
		throttled[got.service.Name()] += got.all().throttled
		runs[got.service.Name()]++
		out = append(out, got.checks(r.options.transition)...)
	}
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		out = append(out, check{
			name, fmt.Sprintf("all %d runs: answers that throttle", runs[name]), "none", fmt.Sprint(throttled[name]), count,
			throttled[name] == 0,
		})
	}
	out = append(out, r.noticeChecks()...)
	if len(r.joining.with) > 0 {
		more := quantile(r.joining.with, 50) - quantile(r.joining.without, 50)
		out = append(out, check{
			what:  "apply of one instance: longer with batching than without",
			bound: "at most the window, " + window.String(), figure: more.Round(time.Millisecond).String(),
			kind: taken, ok: more <= window,
		})
	}
	return out
}

// all is what the four commands asked together.
func (r result) all() account { return r.adopt.add(r.plan).add(r.apply).add(r.empty) }

// checks are the bounds that concern one result.
func (r result) checks(transition time.Duration) []check {
	var out []check
	add := func(what string, k kind, bound, figure string, ok bool) {
		out = append(out, check{r.service.Name(), r.name() + ": " + what, bound, figure, k, ok})
	}
	most := func(what string, bound, got int) {
		add(what, count, fmt.Sprintf("at most %d", bound), fmt.Sprint(got), got <= bound)
	}
	pages := ceil(r.n, batchSize)
	if len(r.breaches) > 0 {
		add("promises kept", count, "all", r.breaches[0], false)
	}
	switch {
	case r.fleet && slices.Contains([]int{quickFleet, fleetNumber, largestFleet}, r.n):
		add("stop calls", count, fmt.Sprintf("exactly %d", pages), fmt.Sprint(r.apply.stops), r.apply.stops == pages)
		bounded := transition >= leastTransition && (!r.unlimited || r.n < largestFleet)
		if ratio := float64(r.wall) / float64(transition+r.limits); bounded {
			add("wall time / transition and rate limits", taken, fmt.Sprintf("at most %.1f", mostWall),
				fmt.Sprintf("%.2f", ratio), ratio <= mostWall)
		}
		if r.n == largestFleet {
			// Its pages do not all go in one round: the cloud's limits spread them.
			if r.memory > 0 { // Not every system tells it.
				add("memory of the provider", memory, "below "+mebibytes(mostMemory), mebibytes(r.memory), r.memory < mostMemory)
			}
			break
		}
		most("rounds of reads in the apply", mostRounds, r.apply.mostReads)
		most("describe calls of a round", pages, r.apply.roundReads)
		most("describe calls of all rounds", pages*r.apply.mostReads, r.apply.reads)
	case r.fleet:
	case r.n == r.parallelism && r.n >= leastAtOnce:
		most("stop calls", max(2, ceil(3*pages, 2)), r.apply.stops)
	case r.parallelism == defaultParallelism && r.n >= r.parallelism:
		most("stop calls, one for each group of ten", ceil(r.n, r.parallelism), r.apply.stops)
	case r.n == refreshNumber || r.n == quickRefresh:
		most("describe calls of the empty plan", mostRefresh, r.empty.reads)
	}
	return out
}

// noticeChecks are the bounds on how soon the end of a transition is seen.
func (r *report) noticeChecks() []check {
	var out []check
	for _, of := range []struct {
		who   string
		first bool
	}{{"the first stop of an instance", true}, {"each later one", false}} {
		var alone, together []time.Duration
		reads := 0
		var longest time.Duration
		for _, n := range r.notices {
			if n.first == of.first {
				alone, together = append(alone, n.alone...), append(together, n.together...)
				longest, reads = n.length, max(n.readsAlone, n.readsTogether)
			}
		}
		median := noticeLater
		if of.first {
			median = noticeFirst
		}
		out = append(out, delays(of.who+", alone in an apply", alone, median)...)
		out = append(out, delays(of.who+", all in one apply", together, median)...)
		if longest > 0 {
			out = append(out, check{
				what:  fmt.Sprintf("%s: reads of one instance over a wait of %s", of.who, longest),
				bound: fmt.Sprintf("at most %d", mostReads), figure: fmt.Sprint(reads), kind: count, ok: reads <= mostReads,
			})
		}
	}
	return out
}

// delays are the bounds on how late ends are noticed.
func delays(who string, late []time.Duration, most time.Duration) []check {
	if len(late) == 0 {
		return nil
	}
	median, latest := quantile(late, 50), quantile(late, 95)
	return []check{
		{
			what: "notice of the end, " + who + ": median", bound: "at most " + most.String(), figure: seconds(median),
			kind: taken, ok: median <= most,
		},
		{
			what: "notice of the end, " + who + ": 95th percentile", bound: "at most " + noticeLate.String(),
			figure: seconds(latest), kind: taken, ok: latest <= noticeLate,
		},
	}
}

// problems counts what makes the benchmark fail.
func (r *report) problems() int {
	n := 0
	for _, c := range r.acceptance() {
		if c.fails() {
			n++
		}
	}
	for _, g := range r.goalChecks() {
		if g.fails() {
			n++
		}
	}
	return n
}
