package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// options are what a demo needs to know.
type options struct {
	cli         string   // the program, Terraform or OpenTofu
	root        string   // the folder of the provider's sources
	environment []string // that of the user, of which little is passed on
	transition  time.Duration
	everything  bool // shows the CLI's whole output
	out         *console
}

// demo is one run through the example.
type demo struct {
	out        *console
	cli        *cli // in the folder of the example
	fleet      *cli // in that of the example's fleet
	server     *simulator.Server
	guard      *guard
	keys       map[string]simulator.Credential
	transition time.Duration

	wanted []wanted // what the configuration says
	drifts wanted   // the instance that somebody starts in the console
	found  truth    // how the instances were before all
	spans  []span
}

// run leads through the demo. It leaves nothing behind: no process, no server
// and no file, whether it succeeds, fails or is interrupted.
func run(ctx context.Context, o options) (err error) {
	d := &demo{out: o.out, transition: o.transition}
	temporary, err := os.MkdirTemp("", "instance-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(temporary)) }()
	steps := []step{
		{
			"Build the provider from these sources, and start the simulated clouds on this machine.",
			func(ctx context.Context) error { return d.prepare(ctx, o, temporary) },
		},
		{"Plan: read each instance, show what would be stopped and started, and change nothing.", d.firstPlan},
		{"Apply: stop and start them, and end when each cloud reports the declared state.", d.apply},
		{"Plan again: nothing is left to do.", d.planAgain},
		{"Drift: somebody starts an instance in the cloud's console, and the next plan shows it.", d.drift},
		{"Repair: an apply stops this one instance again, and touches no other.", d.repair},
		{"Schedule: at 20:00 a fleet stops what its tags say. One instance is in rescue mode, and fails alone.", d.estate},
		{"Next run: the rescue mode has ended, and the fleet stops the one instance that is left.", d.estateAgain},
		{"Destroy: leave each instance as it is, except the one with on_destroy = \"restore\".", d.destroy},
		{"Count: the calls that all of this made, and the time that it took.", d.account},
	}
	d.out.overview("This demo needs no account and takes about a minute:", titles(steps))
	for _, s := range steps {
		d.out.step(s.title)
		if err := s.run(ctx); err != nil {
			return err
		}
	}
	return o.out.err
}

// step is a part of the demo, with the sentence that announces it.
type step struct {
	title string
	run   func(context.Context) error
}

func titles(steps []step) []string {
	out := make([]string, 0, len(steps))
	for _, s := range steps {
		out = append(out, s.title)
	}
	return out
}

// prepare builds the provider, starts the clouds, and writes what the CLI needs.
func (d *demo) prepare(ctx context.Context, o options, temporary string) error {
	binaries, folder := filepath.Join(temporary, "bin"), filepath.Join(temporary, "configuration")
	if err := terraform.Build(ctx, o.root, binaries); err != nil {
		return err
	}
	for _, part := range []string{"", estate} {
		if err := writeConfiguration(o.root, folder, part); err != nil {
			return err
		}
	}
	configFile := filepath.Join(temporary, "cli.tfrc")
	if err := os.WriteFile(configFile, []byte(terraform.Configuration(binaries)), 0o600); err != nil {
		return err
	}
	var err error
	if d.server, err = startClouds(ctx, o); err != nil {
		return err
	}
	if d.guard, err = startGuard(ctx); err != nil {
		return err
	}
	d.keys = demoKeys()
	set, err := settings(configFile, d.server.URL(), d.keys, d.out.color)
	if err != nil {
		return err
	}
	token, err := runToken(d.server)
	if err != nil {
		return err
	}
	set = append(set, token)
	d.cli = &cli{
		path: o.cli, dir: folder, out: d.out,
		environment: terraform.Environment(o.environment, append(set, d.guard.environment()...)...),
	}
	if !o.everything {
		d.cli.seen = map[string]bool{}
	}
	fleet := *d.cli
	fleet.dir = filepath.Join(folder, estate)
	d.fleet = &fleet
	printed, err := d.cli.read(ctx, "version")
	if err != nil {
		return err
	}
	version, err := terraform.Version(string(printed))
	if err != nil {
		return err
	}
	d.found = observe(d.server)
	d.out.gap()
	d.out.say("CLI            %s", version)
	d.out.say("configuration  %s", filepath.Join(example, "main.tf"))
	d.out.say("clouds         %s, where each stop and start takes %s", d.server.URL(), seconds(d.transition))
	d.out.say("credentials    public ones of the simulator; those of your environment are not passed on,")
	d.out.say("               and a request to any other machine is refused")
	d.out.say("               %s has no key: the provider exchanges a token of the run for temporary ones", keyless)
	d.out.say("left out       the warning, in the output of each command, that this provider was built locally")
	return nil
}

// close ends and removes what the demo made.
func (d *demo) close(temporary string) error {
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.Close())
	}
	if d.guard != nil {
		errs = append(errs, d.guard.close())
	}
	if err := os.RemoveAll(temporary); err != nil {
		errs = append(errs, fmt.Errorf("remove the temporary folder: %w", err))
	}
	return errors.Join(errs...)
}
