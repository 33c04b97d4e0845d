package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// binaryName is what the CLI looks for in the folder of an override.
const binaryName = "terraform-provider-instance"

// build compiles the provider from the sources that this program belongs to,
// as a release is. It returns the folder of the binary.
func build(ctx context.Context, folder string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("this is not a folder of the provider's sources: it is built from them, unless -provider names a binary")
	}
	binary := filepath.Join(folder, binaryName)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, ".") //nolint:gosec // The folder is the benchmark's own.
	cmd.Dir = filepath.Dir(file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return folder, nil
}

// binaryFolder returns the folder of a binary that exists already.
func binaryFolder(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if name := strings.TrimSuffix(filepath.Base(absolute), ".exe"); name != binaryName {
		return "", fmt.Errorf("-provider: the binary must be called %s, for the CLI finds it by that name; got %q", binaryName, name)
	}
	if _, err := exec.LookPath(absolute); err != nil {
		return "", fmt.Errorf("-provider: %w", err)
	}
	return filepath.Dir(absolute), nil
}

// cliConfiguration is the CLI's configuration file: take the provider from a
// folder, and anything else from nowhere.
func cliConfiguration(binaries string) string {
	return fmt.Sprintf("disable_checkpoint = true\n\nprovider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, filepath.ToSlash(binaries))
}
