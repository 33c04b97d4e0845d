// Package modules lists the packages that a program links, each with its module,
// for the programs that check what is released. The Go command finds them, so
// nothing is compiled.
package modules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
)

// Tags are the build tags of a release. grpcnotrace leaves out a page of debugging
// (and package text/template under it) that nothing here serves.
const Tags = "grpcnotrace"

// Standard is the path that stands for the module of the standard library.
const Standard = "std"

// Main is the path of the module that the programs belong to.
const Main = "github.com/instance-power/terraform-provider-instance"

// Package is a linked package.
type Package struct {
	Path   string
	Dir    string
	Module Module
}

// Module is a module with a linked package. The standard library is the module
// Standard, in the version of the Go command.
type Module struct {
	Path    string
	Version string // empty for the module Main
	Dir     string
}

// listed is what "go list -json" prints for a package.
type listed struct {
	ImportPath string
	Dir        string
	Standard   bool
	Module     *listedModule
}

type listedModule struct {
	Path    string
	Version string
	Dir     string
	Replace *listedModule
}

// Linked returns the packages that the programs link on a platform, which has the
// form "linux/amd64".
func Linked(ctx context.Context, platform string, programs ...string) ([]Package, error) {
	goos, goarch, ok := strings.Cut(platform, "/")
	if !ok {
		return nil, fmt.Errorf("platform %q is not of the form linux/amd64", platform)
	}
	goroot, err := output(exec.CommandContext(ctx, "go", "env", "GOROOT"))
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-deps", "-tags", Tags, "-json=ImportPath,Dir,Standard,Module"}
	list := exec.CommandContext(ctx, "go", append(args, programs...)...) //nolint:gosec // Packages of this module.
	list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	out, err := output(list)
	if err != nil {
		return nil, err
	}
	return read(bytes.NewReader(out), string(bytes.TrimSpace(goroot)))
}

// output runs a command of Go. Its error has the last words of the command.
func output(command *exec.Cmd) ([]byte, error) {
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return nil, fmt.Errorf("go %s: %w", command.Args[1], err)
	}
	return out, nil
}

// LinkedOnAll returns the packages that the programs link on any of the platforms,
// each once.
func LinkedOnAll(ctx context.Context, platforms []string, programs ...string) ([]Package, error) {
	results := make([][]Package, len(platforms))
	errs := make([]error, len(platforms))
	atOnce := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i, platform := range platforms {
		group.Go(func() {
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			results[i], errs[i] = Linked(ctx, platform, programs...)
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}

	var all []Package
	seen := make(map[string]bool)
	for _, packages := range results {
		for _, p := range packages {
			if !seen[p.Path] {
				seen[p.Path] = true
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// read reads the output of "go list -json".
func read(r io.Reader, goroot string) ([]Package, error) {
	var packages []Package
	decoder := json.NewDecoder(r)
	for {
		var l listed
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		p := Package{Path: l.ImportPath, Dir: l.Dir}
		switch {
		case l.Standard:
			p.Module = Module{Path: Standard, Version: runtime.Version(), Dir: goroot}
		case l.Module == nil:
			return nil, fmt.Errorf("go list: package %s has no module", l.ImportPath)
		default:
			p.Module = Module{Path: l.Module.Path, Version: l.Module.Version, Dir: l.Module.Dir}
			// The replacement is what is compiled.
			if with := l.Module.Replace; with != nil {
				p.Module = Module{Path: with.Path, Version: with.Version, Dir: with.Dir}
			}
		}
		packages = append(packages, p)
	}
}
