package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childRole makes the test binary play a CLI.
const childRole = "DEMO_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(playChild(role))
	}
	os.Exit(m.Run())
}

// playChild is a CLI as the tests need it: one that ends with a code.
func playChild(role string) int {
	if role == "code 2" {
		fmt.Fprintln(os.Stdout, "out")
		fmt.Fprintln(os.Stderr, "problem")
		return 2
	}
	return 0
}

// childCLI returns a CLI that plays a role, and what it shows line by line. The
// channel is closed when everything that writes to it has ended.
func childCLI(t *testing.T, role string) (c *cli, lines <-chan string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		scanner := bufio.NewScanner(reader)
		for scanner.Scan() {
			if text := strings.TrimSpace(scanner.Text()); text != "" {
				out <- text
			}
		}
	}()
	t.Cleanup(func() { _ = errors.Join(writer.Close(), reader.Close()) })
	return &cli{
		path: self, dir: t.TempDir(), out: newConsole(writer, false),
		environment: append(os.Environ(), childRole+"="+role),
	}, out
}

func await(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the output ended before %q", want)
			}
			if strings.Contains(line, want) {
				return
			}
		case <-timeout:
			t.Fatalf("the output has no %q", want)
		}
	}
}

func TestShowReturnsTheExitCode(t *testing.T) {
	t.Parallel()
	c, lines := childCLI(t, "code 2")
	code, err := c.show(t.Context(), "plan")
	if err != nil || code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", code, err)
	}
	await(t, lines, "$ "+filepath.Base(c.path)+" plan")
	await(t, lines, "| out")
}

func TestReadFailsWithWhatTheCommandSaid(t *testing.T) {
	t.Parallel()
	c, _ := childCLI(t, "code 2")
	_, err := c.read(t.Context(), "show", "-json")
	wantError(t, err, "show -json failed with exit code 2: problem")
}

func TestRunFailsWhenThereIsNoProgram(t *testing.T) {
	t.Parallel()
	c, _ := childCLI(t, "")
	c.path = filepath.Join(t.TempDir(), "terraform")
	_, err := c.show(t.Context(), "plan")
	wantError(t, err, "run terraform")
}
