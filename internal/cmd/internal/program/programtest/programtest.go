// Package programtest lets a test that runs a program end as the program does: an
// interrupt ends what it has started, which a test binary that just dies leaves.
package programtest

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

var errInterrupted = errors.New("the tests were interrupted")

// Context returns the context of a test, which an interrupt ends too. After that one
// the test binary ends with the test. It comes before what the test cleans up.
func Context(t *testing.T) context.Context {
	t.Helper()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	t.Cleanup(func() {
		signal.Stop(signals)
		cancel(nil)
		if errors.Is(context.Cause(ctx), errInterrupted) {
			os.Exit(program.Interrupted)
		}
	})
	return ctx
}
