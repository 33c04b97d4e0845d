package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// readPage reads the page of the documentation about this program.
func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "simulator.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// requests returns the requests that a text lists, in order, each once.
func requests(form, text string) []string {
	var all []string
	for _, match := range regexp.MustCompile(form).FindAllStringSubmatch(text, -1) {
		path, _, _ := strings.Cut(match[2], "?")
		all = append(all, match[1]+" "+strings.TrimSuffix(path, ","))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestThePageHasEachRequest(t *testing.T) {
	t.Parallel()
	want := requests(`(?m)^(GET|POST|PUT|PATCH|DELETE) +(/_simulator/v1/\S+)`, simulator.ControlHelp)
	got := requests("(?m)^\\| `(GET|POST|PUT|PATCH|DELETE) (/_simulator/v1/[^`]+)` \\|", readPage(t))
	if len(want) < 30 {
		t.Fatalf("the help lists %d requests: %v", len(want), want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-help +page):\n%s", diff)
	}
}

func TestThePageHasEachKindOfTrouble(t *testing.T) {
	t.Parallel()
	_, kinds, _ := strings.Cut(simulator.ControlHelp, "Kinds for a call as a whole")
	page := readPage(t)
	names := regexp.MustCompile(`(?m)^  ((?:[a-z_]+, )*[a-z_]+)`).FindAllStringSubmatch(kinds, -1)
	if len(names) < 20 {
		t.Fatalf("the help lists %d kinds", len(names))
	}
	for _, match := range names {
		for name := range strings.SplitSeq(match[1], ", ") {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("the page has no kind %q", name)
			}
		}
	}
}

func TestThePageHasEachFlag(t *testing.T) {
	t.Parallel()
	var usage strings.Builder
	if err := run(t.Context(), []string{"-help"}, &strings.Builder{}, &usage); err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(usage.String(), -1)
	page := readPage(t)
	for _, match := range flags {
		if !strings.Contains(page, "| `-"+match[1]) {
			t.Errorf("the page has no flag -%s", match[1])
		}
	}
	if rows := strings.Count(page, "\n| `-"); rows != len(flags) {
		t.Errorf("the page has %d flags, and the program %d", rows, len(flags))
	}
}
