//go:build unix

package provider

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProcessEndsWhenTheCLIWasKilled(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The shell stands for the CLI.
	shell := exec.CommandContext(t.Context(), "sh", "-c", `"$0" & echo $!; wait`, binary)
	shell.Env = append(os.Environ(), serveInstead+"=1",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	out, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	shell.Stdout = write
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	served := bufio.NewReader(out)
	var pid int
	if _, err := fmt.Fscanln(served, &pid); err != nil {
		t.Fatalf("the shell has not started the provider: %v", err)
	}
	if _, err := served.ReadString('\n'); err != nil {
		t.Fatalf("the provider does not serve: %v", err)
	}
	if err := shell.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := shell.Wait(); err == nil {
		t.Error("the shell reports success, so that it was not killed")
	}
	if err := out.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The pipe ends when the last process that can write to it has ended.
	if _, err := io.Copy(io.Discard, served); err != nil {
		t.Errorf("the provider still runs: %v", err)
		if provider, err := os.FindProcess(pid); err == nil {
			_ = provider.Kill()
		}
	}
}

func TestAwaitOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		awaitOther(7, func() int {
			if time.Since(began) < time.Hour {
				return 7
			}
			return 1
		})
		if took := time.Since(began); took < time.Hour || took > time.Hour+parentCheck {
			t.Errorf("it ended after %v, want an hour", took)
		}
	})
}
