package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// address is the provider's address below a registry's host.
const address = "instance-power/instance"

// hosts are the registries that the CLIs take an address without a host for.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// configuration uses the provider, so that the CLI must install and run it.
const configuration = `terraform {
  required_providers {
    instance = {
      source  = "` + address + `"
      version = "%s"
    }
  }
}

output "state" {
  value = provider::instance::scheduled_state({
    running = ["mon-fri 08:00-19:30"]
  }, "UTC", "2026-11-28T08:00:00Z")
}
`

// mirror makes a filesystem mirror of the archive, in the layout that takes
// archives as they are:
// https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
func (r release) mirror() error {
	archive, err := os.ReadFile(r.dist(r.archive()))
	if err != nil {
		return err
	}
	for _, host := range hosts {
		folder := filepath.Join(r.work, "mirror", host, filepath.FromSlash(address))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		to := filepath.Join(folder, r.archive())
		if err := os.WriteFile(to, archive, 0o600); err != nil { //nolint:gosec // A folder that the user names.
			return err
		}
	}
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n",
		filepath.ToSlash(filepath.Join(r.work, "mirror")))
	return os.WriteFile(r.cliFile(), []byte(text), 0o600)
}

// cliFile is the configuration file of the CLIs.
func (r release) cliFile() string { return filepath.Join(r.work, "cli.rc") }

// environment makes a CLI take providers from the mirror, and from nowhere else.
func (r release) environment() []string {
	return append(os.Environ(), "TF_CLI_CONFIG_FILE="+r.cliFile(), "CHECKPOINT_DISABLE=1")
}

// install runs init with the CLI in a new folder, from the mirror and from nowhere
// else, and evaluates an expression with the provider. It returns the CLI's name
// and version.
func (r release) install(ctx context.Context, cli string) (string, error) {
	folder, err := os.MkdirTemp(r.work, "configuration-*")
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf(configuration, r.version)
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(text), 0o600); err != nil {
		return "", err
	}
	command := func(args ...string) (string, error) {
		command := program.NewCommand(ctx, cli, args...)
		command.Dir = folder
		command.Env = r.environment()
		out, err := command.Text()
		if err != nil {
			return "", fmt.Errorf("%s: %w\n%s", args[0], err, out)
		}
		return out, nil
	}

	out, err := command("version")
	if err != nil {
		return "", err
	}
	version, err := terraform.Version(out)
	if err != nil {
		return "", err
	}
	if _, err := command("init", "-input=false", "-no-color"); err != nil {
		return "", err
	}
	out, err = command("apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		return "", err
	}
	if want := `state = "stopped"`; !strings.Contains(out, want) {
		return "", fmt.Errorf("apply printed no %s:\n%s", want, out)
	}
	return version, nil
}
