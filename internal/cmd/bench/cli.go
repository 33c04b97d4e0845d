package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// cli runs Terraform or OpenTofu.
type cli struct {
	path        string
	environment []string
	records     string        // the folder for the records of the provider's processes
	limit       time.Duration // of each command; 0 for none
}

// within is the same CLI with another limit.
func (c cli) within(limit time.Duration) *cli {
	c.limit = limit
	return &c
}

// outcome is what became of one command.
type outcome struct {
	wall     time.Duration
	code     int
	provider usage // of all processes of the provider together
	metered  bool  // provider is known: none of them was ended by force
	own      usage // of the CLI alone, where provider is known
	output   string
}

// run runs a command in a folder to its end. An error is only that it did not
// get there.
func (c *cli) run(ctx context.Context, folder string, args ...string) (outcome, error) {
	if c.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.limit,
			fmt.Errorf("%s was not done after %s and was ended", args[0], c.limit))
		defer cancel()
	}
	records, err := os.MkdirTemp(c.records, "command-")
	if err != nil {
		return outcome{}, err
	}
	var out bytes.Buffer
	cmd := program.NewCommand(ctx, c.path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &out
	cmd.Env = append(slices.Clone(c.environment), recordsVariable+"="+records)
	began := time.Now()
	code, err := cmd.Run(nil)
	got := outcome{wall: time.Since(began), code: code, output: out.String()}
	if err != nil {
		return got, err
	}
	if got.provider, got.metered, err = recorded(records); err != nil {
		return got, err
	}
	all := usageOf(cmd.ProcessState)
	got.own = usage{User: all.User - got.provider.User, System: all.System - got.provider.System}
	return got, os.RemoveAll(records)
}

// must is run for a command that has to end with exit code 0.
func (c *cli) must(ctx context.Context, folder string, args ...string) (outcome, error) {
	got, err := c.run(ctx, folder, args...)
	if err == nil && got.code != 0 {
		err = fmt.Errorf("%s ended with code %d: %s", args[0], got.code, terraform.Complaint(got.output))
	}
	return got, err
}
