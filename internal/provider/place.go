package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// defaultCloud returns the one cloud that the configuration names.
func (d *providerData) defaultCloud() (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	var configured []string
	for _, name := range cloudNames(d.clouds) {
		if d.settings[name].configured {
			configured = append(configured, name)
		}
	}
	switch len(configured) {
	case 1:
		return configured[0], diags
	case 0:
		diags.AddAttributeError(path.Root("cloud"), "Cloud is not named",
			"`cloud` is not set, and the provider's configuration has the block of no cloud to take as the default. "+
				"Set `cloud` to one of "+quoteAll(cloudNames(d.clouds))+".")
	default:
		diags.AddAttributeError(path.Root("cloud"), "Cloud is not named",
			"`cloud` is not set, and the provider configures several clouds: "+quoteAll(configured)+
				". Set `cloud` to one of them.")
	}
	return "", diags
}

// defaultRegion returns the region that the provider has for a cloud; it is
// empty for a cloud without regions.
func (d *providerData) defaultRegion(cloudName string) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	c := d.clouds[cloudName]
	if !c.hasRegion() {
		return "", diags
	}
	region := d.settings[cloudName].region
	if region == "" {
		diags.AddAttributeError(path.Root("region"), "Region is not named",
			fmt.Sprintf("`region` is not set, and there is no default region for %s. Set `region` on the resource, `region` "+
				"in the provider's `%s` block, or the environment variable %s.",
				cloudName, cloudName, strings.Join(c.regionEnv, " or ")))
	}
	return region, diags
}

// place fills in the cloud and the region of a resource where the configuration
// leaves them to the provider's.
func (d *providerData) place(at *location) diag.Diagnostics {
	diags := d.placeCloud(&at.Cloud)
	if !diags.HasError() {
		diags.Append(d.placeRegion(at.Cloud.ValueString(), &at.Region)...)
	}
	return diags
}

func (d *providerData) placeCloud(cloudName *types.String) diag.Diagnostics {
	if !cloudName.IsUnknown() {
		return nil
	}
	name, diags := d.defaultCloud()
	if !diags.HasError() {
		*cloudName = types.StringValue(name)
	}
	return diags
}

func (d *providerData) placeRegion(name string, region *types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case !d.clouds[name].hasRegion() && region.ValueString() != "":
		diags.AddAttributeError(path.Root("region"), "Region on a cloud without regions",
			fmt.Sprintf("%s has no regions: remove `region` from the resource.", d.clouds[name].title))
	case !d.clouds[name].hasRegion():
		*region = types.StringNull()
	case (region.IsUnknown() || region.IsNull()) && !d.settings[name].unknown: // Null: moved, and not refreshed yet.
		found, more := d.defaultRegion(name)
		diags.Append(more...)
		*region = types.StringValue(found)
	}
	return diags
}

// planPlace is place for a plan: what the configuration says and does not know
// yet stays unknown, and a region that it does not name is not taken over from
// another cloud. prior is nil at a create.
func (d *providerData) planPlace(config location, prior, plan *location) diag.Diagnostics {
	if config.Region.IsNull() && (config.Cloud.IsUnknown() || prior != nil && !plan.Cloud.Equal(prior.Cloud)) {
		plan.Region = types.StringUnknown()
	}
	if config.Cloud.IsUnknown() {
		return nil
	}
	diags := d.placeCloud(&plan.Cloud)
	if diags.HasError() || config.Region.IsUnknown() {
		return diags
	}
	return append(diags, d.placeRegion(plan.Cloud.ValueString(), &plan.Region)...)
}

// parseImport reads the id of an import: cloud/region/rest.
func (d *providerData) parseImport(
	id string,
) (cloudName string, region types.String, rest string, diags diag.Diagnostics) {
	cloudName, scope, rest, err := parseID(d.clouds, id)
	if err != nil {
		diags.AddError("Invalid import id", upperFirst(err.Error()))
		return "", types.StringNull(), "", diags
	}
	c := d.clouds[cloudName]
	if c.hasRegion() {
		return cloudName, types.StringValue(scope), rest, diags
	}
	if scope != d.scope(cloudName, "") {
		diags.AddError("Invalid import id", d.otherScope(cloudName, id, scope)+".")
	}
	return cloudName, types.StringNull(), rest, diags
}
