package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An engine that is there and does not work is as good as none, and the reason is
// printed.
func TestNoEngineForTheContainer(t *testing.T) {
	r := newRelease(t)
	r.goos = "linux"
	for name, engines := range map[string]string{
		"its container was not built: no docker on PATH, no podman on PATH, no buildah on PATH\n":    "",
		"its container was not built: docker does not work, no podman on PATH, no buildah on PATH\n": "docker",
	} {
		folder := t.TempDir()
		if engines != "" {
			script := filepath.Join(folder, engines)
			if err := os.WriteFile(script, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("PATH", folder)
		var out strings.Builder
		if err := r.tryContainer(t.Context(), &out); err != nil || out.String() != name {
			t.Errorf("got error %v and %q, want %q", err, out.String(), name)
		}
	}
	r.goos = "darwin"
	var out strings.Builder
	if err := r.tryContainer(t.Context(), &out); err != nil || !strings.Contains(out.String(), "for darwin") {
		t.Errorf("got error %v and %q", err, out.String())
	}
}

func TestAnEngineThatFails(t *testing.T) {
	r := newRelease(t)
	r.goos = "linux"
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "podman"), []byte("#!/bin/sh\n[ \"$1\" = info ]\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	if err := os.MkdirAll(filepath.Join(r.work, simulatorFolder), 0o750); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.tryContainer(t.Context(), &strings.Builder{}), "container: podman build")
}

// A container that ends is not waited for, and what it printed is in the error.
func TestAContainerThatEnds(t *testing.T) {
	r := newRelease(t)
	r.goos = "linux"
	folder := t.TempDir()
	script := "#!/bin/sh\nif [ \"$1\" = run ]; then echo 'no such flag' >&2; exit 3; fi\n"
	if err := os.WriteFile(filepath.Join(folder, "podman"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	if err := os.MkdirAll(filepath.Join(r.work, simulatorFolder), 0o750); err != nil {
		t.Fatal(err)
	}
	err := r.tryContainer(t.Context(), &strings.Builder{})
	wantError(t, err, "the container ended: exit status 3")
	wantError(t, err, "no such flag")
}

func TestServes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/there" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	wantError(t, serves(t.Context(), server.URL+"/there"), "")
	wantError(t, serves(t.Context(), server.URL+"/elsewhere"), "404")
}
