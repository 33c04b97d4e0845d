package provider

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// northcloud is an invented cloud.
const northcloud = "northcloud"

// key tells a place with a form of its own from all others.
func (p place) key() string { return p.at + ": " + p.what }

// with returns a copy of the tree that has the invented cloud in every place but
// one; none is left out where that is empty.
func (t tree) with(forgotten string) tree {
	grown := tree{
		files: maps.Clone(t.files), clouds: slices.Clone(t.clouds), services: slices.Clone(t.services),
		brands: maps.Clone(t.brands), read: t.read,
	}
	grown.brands[northcloud] = "Northcloud"
	for _, p := range places() {
		if p.key() != forgotten {
			p.add(&grown, northcloud)
		}
	}
	for file, parts := range t.completeByFile() {
		// The last one first, so that the others stay where they are.
		slices.SortFunc(parts, func(a, b listing) int { return b.part.end - a.part.end })
		text := grown.files[file]
		for _, l := range parts {
			if l.String() != forgotten {
				text = text[:l.part.end] + fmt.Sprintf(l.part.adding, northcloud) + text[l.part.end:]
			}
		}
		grown.files[file] = text
	}
	return grown
}

// completeByFile are the complete listings of each file.
func (t tree) completeByFile() map[string][]listing {
	files := map[string][]listing{}
	for _, l := range t.complete() {
		files[l.file] = append(files[l.file], l)
	}
	return files
}

// complete are the listings that name every cloud.
func (t tree) complete() []listing {
	all := t.all()
	return slices.DeleteFunc(t.listings(), func(l listing) bool { return len(l.named) < len(all) })
}

// TestEveryForgottenPlaceIsNoticed adds an invented cloud everywhere, and then
// everywhere but in one place, for each of them.
func TestEveryForgottenPlaceIsNoticed(t *testing.T) {
	t.Parallel()
	real := readTree(t)
	if problems := real.with("").forgotten(); len(problems) > 0 {
		t.Fatalf("with the cloud in every place:\n%s", strings.Join(problems, "\n"))
	}
	keys := map[string]string{} // the file that a message names, by place
	for _, p := range places() {
		keys[p.key()] = p.at
	}
	for _, l := range real.complete() {
		keys[l.String()] = l.file
	}
	if got := len(keys); got < len(places())+20 {
		t.Errorf("there are %d places, which is fewer than there were once", got)
	}
	for key, file := range keys {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			problems := real.with(key).forgotten()
			if len(problems) != 1 || !strings.HasPrefix(problems[0], file) || !strings.Contains(problems[0], northcloud) {
				t.Errorf("without the cloud there, the check says %q, want one line about %s", problems, file)
			}
		})
	}
}

// TestAFirstPlaceLeadsToAllOthers: whoever begins anywhere is told the rest.
func TestAFirstPlaceLeadsToAllOthers(t *testing.T) {
	t.Parallel()
	real := readTree(t)
	begun := real
	begun.files = maps.Clone(real.files)
	addFile("internal/simulator/northcloud/wire.go")(&begun, northcloud)
	begun.brands = maps.Clone(real.brands)
	begun.brands[northcloud] = "Northcloud"
	problems := begun.forgotten()
	for _, p := range places()[1:] {
		if !slices.ContainsFunc(problems, func(problem string) bool { return strings.HasPrefix(problem, p.at+": "+p.what) }) {
			t.Errorf("nothing says that there is %s", p.what)
		}
	}
	for _, l := range real.complete() {
		if !slices.ContainsFunc(problems, func(problem string) bool { return strings.HasPrefix(problem, l.String()+": ") }) {
			t.Errorf("nothing says that %s lacks the cloud", l)
		}
	}
}

var pathInBackticks = regexp.MustCompile("`((?:internal|examples|templates|\\.github)/[^`]+|[.A-Za-z]+\\.(?:md|yml))`")

// TestContributingListsEveryPlace compares the chapter about a further cloud with
// the places.
func TestContributingListsEveryPlace(t *testing.T) {
	t.Parallel()
	real := readTree(t)
	_, chapter, found := strings.Cut(real.files["CONTRIBUTING.md"], "\n## A fifth cloud\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	if !found {
		t.Fatal("there is no chapter about a fifth cloud")
	}
	var files []string
	for _, p := range places() {
		files = append(files, p.at)
	}
	for _, l := range real.complete() {
		files = append(files, l.file)
	}
	listed := map[string]bool{}
	for _, file := range files {
		listed[file] = false
	}
	for _, m := range pathInBackticks.FindAllStringSubmatch(chapter, -1) {
		pattern := m[1]
		covers := func(file string) bool {
			ok, err := path.Match(pattern, file)
			return err == nil && ok || strings.HasSuffix(pattern, "/") && strings.HasPrefix(file, pattern)
		}
		if !slices.ContainsFunc(files, covers) {
			t.Errorf("the chapter lists %s, which is no place", pattern)
		}
		for _, file := range files {
			listed[file] = listed[file] || covers(file)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(listed)) {
		if !listed[file] {
			t.Errorf("the chapter does not list %s", file)
		}
	}
}
