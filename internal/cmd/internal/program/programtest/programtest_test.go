//go:build unix

package programtest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// childVariable makes TestChild a test that interrupts itself.
const childVariable = "PROGRAMTEST_CHILD"

func TestChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		return // TestAnInterruptEndsTheTestAndTheBinary runs it.
	}
	ctx := Context(t)
	t.Cleanup(func() { _, _ = os.Stdout.WriteString("cleaned up\n") })
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}

func TestLater(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		_, _ = os.Stdout.WriteString("later\n")
	}
}

func TestAnInterruptEndsTheTestAndTheBinary(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^(TestChild|TestLater)$")
	c.Env = append(os.Environ(), childVariable+"=1")
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != program.Interrupted {
		t.Errorf("got error %v, want exit code %d", err, program.Interrupted)
	}
	if text := string(out); !strings.Contains(text, "cleaned up") || strings.Contains(text, "later") {
		t.Errorf("got %q, want the cleaning up and no later test", text)
	}
}

func TestTheContextEndsWithTheTest(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	t.Run("a test", func(t *testing.T) { ctx = Context(t) })
	if ctx.Err() == nil {
		t.Error("the context lives on")
	}
}
