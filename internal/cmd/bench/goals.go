package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The goals are what this provider is to cost in a run beside the clouds' own
// providers: no figure is worse than the best of theirs.

// goals is what was measured for them.
type goals struct {
	plans   []plansOf
	stops   []stopsOf
	one     oneStop
	starved []starved
}

// plansOf is empty plans of n single resources at the default parallelism, and
// those of as many terraform_data resources beside them.
type plansOf struct {
	n        int
	commands []outcome
	bases    []outcome
	reads    int // describes of one plan, at the most
}

// stopsOf is applies that stop n instances at once.
type stopsOf struct {
	n        int
	commands []outcome
	bases    []outcome // applies that change as many terraform_data resources
	// stops and reads are the calls of one apply, at the most.
	stops, reads int
}

// oneStop is how many calls the stop of one instance takes: refresh, plan and apply
// in one command.
type oneStop struct{ first, known int }

// starved is a command on a machine that has other things to do.
type starved struct {
	what         string
	reads, stops int
	wall         time.Duration
}

// repeats is how often each command is run whose time is taken.
const repeats = 3

// goals measures all that the table of the goals needs, but for the waits.
func (b *bench) goals(ctx context.Context, r *report) error {
	planned, stopped := []int{20, 200}, []int{20, 100}
	if b.o.quick {
		planned, stopped = planned[:1], stopped[:1]
	}
	for _, n := range planned {
		got, err := b.plansOf(ctx, n)
		if err != nil {
			return err
		}
		r.goals.plans = append(r.goals.plans, got)
	}
	for _, n := range stopped {
		got, err := b.stopsOf(ctx, n)
		if err != nil {
			return err
		}
		r.goals.stops = append(r.goals.stops, got)
	}
	var err error
	if r.goals.one, err = b.oneStop(ctx); err != nil || b.o.quick {
		return err
	}
	r.goals.starved, err = b.starved(ctx)
	return err
}

// plansOf plans n resources that did not change.
func (b *bench) plansOf(ctx context.Context, n int) (got plansOf, err error) {
	b.say("empty plans of %d, and of as many terraform_data resources", n)
	s, err := b.newSession(ctx, n, defaultParallelism)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	folder, err := b.newFolder(baseConfiguration(n))
	if err != nil {
		return got, err
	}
	if _, err := b.cli.must(ctx, folder, "apply", "-auto-approve", "-var=state=running"); err != nil {
		return got, err
	}
	got.n = n
	for range repeats {
		command, asked, err := s.emptyPlan(ctx)
		if err != nil {
			return got, err
		}
		base, err := b.cli.must(ctx, folder, "plan", "-detailed-exitcode", "-var=state=running")
		if err != nil {
			return got, err
		}
		got.commands, got.bases = append(got.commands, command), append(got.bases, base)
		got.reads = max(got.reads, asked.reads)
	}
	return got, nil
}

// stopsOf stops n instances at once, as often as it is repeated; between the stops
// they are started again.
func (b *bench) stopsOf(ctx context.Context, n int) (got stopsOf, err error) {
	b.say("stops of %d at once", n)
	folder, err := b.newFolder(baseConfiguration(n))
	if err != nil {
		return got, err
	}
	parallelism := "-parallelism=" + strconv.Itoa(n)
	if _, err := b.cli.must(ctx, folder, "apply", "-auto-approve", parallelism, "-var=state=running"); err != nil {
		return got, err
	}
	got.n = n
	for i := range repeats {
		if b.o.quick && i > 0 && got.commands[i-1].metered {
			break
		}
		command, asked, err := b.stopOnce(ctx, n)
		if err != nil {
			return got, err
		}
		base, err := b.cli.must(ctx, folder, "apply", "-auto-approve", parallelism, "-var=state=stopped"+strconv.Itoa(i))
		if err != nil {
			return got, err
		}
		got.commands, got.bases = append(got.commands, command), append(got.bases, base)
		got.stops, got.reads = max(got.stops, asked.stops), max(got.reads, asked.reads)
	}
	return got, nil
}

// stopOnce stops n new instances at once.
func (b *bench) stopOnce(ctx context.Context, n int) (command outcome, asked account, err error) {
	s, err := b.newSession(ctx, n, n)
	if err != nil {
		return outcome{}, account{}, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	if command, asked, err = s.apply(ctx, "stopped"); err != nil {
		return outcome{}, account{}, err
	}
	return command, asked, s.cloud.stopped()
}

// oneStop stops one instance, starts it, and stops it again.
func (b *bench) oneStop(ctx context.Context) (got oneStop, err error) {
	b.say("the stop of one instance, twice")
	s, err := b.newSession(ctx, 1, 1)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	for _, state := range []string{"stopped", "running", "stopped"} {
		_, asked, err := s.apply(ctx, state)
		if err != nil {
			return got, err
		}
		if state == "stopped" && got.first == 0 {
			got.first = asked.reads + asked.stops
		}
		got.known = asked.reads + asked.stops
	}
	return got, s.cloud.stopped()
}

// starved runs two commands on a starved machine.
func (b *bench) starved(ctx context.Context) ([]starved, error) {
	var out []starved
	for _, one := range []struct {
		what           string
		n, parallelism int
		run            func(s *session, ctx context.Context) (outcome, account, error)
	}{
		{starvedPlan, refreshNumber, 100, (*session).emptyPlan},
		{starvedStop, 120, 120, func(s *session, ctx context.Context) (outcome, account, error) {
			return s.apply(ctx, "stopped")
		}},
	} {
		b.say("%s, on a starved machine", one.what)
		got, asked, err := b.whileStarved(ctx, one.n, one.parallelism, one.run)
		if err != nil {
			return nil, fmt.Errorf("%s, on a starved machine: %w", one.what, err)
		}
		out = append(out, starved{what: one.what, reads: asked.reads, stops: asked.stops, wall: got.wall})
	}
	return out, nil
}

// The commands on a starved machine.
const (
	starvedPlan = "an empty plan of 300 at a parallelism of 100"
	starvedStop = "the stop of 120 at a parallelism of 120"
)

// whileStarved takes n instances over, and runs a command while the machine is starved.
func (b *bench) whileStarved(
	ctx context.Context, n, parallelism int, run func(*session, context.Context) (outcome, account, error),
) (got outcome, asked account, err error) {
	s, err := b.newSession(ctx, n, parallelism)
	if err != nil {
		return outcome{}, account{}, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	feed, err := starve(ctx)
	if err != nil {
		return outcome{}, account{}, err
	}
	got, asked, err = run(s, ctx)
	return got, asked, errors.Join(err, feed())
}
