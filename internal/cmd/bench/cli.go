package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

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
	cmd := terraform.NewCommand(ctx, c.path, args...)
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
		err = fmt.Errorf("%s ended with code %d: %s", args[0], got.code, complaint(got.output))
	}
	return got, err
}

// complaint is the first error of what the CLI printed, on one line, or else
// its last words.
func complaint(output string) string {
	const most = 600
	if at := strings.Index(output, "Error: "); at >= 0 {
		output = output[at:]
	} else if over := len(output) - most; over > 0 {
		output = output[over:]
	}
	words := strings.FieldsFunc(output, func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\t' || r == '│' || r == '╵' || r == '╷'
	})
	text := strings.Join(words, " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
