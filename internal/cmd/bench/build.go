package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// build compiles the provider from the sources that this program belongs to,
// as a release is. It returns the folder of the binary.
func build(ctx context.Context, folder string) (string, error) {
	root, err := terraform.Root(ctx)
	if err != nil {
		return "", fmt.Errorf("%w unless -provider names a binary", err)
	}
	return folder, terraform.Build(ctx, root, folder)
}

// binaryFolder returns the folder of a binary that exists already.
func binaryFolder(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if name := strings.TrimSuffix(filepath.Base(absolute), ".exe"); name != terraform.BinaryName {
		return "", fmt.Errorf("-provider: the binary must be called %s, for the CLI finds it by that name; got %q",
			terraform.BinaryName, name)
	}
	if _, err := exec.LookPath(absolute); err != nil {
		return "", fmt.Errorf("-provider: %w", err)
	}
	return filepath.Dir(absolute), nil
}
