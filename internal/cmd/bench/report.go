package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	options options
	machine string
	load    string // before the benchmark
	cli     string
	date    time.Time
	took    time.Duration
	results []result
	left    []scenario // out, for want of time
	notices []noticed
	joining joining
	goals   goals
}

// frontMatter makes a page of the registry's documentation of the report.
const frontMatter = `---
page_title: "Benchmark"
subcategory: "Guides"
description: |-
  Calls, time, processor time and memory for stopping 1 to 10,000 instances, with the real CLI on simulated clouds.
---

`

// reference leads to what was measured.
const reference = `
Reference: [` + "`instance_power_state`" + `](../resources/power_state.md),
[` + "`instance_fleet_power_state`" + `](../resources/fleet_power_state.md).
Guide: [Fleets and parallelism](fleets-and-parallelism.md).
`

// picture is the picture of the figures, from the folder of the page. The registry has
// no pictures, so the page names the one of the repository.
const (
	picture        = "../images/benchmark.svg"
	pictureAddress = "https://raw.githubusercontent.com/instance-power/terraform-provider-instance/main/" +
		"docs/images/benchmark.svg"
)

// markdown is the report: what the figures come to, the goals beside the clouds' own
// tools, how it was measured, and all figures.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Benchmark\n\n")
	b.WriteString(r.summary())
	if r.options.out != "" {
		//nolint:gosec // The user of the program names it.
		if _, err := os.Stat(filepath.Join(filepath.Dir(r.options.out), picture)); err == nil {
			fmt.Fprintf(&b, "![Calls of an empty plan, beside those of the clouds' own providers](%s)\n\n", pictureAddress)
		}
	}
	fmt.Fprintf(&b, "Measured on %s in %s with %s: %s", r.date.Format(time.DateOnly), r.took.Round(time.Second), r.cli,
		r.machine)
	if r.load != "" {
		fmt.Fprintf(&b, ", load average %s before", r.load)
	}
	b.WriteString(".\n")
	if checks := r.goalChecks(); len(checks) > 0 {
		b.WriteString("\n## Goals\n\n" + goalTable(checks))
	}
	b.WriteString("\n## The clouds' own tools\n\n" + peers())
	b.WriteString("\n## How it is measured\n\n" + r.method())
	if len(r.left) > 0 {
		fmt.Fprintf(&b, "\nLeft out to keep the run short, and measured with `-clouds`: %s.\n", names(r.left))
	}
	if len(r.results) > 0 {
		b.WriteString("\n## Stops\n\n" + r.stops())
		b.WriteString("\n## Plans and reading\n\n" + r.overhead())
	}
	if len(r.notices) > 0 {
		b.WriteString("\n## Notice\n\n" + r.noticeTable())
	}
	if len(r.joining.with) > 0 {
		b.WriteString("\n## One instance\n\n" + r.joiningTable())
	}
	b.WriteString("\n## Bounds\n\n" + checkTable(r.acceptance()))
	b.WriteString(reference)
	return b.String()
}

// method says what the figures mean.
func (r *report) method() string {
	return fmt.Sprintf(`The CLI starts the provider as a separate process. The simulated clouds count the calls and
enforce the documented limits (Tencent Cloud: 10 stops and 40 describes a second). A simulated stop takes %s. In the
tables of stops and plans, each row is one run of four commands on single resources or on a fleet:

1. "Take over": an apply that finds the instances running, as declared.
2. "Plan to stop": a plan that stops them.
3. "Apply": the apply of that plan.
4. "Empty plan": a plan that finds nothing to do.

- **Calls** have a column for each API action. A **read** is a describe call, for up to 100 instances.
- **Reads of one** is the largest number of describe calls that name the same instance.
- **Wall time** is that of the apply, from the start of the CLI to its end, divided by the time of a simulated stop.
- **Turns**: with more single resources than `+"`-parallelism`"+`, the next ones start when the first have ended. The
  number of turns is the least wall time. A fleet of 10,000 has no bound where the cloud documents no limits, since
  those that the provider assumes add to it.
- **Notice** is the delay from the end of a transition in the cloud to the first describe call after it, by the
  simulator's log.
- **Time** in the table of plans is that of the command, divided by its time for as many `+"`terraform_data`"+`
  resources at the same parallelism, or at %d for a fleet.
- **Processor time** is the user and system time of all processes of the provider in one command. Divided by that of
  the CLI for as many `+"`terraform_data`"+` resources, it means the same on every machine.
- **Memory** is the most that one process of the provider held in any command of the row.
- On a **starved machine**, other processes keep the load at 22.5 for each processor.
`, r.options.transition, defaultParallelism)
}

// columns are the calls of one command, with a column for each action that is in any of
// the results.
type columns struct {
	actions []string
	of      func(result) account
}

func (r *report) columns(of func(result) account) columns {
	c := columns{of: of}
	for _, got := range r.results {
		c.actions = slices.AppendSeq(c.actions, maps.Keys(of(got).actions))
	}
	slices.Sort(c.actions)
	c.actions = slices.Compact(c.actions)
	return c
}

// head are the heads of the columns, which begin with the name of the command. That the
// actions are about instances is left out, since it makes a column wide.
func (c columns) head(command string) []string {
	var out []string
	for _, action := range c.actions {
		out = append(out, command+strings.TrimSuffix(action, "Instances"))
	}
	return out
}

// cells are the numbers of calls of one result.
func (c columns) cells(got result) []string {
	var out []string
	for _, action := range c.actions {
		out = append(out, fmt.Sprint(c.of(got).actions[action]))
	}
	return out
}

// stops is the table of the applies.
func (r *report) stops() string {
	calls := r.columns(func(got result) account { return got.apply })
	t := table{head: slices.Concat(
		[]string{"service", "instances"}, calls.head(""),
		[]string{"wall / transition", "turns", "notice, median", "notice, 95 %", "reads of one"},
	)}
	for _, got := range r.results {
		row := []string{got.service.Name(), got.name()}
		if got.err != nil {
			t.add(append(row, "failed")...)
			continue
		}
		t.add(slices.Concat(row, calls.cells(got), []string{
			fmt.Sprintf("%.2f", float64(got.wall)/float64(r.options.transition)), fmt.Sprint(got.waves()),
			seconds(quantile(got.apply.notice, 50)), seconds(quantile(got.apply.notice, 95)),
			fmt.Sprint(got.apply.mostReads),
		})...)
	}
	return "The calls are those of the apply; Describe is `DescribeInstances`, and so on.\n\n" + t.String()
}

// overhead is the table of what does not wait for a cloud.
func (r *report) overhead() string {
	adopt := r.columns(func(got result) account { return got.adopt })
	plan := r.columns(func(got result) account { return got.plan })
	empty := r.columns(func(got result) account { return got.empty })
	t := table{head: slices.Concat(
		[]string{"service", "instances"},
		adopt.head("take over: "), plan.head("plan to stop: "), empty.head("empty plan: "),
		[]string{"take over: time", "empty plan: time", "memory"},
	)}
	for _, got := range r.results {
		if got.err != nil {
			continue
		}
		apply, planned := "n/a", "n/a"
		if got.base != nil {
			apply, planned = ratio(got.adoptTook, got.base.apply), ratio(got.emptyTook, got.base.plan)
		}
		t.add(slices.Concat(
			[]string{got.service.Name(), got.name()},
			adopt.cells(got), plan.cells(got), empty.cells(got),
			[]string{apply, planned, mebibytes(got.memory)},
		)...)
	}
	return t.String()
}

func (r *report) noticeTable() string {
	t := table{
		head: []string{"transition", "stop", "alone: median", "latest", "reads", "together: median", "latest", "reads"},
	}
	for _, n := range r.notices {
		which := "later"
		if n.first {
			which = "first"
		}
		t.add(n.length.String(), which,
			seconds(quantile(n.alone, 50)), seconds(quantile(n.alone, 100)), fmt.Sprint(n.readsAlone),
			seconds(quantile(n.together, 50)), seconds(quantile(n.together, 100)), fmt.Sprint(n.readsTogether))
	}
	return fmt.Sprintf(`How soon the provider notices the end of a stop, and with how many describe calls in the wait:

- **Alone**: one CLI for each instance. **Together**: one CLI for the instances of all lengths.
- **First**: the first stop of an instance, whose transitions are not known yet. **Later**: the resource has stopped and
  started its instance before, in other runs.
- There are %d instances of each length. The transition of each is 0.75 s shorter than that of the one before.

%s`, len(phases()), &t)
}

func (r *report) joiningTable() string {
	t := table{head: []string{"`batch_window`", "wall time of the apply, median", "from the last read to the stop"}}
	t.add("default", seconds(quantile(r.joining.with, 50)), milliseconds(quantile(r.joining.gapWith, 50)))
	t.add("`0s`", seconds(quantile(r.joining.without, 50)), milliseconds(quantile(r.joining.gapWithout, 50)))
	return fmt.Sprintf("The stop of one instance whose transition takes no time, %d times each.\n\n%s",
		len(r.joining.with), &t)
}

// checkTable has one row for all services that have a check in common.
func checkTable(checks []check) string {
	services := map[string]bool{}
	rows := map[check][]check{}
	var order []check
	for _, c := range checks {
		if c.service != "" {
			services[c.service] = true
		}
		common := c
		common.service, common.figure = "", ""
		if rows[common] == nil {
			order = append(order, common)
		}
		rows[common] = append(rows[common], c)
	}
	t := table{head: []string{"service", "what", "kind", "bound", "measured", ""}}
	for _, common := range order {
		var names, figures []string
		for _, c := range rows[common] {
			names = append(names, c.service)
			if !slices.Contains(figures, c.figure) {
				figures = append(figures, c.figure)
			}
		}
		service := strings.Join(names, ", ")
		if len(names) > 1 && len(names) == len(services) {
			service = fmt.Sprintf("all %d", len(names))
		}
		t.add(service, common.what, string(common.kind), common.bound, strings.Join(figures, ", "), common.verdict())
	}
	return "The benchmark fails if a count, a share of processor time or memory is over its bound. A time may be, since " +
		"it also\ndepends on the machine.\n\n" + t.String()
}

func ratio(a, b time.Duration) string {
	if b <= 0 {
		return "n/a"
	}
	return fmt.Sprintf("%.1f", float64(a)/float64(b))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

func mebibytes(n int64) string {
	if n == 0 {
		return "n/a"
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// goalTable is the figures beside the best of the clouds' own tools.
func goalTable(goals []goal) string {
	t := table{head: []string{"measure", "goal", "measured", "", "best of the clouds' own tools"}}
	for _, g := range goals {
		t.add(g.what, g.bound, g.figure, g.verdict(), g.peer)
	}
	return "A simulated stop takes five seconds in these rows, unless they say otherwise. Times are medians of " +
		fmt.Sprint(repeats) + ".\nThe last column was measured on " + peersDate + ", on another day; see below.\n\n" +
		t.String()
}
