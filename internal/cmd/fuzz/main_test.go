package main

import (
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
		"targets share the time":       {options{total: 10 * time.Minute}, 20, 30 * time.Second},
		"a share is at least a second": {options{total: time.Second}, 20, time.Second},
		"a time for each goes before the shares": {
			options{total: 10 * time.Minute, each: 3 * time.Second}, 20, 3 * time.Second,
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
