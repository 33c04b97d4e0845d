package provider

import (
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
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

// server is the framework's server with what the framework cannot do: see
// stopping and streams.
type server struct {
	tfprotov6.ProviderServer

	stopping stopping
	streams  streams
}
