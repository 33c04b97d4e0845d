// Command demo shows a newcomer what the provider does: it builds it, starts the
// simulated clouds, and lets the real Terraform or OpenTofu stop and start the
// instances of examples/demo. After each step it compares what Terraform says
// with what is true in the clouds, and it fails at the first difference. The
// clouds are internal/simulator's, the configuration is the example's; this
// program only leads through it.
package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// transition is how long each simulated stop and start takes: long enough to
// see the provider wait, short enough to watch.
const transition = 1500 * time.Millisecond

func main() {
	everything := flag.Bool("v", false, "show the CLI's whole output, and not only what changes")
	flag.Parse()
	program.Main("demo", func(ctx context.Context) error { return start(ctx, *everything) })
}

// start reads what the demo needs to know from its surroundings.
func start(ctx context.Context, everything bool) error {
	cli, err := terraform.Find(os.Getenv("TF_CLI"), "demo", exec.LookPath)
	if err != nil {
		return err
	}
	root, err := terraform.Root(ctx)
	if err != nil {
		return err
	}
	out := newConsole(os.Stdout, wantsColor(os.Stdout, os.Getenv))
	return run(ctx, options{
		cli: cli, root: root, environment: os.Environ(), transition: transition, everything: everything, out: out,
	})
}
