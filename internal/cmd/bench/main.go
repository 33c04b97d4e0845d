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
	"fmt"
	"io"
	"os"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

func main() {
	if isMeter(os.Args[0]) {
		os.Exit(meter(os.Args[1:], os.Stderr))
	}
	if limit := os.Getenv(hogVariable); limit != "" {
		os.Exit(hog(limit, os.Stdin))
	}
	program.Main("bench", func(ctx context.Context) error { return start(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// start measures and reports. A bound on time that is missed is shown and is no
// failure: how long things take is also the machine's affair.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, os.Getenv("TF_CLI"), stderr)
	if err != nil {
		return program.UsageError(err)
	}
	began := time.Now()
	r, err := measureAll(ctx, o, stderr)
	if err != nil {
		return err
	}
	r.took = time.Since(began)
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		return err
	}
	if o.out != "" {
		page := []byte(frontMatter + text)
		if err := os.WriteFile(o.out, page, 0o644); err != nil { //nolint:gosec // A page for everybody to read.
			return err
		}
	}
	if problems := r.problems(); problems > 0 {
		return fmt.Errorf("%d counts or figures of memory are over their bounds, or runs failed", problems)
	}
	return nil
}
