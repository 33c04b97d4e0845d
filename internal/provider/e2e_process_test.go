package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// buildProvider builds the provider's binary once for all tests of a run, with the flags of
// "make build", which has compiled most of it then.
var buildProvider = sync.OnceValues(func() (folder string, err error) {
	folder, err = os.MkdirTemp("", "provider-under-test-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "terraform-provider-instance")
	out, err := exec.Command("go", "build", "-trimpath", "-tags", "grpcnotrace", "-o", binary, "../..").CombinedOutput()
	if err != nil {
		return folder, fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return folder, nil
})

// serveInstead names the variable that makes the test binary serve the provider.
const serveInstead = "PROVIDER_TEST_SERVE"

// sandboxInstead names the variable that makes the test binary enter the sandbox in the
// folder that it holds, and become the program in its arguments.
const sandboxInstead = "PROVIDER_TEST_SANDBOX"

func TestMain(m *testing.M) {
	if folder := os.Getenv(sandboxInstead); folder != "" {
		err := errors.Join(os.Unsetenv(sandboxInstead), enterSandbox(folder, os.Args[1:]))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Getenv(serveInstead) != "" {
		if err := Serve("test", false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if built {
		if folder, err := buildProvider(); folder != "" {
			_ = errors.Join(err, os.RemoveAll(folder))
		}
	}
	os.Exit(code)
}

// built is set once a test has asked for the binary.
var built bool

var builtOnce sync.Once

// thisProvider is the address of the provider, without a registry.
const thisProvider = "instance-power/instance"

// required is the block with which a configuration requires the provider.
const required = `terraform {
  required_providers {
    instance = {
      source = "` + thisProvider + `"
    }
  }
}
`

// overriding is a CLI configuration file that finds providers in folders, by address.
func overriding(folders map[string]string) string {
	var text strings.Builder
	text.WriteString("provider_installation {\n  dev_overrides {\n")
	for address, folder := range folders {
		fmt.Fprintf(&text, "    %q = %q\n", address, folder)
	}
	text.WriteString("  }\n  direct {}\n}\n")
	return text.String()
}

// cli is a folder with a configuration, in which a real Terraform or OpenTofu
// runs with the provider as a process of its own.
type cli struct {
	t      *testing.T
	path   string
	folder string
	env    []string
}

func newCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	path := cliPath(t)
	builtOnce.Do(func() { built = true })
	binary, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	c := &cli{t: t, path: path, folder: folder}
	c.write("cli.tfrc", overriding(map[string]string{thisProvider: binary}))
	c.configure(config)
	c.env = append([]string{
		"TF_CLI_CONFIG_FILE=" + filepath.Join(folder, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + os.TempDir(),
	}, env...)
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command prepares a run; its output goes into the buffer.
func (c *cli) command(ctx context.Context, args ...string) (*exec.Cmd, *bytes.Buffer) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.folder, c.env, &out, &out
	cmd.WaitDelay = 30 * time.Second
	return cmd, &out
}

// run runs the CLI to its end and returns what it printed.
func (c *cli) run(args ...string) (string, error) {
	cmd, out := c.command(c.t.Context(), args...)
	err := cmd.Run()
	return out.String(), err
}

// calls waits until the simulator has seen an action, for at most a minute.
func (h *harness) calls(action string) {
	h.t.Helper()
	for range 600 {
		if h.count(action) > 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Fatalf("no %s arrived within a minute", action)
}

// atOnce is far more than a busy machine takes to end a run, and far less than the time
// limit that would end it otherwise. How soon it is exactly is tested with a clock of the
// test's own.
const atOnce = 20 * time.Second

func TestEndToEndInterruptEndsAnApplyAtOnce(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.running()
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		c := newCLI(t, h.hcl(power(id, "stopped")))
		cmd, out := c.command(t.Context(), "apply", "-auto-approve", "-no-color")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		h.calls(h.stop)
		interrupted := time.Now()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Errorf("the interrupted apply reports success:\n%s", out)
		}
		if took := time.Since(interrupted); took > atOnce {
			t.Errorf("the apply went on for %s after the interrupt", took)
		}
		if !says("The run was interrupted before the cloud reported the instance as stopped.").MatchString(out.String()) {
			t.Errorf("the output does not say that the run was interrupted:\n%s", out)
		}
		h.continues(c, id)
	})
}

// HCP Terraform cancels a run with an interrupt, and ends it by force with a kill.
func TestEndToEndKillAfterAnInterruptLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, services()[0])
	id := h.running()
	h.trouble(simulator.Trouble{Kind: simulator.Stuck})
	c := newCLI(t, h.hcl(power(id, "stopped")))
	cmd, out := c.command(t.Context(), "apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.calls(h.stop)
	if err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Errorf("the killed apply reports success:\n%s", out)
	}
	h.continues(c, id)
}

// continues checks that the next apply finds what an apply that was ended has begun: the
// instance stops, and no second stop is sent.
func (h *harness) continues(c *cli, id string) {
	h.t.Helper()
	h.sim.ClearTroubles()
	if out, err := c.run("apply", "-auto-approve", "-no-color"); err != nil {
		h.t.Errorf("the next apply does not converge: %v\n%s", err, out)
	}
	h.isStopped(id)()
	if got := h.count(h.stop); got != 1 {
		h.t.Errorf("got %d stops, want 1: the second apply finds what the first began", got)
	}
}
