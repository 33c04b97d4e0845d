package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// block describes the configuration of a cloud. It is a block and not an object
// because Terraform drops an attribute of an object that it does not know
// without a word.
func (c cloud) block() schema.Block {
	attributes := map[string]schema.Attribute{
		"endpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: endpointDescription(c),
		},
		"requests_per_second": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: "Limit of the calls per second of each API action: `0.1` to `1000000`; default: the cloud's " +
				"documented limits. Lower it where several runs share one account.",
			Validators: []validator.Number{numberValidator{least: 0.1, most: 1e6}},
		},
	}
	if c.hasRegion() {
		attributes["region"] = schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Default region of resources, data sources and actions." + fromEnvironment(c.regionEnv),
			Validators:          []validator.String{optionalRegion()},
		}
	}
	for _, f := range c.fields {
		attribute := schema.StringAttribute{
			Optional:            true,
			Sensitive:           f.sensitive,
			MarkdownDescription: f.description,
		}
		if len(f.oneOf) > 0 {
			attribute.Validators = []validator.String{oneOf(f.oneOf...)}
		}
		attributes[f.name] = attribute
	}
	block := schema.SingleNestedBlock{
		MarkdownDescription: c.title + ". Every argument is optional; credentials are read when the cloud is first used.",
		Attributes:          attributes,
	}
	if c.account != nil {
		describeCredentials(c.account, &block)
	}
	return block
}

func endpointDescription(c cloud) string {
	text := "URL of the API, scheme and host, instead of the cloud's own. Plain `http` is accepted for a loopback " +
		"address only"
	if c.hasRegion() {
		text += "; `{region}` stands for the region of the resource"
	}
	return text + "."
}

// fromEnvironment ends the description of an argument that an environment variable can
// give.
func fromEnvironment(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " If unset, the environment variable `" + strings.Join(names, "`, else `") + "` is used."
}

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
