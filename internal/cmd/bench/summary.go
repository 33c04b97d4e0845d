package main

import (
	"fmt"
	"strings"
	"time"
)

// summary is the first sentences of the page, one a line: what the figures come to. What
// was not measured is not in it. The README quotes some of them.
func (r *report) summary() string {
	var sentences []string
	add := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	if all := r.like(true, fleetNumber); len(all) > 0 {
		add("A fleet of 1,000 instances is stopped with %s stop calls and %s reads.",
			span(all, func(r result) int { return r.apply.stops }), span(all, func(r result) int { return r.apply.reads }))
	}
	if all := r.like(false, fleetNumber); len(all) > 0 {
		add("As many single resources at a parallelism of 1,000 take %s stop calls and %s reads.",
			span(all, func(r result) int { return r.apply.stops }), span(all, func(r result) int { return r.apply.reads }))
	}
	for _, p := range r.goals.plans {
		if took, _, ok := processor(p.commands, p.bases); ok && p.n == 20 {
			add("A plan of 20 single resources that finds nothing to do takes %d reads, %s, and %s of the "+
				"provider's processor time.",
				p.reads, seconds(medianWall(p.commands)), seconds(took))
		}
	}
	switch one := r.goals.one; one.first {
	case 0:
	case one.known:
		add("The stop of one instance takes %d calls with refresh and plan.", one.first)
	default:
		add("The stop of one instance takes %d calls with refresh and plan, and %d when the resource has stopped it before.",
			one.first, one.known)
	}
	for _, n := range r.notices {
		if n.length == time.Minute && !n.first {
			add("When a stop takes a minute and the resource has stopped the instance before, its end is noticed "+
				"after %s, with %d reads.",
				seconds(quantile(n.alone, 50)), n.readsAlone)
		}
	}
	if all := r.like(true, largestFleet); len(all) > 0 {
		most := highest(all, func(r result) int { return int(r.memory) })
		add("The provider holds at most %s of memory for a fleet of 10,000.", mebibytes(int64(most)))
	}
	if len(sentences) == 0 {
		return ""
	}
	return "<!-- figures -->\n" + strings.Join(sentences, "\n") + "\n<!-- /figures -->\n\n"
}

// like returns the results about n instances that were good: fleets, or as many single
// resources at a time.
func (r *report) like(fleet bool, n int) []result {
	var out []result
	for _, got := range r.results {
		if got.err == nil && got.fleet == fleet && got.n == n && (fleet || got.parallelism == n) {
			out = append(out, got)
		}
	}
	return out
}

// span is the least and the most of a figure.
func span(of []result, figure func(result) int) string {
	least, most := figure(of[0]), highest(of, figure)
	for _, r := range of {
		least = min(least, figure(r))
	}
	if least == most {
		return fmt.Sprint(most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func highest(of []result, figure func(result) int) int {
	most := figure(of[0])
	for _, r := range of {
		most = max(most, figure(r))
	}
	return most
}
