// Package program is the frame of programs that may have to end early and shall leave
// nothing behind: a signal ends their context, which ends the commands that they run
// with all that these started, and the way in which they end becomes an exit code and
// a line on standard error. What a program does is its own business.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes beside 0.
const (
	Failed      = 1
	Usage       = 2
	Interrupted = 130 // what a shell reports for a program that an interrupt ended
)

// usageError is an error of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// UsageError marks an error as one of the command line; nil stays nil.
func UsageError(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// Main runs a program and exits. The context ends at an interrupt, and when the
// terminal or the parent goes away. The signals stay caught to the end: a second one must
// not leave anything behind.
func Main(name string, run func(ctx context.Context) error) {
	ctx, stop := untilSignal()
	code := Code(ctx, name, run(ctx), os.Stderr)
	stop()
	os.Exit(code)
}

// untilSignal returns a context that ends at a signal to end. A broken pipe is none: a
// simulator in the program meets one whenever a client of it is gone. It is caught, so that
// a write to standard output without a reader is an error as well, and ends nothing that
// the program has started by itself.
func untilSignal() (context.Context, context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1))
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}

// Code prints how a program ended, and returns its exit code. A request for help is
// no error: package flag has answered it.
func Code(ctx context.Context, name string, err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return Usage
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "%s: %v; everything that it started has ended\n", name, err)
		return Interrupted
	default:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return Failed
	}
}
