//go:build unix

package program

import (
	"context"
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
