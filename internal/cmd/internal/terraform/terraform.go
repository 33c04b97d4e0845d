// Package terraform runs a real Terraform or OpenTofu with the provider of these
// sources, for the programs that show and measure it: it finds the CLI, builds
// the provider, points the one at the other, and keeps what the user has set for
// work of his own out of both. What is run, and on what, is the programs' business.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// Source is the address under which a configuration asks for the provider.
// Without a host it is that of the CLI's own registry, so that Terraform and
// OpenTofu both take it for theirs.
const Source = "instance-power/instance"

// BinaryName is what the CLI looks for in the folder of an override.
const BinaryName = "terraform-provider-instance"

// Find returns the program to run: the one that is named, by TF_CLI, else
// terraform, else tofu. look is exec.LookPath; target is what of make gets a CLI
// where there is none.
func Find(named, target string, look func(string) (string, error)) (string, error) {
	if named != "" {
		path, err := look(named)
		if err != nil {
			return "", fmt.Errorf("TF_CLI names a program that cannot be run: %w", err)
		}
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf(
		"neither terraform nor tofu is on PATH: \"make %s\" gets one, or set TF_CLI to the path of yours", target,
	)
}

// Root returns the folder of go.mod.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("this is not a folder of the provider's sources, from which it is built")
	}
	return filepath.Dir(file), nil
}

// Build compiles the provider whose sources are in root into a folder. It uses
// the flags that the release and "make build" use, so that their compiled
// packages are not compiled again. Temporary files are beside the folder.
func Build(ctx context.Context, root, folder string) error {
	binary := filepath.Join(folder, BinaryName)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	args := []string{"build", "-trimpath", "-tags", modules.Tags, "-o", binary, "."}
	build := program.NewGoCommand(ctx, filepath.Dir(folder), args...)
	build.Dir = root
	if out, err := build.Text(); err != nil {
		return fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return nil
}

// Configuration is a configuration file for the CLI: take the provider from a
// folder, and anything else from nowhere.
func Configuration(binaries string) string {
	return fmt.Sprintf("disable_checkpoint = true\n\nprovider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
		Source, filepath.ToSlash(binaries))
}
