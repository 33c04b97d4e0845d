package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutation is one bug that is planted on purpose.
type mutation struct {
	name string
	file string // from the root of the module
	// old occurs exactly once in the file; with now in its place there is the bug.
	old, now string
	caught   catcher
}

// catcher is what must fail while the bug is there: the model check, or a test of
// a package.
type catcher struct {
	model bool
	pkg   string
	test  string
}

// String returns the catcher as the list of mutations spells it.
func (c catcher) String() string {
	if c.model {
		return "model"
	}
	return c.pkg + " " + c.test
}

// The marks of the list of mutations.
const (
	markName   = "## "
	markFile   = "file: "
	markCaught = "caught by: "
	markOld    = "<<<<"
	markNow    = "===="
	markEnd    = ">>>>"
)

// parse reads the list of mutations. Each begins with its name, and goes on as
//
//	## name
//	file: internal/package/file.go
//	caught by: model
//	<<<<
//	the text to replace
//	====
//	its replacement
//	>>>>
//
// where "caught by" names the model check or a package and a test in it. What is
// between two mutations is a comment.
func parse(text string) ([]mutation, error) {
	var all []mutation
	var one *mutation
	part := ""
	var old, now []string
	for number, line := range strings.Split(text, "\n") {
		wrong := func(what string) error { return fmt.Errorf("line %d: %s", number+1, what) }
		switch {
		case line == markEnd && part == markNow:
			one.old, one.now = strings.Join(old, "\n"), strings.Join(now, "\n")
			if err := one.check(); err != nil {
				return nil, wrong(err.Error())
			}
			all, one, part, old, now = append(all, *one), nil, "", nil, nil
		case line == markNow && part == markOld:
			part = markNow
		case part == markOld:
			old = append(old, line)
		case part == markNow:
			now = append(now, line)
		case strings.HasPrefix(line, markName) && one == nil:
			one = &mutation{name: strings.TrimPrefix(line, markName)}
		case one == nil:
		case strings.HasPrefix(line, markFile):
			one.file = strings.TrimPrefix(line, markFile)
		case strings.HasPrefix(line, markCaught):
			one.caught = parseCatcher(strings.TrimPrefix(line, markCaught))
		case line == markOld:
			part = markOld
		default:
			return nil, wrong(fmt.Sprintf("%q is not part of a mutation", line))
		}
	}
	if one != nil {
		return nil, fmt.Errorf("the mutation %q has no end", one.name)
	}
	return all, nil
}

func parseCatcher(text string) catcher {
	if text == "model" {
		return catcher{model: true}
	}
	pkg, test, _ := strings.Cut(text, " ")
	return catcher{pkg: pkg, test: test}
}

func (m *mutation) check() error {
	switch {
	case m.file == "":
		return fmt.Errorf("the mutation %q names no file", m.name)
	case !m.caught.model && (m.caught.pkg == "" || m.caught.test == ""):
		return fmt.Errorf("the mutation %q does not name what catches it", m.name)
	case m.old == m.now:
		return fmt.Errorf("the mutation %q changes nothing", m.name)
	}
	return nil
}

// apply returns the text of the file with the bug in it.
func (m *mutation) apply(root string) (string, error) {
	//nolint:gosec // The list names the file.
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	switch n := strings.Count(string(content), m.old); n {
	case 1:
		return strings.Replace(string(content), m.old, m.now, 1), nil
	case 0:
		return "", fmt.Errorf("%s does not contain the text to replace", m.file)
	default:
		return "", fmt.Errorf("%s contains the text to replace %d times", m.file, n)
	}
}

// read reads the list of mutations from a file, and leaves out those whose names
// do not contain the text.
func read(path, containing string) ([]mutation, error) {
	text, err := os.ReadFile(path) //nolint:gosec // The user of the program names the file.
	if err != nil {
		return nil, err
	}
	all, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	seen := map[string]bool{}
	for _, m := range all {
		if seen[m.name] {
			return nil, fmt.Errorf("%s: two mutations are called %q", path, m.name)
		}
		seen[m.name] = true
	}
	all = slices.DeleteFunc(all, func(m mutation) bool { return !strings.Contains(m.name, containing) })
	if len(all) == 0 {
		return nil, errors.New("no mutation has such a name")
	}
	return all, nil
}

// printTable prints the outcomes as a table in Markdown.
func printTable(w io.Writer, outcomes []outcome) {
	fmt.Fprintln(w, "| bug | caught by |")
	fmt.Fprintln(w, "| --- | --- |")
	for _, o := range outcomes {
		by := o.by
		if o.err != nil {
			by = "**not caught**: " + o.err.Error()
		}
		fmt.Fprintf(w, "| %s | %s |\n", o.name, by)
	}
}
