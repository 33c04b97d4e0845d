package provider

// guidesURL is where the registry serves the guides. Links in descriptions are
// absolute, since a relative link breaks on some pages of the registry and in
// editors that show descriptions.
const guidesURL = "https://registry.terraform.io/providers/instance-power/instance/latest/docs/guides/"

// guideLink returns a Markdown link to a guide, with an optional fragment.
func guideLink(title, page string) string {
	return "[" + title + "](" + guidesURL + page + ")"
}
