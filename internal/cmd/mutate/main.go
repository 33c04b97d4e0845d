// Command mutate plants bugs on purpose, one at a time, and fails unless each is
// caught by the test that the list of mutations names. It changes no file: the
// compiler gets the changed text as an overlay.
//
//	mutate [-root FOLDER] [-list FILE] [-run TEXT] [-histories N] [-table]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

func main() {
	var opts options
	flag.StringVar(&opts.list, "list", "internal/cmd/mutate/mutations.txt", "the list of mutations")
	flag.StringVar(&opts.containing, "run", "", "only the mutations whose names contain this")
	flag.IntVar(&opts.histories, "histories", 3000, "how many histories the model check plays for each")
	flag.BoolVar(&opts.table, "table", false, "end with a table in Markdown")
	flag.StringVar(&opts.root, "root", ".", "the root of the module")
	flag.Parse()
	program.Main("mutate", func(ctx context.Context) error { return run(ctx, os.Stdout, opts) })
}

type options struct {
	root       string
	list       string // from the root
	containing string
	histories  int
	table      bool
}

// run tries each mutation, after it has seen that all that is to catch them
// passes without any.
func run(ctx context.Context, w io.Writer, opts options) error {
	root, err := filepath.Abs(opts.root)
	if err != nil {
		return err
	}
	mutations, err := read(filepath.Join(root, filepath.FromSlash(opts.list)), opts.containing)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	tests := &tests{root: root, folder: folder, histories: opts.histories}

	fmt.Fprintf(w, "without any bug ")
	if err := tests.pass(ctx, mutations); err != nil {
		return err
	}
	fmt.Fprintln(w, "all tests pass")

	var outcomes []outcome
	failed := 0
	for _, m := range mutations {
		o := tests.try(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		outcomes = append(outcomes, o)
		if o.err != nil {
			failed++
			fmt.Fprintf(w, "NOT CAUGHT  %s: %v\n", m.name, o.err)
			continue
		}
		fmt.Fprintf(w, "caught      %s: %s\n", m.name, o.by)
	}
	if opts.table {
		printTable(w, outcomes)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d mutations are not caught", failed, len(mutations))
	}
	fmt.Fprintf(w, "all %d mutations are caught\n", len(mutations))
	return nil
}

// outcome is what became of one mutation.
type outcome struct {
	name string
	by   string // the test that failed, or the promise that was broken
	err  error  // why it counts as not caught
}

var errSurvived = errors.New("the test passes")

// overlay writes the changed file and the overlay that puts it in the place of
// the original one, and returns the path of the overlay.
func (t *tests) overlay(m mutation) (string, error) {
	changed, err := m.apply(t.root)
	if err != nil {
		return "", err
	}
	file := filepath.Join(t.folder, "changed.go")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(t.folder, "overlay.json")
	text := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(t.root, filepath.FromSlash(m.file)), file)
	return path, os.WriteFile(path, []byte(text), 0o600)
}
