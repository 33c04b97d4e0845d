// Command pictures draws the pictures of the documentation into
// templates/images, from where they are copied to docs: the layers, the calls of
// one stop, the demo in a terminal, which it runs for that, and the chart of the
// kept benchmark.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

func main() {
	only := flag.String("only", "", "draw this picture alone, such as layers")
	flag.Parse()
	program.Main("pictures", func(ctx context.Context) error { return run(ctx, *only) })
}

// picture is one file, and how it is drawn.
type picture struct {
	name string
	draw func(ctx context.Context, root string) (string, error)
}

var pictures = []picture{
	{"layers", func(context.Context, string) (string, error) { return drawLayers(), nil }},
	{"flow", func(context.Context, string) (string, error) { return drawFlow(), nil }},
	{"benchmark", drawBenchmark},
	{"demo", drawDemo},
}

func run(ctx context.Context, only string) error {
	if only != "" && !slices.ContainsFunc(pictures, func(p picture) bool { return p.name == only }) {
		return fmt.Errorf("there is no picture %q", only)
	}
	root, err := terraform.Root(ctx)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if only != "" && p.name != only {
			continue
		}
		text, err := p.draw(ctx, root)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		name := filepath.Join(root, "templates", "images", p.name+".svg")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "drew", name)
	}
	return nil
}

// drawDemo runs the demo and draws what it prints.
func drawDemo(ctx context.Context, root string) (string, error) {
	cmd := program.NewCommand(ctx, "go", "run", "./internal/cmd/demo")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CLICOLOR_FORCE=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	lines, readErr := readLines(out, time.Now)
	if err := errors.Join(readErr, cmd.Wait()); err != nil {
		return "", err
	}
	return drawTerminal(wrap(lines), "The demo in a terminal"), nil
}

// readLines reads lines to the end, with the time at which each came.
func readLines(r io.Reader, now func() time.Time) ([]record, error) {
	var lines []record
	began := now()
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		lines = append(lines, record{text: scanner.Text(), at: now().Sub(began)})
	}
	return lines, scanner.Err()
}
