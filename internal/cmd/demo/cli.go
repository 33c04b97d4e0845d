package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// cli runs Terraform or OpenTofu in one folder.
type cli struct {
	path        string
	dir         string
	environment []string
	out         *console
	// seen is what was shown before in an abridged output; nil shows everything.
	seen map[string]bool
}

// show runs a command and shows what it prints. It returns the exit code: an
// error is only that the command did not run to its end.
func (c *cli) show(ctx context.Context, args ...string) (code int, err error) {
	return c.showAndKeep(ctx, io.Discard, args...)
}

// showAndKeep is show, and writes all that the command prints to kept as well.
func (c *cli) showAndKeep(ctx context.Context, kept io.Writer, args ...string) (code int, err error) {
	c.out.command(c.name(), args)
	p := newPage(c.out, c.seen)
	w := io.MultiWriter(p, kept)
	code, err = c.run(ctx, args, w, w)
	err = errors.Join(err, p.close())
	c.out.gap()
	return code, err
}

// read runs a command and returns what it prints on its standard output.
func (c *cli) read(ctx context.Context, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	code, err := c.run(ctx, args, &stdout, &stderr)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s %s failed with exit code %d: %s", c.name(), strings.Join(args, " "), code,
			strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), err
}

// name is how the user calls the program.
func (c *cli) name() string { return strings.TrimSuffix(filepath.Base(c.path), ".exe") }

// run runs a command to its end and returns its exit code.
func (c *cli) run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int, err error) {
	cmd := program.NewCommand(ctx, c.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.environment, stdout, stderr
	return cmd.Run(nil)
}
