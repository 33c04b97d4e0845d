package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childRole makes the test binary play a CLI.
const childRole = "PROGRAM_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(playChild(role))
	}
	os.Exit(m.Run())
}

// playChild is a CLI as the tests need it: one that ends with a code, one that
// ends when it is interrupted, and one that does not, and has started a process
// of its own.
func playChild(role string) int {
	interrupted := make(chan os.Signal, 2)
	signal.Notify(interrupted, os.Interrupt)
	switch role {
	case "code 0":
		return 0
	case "code 2":
		fmt.Fprintln(os.Stdout, "a word")
		fmt.Fprintln(os.Stderr, "another")
		return 2
	case "obedient":
		fmt.Fprintln(os.Stdout, "ready")
		<-interrupted
		fmt.Fprintln(os.Stdout, "one interrupt")
		select {
		case <-interrupted:
			fmt.Fprintln(os.Stdout, "a second interrupt")
		case <-time.After(200 * time.Millisecond):
		}
		return 1
	case "stubborn":
		provider := exec.CommandContext(context.Background(), os.Args[0])
		provider.Env = append(os.Environ(), childRole+"=provider")
		provider.Stdout = os.Stdout
		if err := provider.Start(); err != nil {
			return 1
		}
	case "provider":
		fmt.Fprintln(os.Stdout, "ready")
	case "unread":
		return playUnread()
	}
	time.Sleep(time.Minute) // Longer than any test lets it live.
	return 0
}

// playUnread is a program that writes until its reader has gone, and ends with a code of its
// own then.
func playUnread() int {
	_, stop := untilSignal()
	defer stop()
	for {
		if _, err := fmt.Fprintln(os.Stdout, "ready"); err != nil {
			return 3
		}
	}
}

// child returns a command that plays a role, and the reading end of its output,
// which ends when everything that writes to it has ended.
func child(ctx context.Context, t *testing.T, role string) (c *Command, out *os.File) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(writer.Close(), reader.Close()) })
	c = NewCommand(ctx, self)
	c.Dir, c.Env, c.Stdout = t.TempDir(), append(os.Environ(), childRole+"="+role), writer
	return c, reader
}

// start runs a command, lets go of its output, and returns how it ends.
func start(c *Command) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := c.Run(nil)
		writer, ok := c.Stdout.(*os.File)
		if ok {
			err = errors.Join(err, writer.Close())
		}
		ended <- err
	}()
	return ended
}

// wantOutput reads the next piece of an output, or its end.
func wantOutput(t *testing.T, out *os.File, want string) {
	t.Helper()
	if err := out.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 64)
	n, err := out.Read(buffer)
	if got := string(buffer[:n]); got != want || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %q and error %v, want %q", got, err, want)
	}
}

func wantCanceled(t *testing.T, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the command still runs")
	}
}

func TestRunReturnsTheExitCode(t *testing.T) {
	t.Parallel()
	c, _ := child(t.Context(), t, "code 2")
	var process *os.Process
	if code, err := c.Run(func(p *os.Process) { process = p }); err != nil || code != 2 || process == nil {
		t.Errorf("got code %d, error %v and process %v; want 2, none, and that of the command", code, err, process)
	}
}

func TestTextReturnsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	c, _ := child(t.Context(), t, "code 2")
	if text, err := c.Text(); text != "a word\nanother\n" || err == nil || err.Error() != "exit code 2" {
		t.Errorf("got %q and error %v, want both words and exit code 2", text, err)
	}
	c, _ = child(t.Context(), t, "code 0")
	if text, err := c.Text(); text != "" || err != nil {
		t.Errorf("got %q and error %v, want neither", text, err)
	}
}

func TestRunFailsWhenThereIsNoProgram(t *testing.T) {
	t.Parallel()
	_, err := NewCommand(t.Context(), filepath.Join(t.TempDir(), "tofu")).Run(func(*os.Process) {
		t.Error("it was started")
	})
	if err == nil || !strings.Contains(err.Error(), "run tofu: ") {
		t.Errorf("got error %v, want one that names the program", err)
	}
}

func TestAnInterruptReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, out := child(ctx, t, "obedient")
	ended := start(c)
	wantOutput(t, out, "ready\n")
	cancel()
	wantOutput(t, out, "one interrupt\n")
	wantCanceled(t, ended)
	wantOutput(t, out, "")
}

func TestTheCauseOfTheEndIsTheError(t *testing.T) {
	t.Parallel()
	late := errors.New("it took too long")
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, late)
	defer cancel()
	c, _ := child(ctx, t, "code 2")
	if _, err := c.Run(nil); !errors.Is(err, late) {
		t.Errorf("got error %v, want %v", err, late)
	}
}
