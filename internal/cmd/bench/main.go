// Command bench measures the provider: it builds it, and lets the real Terraform
// or OpenTofu stop instances of the simulated clouds, as single resources and as
// one fleet. It counts the calls that arrive, reads the provider's memory, and
// takes the time, of which most is shown as a share of the simulated transition
// or of what Terraform needs for resources that do nothing. The clouds are
// internal/simulator's; which figures are good enough is in acceptance.go and
// goals.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit codes beside 0. A bound on time that is missed is shown and is no
// failure: how long things take is also the machine's affair.
const (
	exitFailed      = 1 // a count or the memory is over its bound, or a run failed
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	if isMeter(os.Args[0]) {
		os.Exit(meter(os.Args[1:], os.Stderr))
	}
	if limit := os.Getenv(hogVariable); limit != "" {
		os.Exit(hog(limit, os.Stdin))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := start(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// start measures and reports; it returns the exit code.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, os.Getenv("TF_CLI"), stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return exitUsage
	}
	began := time.Now()
	r, err := measureAll(ctx, o, stderr)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stderr, "bench: interrupted; everything that it started has ended")
		return exitInterrupted
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
	r.took = time.Since(began)
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(frontMatter+text), 0o644); err != nil { //nolint:gosec // A page for everybody to read.
			fmt.Fprintln(stderr, "bench:", err)
			return exitFailed
		}
	}
	if problems := r.problems(); problems > 0 {
		fmt.Fprintf(stderr, "bench: %d counts or figures of memory are over their bounds, or runs failed\n", problems)
		return exitFailed
	}
	return 0
}
