// Command releasecheck checks what goreleaser made of one platform against what
// the registries and the licenses demand, and installs the provider from it with
// each CLI that it is given. Building and signing are left to tools/release/check.
//
//	releasecheck -version 0.0.1 -sources FOLDER -work FOLDER CLI...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// project is the name that every file of a release begins with.
const project = "terraform-provider-instance"

func main() {
	r := release{goos: runtime.GOOS, goarch: runtime.GOARCH}
	flag.StringVar(&r.version, "version", "", "`version` of the release, without the v")
	flag.StringVar(&r.sources, "sources", "", "`folder` of the sources, with the release in its folder dist")
	flag.StringVar(&r.work, "work", "", "`folder` for what this program makes")
	flag.Parse()
	program.Main("releasecheck", func(ctx context.Context) error { return run(ctx, os.Stdout, r, flag.Args()) })
}

// release is a release of one platform.
type release struct {
	version       string
	sources, work string
	goos, goarch  string
}

// name is the name of a file of the release.
func (r release) name(ending string) string { return project + "_" + r.version + "_" + ending }

// platform is the middle of the names of the files for one platform.
func (r release) platform() string { return r.goos + "_" + r.goarch }

// archive is the name of the archive with the provider.
func (r release) archive() string { return r.name(r.platform() + ".zip") }

// dist is the path of a file of the release.
func (r release) dist(name string) string { return filepath.Join(r.sources, "dist", name) }

func run(ctx context.Context, w io.Writer, r release, clis []string) error {
	if r.version == "" || r.sources == "" || r.work == "" || len(clis) == 0 {
		return errors.New("-version, -sources, -work and a CLI are needed")
	}
	if err := r.checkSums(); err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	fmt.Fprintln(w, "the checksums are those of all files, the registry's manifest included")

	linked, err := r.checkArchive()
	if err != nil {
		return fmt.Errorf("%s: %w", r.archive(), err)
	}
	fmt.Fprintf(w, "%s has the provider, LICENSE, NOTICE and the licenses of %d modules\n", r.archive(), len(linked))

	if err := r.checkBOM(linked); err != nil {
		return fmt.Errorf("bill of materials: %w", err)
	}
	fmt.Fprintln(w, "the bill of materials names each linked module")

	if err := r.checkSimulator(); err != nil {
		return fmt.Errorf("%s: %w", r.simulatorArchive(), err)
	}
	fmt.Fprintf(w, "%s has the simulated clouds, and their checksums are their own\n", r.simulatorArchive())
	if err := r.tryContainer(ctx, w); err != nil {
		return fmt.Errorf("%s: %w", r.simulatorArchive(), err)
	}

	if err := r.mirror(); err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	for _, cli := range clis {
		version, err := r.install(ctx, cli)
		if err != nil {
			return fmt.Errorf("%s: %w", cli, err)
		}
		fmt.Fprintf(w, "%s installed the provider from a mirror of the release, and ran it\n", version)
		if err := r.tryModule(ctx, cli); err != nil {
			return fmt.Errorf("%s: the example module: %w", cli, err)
		}
		fmt.Fprintln(w, "  and the tests of the example module passed on the released simulator, in an empty folder")
	}
	return nil
}
