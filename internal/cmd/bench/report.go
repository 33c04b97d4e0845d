package main

import (
	"fmt"
	"os"
	"path/filepath"
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
  What stopping 1 to 10,000 instances costs in calls, time, processor time and memory, measured with the real CLI on simulated clouds.
---

`

// reference leads to what was measured.
const reference = `
Reference: [` + "`instance_power_state`" + `](../resources/power_state.md), [` + "`instance_fleet_power_state`" + `](../resources/fleet_power_state.md).
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
	b.WriteString("\n## The clouds' own tools\n\n" + peers)
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
	return fmt.Sprintf(`The CLI runs with the provider as a process of its own. Simulated clouds count the calls and enforce the documented limits
(Tencent Cloud: 10 stops and 40 describes a second). A simulated stop takes %s. In the tables of stops and plans, each row is one run of
four commands on single resources or on a fleet:

1. "Take over": an apply that finds the instances running, as declared.
2. A plan to stop them.
3. "The apply" of that plan.
4. "Empty plan": a plan that finds nothing to do.

- **Calls** are those of the named command, by action. **Throttled** are answers of all four commands that refuse a call for the rate limit.
- **Wall time** is that of the apply, from the start of the CLI to its end. The table has it in simulated transitions.
- **Turns**: with more single resources than `+"`-parallelism`"+`, the next ones start when the first have ended. The number of turns is the wall
  time if nothing but the cloud took time. A fleet of 10,000 has no bound where the cloud documents no limits: the provider's own add to it.
- **Notice** is the delay from the end of a transition in the cloud to the first describe after it, by the simulator's log.
- **Reads** of an apply are the describes that name one instance, at the most.
- **Against terraform_data**: the time of the take-over, and of the empty plan, in times of as many terraform_data resources at the same
  parallelism. A fleet is compared with resources at parallelism %d.
- **Processor time** is user and system time of all processes of the provider in one command, as the system counts it when they have
  ended. It is also shown in processor times of the CLI for as many terraform_data resources: that share means the same on every machine.
- **Memory** is the most that a process of the provider held at a time, of all commands of the row.
- **A starved machine** has a load of 22.5 for each processor, by processes that do nothing else.
`, r.options.transition, defaultParallelism)
}

// stops is the table of the applies.
func (r *report) stops() string {
	t := table{
		head: []string{
			"service", "shape", "n", "parallelism", "calls of the apply", "throttled", "wall / transition", "turns",
			"notice, median", "95 %", "reads",
		},
	}
	for _, got := range r.results {
		row := []string{got.service.Name(), got.shape(), fmt.Sprint(got.n), got.parallel()}
		if got.err != nil {
			t.add(append(row, "failed")...)
			continue
		}
		t.add(append(row, got.apply.calls(), fmt.Sprint(got.all().throttled), fmt.Sprintf("%.2f",
			float64(got.wall)/float64(r.options.transition)), fmt.Sprint(got.waves()),
			seconds(quantile(got.apply.notice, 50)), seconds(quantile(got.apply.notice, 95)),
			fmt.Sprint(got.apply.mostReads))...)
	}
	return t.String()
}

// overhead is the table of what does not wait for a cloud.
func (r *report) overhead() string {
	t := table{
		head: []string{
			"service", "shape", "n", "parallelism", "calls to take over", "to plan the stop", "of the empty plan",
			"take-over / terraform_data", "empty plan / terraform_data", "memory",
		},
	}
	for _, got := range r.results {
		if got.err != nil {
			continue
		}
		apply, plan := "n/a", "n/a"
		if got.base != nil {
			apply, plan = ratio(got.adoptTook, got.base.apply), ratio(got.emptyTook, got.base.plan)
		}
		t.add(got.service.Name(), got.shape(), fmt.Sprint(got.n), got.parallel(), got.adopt.calls(), got.plan.calls(),
			got.empty.calls(), apply, plan, mebibytes(got.memory))
	}
	return t.String()
}

// parallel is the parallelism, which means nothing to a fleet.
func (s scenario) parallel() string {
	if s.fleet {
		return "-"
	}
	return fmt.Sprint(s.parallelism)
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
	return fmt.Sprintf("Alone: a CLI for each instance. Together: one CLI for all instances of all lengths. %d "+
		"instances of each length, each three quarters of a second shorter than the one before. "+
		"First: the first stop of an instance, of whose transitions nothing is known. "+
		"Later: the resource has stopped and started its instance before, in other runs. "+
		"The reads are those over the wait.\n\n%s", len(phases()), &t)
}

func (r *report) joiningTable() string {
	t := table{head: []string{"`batch_window`", "wall time of the apply, median", "from the last read to the stop"}}
	t.add("default", seconds(quantile(r.joining.with, 50)), milliseconds(quantile(r.joining.gapWith, 50)))
	t.add("`0s`", seconds(quantile(r.joining.without, 50)), milliseconds(quantile(r.joining.gapWithout, 50)))
	return fmt.Sprintf("The stop of one instance whose transition takes no time, %d times each.\n\n%s",
		len(r.joining.with), &t)
}

func checkTable(checks []check) string {
	t := table{head: []string{"what", "kind", "bound", "measured", ""}}
	for _, c := range checks {
		t.add(c.what, string(c.kind), c.bound, c.figure, c.verdict())
	}
	return "A count over its bound, or memory, fails the benchmark; time is the machine's affair too.\n\n" + t.String()
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
