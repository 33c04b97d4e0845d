package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// testPackage is a package with fuzz targets.
type testPackage struct {
	path, dir string
	targets   []string
}

// target is the declaration of a fuzz target.
var target = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`)

// find returns the packages with fuzz targets among those that match the patterns.
// It reads their sources and compiles nothing.
func find(ctx context.Context, patterns []string) ([]testPackage, error) {
	args := append([]string{"list", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles"}, patterns...)
	var stderr bytes.Buffer
	list := exec.CommandContext(ctx, "go", args...) //nolint:gosec // Patterns of packages.
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}

	var packages []testPackage
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var l struct {
			ImportPath, Dir           string
			TestGoFiles, XTestGoFiles []string
		}
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		p := testPackage{path: l.ImportPath, dir: l.Dir}
		for _, name := range append(l.TestGoFiles, l.XTestGoFiles...) {
			data, err := os.ReadFile(filepath.Join(l.Dir, name)) //nolint:gosec // A file of the sources.
			if err != nil {
				return nil, err
			}
			for _, match := range target.FindAllSubmatch(data, -1) {
				p.targets = append(p.targets, string(match[1]))
			}
		}
		if len(p.targets) > 0 {
			packages = append(packages, p)
		}
	}
}
