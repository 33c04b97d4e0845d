package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// bar is one provider in the chart, with the calls that an empty plan of 20 resources
// takes.
type bar struct {
	name  string
	calls int
}

// drawBenchmark draws the calls of an empty plan, of this provider and of the clouds'
// own, as the kept page of the benchmark has them.
func drawBenchmark(_ context.Context, root string) (string, error) {
	//nolint:gosec // A file of the repository.
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "benchmarks.md.tmpl"))
	if err != nil {
		return "", err
	}
	bars, err := readBars(string(page))
	if err != nil {
		return "", err
	}
	const left, top, step, most = 190, 50, 34, 520
	d := &drawing{width: left + most + 80, height: top + step*len(bars) + 10}
	d.label = "API calls of a plan of 20 resources that finds nothing to do, by provider"
	d.text(16, 26, "bold", "API calls of a plan of 20 resources that finds nothing to do")
	longest := 1
	for _, b := range bars {
		longest = max(longest, b.calls)
	}
	for i, b := range bars {
		y, class := top+i*step, "c"
		if i == 0 {
			class = "a"
		}
		d.text(left-10, y+17, "end", b.name)
		width := max(2, most*b.calls/longest)
		d.box(left, y, width, step-10, class)
		d.text(left+width+8, y+17, "bold", strconv.Itoa(b.calls))
	}
	return d.svg(style), nil
}

var (
	ownReads = regexp.MustCompile(`(?m)^\| empty plan of 20: reads +\|[^|]*\| (\d+) +\|`)
	peerHead = regexp.MustCompile(`(?m)^\| measure +\|((?: [a-z-]+ v[0-9.]+ \*? *\|)+)$`)
	peerPlan = regexp.MustCompile(`(?m)^\| empty plan of 20: time, calls +\|(.*)\|$`)
)

// readBars finds the figures in the page: this provider's first, then the others in the
// order of the table.
func readBars(page string) ([]bar, error) {
	own := ownReads.FindStringSubmatch(page)
	head, plan := peerHead.FindStringSubmatch(page), peerPlan.FindStringSubmatch(page)
	if own == nil || head == nil || plan == nil {
		return nil, errors.New("the page of the benchmark has no calls of an empty plan of 20")
	}
	calls, err := strconv.Atoi(own[1])
	if err != nil {
		return nil, err
	}
	bars := []bar{{"instance (this one)", calls}}
	names, cells := strings.Split(strings.Trim(head[1], "|"), "|"), strings.Split(plan[1], "|")
	for i, cell := range cells {
		_, text, found := strings.Cut(strings.TrimSpace(cell), ", ")
		if !found || i >= len(names) {
			continue // The tool has no plan.
		}
		if calls, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("the calls of %s: %w", names[i], err)
		}
		name, _, _ := strings.Cut(strings.TrimSpace(names[i]), " ")
		bars = append(bars, bar{name, calls})
	}
	return bars, nil
}
