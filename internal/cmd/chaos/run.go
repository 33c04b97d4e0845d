package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// result is what became of a scenario.
type result struct {
	scenario

	service  string
	happened bool          // before the apply had ended
	code     int           // of the disturbed apply
	left     time.Duration // until no process of the provider was left
	err      error
}

// report is all results.
type report struct {
	results []result
	cli     string
	date    time.Time
	took    time.Duration
}

// run plays all scenarios. Those of a service follow each other, and those of
// different services are played at the same time. An error is that it could not go
// on; that of a scenario is in its result.
func run(ctx context.Context, o options, progress io.Writer) (r *report, err error) {
	folder, err := os.MkdirTemp("", "instance-chaos-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	// A process that is killed leaves its socket behind. The path of one must be short.
	sockets := filepath.Join(folder, "t")
	if err := os.Mkdir(sockets, 0o700); err != nil {
		return nil, err
	}
	o.environment = append(slices.Clone(o.environment), "TMPDIR="+sockets)
	r = &report{date: time.Now()}
	services := localcloud.Services()
	if err := terraform.CanListProcesses(); err != nil {
		return nil, err
	}
	if err := terraform.Build(ctx, o.root, filepath.Join(folder, builtFolder)); err != nil {
		return nil, err
	}

	var mu sync.Mutex
	var all sync.WaitGroup
	atOnce := make(chan struct{}, o.atOnce)
	var left atomic.Int64
	left.Store(int64(o.runs))
	keep := func(got result) {
		mu.Lock()
		defer mu.Unlock()
		r.results = append(r.results, got)
		if !got.happened && got.err == nil {
			left.Add(1)
		}
		if got.err != nil {
			fmt.Fprintf(progress, "seed %d, %s, %s: %s\n", got.seed, got.service, got.kind, got.err)
		} else if n := len(r.results); n%10 == 0 {
			fmt.Fprintf(progress, "%d applies, %d to go\n", n, max(0, left.Load()))
		}
	}
	var errs []error
	for i := range min(o.runs, len(services)) {
		all.Go(func() {
			err := playAll(ctx, o, i, folder, &left, atOnce, keep)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	all.Wait()
	r.took = time.Since(r.date)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	runner := terraform.Runner{Path: o.cli, Environment: terraform.Environment(o.environment, "CHECKPOINT_DISABLE=1")}
	r.cli, err = runner.Version(ctx, folder)
	return r, err
}

// playAll plays the scenarios of one service, beginning with the first one, until none
// is left to be disturbed. A seed has its service, whichever run it is.
func playAll(
	ctx context.Context, o options, first int, folder string, left *atomic.Int64, atOnce chan struct{},
	keep func(result),
) (err error) {
	services := localcloud.Services()
	step := len(services)
	service := services[(o.seed+uint64(first))%uint64(step)] //nolint:gosec // Both are small.
	permit := func(f func()) {
		atOnce <- struct{}{}
		defer func() { <-atOnce }()
		f()
	}
	var c *chain
	permit(func() {
		c, err = newChain(ctx, service, o, folder)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for n := first; left.Load() > 0 && ctx.Err() == nil; n += step {
		seed := o.seed + uint64(n) //nolint:gosec // It is not negative.
		permit(func() {
			// A run that nothing happens to gives it back, and its chain goes on.
			if left.Add(-1) < 0 {
				left.Add(1)
				return
			}
			if err = c.begin(ctx, newScenario(seed-uint64(step))); err == nil { //nolint:gosec // It is not negative.
				keep(c.play(ctx, newScenario(seed)))
			}
		})
		if err != nil {
			return fmt.Errorf("before the first run on %s: %w", service.Name(), err)
		}
	}
	return nil
}

// failures counts the scenarios after which something was wrong.
func (r *report) failures() int {
	n := 0
	for _, one := range r.results {
		if one.err != nil {
			n++
		}
	}
	return n
}

// markdown is the report.
func (r *report) markdown() string {
	var b strings.Builder
	disturbed := 0
	for _, one := range r.results {
		if one.happened {
			disturbed++
		}
	}
	fmt.Fprintf(&b, "%d applies were disturbed on %s, with %s, in %s: %d failed.\n\n", disturbed,
		r.date.Format(time.DateOnly), r.cli, r.took.Round(time.Second), r.failures())
	b.WriteString("| what happened | disturbed applies | of which failed | provider ended within | wrong afterwards |\n")
	b.WriteString("| --- | --- | --- | --- | --- |\n")
	for k := range kinds {
		var n, failed, wrong int
		var left time.Duration
		for _, one := range r.results {
			if one.kind != k || !one.happened && one.err == nil {
				continue
			}
			n++
			if one.code != 0 {
				failed++
			}
			if one.err != nil {
				wrong++
			}
			left = max(left, one.left)
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s s | %d |\n", k, n, failed,
			strconv.FormatFloat(left.Seconds(), 'f', 1, 64), wrong)
	}
	return b.String()
}
