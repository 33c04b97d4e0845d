package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// selfCLI runs this test's own program in place of a CLI.
func selfCLI(t *testing.T) *cli {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &cli{path: self, environment: terraform.Environment(os.Environ())}
}

func TestRunReportsHowACommandEnded(t *testing.T) {
	t.Parallel()
	c, folder := selfCLI(t), t.TempDir()
	good, err := c.must(t.Context(), folder, "-test.run=^$")
	if err != nil || good.code != 0 {
		t.Fatalf("got code %d and error %v, want 0 and none", good.code, err)
	}
	wantContains(t, good.output, "PASS")
	bad, err := c.run(t.Context(), folder, "-no-such-flag")
	if err != nil || bad.code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", bad.code, err)
	}
	if _, err = c.must(t.Context(), folder, "-no-such-flag"); err == nil {
		t.Error("a command that failed: got no error, want one")
	} else {
		wantContains(t, err.Error(), "no-such-flag")
	}
	if _, err := c.within(time.Nanosecond).run(t.Context(), folder, "-test.run=^$"); err == nil {
		t.Error("a command over its limit: got no error, want one")
	} else {
		wantContains(t, err.Error(), "not done after 1ns")
	}
	c.path = filepath.Join(folder, "missing")
	if _, err := c.run(t.Context(), folder); err == nil {
		t.Error("a program that does not exist: got no error, want one")
	}
}

func TestBinaryFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	binary, other := filepath.Join(folder, terraform.BinaryName), filepath.Join(folder, "other")
	for _, path := range []string{binary, other} {
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := binaryFolder(binary); got != folder || err != nil {
		t.Errorf("got %q and error %v, want %q and none", got, err, folder)
	}
	for _, path := range []string{other, filepath.Join(folder, "missing", terraform.BinaryName)} {
		if _, err := binaryFolder(path); err == nil {
			t.Errorf("%s: got no error, want one", path)
		}
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	s := services()[0]
	text := configuration(s, "http://127.0.0.1:1", true, s.IDs(2), `batch_window = "0s"`)
	for _, want := range []string{
		"tencentcloud {", `endpoint = "http://127.0.0.1:1"`, `batch_window = "0s"`, `"ins-00000000",`, `"ins-00000001",`,
		"instance_fleet_power_state",
	} {
		wantContains(t, text, want)
	}
	wantContains(t, configuration(s, "http://127.0.0.1:1", false, s.IDs(2)), `"instance_power_state" "one"`)
	wantContains(t, baseConfiguration(7), "count = 7")
}

func TestEveryServiceHasACloud(t *testing.T) {
	t.Parallel()
	for _, s := range services() {
		t.Run(s.Name(), func(t *testing.T) {
			t.Parallel()
			w, err := newRunCloud(t.Context(), s, 3, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.server.Close(); err != nil {
					t.Error(err)
				}
			})
			if got := len(w.cloud.Instances()); got != 3 {
				t.Errorf("got %d instances, want 3", got)
			}
			if w.throttle == "" {
				t.Error("the code of a throttle is not known")
			}
			if err := w.stopped(); err == nil {
				t.Error("they run, and stopped reports no error")
			}
		})
	}
}
