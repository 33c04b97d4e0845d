package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long an interrupted command has to end by itself. Terraform
// stops its providers and writes its state in far less.
const patience = 10 * time.Second

// cli runs Terraform or OpenTofu in one folder.
type cli struct {
	path        string
	dir         string
	environment []string
	out         *console
	patience    time.Duration
}

// show runs a command and shows what it prints. It returns the exit code: an
// error is only that the command did not run to its end.
func (c *cli) show(ctx context.Context, args ...string) (code int, err error) {
	c.out.command(c.name(), args)
	p := &page{w: c.out}
	cmd := c.command(ctx, args)
	cmd.Stdout, cmd.Stderr = p, p
	code, err = c.run(ctx, cmd)
	err = errors.Join(err, p.close())
	c.out.gap()
	return code, err
}

// read runs a command and returns what it prints on its standard output.
func (c *cli) read(ctx context.Context, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := c.command(ctx, args)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	code, err := c.run(ctx, cmd)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s %s failed with exit code %d: %s", c.name(), strings.Join(args, " "), code, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), err
}

// name is how the user calls the program.
func (c *cli) name() string { return strings.TrimSuffix(filepath.Base(c.path), ".exe") }

func (c *cli) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.path, args...) //nolint:gosec // The user of the program names it.
	cmd.Dir = c.dir
	cmd.Env = c.environment
	interruptible(cmd, c.patience)
	return cmd
}

// run runs a command to its end and returns its exit code.
func (c *cli) run(ctx context.Context, cmd *exec.Cmd) (code int, err error) {
	err = runToEnd(ctx, cmd)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("run %s: %w", c.name(), err)
	}
	return 0, err
}

// interruptible makes the end of a command's context an interrupt, after which
// it has some time to end by itself.
func interruptible(cmd *exec.Cmd, patience time.Duration) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	ownGroup(cmd)
}

// runToEnd runs a command that is interruptible. When ctx ends first, whatever
// the command started is ended too, and the error is the reason of ctx.
func runToEnd(ctx context.Context, cmd *exec.Cmd) error {
	err := cmd.Run()
	if ctx.Err() == nil {
		return err
	}
	if cmd.Process != nil {
		endGroup(cmd.Process)
	}
	return context.Cause(ctx)
}
