// Command licenses lists every module that a release links, on any of its
// platforms, with its license, and fails on one that is missing, not recognized or
// not compatible with a binary under the MPL-2.0. With -out it also writes what
// goes into each archive: a NOTICE and the texts of the licenses.
//
//	licenses [-out FOLDER] [PROGRAM...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// all are the packages of the programs that a release has, from the top folder.
var all = []string{".", "./cmd/instance-simulator"}

// platforms are those of .goreleaser.yml.
var platforms = []string{
	"darwin/amd64", "darwin/arm64",
	"freebsd/386", "freebsd/amd64", "freebsd/arm", "freebsd/arm64",
	"linux/386", "linux/amd64", "linux/arm", "linux/arm64",
	"windows/386", "windows/amd64", "windows/arm64",
}

func main() {
	out := flag.String("out", "", "write NOTICE and the texts of the licenses into this `folder`, which is emptied first")
	flag.Parse()
	program.Main("licenses", func(ctx context.Context) error { return run(ctx, os.Stdout, *out, flag.Args()) })
}

// run is about the programs, or about all where none is named.
func run(ctx context.Context, w io.Writer, out string, programs []string) error {
	if len(programs) == 0 {
		programs = all
	}
	packages, err := modules.LinkedOnAll(ctx, platforms, programs...)
	if err != nil {
		return err
	}
	found, err := find(packages)
	if err != nil {
		return err
	}
	report(w, found)

	var errs []error
	for _, l := range found {
		if err := l.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", l.module.Path, l.module.Version, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if out == "" {
		return nil
	}
	return write(out, found)
}

// report prints a line for each module.
func report(w io.Writer, found []licensed) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", l.module.Path, l.module.Version, l.names())
	}
	_ = table.Flush() // w is standard output.
}
