//go:build unix

package program

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// The stubborn command ignores the interrupt and leaves a process behind, which
// holds the other end of the pipe open as long as it lives.
func TestACommandThatDoesNotEndIsEndedWithAllThatItStarted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, out := child(ctx, t, "stubborn")
	c.WaitDelay = 300 * time.Millisecond
	ended := start(c)
	wantOutput(t, out, "ready\n")
	cancel()
	wantCanceled(t, ended)
	wantOutput(t, out, "")
}

// A program that is not read gets an error, with which it can end what it has started: the
// signal alone would end it at once.
func TestAProgramWithoutAReaderEndsByItself(t *testing.T) {
	t.Parallel()
	c, out := child(t.Context(), t, "unread")
	code := make(chan int, 1)
	go func() {
		n, err := c.Run(nil)
		if err != nil {
			t.Error(err)
		}
		code <- n
	}()
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-code:
		if got != 3 {
			t.Errorf("got exit code %d, want 3", got)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the program still runs")
	}
}

// TestAConnectionThatBreaksEndsNothing: the simulators of a program write to clients that
// may be gone.
func TestAConnectionThatBreaksEndsNothing(t *testing.T) { //nolint:paralleltest // Signals are the process's.
	ctx, stop := untilSignal()
	defer stop()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.WriteString("for nobody"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("got the error %v, want a broken pipe", err)
	}
	select {
	case <-ctx.Done():
		t.Errorf("the program ends: %v", context.Cause(ctx))
	case <-time.After(100 * time.Millisecond):
	}
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
}
