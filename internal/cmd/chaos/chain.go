package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/gate"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// builtFolder is the folder of the provider that all chains use.
const builtFolder = "built"

// chain is a simulated cloud with a configuration in a folder. Its runs follow each
// other: each begins with what the one before has left.
type chain struct {
	service simulator.Service
	runner  *terraform.Runner
	folder  string

	server *simulator.Server // it does not listen; the gate is before it
	cloud  *simulator.Cloud
	gate   *gate.Gate
	began  bool
}

// newChain makes a chain in a folder of its own, with the provider that was built
// beside it.
func newChain(ctx context.Context, service simulator.Service, o options, folder string) (*chain, error) {
	folder = filepath.Join(folder, service.Name())
	c := &chain{service: service, folder: filepath.Join(folder, "configuration")}
	binaries := filepath.Join(folder, "bin")
	for _, path := range []string{c.folder, binaries} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, err
		}
	}
	// By its name the processes of this chain are known.
	built := filepath.Join(folder, "..", builtFolder)
	err := os.Link(filepath.Join(built, terraform.BinaryName), filepath.Join(binaries, terraform.BinaryName))
	if err != nil {
		return nil, err
	}
	if c.runner, err = terraform.NewRunner(o.cli, binaries, folder, o.environment); err != nil {
		return nil, err
	}
	if c.server, err = localcloud.New(); err != nil {
		return nil, err
	}
	c.cloud = c.server.Cloud(service.Cloud)
	localcloud.SetTransition(c.server, transition)
	for i := range singles + members {
		if err := c.cloud.Seed(service.Instance(service.ID(i))); err != nil {
			return nil, err
		}
	}
	if c.gate, err = gate.Open(ctx, c.server.Handler()); err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(c.folder, "main.tf"), []byte(configuration(service, c.gate.URL())), 0o600)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *chain) close() error { return errors.Join(c.gate.Close(), c.server.Close()) }

// word is the cloud's word for a state.
func (c *chain) word(state string) string {
	if state == running {
		return c.cloud.Words().Running
	}
	return c.cloud.Words().Stopped
}

// prepare writes the variables of a scenario, and lets somebody else change
// instances.
func (c *chain) prepare(s scenario) error {
	variables, err := s.variables(c.service)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.folder, "terraform.tfvars.json"), variables, 0o600); err != nil {
		return err
	}
	for i, state := range s.drift {
		if err := c.cloud.Change(c.service.ID(i), func(in *simulator.Instance) error {
			in.Status, in.StoppedMode = c.word(state), ""
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// begin applies the scenario before the first one, undisturbed, so that a run that
// is repeated alone begins as it did after others.
func (c *chain) begin(ctx context.Context, before scenario) error {
	if c.began {
		return nil
	}
	c.began = true
	before.drift = nil
	if err := c.prepare(before); err != nil {
		return err
	}
	return c.runner.Must(ctx, c.folder, apply...)
}

var apply = []string{"apply", "-auto-approve"}

// play plays a scenario. Its error is what was wrong after it.
func (c *chain) play(ctx context.Context, s scenario) result {
	r := result{scenario: s, service: c.service.Name()}
	if r.err = c.prepare(s); r.err != nil {
		return r
	}
	first := c.cloud.Calls(0)
	d := newDisturbance(s, c.gate, c.runner)
	var out terraform.Outcome
	out, r.err = c.runner.Run(ctx, c.folder, d.begin, apply...)
	r.happened = d.end()
	r.code = out.Code
	if r.err == nil {
		r.left, r.err = c.awaitNoProcess(ctx)
	}
	if r.err == nil {
		r.err = c.check(ctx, s, len(first))
	}
	return r
}

// check demands everything that must be true after the disturbed apply.
func (c *chain) check(ctx context.Context, s scenario, since int) error {
	if err := c.runner.Must(ctx, c.folder, apply...); err != nil {
		return fmt.Errorf("one more apply: %w", err)
	}
	targets := s.targets(c.service)
	if err := c.checkCloud(targets); err != nil {
		return fmt.Errorf("after one more apply: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(c.folder, "terraform.tfstate"))
	if err != nil {
		return err
	}
	if err := checkState(data, targets); err != nil {
		return fmt.Errorf("after one more apply: %w", err)
	}
	if err := c.runner.Must(ctx, c.folder, "plan", "-detailed-exitcode"); err != nil {
		return fmt.Errorf("the plan after it is not empty: %w", err)
	}
	if breaches := simulator.Audit(c.cloud.Calls(since), simulator.AuditOptions{ExplicitForce: true}); len(breaches) > 0 {
		return fmt.Errorf("the log of the cloud: %s", breaches[0])
	}
	if _, err := c.awaitNoProcess(ctx); err != nil {
		return err
	}
	return nil
}

// checkCloud checks that each managed instance is in its target state.
func (c *chain) checkCloud(targets map[string]string) error {
	for id, state := range targets {
		in, ok := c.cloud.Instance(id)
		if !ok || in.Status != c.word(state) {
			return fmt.Errorf("%s is %q in the cloud, want %q", id, in.Status, c.word(state))
		}
	}
	return nil
}

// endOfProvider is how long a provider may live on when its CLI is gone: it checks
// each second, and the machine may be busy.
const endOfProvider = 20 * time.Second

// awaitNoProcess returns how long it took until no process of the provider was
// left.
func (c *chain) awaitNoProcess(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		left, err := c.runner.Processes()
		if err != nil {
			return 0, err
		}
		if len(left) == 0 {
			return time.Since(began), nil
		}
		if time.Since(began) > endOfProvider {
			return 0, fmt.Errorf("%d processes of the provider are left %s after the end of the CLI", len(left), endOfProvider)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}
