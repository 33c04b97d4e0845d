package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadStatus(t *testing.T) {
	t.Parallel()
	name, parent, peak := readStatus([]byte("Name:\tterraform-provi\nPid:\t12\nPPid:\t7\nVmPeak:\t 9000 kB\nVmHWM:\t  " +
		"2048 kB\nVmRSS:\t 100 kB\n"))
	if name != "terraform-provi" || parent != 7 || peak != 2<<20 {
		t.Errorf("got %q, %d, %d, want %q, 7, %d", name, parent, peak, "terraform-provi", 2<<20)
	}
	if name, parent, peak := readStatus([]byte("VmHWM: many kB\nPPid: none\n")); name != "" || parent != 0 || peak != 0 {
		t.Errorf("nonsense: got %q, %d, %d, want nothing", name, parent, peak)
	}
}

func TestChildMemory(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	for pid, status := range map[string]string{
		"10":      "Name: terraform\nPPid: 1\nVmHWM: 9000 kB\n",
		"11":      "Name: terraform-provi\nPPid: 10\nVmHWM: 300 kB\n",
		"12":      "Name: terraform-provi\nPPid: 10\nVmHWM: 500 kB\n",
		"13":      "Name: terraform-provi\nPPid: 99\nVmHWM: 7000 kB\n",
		"14":      "Name: other\nPPid: 10\nVmHWM: 8000 kB\n",
		"version": "Name: terraform-provi\nPPid: 10\nVmHWM: 8000 kB\n",
	} {
		if err := os.Mkdir(filepath.Join(proc, pid), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(proc, pid, "status"), []byte(status), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(proc, "15"), 0o700); err != nil { // One that has just ended.
		t.Fatal(err)
	}
	if got, want := childMemory(proc, 10), int64(500<<10); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if got := childMemory(filepath.Join(proc, "missing"), 10); got != 0 {
		t.Errorf("without /proc: got %d, want 0", got)
	}
}

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
