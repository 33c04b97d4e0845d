package main

import (
	"bufio"
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
const childRole = "DEMO_TEST_CHILD"

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
	case "code 2":
		fmt.Fprintln(os.Stdout, "out")
		fmt.Fprintln(os.Stderr, "problem")
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
	}
	time.Sleep(time.Minute) // Longer than any test lets it live.
	return 0
}

// childCLI returns a CLI that plays a role, and what it shows line by line. The
// channel is closed when everything that writes to it has ended.
func childCLI(t *testing.T, role string, wait time.Duration) (c *cli, lines <-chan string) {
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
		path: self, dir: t.TempDir(), patience: wait, out: newConsole(writer, false),
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
	c, lines := childCLI(t, "code 2", time.Minute)
	code, err := c.show(t.Context(), "plan")
	if err != nil || code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", code, err)
	}
	await(t, lines, "$ "+filepath.Base(c.path)+" plan")
	await(t, lines, "| out")
}

func TestReadFailsWithWhatTheCommandSaid(t *testing.T) {
	t.Parallel()
	c, _ := childCLI(t, "code 2", time.Minute)
	_, err := c.read(t.Context(), "show", "-json")
	wantError(t, err, "show -json failed with exit code 2: problem")
}

func TestRunFailsWhenThereIsNoProgram(t *testing.T) {
	t.Parallel()
	c, _ := childCLI(t, "", time.Minute)
	c.path = filepath.Join(t.TempDir(), "terraform")
	_, err := c.show(t.Context(), "plan")
	wantError(t, err, "run terraform")
}

func TestInterruptReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	c, lines := childCLI(t, "obedient", time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.show(ctx, "apply")
		ended <- err
	}()
	await(t, lines, "ready")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	await(t, lines, "one interrupt")
	c.out.say("the end")
	for line := range lines {
		if strings.Contains(line, "second") {
			t.Error("the command got a second interrupt")
		}
		if line == "the end" {
			return
		}
	}
	t.Error("the output ended too early")
}

func TestFindCLI(t *testing.T) {
	t.Parallel()
	on := func(names ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			for _, n := range names {
				if n == name {
					return "/bin/" + filepath.Base(name), nil
				}
			}
			return "", exec.ErrNotFound
		}
	}
	tests := []struct {
		name, named string
		look        func(string) (string, error)
		want, err   string
	}{
		{"the one that is named", "/opt/tofu", on("terraform", "/opt/tofu"), "/bin/tofu", ""},
		{"the one that is named is not there", "/opt/tofu", on("terraform"), "", "TF_CLI names a program that cannot be run"},
		{"terraform before tofu", "", on("tofu", "terraform"), "/bin/terraform", ""},
		{"tofu alone", "", on("tofu"), "/bin/tofu", ""},
		{"none", "", on(), "", "neither terraform nor tofu is on PATH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := findCLI(tt.named, tt.look)
			wantError(t, err, tt.err)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
