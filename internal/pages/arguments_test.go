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

// names are the names that an expression finds in a text, sorted, each once.
func names(in *regexp.Regexp, text string) []string {
	var all []string
	for _, match := range in.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}
