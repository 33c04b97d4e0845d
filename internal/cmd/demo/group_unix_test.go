//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

// The stubborn command ignores the interrupt and leaves a process behind, which
// holds the other end of the pipe open as long as it lives.
func TestACommandThatDoesNotEndIsEndedWithAllThatItStarted(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	c, _ := childCLI(t, "stubborn", 300*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := c.command(ctx, nil)
	cmd.Stdout = writer
	ended := make(chan error, 1)
	go func() {
		_, err := c.run(ctx, cmd)
		ended <- errors.Join(err, writer.Close())
	}()
	buffer := make([]byte, 64)
	if n, err := reader.Read(buffer); err != nil || string(buffer[:n]) != "ready\n" {
		t.Fatalf("got %q and error %v, want %q", buffer[:n], err, "ready\n")
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the command still runs")
	}
	if err := reader.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := reader.Read(buffer); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %q and error %v, want the end of the file: a process is left", buffer[:n], err)
	}
}
