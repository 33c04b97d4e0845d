package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parse(`A comment.

## a sign is lost
file: a/b.go
caught by: ./a TestB
<<<<
	x := -1
====
	x := 1
>>>>

Another comment.

## a line is lost
file: a/c.go
caught by: model
<<<<
	y()
	z()
====
	y()
>>>>
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []mutation{
		{
			name: "a sign is lost", file: "a/b.go", old: "\tx := -1", now: "\tx := 1",
			caught: catcher{pkg: "./a", test: "TestB"},
		},
		{name: "a line is lost", file: "a/c.go", old: "\ty()\n\tz()", now: "\ty()", caught: catcher{model: true}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(mutation{}, catcher{})); diff != "" {
		t.Errorf("unlike what was wanted (-) is (+):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const body = "<<<<\na\n====\nb\n>>>>\n"
	for name, test := range map[string]struct{ text, want string }{
		"a mutation without a file":    {"## a\ncaught by: model\n" + body, "names no file"},
		"a mutation that none catches": {"## a\nfile: a.go\n" + body, "what catches it"},
		"a package without a test":     {"## a\nfile: a.go\ncaught by: ./a\n" + body, "what catches it"},
		"a mutation without a change": {
			"## a\nfile: a.go\ncaught by: model\n<<<<\na\n====\na\n>>>>\n",
			"changes nothing",
		},
		"a mutation without an end": {"## a\nfile: a.go\ncaught by: model\n<<<<\na\n====\nb\n", "has no end"},
		"a line that is nothing":    {"## a\nfiel: a.go\n" + body, `"fiel: a.go" is not part`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestTheListFitsTheCode finds a mutation that a change of the code has left
// behind, without planting it.
func TestTheListFitsTheCode(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	mutations, err := read("mutations.txt", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(mutations) < 15 {
		t.Errorf("the list has %d mutations, want 15 or more", len(mutations))
	}
	for _, m := range mutations {
		if _, err := m.apply(root); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}
