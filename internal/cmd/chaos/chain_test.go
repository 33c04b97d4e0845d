package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// newTestChain returns a chain whose provider is a file that never runs.
func newTestChain(t *testing.T, service simulator.Service) *chain {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, builtFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, builtFolder, terraform.BinaryName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := newChain(t.Context(), service, options{}, folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestCheckCloudFindsAnInstanceInAnotherState(t *testing.T) {
	t.Parallel()
	for _, service := range localcloud.Services() {
		c := newTestChain(t, service)
		s := scenario{states: map[int]string{0: running, 1: running}, fleet: running, drift: map[int]string{}}
		if err := c.prepare(s); err != nil {
			t.Fatal(err)
		}
		if err := c.checkCloud(s.targets(service)); err != nil {
			t.Errorf("%s: %v", service.Name(), err)
		}
		s.drift[1] = stopped
		if err := c.prepare(s); err != nil {
			t.Fatal(err)
		}
		if err := c.checkCloud(s.targets(service)); err == nil || !strings.Contains(err.Error(), service.ID(1)) {
			t.Errorf("%s: got error %v, want one about %s", service.Name(), err, service.ID(1))
		}
	}
}

func TestAwaitNoProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("there is no /proc")
	}
	c := newTestChain(t, localcloud.Services()[0])
	if _, err := c.awaitNoProcess(t.Context()); err != nil {
		t.Errorf("of a provider that never ran: %v", err)
	}
	// The test itself runs, as a provider does that does not end.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), terraform.BinaryName)
	if err := os.Symlink(self, name); err != nil {
		t.Fatal(err)
	}
	c.runner.Binaries = filepath.Dir(name)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.awaitNoProcess(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of one that runs: got error %v, want %v", err, context.DeadlineExceeded)
	}
}
