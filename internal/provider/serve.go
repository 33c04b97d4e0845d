package provider

import (
	"os"
	"slices"
	"strings"

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
	logged := wantsLogs(os.Environ())
	quietLogs(logged)
	collectByNeed()
	var opts []tf6server.ServeOpt
	if debug {
		opts = append(opts, tf6server.WithManagedDebug())
	} else {
		endWithParent()
	}
	return tf6server.Serve(address, NewServer(newWith(version, clouds, engineOptions(logged))), opts...)
}

// The variables with the levels of the framework's log, of all of the protocol's
// libraries', and of this provider's own. The CLI has one for all providers too.
const (
	frameworkLog = "TF_LOG_SDK_FRAMEWORK"
	sdkLog       = "TF_LOG_SDK"
	ownLog       = "TF_LOG_PROVIDER_INSTANCE"
	providersLog = "TF_LOG_PROVIDER"
)

// quietLogs keeps logs without a reader from being written: without a level each
// line is encoded and sent to the CLI, which drops it. With thousands of
// instances that is most of what the process does and holds.
//
// Where the user asks for logs, the traces of the framework are left out all the
// same, unless these are asked for: whether they would be shown is found out for
// each attribute of each instance, through as many contexts as there were
// attributes before it, which takes minutes for 10,000 instances.
func quietLogs(wanted bool) {
	levels := map[string]string{frameworkLog: "WARN"}
	if !wanted {
		levels = map[string]string{frameworkLog: "OFF", sdkLog: "OFF", ownLog: "OFF"}
	}
	for name, level := range levels {
		if os.Getenv(name) == "" {
			// It fails for no name and no value but impossible ones.
			_ = os.Setenv(name, level)
		}
	}
}

// wantsLogs reports whether a variable asks the CLI to show what providers log.
func wantsLogs(environment []string) bool {
	return slices.ContainsFunc(environment, func(variable string) bool {
		name, level, _ := strings.Cut(variable, "=")
		return level != "" && !strings.EqualFold(level, "off") &&
			(name == "TF_LOG" || strings.HasPrefix(name, sdkLog) || strings.HasPrefix(name, providersLog))
	})
}

// NewServer returns the constructor of the protocol's server for a provider.
func NewServer(constructor func() frameworkprovider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		below := providerserver.NewProtocol6(constructor())()
		return &guard{below: &server{ProviderServer: below}, requests: requests{forget: below.StopProvider}}
	}
}

// server is the framework's server with what the framework cannot do: see
// stopping and streams. The guard around it makes errors of panics.
type server struct {
	tfprotov6.ProviderServer

	stopping stopping
	streams  streams
}
