package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// stagger is the time between the starts of two CLIs that run at once, so that
// they do not take the processor from each other when their waits begin.
const stagger = 500 * time.Millisecond

// waits are the lengths of transitions whose notice is measured.
func waits(quick bool) []time.Duration {
	if quick {
		return []time.Duration{3 * time.Second, 5 * time.Second}
	}
	return []time.Duration{
		5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, 45 * time.Second, 60 * time.Second,
	}
}

// phases are taken from each length, so that ends lie everywhere between two reads:
// reads are up to some three seconds apart. No wait is longer than its length, for
// which the bound on reads is.
func phases() []time.Duration {
	return []time.Duration{0, 750 * time.Millisecond, 1500 * time.Millisecond, 2250 * time.Millisecond}
}

// noticed is what was seen of the waits of one length.
type noticed struct {
	length          time.Duration
	first           bool            // the first stop of its instance; else it was stopped and started before
	alone, together []time.Duration // delays
	readsAlone      int             // of one instance over the wait, at the most
	readsTogether   int
}

// notices measures how long after the end of a transition the provider sees it:
// each instance in a CLI of its own, and all of them in one CLI. All run at
// once, so that a round takes as long as the longest wait. In the second round
// each resource has stopped its instance before.
func (b *bench) notices(ctx context.Context, r *report) error {
	lengths := waits(b.o.quick)
	b.say("transitions of %s to %s, each alone and all together", lengths[0], lengths[len(lengths)-1])
	s := b.firstService()
	n := len(lengths) * len(phases())
	w, err := newRunCloud(ctx, s, 2*n, b.o.transition)
	if err != nil {
		return err
	}
	defer func() { _ = w.server.Close() }() // Its work is done.
	for i, id := range w.ids {
		takes := lengths[i%n/len(phases())] - phases()[i%len(phases())]
		if err := w.cloud.Change(id, func(in *simulator.Instance) error {
			d := simulator.Duration(takes)
			in.Durations = &simulator.Durations{Start: d, Stop: d, ForcedStop: d, Reboot: d, Grace: d}
			return nil
		}); err != nil {
			return err
		}
	}
	groups, err := b.groups(s, w, n)
	if err != nil {
		return err
	}
	index := 0
	for round, state := range []string{"stopped", "running", "stopped"} {
		if err := b.applyAll(ctx, groups, state); err != nil {
			return err
		}
		calls := w.cloud.Calls(index)
		index += len(calls)
		if err := b.keep(fmt.Sprintf("notice, round %d", round+1), calls); err != nil {
			return err
		}
		if state == "stopped" {
			r.notices = append(r.notices, tell(calls, lengths, w.ids, w.takes, w.throttle, round == 0)...)
		}
	}
	return w.stopped()
}

// group is the instances of one CLI.
type group struct {
	folder string
	size   int
}

// groups makes a folder for each of the first n instances, and one for the
// others.
func (b *bench) groups(s service, w *runCloud, n int) ([]group, error) {
	lists := [][]string{w.ids[n:]}
	for _, id := range w.ids[:n] {
		lists = append(lists, []string{id})
	}
	groups := make([]group, len(lists))
	for i, ids := range lists {
		folder, err := b.newFolder(configuration(s, w.server.URL(), false, ids))
		if err != nil {
			return nil, err
		}
		groups[i] = group{folder, len(ids)}
	}
	return groups, nil
}

// applyAll brings each group to a state with a CLI of its own.
func (b *bench) applyAll(ctx context.Context, groups []group, state string) error {
	failures := make([]error, len(groups))
	var all sync.WaitGroup
	ticker := time.NewTicker(stagger)
	defer ticker.Stop()
	for i, g := range groups {
		all.Go(func() {
			_, failures[i] = b.cli.must(ctx, g.folder, "apply", "-auto-approve", "-parallelism="+strconv.Itoa(g.size),
				"-var=state="+state)
		})
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	all.Wait()
	return errors.Join(failures...)
}

// tell takes the log apart by the lengths of the waits. The first half of the
// ids were alone, the others together.
func tell(
	calls []simulator.Call, lengths []time.Duration, ids []string, takes func(string) time.Duration, throttle string,
	first bool,
) []noticed {
	n := len(ids) / 2
	each := n / len(lengths)
	out := make([]noticed, len(lengths))
	for i, length := range lengths {
		alone := reckon(about(calls, ids[i*each:(i+1)*each]), takes, throttle)
		together := reckon(about(calls, ids[n+i*each:n+(i+1)*each]), takes, throttle)
		out[i] = noticed{
			length: length, first: first, alone: alone.notice, together: together.notice,
			readsAlone: alone.mostWaitReads, readsTogether: together.mostWaitReads,
		}
	}
	return out
}

// about returns the calls that name one of the ids, with these ids alone.
func about(calls []simulator.Call, ids []string) []simulator.Call {
	others := func(id string) bool { return !slices.Contains(ids, id) }
	var out []simulator.Call
	for _, k := range calls {
		k.InstanceIDs = slices.DeleteFunc(slices.Clone(k.InstanceIDs), others)
		k.Accepted = slices.DeleteFunc(slices.Clone(k.Accepted), others)
		if len(k.InstanceIDs) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// firstService is the one for what is measured on one service alone.
func (b *bench) firstService() service {
	if len(b.o.services) > 0 {
		return b.o.services[0]
	}
	return services()[0]
}

// joining is an apply of one instance with the default window and without.
type joining struct {
	with, without       []time.Duration // wall times
	gapWith, gapWithout []time.Duration // from the last read before the stop to it
}

// windows measures what the window of joined calls costs one instance. Runs
// with and without it take turns, so that the machine is the same to both.
func (b *bench) windows(ctx context.Context, r *report) error {
	pairs := 7
	if b.o.quick {
		pairs = 2
	}
	b.say("one instance with joining and without, %d times each", pairs)
	for range pairs {
		wall, gap, err := b.one(ctx)
		if err != nil {
			return err
		}
		r.joining.with, r.joining.gapWith = append(r.joining.with, wall), append(r.joining.gapWith, gap)
		if wall, gap, err = b.one(ctx, `batch_window = "0s"`); err != nil {
			return err
		}
		r.joining.without, r.joining.gapWithout = append(r.joining.without, wall), append(r.joining.gapWithout, gap)
	}
	return nil
}

// one applies the stop of one instance whose transition takes no time. It
// returns how long that took, and the time from the last read before the stop to the stop.
func (b *bench) one(ctx context.Context, settings ...string) (wall, gap time.Duration, err error) {
	s := b.firstService()
	w, err := newRunCloud(ctx, s, 1, 0)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, w.server.Close()) }()
	folder, err := b.newFolder(configuration(s, w.server.URL(), false, w.ids, settings...))
	if err != nil {
		return 0, 0, err
	}
	if _, err := b.cli.must(ctx, folder, "plan", "-var=state=stopped", "-out=plan.bin"); err != nil {
		return 0, 0, err
	}
	_, index := w.since(0)
	got, err := b.cli.must(ctx, folder, "apply", "plan.bin")
	if err != nil {
		return 0, 0, err
	}
	var lastRead, asked time.Time
	for _, k := range w.cloud.Calls(index) {
		if k.Op == simulator.OpDescribe && asked.IsZero() {
			lastRead = k.Time
		}
		if k.Op == simulator.OpStop && asked.IsZero() {
			asked = k.Time
		}
	}
	if lastRead.IsZero() || asked.IsZero() {
		return 0, 0, fmt.Errorf("an apply of one instance made no read or no stop")
	}
	return got.wall, asked.Sub(lastRead), nil
}
