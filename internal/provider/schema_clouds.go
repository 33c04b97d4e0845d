package provider

import (
	"fmt"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// The sentences of the schema that name clouds. They are made from the table of the
// clouds and from what the drivers can do, so that a further cloud is in them.

// cloudsThat names the clouds for which a condition holds.
func cloudsThat(clouds map[string]cloud, holds func(cloud) bool) []string {
	var names []string
	for _, name := range cloudNames(clouds) {
		if holds(clouds[name]) {
			names = append(names, name)
		}
	}
	return names
}

// capable is a condition on what the driver of a cloud can do.
func capable(can func(backend.Driver) bool) func(cloud) bool {
	return func(c cloud) bool { return c.zero != nil && can(c.zero) }
}

// noRegions ends the default of an argument "region": it names the clouds without
// regions, or is empty.
func noRegions(clouds map[string]cloud) string {
	none := cloudsThat(clouds, func(c cloud) bool { return !c.hasRegion() })
	if len(none) == 0 {
		return ""
	}
	return fmt.Sprintf("; leave it out for clouds without regions (%s)", quoteAll(none))
}

// dryRunClouds names the clouds that have a dry run of their own, in brackets.
func dryRunClouds(clouds map[string]cloud) string {
	have := cloudsThat(clouds, capable(func(d backend.Driver) bool {
		_, ok := d.(backend.DryRunner)
		return ok
	}))
	if len(have) == 0 {
		return "(on no cloud yet)"
	}
	return "(" + quoteAll(have) + ")"
}

// escalationSentence ends the description of an argument "force_stop_after".
func escalationSentence(clouds map[string]cloud) string {
	guide := guideLink("Force and data safety", "force-and-data-safety")
	native := cloudsThat(clouds, capable(func(d backend.Driver) bool { return d.Capabilities().NativeEscalation }))
	if len(native) == 0 {
		return "See " + guide + "."
	}
	return fmt.Sprintf("On %s the cloud may cut it earlier; see %s.", quoteAll(native), guide)
}
