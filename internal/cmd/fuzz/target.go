package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// usualCorpus returns the folder in which "go test -fuzz" keeps the inputs that reach
// new code, so that the next run starts from them.
func usualCorpus(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOCACHE: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "fuzz"), nil
}

// build compiles the tests of the package, the n-th of all, with what fuzzing needs to
// know which code an input reached. They are built once for all targets of the package.
func (p testPackage) build(ctx context.Context, folder string, n int) (binary string, err error) {
	binary = filepath.Join(folder, strconv.Itoa(n)+".test")
	build := program.NewGoCommand(ctx, folder, "test", "-c", "-fuzz", ".", "-o", binary, p.path)
	if out, err := build.Text(); err != nil {
		return "", fmt.Errorf("build the tests of %s: %w\n%s", p.path, err, out)
	}
	return binary, nil
}

// shorten is the longest time that a target spends on making shorter one input that
// reached new code or failed. Go's own limit of a minute can eat the whole share of a
// target whose coverage varies between two runs of an input, as with goroutines.
const shorten = 100 * time.Millisecond

// fuzz runs one target of the package, with one worker, and reports what it did: the
// number of inputs that it ran, or all that it printed if it failed.
func (p testPackage) fuzz(
	ctx context.Context, binary, corpus, target string, share time.Duration,
) (report string, err error) {
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	test := program.NewCommand(ctx, binary,
		"-test.run", "^$", "-test.fuzz", "^"+target+"$", "-test.fuzztime", share.String(),
		"-test.fuzzminimizetime", shorten.String(), "-test.parallel", "1",
		"-test.fuzzcachedir", filepath.Join(corpus, filepath.FromSlash(p.path)), "-test.paniconexit0")
	test.Dir = p.dir // where testdata is
	out, err := test.Text()
	if err != nil && !endedLate(out) {
		return out, fmt.Errorf("%s %s: %w", p.path, target, err)
	}
	return fmt.Sprintf("%s %s: %s inputs\n", p.path, target, inputs(out)), nil
}

// late is all that a target reports if its time ends in the middle of an input: with
// bad luck, package testing of Go before 1.27 takes the end of the time for a failure
// (https://go.dev/issue/75804). An input that fails is named, and so is a line of the
// test that reports one.
var late = regexp.MustCompile(`(?m)^--- FAIL: \w+ \([0-9.]+s\)\n {4}context deadline exceeded\nFAIL\n?\z`)

// endedLate reports whether a target that failed has found nothing.
func endedLate(out string) bool { return late.MatchString(out) }

// execs is how "go test" counts the inputs so far.
var execs = regexp.MustCompile(`execs: ([0-9]+) `)

// inputs is how many inputs a target ran, as its last line of progress says. The first of
// them are those that it has.
func inputs(out string) string {
	all := execs.FindAllStringSubmatch(out, -1)
	if len(all) == 0 {
		return "no"
	}
	return all[len(all)-1][1]
}
