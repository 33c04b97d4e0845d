package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module writes a module with one function, its test and a list of mutations, and
// returns its root.
func module(t *testing.T, list string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n",
		"m.go": `package m

// Twice returns n twice over.
func Twice(n int) int {
	twice := n * 2
	return twice
}
`,
		"m_test.go": `package m

import "testing"

func TestTwice(t *testing.T) {
	if got := Twice(3); got != 6 {
		t.Errorf("got %d, want 6", got)
	}
}

func TestTwiceTwo(t *testing.T) {
	if got := Twice(2); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
}

func TestThatFails(t *testing.T) { t.Error("always") }
`,
		"list.txt": list,
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func entry(name, caught, old, now string) string {
	return "## " + name + "\nfile: m.go\ncaught by: " + caught + "\n<<<<\n" + old + "\n====\n" + now + "\n>>>>\n"
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list string
		want string // in what is printed, or in the error
		fail bool
	}{
		"a bug that its test catches": {
			list: entry("plus for times", ". TestTwice", "n * 2", "n + 2"),
			want: "caught      plus for times: `TestTwice`",
		},
		"a bug that its test does not catch": {
			list: entry("plus for times", ". TestTwiceTwo", "n * 2", "n + 2"),
			want: "NOT CAUGHT  plus for times: the test " +
				"passes", fail: true,
		},
		"a bug that does not compile": {
			list: entry("a letter", ". TestTwice", "n * 2", "m * 2"), want: "it does not compile", fail: true,
		},
		"a text that is not there": {
			list: entry("gone", ". TestTwice", "n * 3", "n * 4"), want: "does not contain the text", fail: true,
		},
		"a text that is there twice": {
			list: entry("twice", ". TestTwice", "twice", "thrice"), want: "the text to replace 3 times", fail: true,
		},
		"a test that fails without the bug": {
			list: entry("plus for times", ". TestThatFails", "n * 2", "n + 2"), want: "fails without any bug",
			fail: true,
		},
		"a test that does not exist": {
			list: entry("plus for times", ". TestNothing", "n * 2", "n + 2"), want: "fails without any bug", fail: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := run(t.Context(), &out, options{root: module(t, test.list), list: "list.txt", table: true})
			if err != nil {
				out.WriteString(err.Error())
			}
			if failed := err != nil; failed != test.fail || !strings.Contains(out.String(), test.want) {
				t.Errorf("got the error %v and\n%s\nwant %q", err, out.String(), test.want)
			}
		})
	}
}
