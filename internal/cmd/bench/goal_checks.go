package main

import (
	"fmt"
	"slices"
	"time"
)

// goal is a check with what the best of the clouds' own tools needs.
type goal struct {
	check

	peer string
}

// The goals, for a stop that takes five seconds.
const (
	oneStopFirst, oneStopKnown = 7, 5
	stopReads                  = 10 // for each batch: refresh, plan and apply
	waitReadsFirst             = 20 // over a wait of a minute
	waitReadsKnown             = 8
	waitNoticeFirst            = 1500 * time.Millisecond
	waitNoticeKnown            = 600 * time.Millisecond
	plan20Wall                 = 550 * time.Millisecond
	starvedPlanReads           = 10
	starvedStopReads           = 25
	starvedStopStops           = 4
	memory20                   = 36 << 20
)

// cpuGoals are the most that the provider's processes of one command may take of a
// processor, in seconds, and in processor times of the CLI for the same command about
// as many terraform_data resources. The second is the same on every machine.
type cpuGoals struct {
	seconds, share float64
	peer           string
}

var (
	planGoals = map[int]cpuGoals{
		20:  {seconds: 0.22, share: 3, peer: "0.27 s (volcengine)"},
		200: {seconds: 1.2, share: 4, peer: notMeasured},
	}
	stopGoals = map[int]cpuGoals{
		20:  {seconds: 0.4, share: 3.2, peer: "0.51 s (volcengine)"},
		100: {seconds: 1.4, share: 4, peer: "2.41 s (zenlayercloud)"},
	}
)

const notMeasured = "-"

// goalChecks compares what was measured with the goals. What was not measured is not
// there.
func (r *report) goalChecks() []goal {
	var out []goal
	add := func(what string, k kind, bound, figure, peer string, ok bool) {
		out = append(out, goal{check{what: what, bound: bound, figure: figure, kind: k, ok: ok}, peer})
	}
	most := func(what string, got, bound int, peer string) {
		add(what, count, fmt.Sprintf("at most %d", bound), fmt.Sprint(got), peer, got <= bound)
	}
	cpu := func(what string, of cpuGoals, commands, bases []outcome) {
		took, share, ok := processor(commands, bases)
		absolute, relative := what+": processor time of the provider", what+": the same / the CLI's for terraform_data"
		if !ok {
			add(absolute, processorTime, "known", "each process was ended by force", of.peer, false)
			return
		}
		add(absolute, taken, fmt.Sprintf("at most %.2f s", of.seconds), seconds(took), of.peer, took.Seconds() <= of.seconds)
		add(relative, processorTime, fmt.Sprintf("at most %.1f", of.share), fmt.Sprintf("%.2f", share), notMeasured,
			share <= of.share)
	}
	for _, p := range r.goals.plans {
		what := fmt.Sprintf("empty plan of %d", p.n)
		cpu(what, planGoals[p.n], p.commands, p.bases)
		groups := ceil(p.n, defaultParallelism)
		most(what+": reads", p.reads, groups+ceil(groups, 10), fmt.Sprintf("%d (zenlayercloud, volcengine)", p.n))
		if wall := medianWall(p.commands); p.n == 20 {
			add(what+": wall time", taken, "at most "+seconds(plan20Wall), seconds(wall), "0.64 s (zenlayercloud)",
				wall <= plan20Wall)
		}
	}
	for _, s := range r.goals.stops {
		what := fmt.Sprintf("stop of %d at a parallelism of %d", s.n, s.n)
		cpu(what, stopGoals[s.n], s.commands, s.bases)
		most(what+": reads", s.reads, stopReads*ceil(s.n, batchSize), notMeasured)
		most(what+": stop calls", s.stops, 2*ceil(s.n, batchSize), fmt.Sprintf("%d", s.n))
		if held := mostHeld(s.commands); s.n == 20 && held > 0 {
			add(what+": memory of the provider", memory, "at most "+mebibytes(memory20), mebibytes(held),
				"33 MiB (zenlayercloud)", held <= memory20)
		}
	}
	if one := r.goals.one; one.first > 0 {
		most("refresh, plan and stop of one instance, the first time: calls", one.first, oneStopFirst, "5 (aliyun-cli), 8")
		most("the same, when it was stopped before: calls", one.known, oneStopKnown, "5 (aliyun-cli), 8")
	}
	for _, s := range r.goals.starved {
		what := s.what + ", on a starved machine"
		if s.what == starvedPlan {
			most(what+": reads", s.reads, starvedPlanReads, fmt.Sprint(refreshNumber))
			continue
		}
		most(what+": reads", s.reads, starvedStopReads, notMeasured)
		most(what+": stop calls", s.stops, starvedStopStops, "120")
	}
	return append(out, r.waitGoals()...)
}

// waitGoals are those of a wait of a minute.
func (r *report) waitGoals() []goal {
	var out []goal
	for _, of := range []struct {
		which  string
		first  bool
		reads  int
		notice time.Duration
	}{
		{"the first time", true, waitReadsFirst, waitNoticeFirst},
		{"when it was stopped before", false, waitReadsKnown, waitNoticeKnown},
	} {
		for _, n := range r.notices {
			if n.first != of.first || n.length != time.Minute {
				continue
			}
			what := "stop of one instance that takes a minute, " + of.which
			late := quantile(n.alone, 50)
			out = append(out,
				goal{check{
					what: what + ": reads of the wait", bound: fmt.Sprintf("at most %d", of.reads),
					figure: fmt.Sprint(n.readsAlone), kind: count, ok: n.readsAlone <= of.reads,
				}, "12 to 14"},
				goal{check{
					what: what + ": its end is noticed", bound: "within " + seconds(of.notice), figure: seconds(late),
					kind: taken, ok: late <= of.notice,
				}, "5.6 s (zenlayercloud)"})
		}
	}
	return out
}

// processor returns the median of the processor time of the provider, and its share of
// that of the CLI for as many terraform_data resources, of the commands of which it is
// known; false where there is none.
func processor(commands, bases []outcome) (took time.Duration, share float64, ok bool) {
	var provider, cli []time.Duration
	for i := range commands {
		if commands[i].metered {
			provider, cli = append(provider, commands[i].provider.cpu()), append(cli, bases[i].own.cpu())
		}
	}
	if len(provider) == 0 {
		return 0, 0, false
	}
	took, base := quantile(provider, 50), quantile(cli, 50)
	return took, float64(took) / float64(max(base, 1)), true
}

func medianWall(commands []outcome) time.Duration {
	var walls []time.Duration
	for _, c := range commands {
		walls = append(walls, c.wall)
	}
	return quantile(walls, 50)
}

func mostHeld(commands []outcome) int64 {
	var held []int64
	for _, c := range commands {
		held = append(held, c.provider.Memory)
	}
	if len(held) == 0 {
		return 0
	}
	return slices.Max(held)
}
