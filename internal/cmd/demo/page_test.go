package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const plainWarning = `
Warning: Provider development overrides are in effect

The following provider development overrides are set in the CLI
configuration:
 - instance-power/instance in /tmp/bin

The behavior may therefore not match any released version of the provider and
applying changes may cause the state to become incompatible with published
releases.
`

const boxedWarning = "\x1b[33m╷\x1b[0m\x1b[0m\n" +
	"\x1b[33m│\x1b[0m \x1b[0m\x1b[1m\x1b[33mWarning: \x1b[0m\x1b[0m\x1b[1mProvider development overrides are in " +
	"effect\x1b[0m\n" +
	"\x1b[33m│\x1b[0m \x1b[0m\n" +
	"\x1b[33m│\x1b[0m \x1b[0mapplying changes may cause the state to become incompatible with published\n" +
	"\x1b[33m│\x1b[0m \x1b[0mreleases.\n" +
	"\x1b[33m╵\x1b[0m\x1b[0m\n"

func TestPage(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"lines are set in", "one\n  two\n", "   | one\n   |   two\n"},
		{"a last line without an end is shown", "one\ntwo", "   | one\n   | two\n"},
		{"several empty lines become one, and none comes first", "\n\none\n\n\n\ntwo\n", "   | one\n   |\n   | two\n"},
		{"the plain warning is left out", "one\n" + plainWarning + "\ntwo\n", "   | one\n   |\n   | two\n"},
		{"the warning in a box is left out", "one\n" + boxedWarning + "two\n", "   | one\n   | two\n"},
		{
			"another warning is shown", "\nWarning: Forced stop planned\n\nreleases.\n",
			"   | Warning: Forced stop planned\n   |\n   | releases.\n",
		},
		{
			"another box is shown", "╷\n│ Warning: Forced stop planned\n╵\n",
			"   | ╷\n   | │ Warning: Forced stop planned\n   | ╵\n",
		},
		{
			"a box after the warning is shown", boxedWarning + "╷\n│ Error: no\n╵\n",
			"   | ╷\n   | │ Error: no\n   | ╵\n",
		},
		{
			"a warning that does not end as expected is shown", "Warning: Provider development overrides are in " +
				"effect\n\nother words\n",
			"   | Warning: Provider development overrides are in effect\n   |\n   | other words\n",
		},
		{"an open box is shown", "╷\n", "   | ╷\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 7, len(tt.in)} {
				var out strings.Builder
				p := &page{w: &out}
				for rest := tt.in; rest != ""; {
					n := min(size, len(rest))
					if _, err := io.WriteString(p, rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				if err := p.close(); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, out.String()); diff != "" {
					t.Errorf("written in pieces of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// broken is a writer that fails.
type broken struct{}

var errBroken = errors.New("closed")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestPageReportsAFailedWrite(t *testing.T) {
	t.Parallel()
	p := &page{w: broken{}}
	if _, err := io.WriteString(p, "one\n"); !errors.Is(err, errBroken) {
		t.Errorf("write: got %v, want %v", err, errBroken)
	}
	if err := p.close(); !errors.Is(err, errBroken) {
		t.Errorf("close: got %v, want %v", err, errBroken)
	}
}
