// Command soak lets one process of the provider work for a long time: the real
// Terraform or OpenTofu plans and applies against it again and again, on all clouds
// at once, with throttled calls, lost answers and changes by others in between.
// After each cycle it reads the provider's memory, goroutines, connections and file
// descriptors, and it fails unless they are as many at the end as at the beginning.
// The clouds are internal/simulator's.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

func main() {
	if os.Getenv(roleVariable) == providerRole {
		os.Exit(serveProvider())
	}
	program.Main("soak", func(ctx context.Context) error { return start(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// options are what the command line says.
type options struct {
	cli         string
	environment []string
	time        time.Duration
	cycles      int // the least
	every       time.Duration
	members     int
	chart       string
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{environment: os.Environ()}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.time, "time", time.Hour, "how long cycles are begun")
	flags.IntVar(&o.cycles, "cycles", 3, "how many cycles there are at the least")
	flags.DurationVar(&o.every, "every", 0, "the least time between the beginnings of two cycles")
	flags.IntVar(&o.members, "members", 100, "instances in the fleet of each cloud, beside 5 single ones")
	flags.StringVar(&o.chart, "chart", "", "write a chart, as SVG, to this `file`")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.time <= 0 || o.every < 0:
		return o, fmt.Errorf("-time must be positive and -every not negative, got %s and %s", o.time, o.every)
	case o.cycles < 1:
		return o, fmt.Errorf("-cycles must be positive, got %d", o.cycles)
	case o.members < 1 || o.members > 10_000:
		return o, fmt.Errorf("-members must be from 1 to 10000, got %d", o.members)
	}
	var err error
	o.cli, err = terraform.Find(os.Getenv("TF_CLI"), "soak", exec.LookPath)
	return o, err
}

// start runs all cycles and reports.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return program.UsageError(err)
	}
	r, err := run(ctx, o, stderr)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, r.markdown()); err != nil {
		return err
	}
	if o.chart != "" {
		if err := os.WriteFile(o.chart, []byte(r.chart()), 0o644); err != nil { //nolint:gosec // For everybody to read.
			return err
		}
	}
	if growing := r.growing(); len(growing) > 0 {
		return fmt.Errorf("not flat: %s", strings.Join(growing, ", "))
	}
	return nil
}
