package simulator

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// helpParameters returns the parameters that the help lists for each kind of trouble.
func helpParameters(t *testing.T) map[Kind][]string {
	t.Helper()
	_, text, found := strings.Cut(ControlHelp, "Kinds for a call as a whole")
	if !found {
		t.Fatal("the help has no list of kinds")
	}
	text = regexp.MustCompile(`(?s)\(.*?\)`).ReplaceAllString(text, "")
	names := []string{
		"code", "status", "message", "retry_after", "delay", "effect", "mode", "word", "late", "after",
	}
	all := map[Kind][]string{}
	entry := regexp.MustCompile(`(?m)^  ((?:[a-z_]+, )*[a-z_]+)\s+(.*)$`)
	for _, match := range entry.FindAllStringSubmatch(text, -1) {
		parameters := []string{}
		for item := range strings.FieldsFuncSeq(match[2], func(r rune) bool { return r == ',' || r == ';' }) {
			first := strings.Fields(strings.TrimPrefix(strings.TrimSpace(item), "or "))
			if len(first) > 0 && slices.Contains(names, first[0]) {
				parameters = append(parameters, first[0])
			}
		}
		for kind := range strings.SplitSeq(match[1], ", ") {
			all[Kind(kind)] = slices.Sorted(slices.Values(parameters))
		}
	}
	return all
}

func TestEachKindTakesTheParametersOfTheHelp(t *testing.T) {
	t.Parallel()
	got := map[Kind][]string{}
	for kind, names := range parametersOf() {
		got[kind] = slices.Sorted(slices.Values(append([]string{}, names...)))
	}
	if diff := cmp.Diff(helpParameters(t), got); diff != "" {
		t.Errorf("parameters (-help +taken):\n%s", diff)
	}
	shared := slices.Sorted(slices.Values(slices.Concat(exclusive, modifiers, ofInstance)))
	if diff := cmp.Diff(shared, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("kinds (-all +with parameters):\n%s", diff)
	}
}
