package pages

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	printed = regexp.MustCompile(`(?s)<!-- figures -->\n(.*?)\n<!-- /figures -->`)
	quoted  = regexp.MustCompile(`(?s)The\s+\[benchmark\]\([^)]*\)\s+counts\s+them:\s+"([^"]*\.)"`)
	counted = regexp.MustCompile(`\d[\d,]* (stop calls|start calls|reads|describe calls)`)
)

// A figure of calls on a page is in a sentence that the benchmark printed.
func TestFiguresWerePrintedByTheBenchmark(t *testing.T) {
	t.Parallel()
	all := pages(t)
	found := printed.FindStringSubmatch(all["docs/guides/benchmarks.md"].text)
	if found == nil {
		t.Fatal("the page of the benchmark has no figures in sentences")
	}
	sentences := strings.Split(found[1], "\n")
	readme := all["README.md"].prose
	quotes := quoted.FindAllStringSubmatch(readme, -1)
	if len(quotes) == 0 {
		t.Error("the README quotes no figure of the benchmark")
	}
	for _, quote := range quotes {
		if sentence := strings.Join(strings.Fields(quote[1]), " "); !slices.Contains(sentences, sentence) {
			t.Errorf("the README quotes %q, which is not in the page of the benchmark", sentence)
		}
		readme = strings.ReplaceAll(readme, quote[1], "")
	}
	for name, p := range all {
		if !forUsers(name) || name == "docs/guides/benchmarks.md" {
			continue
		}
		text := p.prose
		if name == "README.md" {
			text = readme
		}
		for _, figure := range counted.FindAllString(text, -1) {
			t.Errorf("%s has %q, which is no sentence of the benchmark", name, figure)
		}
	}
}
