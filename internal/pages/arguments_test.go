package pages

import (
	"path"
	"regexp"
	"slices"
	"testing"
)

var (
	purposes = regexp.MustCompile(`(?s)## Arguments by purpose\n(.*?)\n## Schema\n(.*?)\n### Read-Only\n`)
	argument = regexp.MustCompile("(?m)^- `([a-z_]+)`")
	inCode   = regexp.MustCompile("`([a-z_]+)`")
	// warning is a callout about what can cost data or money, to the end of its paragraph.
	warning = regexp.MustCompile(`(?ms)^[~!]>.*?\n\n`)
	warned  = regexp.MustCompile("`([a-z_]+)(?: = [^`]*)?`")
)

// The generated list of arguments is in the order of the alphabet. The table above it
// puts those that belong together into one row, and leaves none out.
func TestArgumentsByPurposeAreAllArguments(t *testing.T) {
	t.Parallel()
	tables := 0
	for name, p := range pages(t) {
		if path.Dir(name) != "docs/resources" {
			continue
		}
		tables++
		table := purposes.FindStringSubmatch(p.prose)
		if table == nil {
			t.Errorf("%s has no table of arguments by purpose", name)
			continue
		}
		if got, want := names(inCode, table[1]), names(argument, table[2]); !slices.Equal(got, want) {
			t.Errorf("%s: the table has the arguments %q, want %q", name, got, want)
		}
	}
	if tables != 2 {
		t.Errorf("found %d resources, want 2", tables)
	}
}

// A warning on a page of the reference names arguments that are on the page.
func TestWarningsNameArgumentsOfTheirPage(t *testing.T) {
	t.Parallel()
	warnings := 0
	for name, p := range pages(t) {
		if !slices.Contains([]string{"docs/resources", "docs/data-sources", "docs/actions"}, path.Dir(name)) {
			continue
		}
		own := names(argument, p.prose)
		for _, text := range warning.FindAllString(p.prose, -1) {
			for _, found := range names(warned, text) {
				warnings++
				if !slices.Contains(own, found) {
					t.Errorf("%s warns of %s, which is no argument there", name, found)
				}
			}
		}
	}
	if warnings < 5 {
		t.Errorf("found %d arguments in warnings, which cannot be all", warnings)
	}
}

// names are the names that an expression finds in a text, sorted, each once.
func names(in *regexp.Regexp, text string) []string {
	var all []string
	for _, match := range in.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}
