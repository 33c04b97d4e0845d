package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// example is the folder of the configuration and of the instances that it is
// about.
var (
	example = filepath.Join("examples", "demo")
	fleet   = "fleet.json"
	estate  = "estate" // a folder of its own in the example
)

// startClouds serves the simulated clouds with the instances of the example.
func startClouds(ctx context.Context, o options) (*simulator.Server, error) {
	data, err := os.ReadFile(filepath.Join(o.root, example, fleet)) //nolint:gosec // A file of the example.
	if err != nil {
		return nil, err
	}
	server, err := localcloud.New()
	if err != nil {
		return nil, err
	}
	localcloud.SetTransition(server, o.transition)
	if err := localcloud.Seed(server, data); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(example, fleet), err)
	}
	if err := server.Start(ctx, simulator.DefaultAddress); err != nil {
		return nil, err
	}
	return server, nil
}

// writeConfiguration copies a folder of the example's configuration, so that state
// and plans do not land among the sources.
func writeConfiguration(root, dir, part string) (err error) {
	from := os.DirFS(filepath.Join(root, example, part))
	dir = filepath.Join(dir, part)
	names, err := fs.Glob(from, "*.tf")
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no configuration in %s", filepath.Join(root, example, part))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, name := range names {
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		if err := to.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// settings are the variables that the demo itself sets for the CLI: its own
// configuration file in place of the user's, and the example's variables.
func settings(configFile, endpoint string, keys map[string]simulator.Credential, color bool) ([]string, error) {
	values := make(map[string]map[string]string, len(keys))
	for name, k := range keys {
		values[name] = map[string]string{"id": k.AccessKeyID, "secret": k.Secret}
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	set := append(terraform.Settings(configFile), "TF_VAR_endpoint="+endpoint, "TF_VAR_keys="+string(encoded))
	if !color {
		set = append(set, terraform.NoColor)
	}
	return set, nil
}

// demoKeys returns the key of each cloud that takes one here. The simulator made
// them up, and no real cloud knows them.
func demoKeys() map[string]simulator.Credential {
	keys := map[string]simulator.Credential{}
	for _, s := range localcloud.Services() {
		if s.Cloud != keyless {
			keys[s.Cloud] = s.Keys.Lasting
		}
	}
	return keys
}

// keyless is the cloud that gets a token in place of a key.
const keyless = "alicloud"

// runToken returns the variable in which a run of HCP Terraform has its token.
func runToken(server *simulator.Server) (string, error) {
	for _, s := range localcloud.Services() {
		if s.Cloud == keyless {
			token, err := s.Federation.Request("apply").Token(server.Issuer())
			return "TFC_WORKLOAD_IDENTITY_TOKEN=" + token, err
		}
	}
	return "", errors.New("there is no service of " + keyless)
}
