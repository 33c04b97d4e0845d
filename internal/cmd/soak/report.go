package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// report is what a run came to.
type report struct {
	samples   []sample
	instances int
	calls     int // that reached the clouds
	cli       string
	date      time.Time
}

// measure is one of the figures of a sample, with how much more of it there may be
// at the end than at the beginning: a number, and a share of what there was.
type measure struct {
	name, unit string
	of         func(sample) float64
	more       float64
	share      float64
}

// measures are all figures. How many connections are idle depends on how fast the
// cycles follow each other, and with it all that a connection needs.
func measures() []measure {
	return []measure{
		{"memory in use after a collection", "MiB", func(s sample) float64 { return mib(s.Heap) }, 0.5, 0.05},
		{"resident memory", "MiB", func(s sample) float64 { return mib(s.Resident) }, 4, 0.1},
		{"goroutines", "", func(s sample) float64 { return float64(s.Goroutines) }, 3, 0.15},
		{"goroutines that no connection needs", "", func(s sample) float64 {
			return float64(s.Goroutines - 2*s.connections)
		}, 3, 0},
		{"connections to the clouds", "", func(s sample) float64 { return float64(s.connections) }, 3, 0.15},
		{"file descriptors", "", func(s sample) float64 { return float64(s.Descriptors) }, 3, 0.15},
	}
}

// warmUp is the time until idle connections of the first cycles are closed and the
// memory has its size.
const warmUp = 3 * time.Minute

// counted are the samples after the warm-up, or the second half of a run that has no
// more than that.
func (r *report) counted() []sample {
	late := slices.IndexFunc(r.samples, func(s sample) bool { return s.at > warmUp })
	if late < 0 || late > len(r.samples)/2 {
		late = len(r.samples) / 2
	}
	return r.samples[late:]
}

// ends returns the median of the first and of the last third of the figures.
func (m measure) ends(samples []sample) (first, last float64) {
	third := max(1, len(samples)/3)
	return m.median(samples[:third]), m.median(samples[len(samples)-third:])
}

func (m measure) median(samples []sample) float64 {
	values := m.values(samples)
	slices.Sort(values)
	return values[len(values)/2]
}

func (m measure) values(samples []sample) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = m.of(s)
	}
	return values
}

// flat reports whether there is no more at the end than there may be.
func (m measure) flat(samples []sample) bool {
	first, last := m.ends(samples)
	return last <= first+m.more+m.share*first
}

// growing returns the names of the figures that are not flat.
func (r *report) growing() []string {
	var names []string
	for _, m := range measures() {
		if !m.flat(r.counted()) {
			names = append(names, m.name)
		}
	}
	return names
}

// markdown is the report as text.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d cycles of an apply and a plan in %s on %s, with %s: %d instances on %d clouds, %d calls.\n\n",
		len(r.samples), r.length().Round(time.Second), r.date.Format(time.DateOnly), r.cli, r.instances, len(clouds()),
		r.calls)
	b.WriteString("| one process of the provider | first third | last third | most | flat |\n")
	b.WriteString("| --- | --- | --- | --- | --- |\n")
	for _, m := range measures() {
		first, last := m.ends(r.counted())
		flat := "no"
		if m.flat(r.counted()) {
			flat = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", m.name, m.text(first), m.text(last),
			m.text(slices.Max(m.values(r.samples))), flat)
	}
	return b.String()
}

// text is a figure with its unit.
func (m measure) text(v float64) string {
	if m.unit == "" {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f %s", v, m.unit)
}

// length is the time until the last sample.
func (r *report) length() time.Duration { return r.samples[len(r.samples)-1].at }
