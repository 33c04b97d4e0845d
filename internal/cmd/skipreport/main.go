// Command skipreport ends a run of the tests: it reads the events of each leg
// (test2json, one file a leg) and prints every test that was skipped, by name and
// with its reason, and then which legs ran. Running the tests and showing their
// failures is left to gotestsum.
//
//	skipreport [-require-all] LABEL=FILE...
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// unitLabel is the leg that needs no CLI.
const unitLabel = "unit tests"

func main() {
	requireAll := flag.Bool("require-all", false, "fail if a test of the CLI legs was skipped in each of them")
	flag.Parse()
	if err := run(os.Stdout, flag.Args(), *requireAll); err != nil {
		fmt.Fprintln(os.Stderr, "skipreport:", err)
		os.Exit(1)
	}
}

// run reports the legs that args name on w. The error says what the tests
// themselves cannot: a leg without a test, a test that no leg ran.
func run(w io.Writer, args []string, requireAll bool) error {
	var legs []leg
	for _, arg := range args {
		label, path, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q is not of the form LABEL=FILE", arg)
		}
		file, err := os.Open(path) //nolint:gosec // The user of the program names the file.
		if err != nil {
			return err
		}
		l, err := readLeg(label, file)
		_ = file.Close() // It was only read.
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		legs = append(legs, l)
	}

	printSkips(w, legs)
	printLegs(w, legs)

	for _, l := range legs {
		if l.ran()+len(l.skips) == 0 {
			return fmt.Errorf("%s: no test ran", l.label)
		}
	}
	if missed := skippedEverywhere(legs); requireAll && len(missed) > 0 {
		return fmt.Errorf("skipped on every CLI: %s", strings.Join(missed, ", "))
	}
	return nil
}

// printSkips lists the skipped tests of each leg.
func printSkips(w io.Writer, legs []leg) {
	none := true
	for _, l := range legs {
		if len(l.skips) == 0 {
			continue
		}
		none = false
		fmt.Fprintf(w, "skipped, %s:\n", l.label)
		for _, s := range l.skips {
			fmt.Fprintf(w, "  %s: %s\n", s.name, s.reason)
		}
	}
	if none {
		fmt.Fprintln(w, "skipped: nothing")
	}
}

// printLegs prints a line for the unit tests and one that names the CLIs.
func printLegs(w io.Writer, legs []leg) {
	var clis []string
	for _, l := range legs {
		counts := fmt.Sprintf("%d passed, %d failed, %d skipped", l.passed, l.failed, len(l.skips))
		if l.label == unitLabel {
			fmt.Fprintf(w, "unit tests: %s\n", counts)
			continue
		}
		clis = append(clis, fmt.Sprintf("%s (%s)", l.label, counts))
	}
	if len(clis) == 0 {
		fmt.Fprintln(w, "whole-provider tests: not run")
		return
	}
	fmt.Fprintf(w, "whole-provider tests ran on %s\n", strings.Join(clis, ", "))
}

// skippedEverywhere returns the tests that were skipped in a CLI leg and ran in
// none: not every leg runs every test.
func skippedEverywhere(legs []leg) []string {
	var missed []string
	for _, l := range legs {
		if l.label == unitLabel {
			continue
		}
		for _, s := range l.skips {
			ran := slices.ContainsFunc(legs, func(other leg) bool { return other.label != unitLabel && other.names[s.name] })
			if !ran && !slices.Contains(missed, s.name) {
				missed = append(missed, s.name)
			}
		}
	}
	return missed
}
