// Command fuzz runs every fuzz target of the packages that it is given, one after
// the other, each for its share of a time. It ends at the first target that finds
// an input that fails; "go test" keeps that input in testdata/fuzz beside the test,
// and every later run of the tests tries it again.
//
//	fuzz [-time 10m | -each 3s] [PACKAGE...]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// least is the shortest time for a target: the first second goes to the corpus.
const least = time.Second

func main() {
	var o options
	flag.DurationVar(&o.total, "time", 10*time.Minute, "`time` for all targets together")
	flag.DurationVar(&o.each, "each", 0, "`time` for each target, in place of its share of -time")
	flag.Parse()
	program.Main("fuzz", func(ctx context.Context) error { return run(ctx, os.Stdout, o, flag.Args()) })
}

type options struct {
	total, each time.Duration
}

// share is the time for each of n targets.
func (o options) share(n int) time.Duration {
	if o.each > 0 {
		return o.each
	}
	return max(least, (o.total / time.Duration(n)).Round(time.Second))
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
	cache, err := corpus(ctx)
	if err != nil {
		return err
	}
	for _, p := range packages {
		binary := filepath.Join(folder, "fuzz.test")
		if err := p.build(ctx, binary); err != nil {
			return err
		}
		for _, target := range p.targets {
			fmt.Fprintf(w, "-- %s %s\n", p.path, target)
			if err := p.fuzz(ctx, w, binary, cache, target, share); err != nil {
				return fmt.Errorf("%s %s: %w", p.path, target, err)
			}
		}
	}
	fmt.Fprintf(w, "%d targets found no failure\n", n)
	return nil
}

// corpus returns the folder in which "go test -fuzz" keeps the inputs that reach
// new code, so that the next run starts from them.
func corpus(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOCACHE: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "fuzz"), nil
}

// build compiles the tests of the package with what fuzzing needs to know which
// code an input reached. They are built once for all targets of the package.
func (p testPackage) build(ctx context.Context, binary string) error {
	build := program.NewGoCommand(ctx, filepath.Dir(binary), "test", "-c", "-fuzz", ".", "-o", binary, p.path)
	if out, err := build.Text(); err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", p.path, err, out)
	}
	return nil
}

// fuzz runs one target of the package.
func (p testPackage) fuzz(
	ctx context.Context, w io.Writer, binary, cache, target string, share time.Duration,
) error {
	test := program.NewCommand(ctx, binary,
		"-test.run", "^$", "-test.fuzz", "^"+target+"$", "-test.fuzztime", share.String(),
		"-test.fuzzcachedir", filepath.Join(cache, filepath.FromSlash(p.path)), "-test.paniconexit0")
	test.Dir = p.dir // where testdata is
	test.Stdout, test.Stderr = w, w
	code, err := test.Run(nil)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return err
}
