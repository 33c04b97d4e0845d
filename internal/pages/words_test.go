package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// instead are words that have a plain or a standard term in this project. What
// people read has none of them: pages, descriptions, messages.
var instead = []struct {
	word *regexp.Regexp
	term string
}{
	{
		word(`(a|the|one|each|last|next|second|closer|quick) looks?`, `looks? at`, `looked at`, `glances?`, `sightings?`),
		"observation, read",
	},
	{word(`wish(es)?`, `what is wanted`, `what was asked for`, `what is asked for`), "target, declared state"},
	{word(`watchers?`, `poked?`), "poller"},
	{word(`lanes?`, `lulls?`, `ripe`, `sealed`), "batch, idle window"},
	{word(`buckets?`), "limiter"},
	{word(`misread`), "fault"},
	{word(`gist`, `lateness`), "split key"},
	{word(`traffic`, `foresee`, `foreseen`, `foresaw`), "expected writes"},
	{word(`survey`, `outlooks?`, `tally`), "plan summary, progress"},
	{word(`scrub(s|bed)?`), "redact"},
	{word(`bubbles?`), "fake time"},
	{word(`nobody`), "the thing that is meant"},
	{word(`mended`, `for want of`, `declared anew`, `at last`, `for ever`), "plain English"},
	{word(`may only look`, `no way out`, `asks nobody`, `what it came to`), "plain English"},
}

func word(forms ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(` + strings.Join(forms, "|") + `)\b`)
}

// forUsers tells the pages that users read from those of the maintainers.
func forUsers(name string) bool {
	return strings.HasPrefix(name, "docs/") || strings.HasPrefix(name, "examples/") || name == "README.md"
}

// comments are the lines of a snippet that are prose.
var comments = regexp.MustCompile(`(?m)^\s*#.*$`)

func TestPagesUseTheTermsOfTheField(t *testing.T) {
	t.Parallel()
	for name, p := range pages(t) {
		if !forUsers(name) {
			continue
		}
		report(t, name, p.prose)
		for _, b := range p.blocks {
			if b.language != "text" {
				report(t, name, strings.Join(comments.FindAllString(b.text, -1), "\n"))
			}
		}
	}
}

// Messages are string literals that hold a sentence: they have a space.
func TestMessagesUseTheTermsOfTheField(t *testing.T) {
	t.Parallel()
	literals := 0
	for _, folder := range []string{
		"backend", "credentials", "dispatch", "powerstate", "provider", "renewing", "schedule",
	} {
		err := filepath.WalkDir(filepath.Join(root, "internal", folder), func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			source, err := os.ReadFile(name) //nolint:gosec // A file of the repository.
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, is := n.(*ast.BasicLit)
				if !is || literal.Kind != token.STRING {
					return true
				}
				if text, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(text, " ") {
					literals++
					report(t, name, text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if literals < 500 {
		t.Errorf("found %d messages, which cannot be all", literals)
	}
}

func report(t *testing.T, name, text string) {
	t.Helper()
	for _, i := range instead {
		for _, found := range i.word.FindAllStringIndex(text, -1) {
			from, to := max(0, found[0]-30), min(len(text), found[1]+30)
			t.Errorf("%s: %q: write %s", name, text[from:to], i.term)
		}
	}
}
