// Command fuzz runs every fuzz target of the packages that it is given, as many at a
// time as there are processors, each for its share of a time. It ends at the first
// target that finds an input that fails; "go test" keeps that input in testdata/fuzz
// beside the test, and every later run of the tests tries it again.
//
//	fuzz [-time 10m | -each 3s] [-corpus FOLDER] [PACKAGE...]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// least is the shortest time for a target: the first second goes to the corpus.
const least = time.Second

func main() {
	o := options{workers: runtime.GOMAXPROCS(0)}
	flag.StringVar(&o.corpus, "corpus", "",
		"`folder` of the inputs that reached new code so far (default that of \"go test\")")
	flag.DurationVar(&o.total, "time", 10*time.Minute, "`time` for all targets together")
	flag.DurationVar(&o.each, "each", 0, "`time` for each target, in place of its share of -time")
	flag.Parse()
	program.Main("fuzz", func(ctx context.Context) error { return run(ctx, os.Stdout, o, flag.Args()) })
}

type options struct {
	total, each time.Duration
	workers     int // how many targets run at a time
	corpus      string
}

// share is the time for each of n targets.
func (o options) share(n int) time.Duration {
	if o.each > 0 {
		return o.each
	}
	atOnce := min(o.workers, n)
	return max(least, (o.total * time.Duration(atOnce) / time.Duration(n)).Round(time.Second))
}

func run(ctx context.Context, w io.Writer, o options, patterns []string) error {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	packages, err := find(ctx, patterns)
	if err != nil {
		return err
	}
	n := 0
	for _, p := range packages {
		n += len(p.targets)
	}
	if n == 0 {
		return fmt.Errorf("no fuzz target in %s", strings.Join(patterns, " "))
	}
	share := o.share(n)
	fmt.Fprintf(w, "%d targets, %s each\n", n, share)

	folder, err := os.MkdirTemp("", "fuzz-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if o.corpus == "" {
		if o.corpus, err = usualCorpus(ctx); err != nil {
			return err
		}
	}
	if err := runAll(ctx, w, packages, folder, share, o); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d targets found no failure\n", n)
	return nil
}

// runAll builds the packages one after the other, and meanwhile runs the targets of
// those that are built. The first failure interrupts what is running.
func runAll(
	ctx context.Context, w io.Writer, packages []testPackage, folder string, share time.Duration, o options,
) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	targets := make(chan func() (report string, err error))
	var printing sync.Mutex
	var running sync.WaitGroup
	for range o.workers {
		running.Go(func() {
			for fuzz := range targets {
				report, err := fuzz()
				if ctx.Err() != nil {
					continue // It was interrupted, or not begun.
				}
				printing.Lock()
				fmt.Fprint(w, report)
				printing.Unlock()
				if err != nil {
					fail(err)
				}
			}
		})
	}
	for i, p := range packages {
		binary, err := p.build(ctx, folder, i)
		if err != nil {
			fail(err)
			break
		}
		for _, name := range p.targets {
			targets <- func() (string, error) { return p.fuzz(ctx, binary, o.corpus, name, share) }
		}
	}
	close(targets)
	running.Wait()
	return context.Cause(ctx)
}
