package main

import (
	"fmt"
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
  What stopping 1 to 10,000 instances costs in calls, time and memory, measured with the real CLI on simulated clouds.
---

`

// reference leads to what was measured.
const reference = `
Reference: [` + "`instance_power_state`" + `](../resources/power_state.md), [` + "`instance_fleet_power_state`" + `](../resources/fleet_power_state.md).
Guide: [Fleets and parallelism](fleets-and-parallelism.md).
`

// markdown is the report: how it was measured, the figures, the bounds.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# Benchmark\n\n")
	b.WriteString(r.method())
	fmt.Fprintf(&b, "\nMeasured on %s in %s with %s: %s", r.date.Format(time.DateOnly), r.took.Round(time.Second), r.cli,
		r.machine)
	if r.load != "" {
		fmt.Fprintf(&b, ", load average %s before", r.load)
	}
	b.WriteString(".\n")
	if len(r.left) > 0 {
		fmt.Fprintf(&b, "Left out to keep the run short, and measured with a higher `-waves`: %s.\n", names(r.left))
	}
	if len(r.results) > 0 {
		b.WriteString("\n## Stops\n\n")
		b.WriteString(r.stops())
		b.WriteString("\n## Plans and reading\n\n")
		b.WriteString(r.overhead())
	}
	if len(r.notices) > 0 {
		b.WriteString("\n## Notice\n\n")
		b.WriteString(r.noticeTable())
	}
	if len(r.joining.with) > 0 {
		b.WriteString("\n## One instance\n\n")
		b.WriteString(r.joiningTable())
	}
	b.WriteString("\n## Goals\n\n")
	b.WriteString(r.goalTable())
	b.WriteString("\n## Bounds\n\n")
	b.WriteString(checkTable(r.acceptance()))
	b.WriteString(reference)
	return b.String()
}

// method says what the figures mean; it stands before them.
func (r *report) method() string {
	return fmt.Sprintf(`The CLI runs with the provider as a process of its own against the simulated clouds, which count the calls and enforce the limits that
the clouds document (Tencent Cloud: 10 stops and 40 describes a second). A simulated stop takes %s. For each row the CLI runs four
commands: an apply that takes the running instances over as they are ("take over"), a plan to stop them, the apply of that plan ("the
apply"), and a plan that finds nothing to do ("empty plan").

- **Calls** are those of the command that is named, by action. **Throttled** are answers that refuse a call for the rate limit, in all four commands.
- **Wall time** is that of the apply, from the start of the CLI to its end, divided by the simulated transition. Single resources take turns where
  there are more of them than `+"`-parallelism`"+`: the number of **turns** is what the wall time would be if nothing but the cloud took time.
  A fleet of 10,000 has no bound on it where the cloud documents no limits: there the provider keeps to careful ones of its own, which add to it.
- **Notice** is the delay from the end of a transition in the cloud to the first describe after it that arrives there, by the simulator's log.
- **Reads** are the describes that name one and the same instance in the apply, at the most: a poller that reads all together makes as many rounds.
- **Against terraform_data**: the time of the take-over, and of the empty plan, divided by that for as many terraform_data resources at the same
  parallelism in the same run. A fleet is compared with resources at parallelism %d.
- **Memory** is the high-water mark (VmHWM) of the provider's process, the largest of the four commands.
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
			seconds(quantile(got.apply.notice, 50)), seconds(quantile(got.apply.notice, 95)), fmt.Sprint(got.apply.mostReads))...)
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
		"instances of each length, a third of a second apart. "+
		"First: the first stop of an instance, of whose transitions nothing is known; %d reads, which is all that a "+
		"minute may cost, cannot notice half of all ends between 5 "+
		"and 60 s within a second, whenever they come. Later: the resource has stopped and started its instance before, "+
		"in other runs. The reads are those "+
		"over the wait.\n\n%s", len(phases()), mostReads, &t)
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

// goalTable is the figures beside those of the clouds' own tools.
func (r *report) goalTable() string {
	t := table{head: []string{"measure", "goal", "measured", "", "best of the clouds' own tools"}}
	for _, g := range r.goalChecks() {
		t.add(g.what, g.bound, g.figure, g.verdict(), g.peer)
	}
	return t.String()
}
