package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func say(c *console) {
	c.overview("Two steps:", []string{"One.", "Two."})
	c.step("A sentence about a step.")
	c.say("a fact about 100%%")
	c.command("terraform", []string{"plan", "-out=x"})
	c.checked("all %d", 3)
}

func TestConsoleWithoutColor(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	say(newConsole(&out, false))
	want := "\nTwo steps:\n\n    1. One.\n    2. Two.\n" +
		"\n1. A sentence about a step.\n   a fact about 100%\n\n   $ terraform plan -out=x\n\n   ok: all 3\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestConsoleWithColor(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	say(newConsole(&out, true))
	want := "\n" + bold + "Two steps:" + plain + "\n\n    1. One.\n    2. Two.\n" +
		"\n" + bold + "1. A sentence about a step." + plain + "\n   a fact about 100%\n\n   " +
		faint + "$ terraform plan -out=x" + plain + "\n\n   " + green + "ok:" + plain + " all 3\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestConsoleKeepsTheFirstFailure(t *testing.T) {
	t.Parallel()
	c := newConsole(broken{}, false)
	c.checked("lost")
	if !errors.Is(c.err, errBroken) {
		t.Errorf("got %v, want %v", c.err, errBroken)
	}
}

func TestWantsColor(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	// A device like a terminal, and there on every Unix.
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = device.Close() })
	tests := []struct {
		name string
		file *os.File
		env  map[string]string
		want bool
	}{
		{"a device", device, nil, true},
		{"a file", file, nil, false},
		{"a file and CLICOLOR_FORCE", file, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"a file and no CLICOLOR_FORCE", file, map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"a device and NO_COLOR", device, map[string]string{"NO_COLOR": "1"}, false},
		{"a device that cannot", device, map[string]string{"TERM": "dumb"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := wantsColor(tt.file, func(name string) string { return tt.env[name] }); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}
