package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Patience is how long an interrupted command has to end by itself. Terraform
// stops its providers and writes its state in far less.
const Patience = 10 * time.Second

// Command is a command that is interrupted, once, when its context ends, and is
// ended with all that it started when its patience is over.
type Command struct {
	*exec.Cmd

	ctx context.Context //nolint:containedctx // It is that of the command, as in exec.Cmd.
}

// NewCommand returns a command that is ready to run.
func NewCommand(ctx context.Context, path string, args ...string) *Command {
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // The user of the program names it.
	cmd.Cancel = func() error { return interruptGroup(cmd.Process) }
	cmd.WaitDelay = Patience
	ownGroup(cmd)
	return &Command{Cmd: cmd, ctx: ctx}
}

// NewGoCommand returns a command of Go that has its temporary files in a folder: "go
// build" leaves them where they are when it is interrupted.
func NewGoCommand(ctx context.Context, temporary string, args ...string) *Command {
	c := NewCommand(ctx, "go", args...)
	c.Env = append(os.Environ(), "GOTMPDIR="+temporary)
	return c
}

// Run runs the command to its end and returns its exit code: an error is only
// that it did not get there, for the cause of the context where that ended.
// started, unless it is nil, is told of the process.
func (c *Command) Run(started func(p *os.Process)) (code int, err error) {
	err = c.Start()
	if err == nil {
		if started != nil {
			started(c.Process)
		}
		err = c.Wait()
	}
	if c.ctx.Err() != nil {
		if c.Process != nil {
			endGroup(c.Process)
		}
		return 0, context.Cause(c.ctx)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", filepath.Base(c.Path), err)
	}
	return 0, nil
}

// Text runs the command to its end and returns all that it prints. That it ends with
// another code than 0 is an error too.
func (c *Command) Text() (string, error) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	code, err := c.Run(nil)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return out.String(), err
}
