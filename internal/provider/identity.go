package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ resource.ResourceWithIdentity = (*powerStateResource)(nil)

// identityModel is what tells one instance from all others. region is null on a
// cloud without regions.
type identityModel struct {
	Cloud      types.String `tfsdk:"cloud"`
	Region     types.String `tfsdk:"region"`
	InstanceID types.String `tfsdk:"instance_id"`
}

// IdentitySchema stays at version 0: Terraform asks to upgrade an identity even
// where none is stored, as in every state that Terraform before 1.12 wrote.
func (r *powerStateResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	attributes := placeIdentity("the instance", r.clouds)
	attributes["instance_id"] = identityschema.StringAttribute{
		RequiredForImport: true,
		Description:       "Id that the cloud gave the instance.",
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// placeIdentity is the part of an identity that says where one instance is, or several
// are: of is as in powerAttributes.
func placeIdentity(of string, clouds map[string]cloud) map[string]identityschema.Attribute {
	return map[string]identityschema.Attribute{
		"cloud": identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       "Cloud of " + of + ": " + strings.Join(cloudNames(clouds), ", ") + ".",
		},
		"region": identityschema.StringAttribute{
			OptionalForImport: true,
			Description: "Region of " + of + ". Default: the provider's region for the cloud; leave it out for clouds " +
				"without regions.",
		},
	}
}

// identify fills in the identity of what a model is about. A CLI that knows no
// identities ignores it.
func identify(ctx context.Context, to *tfsdk.ResourceIdentity, m powerStateModel) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.Set(ctx, identityModel{Cloud: m.Cloud, Region: m.regionOf(m.ID), InstanceID: m.InstanceID})
}

// imported reads what an import names, by id or by identity.
func (d *providerData) imported(
	ctx context.Context, req resource.ImportStateRequest,
) (powerStateModel, diag.Diagnostics) {
	var m powerStateModel
	var diags diag.Diagnostics
	by := "id"
	if !importsByIdentity(req) {
		cloudName, region, instanceID, more := d.parseImport(req.ID)
		diags = more
		m.Cloud, m.Region, m.InstanceID = types.StringValue(cloudName), region, types.StringValue(instanceID)
	} else {
		by = "identity"
		var identity identityModel
		diags = req.Identity.Get(ctx, &identity)
		m.Cloud, m.Region, m.InstanceID = identity.Cloud, identity.Region, identity.InstanceID
	}
	if diags.HasError() {
		return m, diags
	}
	id := m.InstanceID.ValueString()
	diags.Append(d.checkImport(by, "`instance_id`", &m.location, id)...)
	if diags.HasError() {
		return m, diags
	}
	name := m.Cloud.ValueString()
	m.ID = types.StringValue(formatID(name, d.scope(name, m.Region.ValueString()), id))
	return m, diags
}

// importsByIdentity reports whether an import names an identity and no id.
func importsByIdentity(req resource.ImportStateRequest) bool {
	return req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsFullyNull()
}

// checkImport refuses what an import, by its id or its identity, cannot name, and fills in
// the region where it names none. each is what an error calls one of the ids.
func (d *providerData) checkImport(by, each string, at *location, ids ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	wrong := func(format string, args ...any) diag.Diagnostics {
		diags.AddError("Invalid import "+by, fmt.Sprintf(format, args...))
		return diags
	}
	name, region := at.Cloud.ValueString(), at.Region.ValueString()
	c, known := d.clouds[name]
	switch {
	case !known:
		return wrong("`cloud` is %s, which is none of %s.", shown(name), quoteAll(cloudNames(d.clouds)))
	case !c.hasRegion() && region != "":
		return wrong("%s has no regions: remove `region` from the identity.", c.title)
	case region != "" && !word.MatchString(region):
		return wrong("`region` must be a region of %s; got %s.", name, shown(region))
	}
	for _, id := range ids {
		if !word.MatchString(id) {
			return wrong("%s must be the cloud's id of the instance and nothing else, such as %q; got %s.",
				each, c.example, shown(id))
		}
		if others := plainlyOther(d.clouds, name, id); len(others) > 0 {
			return wrong("%q is not in the form of an instance id of %s, such as %q; it looks like one of %s. Correct "+
				"the id or the cloud.", id, name, c.example, quoteAll(others))
		}
	}
	switch {
	case !c.hasRegion():
		at.Region = types.StringNull()
	case region == "":
		found, more := d.defaultRegion(name)
		if more.HasError() {
			return wrong("`region` is not set, and there is no default region for %s. Set `region` in the identity, or in the "+
				"provider's `%s` block.", name, name)
		}
		at.Region = types.StringValue(found)
	}
	return diags
}
