// Command chaos applies a configuration again and again with the real Terraform or
// OpenTofu, and lets something happen to each apply at a random point: the CLI or
// the provider is killed or interrupted, or the cloud cannot be reached. Then it
// demands that one more apply converges, that the plan after it is empty, that the
// state tells what is true in the cloud, and that no process is left. The clouds are
// internal/simulator's. A seed makes each run.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

func main() {
	program.Main("chaos", func(ctx context.Context) error { return start(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// options are what the command line says.
type options struct {
	cli, root   string
	environment []string
	runs        int
	seed        uint64
	atOnce      int
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{environment: os.Environ()}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.runs, "runs", 300, "how many applies are disturbed; one that ends before anything "+
		"happens to it does not count")
	flags.Uint64Var(&o.seed, "seed", 1, "the seed of the first run; each further run has the next one")
	flags.IntVar(&o.atOnce, "at-once", 2, "how many runs there are at the same time, each on a cloud of its own")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.runs < 1:
		return o, fmt.Errorf("-runs must be positive, got %d", o.runs)
	case o.atOnce < 1:
		return o, fmt.Errorf("-at-once must be positive, got %d", o.atOnce)
	}
	var err error
	o.cli, err = terraform.Find(os.Getenv("TF_CLI"), "chaos", exec.LookPath)
	return o, err
}

// start runs all and reports.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return program.UsageError(err)
	}
	if o.root, err = terraform.Root(ctx); err != nil {
		return err
	}
	r, err := run(ctx, o, stderr)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, r.markdown()); err != nil {
		return err
	}
	if failed := r.failures(); failed > 0 {
		return fmt.Errorf("%d runs failed", failed)
	}
	return nil
}
