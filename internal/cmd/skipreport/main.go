// Command skipreport ends a run of the tests: it reads the events of each leg
// (test2json, one file a leg) and prints the tests that were skipped, by name and
// with the reason, and then the number of tests of each leg. Running the tests and
// showing their failures is left to gotestsum.
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
	"time"
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

// run reports the legs that args name on w. The error is one that the tests
// themselves cannot report: a leg without a test, a test that no leg ran.
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

// printSkips lists the skipped tests of each leg. Subtests of one test that were
// skipped for the same reason share a line.
func printSkips(w io.Writer, legs []leg) {
	none := true
	for _, l := range legs {
		if len(l.skips) == 0 {
			continue
		}
		none = false
		fmt.Fprintf(w, "skipped, %s:\n", l.label)
		for _, line := range joinSkips(l.skips) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	if none {
		fmt.Fprintln(w, "skipped: nothing")
	}
}

// joinSkips returns the lines of the skips, in the order of the first of each.
func joinSkips(skips []skip) []string {
	type key struct{ test, reason string }
	var order []key
	names := make(map[key][]string)
	for _, s := range skips {
		test, _, _ := strings.Cut(s.name, "/")
		k := key{test, s.reason}
		if len(names[k]) == 0 {
			order = append(order, k)
		}
		names[k] = append(names[k], s.name)
	}
	lines := make([]string, 0, len(order))
	for _, k := range order {
		name := names[k][0]
		if n := len(names[k]); n > 1 {
			name = fmt.Sprintf("%s (%d subtests)", k.test, n)
		}
		lines = append(lines, name+": "+k.reason)
	}
	return lines
}

// printLegs prints a line for each leg, and one for the sum of several.
func printLegs(w io.Writer, legs []leg) {
	passed, failed, skipped := 0, 0, 0
	for _, l := range legs {
		kind := "end-to-end tests, "
		if l.label == unitLabel {
			kind = ""
		}
		fmt.Fprintf(w, "%s%s: %s", kind, l.label, counts(l.passed, l.failed, len(l.skips)))
		if l.took() > 0 {
			fmt.Fprintf(w, ", in %s", l.took().Round(time.Second))
		}
		fmt.Fprintln(w)
		passed += l.passed
		failed += l.failed
		skipped += len(l.skips)
	}
	if len(legs) > 1 {
		fmt.Fprintf(w, "all: %s\n", counts(passed, failed, skipped))
	}
}

// counts are the numbers of a line, subtests included.
func counts(passed, failed, skipped int) string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", passed, failed, skipped)
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
