package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
)

// address is the provider's in the registry.
const address = "registry.terraform.io/instance-power/instance"

// Serve serves the provider to a CLI until that ends it. With debug it prints
// how to attach the CLI instead.
func Serve(version string, debug bool) error {
	var opts []tf6server.ServeOpt
	if debug {
		opts = append(opts, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, NewServer(New(version)), opts...)
}

// NewServer returns the constructor of the protocol's server for a provider.
func NewServer(constructor func() frameworkprovider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return &server{ProviderServer: providerserver.NewProtocol6(constructor())()}
	}
}

// server is the framework's server with what the framework cannot do.
//
// The framework and the protocol's library compare each element of a set with
// each other, several times in one request: 20 seconds for 10,000 ids. So the
// resources hold their ids as lists, and this server tells the CLI that they
// are sets. On the wire the two are the same, and the CLI sends the elements of
// a set in one order always.
type server struct {
	tfprotov6.ProviderServer

	stopping stopping
	streams  streams
}

// sets are the attributes, by resource or action, that are lists inside and
// sets outside.
var sets = map[string][]string{
	"instance_fleet_power_state": {"instance_ids"},
	"instance_start":             {"instance_ids"},
	"instance_stop":              {"instance_ids"},
	"instance_reboot":            {"instance_ids"},
}

// GetProviderSchema implements tfprotov6.ProviderServer.
func (s *server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.ProviderServer.GetProviderSchema(ctx, req)
	if err != nil {
		return nil, err
	}
	for typeName, attributes := range sets {
		if schema := resp.ResourceSchemas[typeName]; schema != nil {
			makeSets(schema, attributes)
		}
		if action := resp.ActionSchemas[typeName]; action != nil {
			makeSets(action.Schema, attributes)
		}
	}
	return resp, nil
}

func makeSets(schema *tfprotov6.Schema, attributes []string) {
	for _, attribute := range schema.Block.Attributes {
		if slices.Contains(attributes, attribute.Name) {
			attribute.Type = tftypes.Set{ElementType: tftypes.String}
		}
	}
}
