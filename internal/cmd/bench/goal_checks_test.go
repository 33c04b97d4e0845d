package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// command is one that took so much of a processor: the provider's time, and the CLI's
// own.
func command(provider, own time.Duration) outcome {
	return outcome{
		wall: 400 * time.Millisecond, provider: usage{User: provider, Memory: 30 << 20}, metered: true,
		own: usage{System: own},
	}
}

// within is a report in which every goal is met.
func within() *report {
	const ms = time.Millisecond
	commands := []outcome{command(100*ms, 0), command(110*ms, 0), command(900*ms, 0)}
	bases := []outcome{command(0, 60*ms), command(0, 50*ms), command(0, 55*ms)}
	soon := []time.Duration{500 * ms}
	return &report{
		goals: goals{
			plans: []plansOf{{n: 20, commands: commands, bases: bases, reads: 2}},
			stops: []stopsOf{{n: 20, commands: commands, bases: bases, stops: 1, reads: 4}},
			one:   oneStop{first: 7, known: 5},
			starved: []starved{
				{what: starvedPlan, reads: 10}, {what: starvedStop, reads: 25, stops: 4},
			},
		},
		notices: []noticed{
			{length: time.Minute, first: true, alone: soon, readsAlone: 20},
			{length: time.Minute, alone: soon, readsAlone: 8},
			{length: 5 * time.Second, alone: []time.Duration{time.Minute}, readsAlone: 100},
		},
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	slow := []outcome{command(5*time.Second, 0)}
	for _, test := range []struct {
		name     string
		spoil    func(r *report)
		missed   []string
		problems int
	}{
		{"all met, one slow command of three", func(*report) {}, nil, 0},
		{"nothing measured", func(r *report) { *r = report{} }, nil, 0},
		{
			"processor time of a plan", func(r *report) { r.goals.plans[0].commands = slow },
			[]string{
				"empty plan of 20: processor time of the provider",
				"empty plan of 20: the same / the CLI's for terraform_data",
			},
			1,
		},
		{
			"a plan that waits", func(r *report) {
				c := command(time.Millisecond, 0)
				c.wall = time.Second
				r.goals.plans[0].commands = []outcome{c}
			},
			[]string{"empty plan of 20: wall time"},
			0,
		},
		{"a read too many", func(r *report) { r.goals.plans[0].reads = 4 }, []string{"empty plan of 20: reads"}, 1},
		{
			"a read for each resource", func(r *report) { r.goals.stops[0].reads = 24 },
			[]string{"stop of 20 at a parallelism of 20: reads"},
			1,
		},
		{
			"providers that were all ended by force", func(r *report) { r.goals.plans[0].commands = []outcome{{}} },
			[]string{"empty plan of 20: processor time of the provider"},
			1,
		},
		{
			"a stop call too many", func(r *report) { r.goals.stops[0].stops = 3 },
			[]string{"stop of 20 at a parallelism of 20: stop calls"},
			1,
		},
		{
			"memory", func(r *report) { r.goals.stops[0].commands[1].provider.Memory = 37 << 20 },
			[]string{"stop of 20 at a parallelism of 20: memory of the provider"},
			1,
		},
		{
			"calls of one stop", func(r *report) { r.goals.one = oneStop{8, 6} },
			[]string{
				"refresh, plan and stop of one instance, the first time: calls",
				"the same, when it was stopped before: calls",
			},
			2,
		},
		{
			"a starved plan", func(r *report) { r.goals.starved[0].reads = 11 },
			[]string{"an empty plan of 300 at a parallelism of 100, on a starved machine: reads"},
			1,
		},
		{
			"a starved stop", func(r *report) { r.goals.starved[1].reads, r.goals.starved[1].stops = 26, 5 },
			[]string{
				"the stop of 120 at a parallelism of 120, on a starved machine: reads",
				"the stop of 120 at a parallelism of 120, on a starved machine: stop calls",
			},
			2,
		},
		{
			"reads of a minute", func(r *report) { r.notices[0].readsAlone = 21 },
			[]string{"stop of one instance that takes a minute, the first time: reads of the wait"},
			1,
		},
		{
			"a late notice", func(r *report) { r.notices[1].alone = []time.Duration{700 * time.Millisecond} },
			[]string{"stop of one instance that takes a minute, when it was stopped before: its end is noticed"},
			0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := within()
			for i := range r.goals.stops {
				r.goals.stops[i].commands = slices.Clone(r.goals.stops[i].commands)
			}
			test.spoil(r)
			var missed []string
			for _, g := range r.goalChecks() {
				if !g.ok {
					missed = append(missed, g.what)
				}
			}
			if !slices.Equal(missed, test.missed) {
				t.Errorf("missed:\n%s\nwant:\n%s", strings.Join(missed, "\n"), strings.Join(test.missed, "\n"))
			}
			if got := r.problems() - checksFailed(r); got != test.problems {
				t.Errorf("got %d problems, want %d: a time is none", got, test.problems)
			}
		})
	}
}

// checksFailed is how many of the other bounds fail.
func checksFailed(r *report) int {
	n := 0
	for _, c := range r.acceptance() {
		if c.fails() {
			n++
		}
	}
	return n
}

func TestAProviderThatWasKilledHasNoFigure(t *testing.T) {
	t.Parallel()
	killed := command(time.Hour, 0)
	killed.metered = false
	commands := []outcome{killed, command(2*time.Second, 0)}
	bases := []outcome{command(0, time.Hour), command(0, time.Second)}
	if took, share, ok := processor(commands, bases); took != 2*time.Second || share != 2 || !ok {
		t.Errorf("got %v, a share of %.1f, %v, want those of the other one", took, share, ok)
	}
}
