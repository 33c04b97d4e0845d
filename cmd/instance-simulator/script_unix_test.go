//go:build unix

package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the program of the tests the simulator itself.
const asProgram = "INSTANCE_SIMULATOR_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// script runs a command by the script of the example module, in a process group of
// its own, and returns what it printed.
func script(t *testing.T, command string) (string, error) {
	t.Helper()
	for _, name := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s on PATH", name)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := os.Symlink(self, filepath.Join(programs, "instance-simulator")); err != nil {
		t.Fatal(err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "examples", "modules", "environment-switch", "tests", "on-simulator")
	cmd := exec.CommandContext(t.Context(), file, "bash", "-c", command)
	cmd.Env = append(os.Environ(), asProgram+"=1", "LISTEN="+address, "TMPDIR="+t.TempDir(),
		"PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if left, globErr := filepath.Glob(filepath.Join(programs, "..", "*", "tmp.*")); globErr != nil || len(left) > 0 {
		t.Errorf("the script leaves %v (%v)", left, globErr)
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the simulator is still there when the script has ended")
	}
	return string(out), err
}

func TestTheScriptOfTheExample(t *testing.T) {
	t.Parallel()
	out, err := script(t, `curl -sf "http://$LISTEN/_simulator/v1/tencentcloud/instances/ins-demoweb1"`)
	if err != nil || !strings.Contains(out, `"ins-demoweb1"`) {
		t.Errorf("the command ends with %v and prints %s", err, out)
	}
}

// The code of a command that fails is that of the script, and the calls are shown.
func TestACommandThatFailsUnderTheScript(t *testing.T) {
	t.Parallel()
	out, err := script(t, `exit 3`)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || strings.Count(out, "CALL  TIME") != 4 {
		t.Errorf("the script ends with %v and prints %s", err, out)
	}
}

// An interrupt reaches the command and not the simulator, which the command needs to
// come to its end.
func TestAnInterruptUnderTheScript(t *testing.T) {
	t.Parallel()
	out, err := script(t,
		`trap "echo interrupted" INT; kill -INT 0; sleep 0.5; curl -sf "http://$LISTEN/_simulator/v1/clouds"`)
	if err != nil || !strings.Contains(out, "interrupted") || !strings.Contains(out, `"tencentcloud"`) {
		t.Errorf("the command ends with %v and prints %s", err, out)
	}
}
