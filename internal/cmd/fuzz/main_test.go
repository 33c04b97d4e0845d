package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFindReadsTheTargetsOfAPackage(t *testing.T) {
	t.Parallel()
	packages, err := find(t.Context(), []string{"../../schedule", "../skipreport"})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 1 {
		t.Fatalf("got %d packages with fuzz targets, want 1: %+v", len(packages), packages)
	}
	p := packages[0]
	if !strings.HasSuffix(p.path, "/internal/schedule") || !slices.Contains(p.targets, "FuzzSchedule") {
		t.Errorf("got %+v, want FuzzSchedule of package schedule", p)
	}
}

func TestFindRefusesAPackageThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := find(t.Context(), []string{"./nowhere"}); err == nil {
		t.Error("got no error, want one")
	}
}

// folderOf makes a module with one package of fuzz targets, and enters it.
func folderOf(t *testing.T, targets string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":       "module example.org/fuzzed\n\ngo 1.25\n",
		"fuzz_test.go": "package fuzzed\n\nimport \"testing\"\n\n" + targets,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

const finds = `func FuzzFinds(f *testing.F) {
	f.Add("a")
	f.Fuzz(func(t *testing.T, s string) {
		if s != "a" {
			t.Error("another input")
		}
	})
}
`

const findsNothing = `func FuzzFindsNothing(f *testing.F) {
	f.Fuzz(func(*testing.T, string) {})
}
`

// It compiles all that it fuzzes, which takes some seconds.
func TestRunCountsTheInputs(t *testing.T) { //nolint:paralleltest // It changes the folder.
	folderOf(t, findsNothing)
	var out strings.Builder
	if err := run(t.Context(), &out, options{each: time.Second, workers: 2, corpus: t.TempDir()}, nil); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	want := regexp.MustCompile(`^1 targets, 1s each
example.org/fuzzed FuzzFindsNothing: [1-9][0-9]* inputs
1 targets found no failure
$`)
	if !want.MatchString(out.String()) {
		t.Errorf("got %q, want it to match %q", &out, want)
	}
}

// The targets that run beside the one that fails end with it, long before their time.
func TestRunEndsAtTheFirstFailure(t *testing.T) { //nolint:paralleltest // It changes the folder.
	folderOf(t, findsNothing+finds)
	var out strings.Builder
	err := run(t.Context(), &out, options{each: time.Hour, workers: 2, corpus: t.TempDir()}, nil)
	if got, want := errorText(err), "example.org/fuzzed FuzzFinds: exit code 1"; got != want {
		t.Errorf("error: got %q, want %q", got, want)
	}
	for _, want := range []string{"another input", "Failing input written to testdata/fuzz/FuzzFinds/"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q in it", &out, want)
		}
	}
	if strings.Contains(out.String(), "FindsNothing") {
		t.Errorf("got %q, want nothing of the target that was interrupted", &out)
	}
	kept, err := os.ReadDir("testdata/fuzz/FuzzFinds")
	if err != nil || len(kept) != 1 {
		t.Errorf("got %v, %v, want the input that fails", kept, err)
	}
}

func TestEndedLate(t *testing.T) {
	t.Parallel()
	const progress = "fuzz: elapsed: 3s, execs: 40304 (0/sec), new interesting: 104 (total: 108)\n"
	tests := map[string]struct {
		out  string
		want bool
	}{
		"its time ended": {progress + "--- FAIL: FuzzA (3.20s)\n    context deadline exceeded\nFAIL\n", true},
		"a test says so": {
			progress + "--- FAIL: FuzzA (0.20s)\n    --- FAIL: FuzzA (0.00s)\n        a_test.go:9: context deadline exceeded\n" +
				"    \n    Failing input written to testdata/fuzz/FuzzA/1\nFAIL\n",
			false,
		},
		"an input fails as well": {
			"--- FAIL: FuzzA (3.20s)\n    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzA/1\nFAIL\n",
			false,
		},
		"it was killed": {progress, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := endedLate(test.out); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestRunRefusesPackagesWithoutATarget(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), &strings.Builder{}, options{total: time.Minute}, []string{"../skipreport"})
	if got, want := errorText(err), "no fuzz target in ../skipreport"; got != want {
		t.Errorf("error: got %q, want %q", got, want)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		o    options
		n    int
		want time.Duration
	}{
		"targets share the time":       {options{total: 10 * time.Minute, workers: 1}, 20, 30 * time.Second},
		"two run at a time":            {options{total: 10 * time.Minute, workers: 2}, 20, time.Minute},
		"one has no other beside it":   {options{total: 10 * time.Minute, workers: 2}, 1, 10 * time.Minute},
		"a share is at least a second": {options{total: time.Second, workers: 1}, 20, time.Second},
		"a time for each goes before the shares": {
			options{total: 10 * time.Minute, each: 3 * time.Second, workers: 2}, 20, 3 * time.Second,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.o.share(test.n); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
