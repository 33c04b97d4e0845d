package provider

import (
	"os"

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
	quietFramework()
	var opts []tf6server.ServeOpt
	if debug {
		opts = append(opts, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, NewServer(New(version)), opts...)
}

// frameworkLog is the variable with the level of the framework's own log.
const frameworkLog = "TF_LOG_SDK_FRAMEWORK"

// quietFramework leaves the traces of the framework out of the log, unless the
// user asks for them. Whether they would be shown is found out for each
// attribute of each instance, through as many contexts as there were attributes
// before it, whatever TF_LOG says: a plan of 10,000 instances spent minutes on
// that. A level that is set is looked up outside of the contexts.
func quietFramework() {
	if os.Getenv(frameworkLog) == "" {
		// It fails for no name and no value but impossible ones.
		_ = os.Setenv(frameworkLog, "WARN")
	}
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
