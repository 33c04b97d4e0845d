package main

import (
	"fmt"
	"slices"
	"strings"
)

// largestFleet is the most instances that one fleet may have.
const largestFleet = 10_000

// mostSingles is the most single resources that are measured: Terraform writes
// its state after each, so that 10,000 take it hours alone.
const mostSingles = 1000

// mostWaves is how often single resources may take turns in a run in which neither
// that nor the cloud was asked for: each turn takes a transition.
const mostWaves = 20

// scenario is one run: n instances of a service, as single resources at a
// parallelism or as one fleet.
type scenario struct {
	service     service
	fleet       bool
	n           int
	parallelism int
}

// defaultParallelism is the CLI's own.
const defaultParallelism = 10

func single(s service, n, parallelism int) scenario {
	return scenario{service: s, n: n, parallelism: parallelism}
}

func fleet(s service, n int) scenario {
	return scenario{service: s, fleet: true, n: n, parallelism: defaultParallelism}
}

// waves is how often the resources of the scenario take turns.
func (s scenario) waves() int {
	if s.fleet {
		return 1
	}
	return (s.n + s.parallelism - 1) / s.parallelism
}

// The shapes.
const (
	shapeSingle = "single"
	shapeFleet  = "fleet"
)

func (s scenario) shape() string {
	if s.fleet {
		return shapeFleet
	}
	return shapeSingle
}

func (s scenario) String() string { return s.service.Name() + ": " + s.name() }

// name is the scenario without its service.
func (s scenario) name() string {
	if s.fleet {
		return fmt.Sprintf("a fleet of %d", s.n)
	}
	return fmt.Sprintf("%d single, parallelism %d", s.n, s.parallelism)
}

// key tells scenarios apart.
func (s scenario) key() string { return s.String() }

// selection is which scenarios are run, and which would take too long unless
// they are asked for.
type selection struct {
	run, left []scenario
}

// choose returns the scenarios that the options ask for.
func choose(o options) selection {
	var all []scenario
	all = append(all, wanted(o)...)
	var out selection
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.key()] || len(o.counts) > 0 && !slices.Contains(o.counts, s.n) || o.shape != "" && o.shape != s.shape() {
			continue
		}
		seen[s.key()] = true
		if o.waves > 0 && s.waves() > o.waves || len(o.services)+len(o.counts) == 0 && s.long() {
			out.left = append(out.left, s)
			continue
		}
		out.run = append(out.run, s)
	}
	return out
}

func wanted(o options) []scenario {
	chosen := o.services
	if len(chosen) == 0 {
		chosen = services()
	}
	var out []scenario
	for i, s := range chosen {
		switch {
		case o.goals && i == 0:
			out = append(out, fleet(s, largestFleet))
		case o.goals:
		case o.quick:
			out = append(out, small(s, i == 0)...)
		case i == 0 || len(o.services) > 0:
			out = append(out, thorough(s, o.counts)...)
		default:
			out = append(out, single(s, 40, 40), fleet(s, 1000))
		}
	}
	return out
}

// small is what -quick measures.
func small(s service, first bool) []scenario {
	if !first {
		return []scenario{single(s, 10, 10)}
	}
	return []scenario{single(s, 1, 1), single(s, 40, 40), single(s, 20, 10), single(s, 60, 20), fleet(s, 200)}
}

// thorough is every shape, and the numbers that the acceptance names.
func thorough(s service, counts []int) []scenario {
	if len(counts) == 0 {
		counts = []int{1, 10, 100, 1000, largestFleet}
	}
	var out []scenario
	for _, n := range counts {
		for _, parallelism := range []int{defaultParallelism, 100, n} {
			// More than one for each resource is the same as one for each.
			if n <= mostSingles {
				out = append(out, single(s, n, min(parallelism, n)))
			}
		}
		out = append(out, fleet(s, n))
	}
	return append(out, single(s, 40, 40), single(s, 300, 100))
}

// long reports whether a run takes minutes and has no bound of its own.
func (s scenario) long() bool { return !s.fleet && s.n == mostSingles && s.parallelism < s.n }

// names joins the names of scenarios.
func names(list []scenario) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.String()
	}
	return strings.Join(out, "; ")
}
