package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMachine(t *testing.T) {
	t.Parallel()
	got := machine("processor\t: 0\nmodel name\t: Some CPU\nprocessor\t: 1\nmodel name\t: Some CPU\n",
		"MemTotal:       16777216 kB\n")
	wantContains(t, got, "processors (Some CPU), 16 GiB of memory, ")
	if got := field("a: 1\nb: 2\n", "c"); got != "" {
		t.Errorf("got %q for a key that is not there, want nothing", got)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "loadavg")
	if err := os.WriteFile(file, []byte("0.52 0.58 0.59 1/467 12345\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := load(file), "0.52"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := load(file + ".missing"); got != "" {
		t.Errorf("got %q without the file, want nothing", got)
	}
}
