package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// cloud is what the provider knows about one cloud: its configuration block,
// and how to make its driver. All else about it is in the driver.
type cloud struct {
	// title is the name that users know, such as "Alibaba Cloud ECS".
	title string
	// fields are the arguments of the configuration block that are the
	// cloud's own; region, endpoint and requests_per_second are common.
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
	// credentials checks that the values are enough to sign in. It returns the
	// fields that are missing.
	credentials func(values values) (missing []string)
	// instead says what can be set instead of the missing fields, as a
	// sentence; it may be empty.
	instead string
	// open makes the driver.
	open func(values values, region string, opts openOptions) (backend.Driver, error)
}

// field is one argument of a configuration block.
type field struct {
	name     string
	env      []string // variables that give it a value, first set wins
	fallback string
	oneOf    []string
	// goesWith are the fields that this one belongs to: where the configuration
	// sets them all, the environment, which may hold the token of another key,
	// is not asked.
	goesWith    []string
	sensitive   bool
	description string
}

// values are the resolved fields of one cloud.
type values map[string]string

// openOptions are common to all drivers.
type openOptions struct {
	endpoint  string
	userAgent string
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

// howToSet says where the value of a field can come from.
func (f field) howToSet(cloudName string) string {
	text := fmt.Sprintf("`%s` in the provider's `%s` block", f.name, cloudName)
	if len(f.env) > 0 {
		text += ", or the environment variable " + strings.Join(f.env, " or ")
	}
	return text
}

// needs returns a credentials check for fields that must all be set.
func needs(names ...string) func(values) []string {
	return func(v values) (missing []string) {
		for _, name := range names {
			if v[name] == "" {
				missing = append(missing, name)
			}
		}
		return missing
	}
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
