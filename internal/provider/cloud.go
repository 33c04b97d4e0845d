package provider

import (
	"net/http"
	"os"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/credentials"
)

// cloud is what the provider knows about one cloud: its configuration block,
// and how to make its driver. All else about it is in the driver.
type cloud struct {
	// title is the name that users know, such as "Alibaba Cloud ECS".
	title string
	// fields are the arguments of the configuration block that are the cloud's
	// own; those about credentials are in account, and region, endpoint and
	// requests_per_second are common.
	fields []field
	// regionEnv are the variables that hold the region; none means a cloud
	// without regions.
	regionEnv []string
	// scopeField names the field that takes the place of the region in an id
	// where there are no regions.
	scopeField string
	// example is an id in the cloud's form, for messages and pages.
	example string
	// zero is a driver without an account, for questions that make no API call:
	// its capabilities and its optional interfaces.
	zero backend.Driver
	// validID reports whether an id can be one of the cloud, and plainID
	// whether its form tells that it is; nil where validID tells that much.
	validID, plainID func(id string) bool
	// anyForm is set where the cloud documents no form of ids, so that validID
	// takes the ids of other clouds too.
	anyForm bool
	// alwaysCharges is set where no stop ends the billing of compute.
	alwaysCharges bool
	// account is how its keys are found; nil for a cloud that needs none.
	account *credentials.Cloud
	// transport takes the place of the network in tests; nil is the network.
	transport http.RoundTripper
	// open makes the driver.
	open func(values values, region string, opts openOptions) (backend.Driver, error)
}

// field is one argument of a configuration block.
type field struct {
	name        string
	fallback    string
	oneOf       []string
	sensitive   bool
	description string
}

// values are the resolved fields of one cloud, and its keys.
type values map[string]string

func (v values) secret(name string) driverkit.Secret { return driverkit.Secret(v[name]) }

// openOptions are common to all drivers.
type openOptions struct {
	endpoint  string
	userAgent string
	// http is the base transport; nil means the driver's own.
	http http.RoundTripper
	// secrets must not appear in any text, beside the keys.
	secrets []string
	// previous is the driver with other keys that the new one takes the place of.
	previous backend.Driver
}

// driver are the options that every driver takes.
func (o openOptions) driver() driverkit.Options {
	return driverkit.Options{Endpoint: o.endpoint, UserAgent: o.userAgent, HTTP: o.http, Secrets: o.secrets}
}

// firstSet is the one way in which a field gets its value: configuration,
// environment, default.
func firstSet(configured string, env []string, fallback string) string {
	if configured != "" {
		return configured
	}
	for _, name := range env {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return fallback
}

func (c cloud) hasRegion() bool { return len(c.regionEnv) > 0 }

func (c cloud) field(name string) field {
	at := slices.IndexFunc(c.fields, func(f field) bool { return f.name == name })
	if at < 0 {
		return field{name: name}
	}
	return c.fields[at]
}

// cloudNames lists the clouds in a stable order.
func cloudNames(clouds map[string]cloud) []string {
	names := make([]string, 0, len(clouds))
	for name := range clouds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// plainlyOther returns the clouds whose form an id has when it does not have
// that of its own cloud.
func plainlyOther(clouds map[string]cloud, name, id string) []string {
	own, ok := clouds[name]
	if !ok || own.plain(id) || own.validID(id) && !own.anyForm {
		return nil
	}
	return cloudsThat(clouds, func(other cloud) bool { return other.plain(id) })
}

// plain reports whether the form of an id tells that it is one of the cloud.
func (c cloud) plain(id string) bool {
	if c.plainID != nil {
		return c.plainID(id)
	}
	return c.validID(id)
}
