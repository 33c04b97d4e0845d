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
	attributes := placeIdentity(r.clouds)
	attributes["instance_id"] = identityschema.StringAttribute{
		RequiredForImport: true,
		Description:       "Id that the cloud gave the instance.",
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// placeIdentity is the part of an identity that says where instances are.
func placeIdentity(clouds map[string]cloud) map[string]identityschema.Attribute {
	return map[string]identityschema.Attribute{
		"cloud": identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       "Cloud of the instance: " + strings.Join(cloudNames(clouds), ", ") + ".",
		},
		"region": identityschema.StringAttribute{
			OptionalForImport: true,
			Description: "Region of the instance. Default: the provider's region for the cloud; leave it out for clouds " +
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
	return to.Set(ctx, identityModel{Cloud: m.Cloud, Region: m.Region, InstanceID: m.InstanceID})
}

// imported reads what an import names, by id or by identity.
func (d *providerData) imported(
	ctx context.Context, req resource.ImportStateRequest,
) (powerStateModel, diag.Diagnostics) {
	var m powerStateModel
	if req.ID != "" || req.Identity == nil || req.Identity.Raw.IsFullyNull() {
		cloudName, region, instanceID, diags := d.parseImport(req.ID)
		if diags.HasError() {
			return m, diags
		}
		identity := identityModel{
			Cloud:      types.StringValue(cloudName),
			Region:     region,
			InstanceID: types.StringValue(instanceID),
		}
		diags.Append(d.checkIdentity("id", &identity)...)
		m.Cloud, m.Region, m.InstanceID = identity.Cloud, identity.Region, identity.InstanceID
		m.ID = types.StringValue(req.ID)
		return m, diags
	}
	var identity identityModel
	diags := req.Identity.Get(ctx, &identity)
	if diags.HasError() {
		return m, diags
	}
	diags.Append(d.checkIdentity("identity", &identity)...)
	if diags.HasError() {
		return m, diags
	}
	m.Cloud, m.Region, m.InstanceID = identity.Cloud, identity.Region, identity.InstanceID
	name := m.Cloud.ValueString()
	m.ID = types.StringValue(formatID(name, d.scope(name, m.Region.ValueString()), m.InstanceID.ValueString()))
	return m, diags
}

// checkIdentity refuses what an import, by its id or its identity, cannot name, and fills
// in the region where it names none.
func (d *providerData) checkIdentity(by string, identity *identityModel) diag.Diagnostics {
	var diags diag.Diagnostics
	wrong := func(format string, args ...any) diag.Diagnostics {
		diags.AddError("Invalid import "+by, fmt.Sprintf(format, args...))
		return diags
	}
	name, region := identity.Cloud.ValueString(), identity.Region.ValueString()
	id := identity.InstanceID.ValueString()
	c, known := d.clouds[name]
	switch {
	case !known:
		return wrong("`cloud` is %s, which is none of %s.", shown(name), quoteAll(cloudNames(d.clouds)))
	case !word.MatchString(id):
		return wrong("`instance_id` must be the cloud's id of the instance and nothing else, such as %q; got %s.",
			c.example, shown(id))
	case !c.hasRegion() && region != "":
		return wrong("%s has no regions: remove `region` from the identity.", c.title)
	case region != "" && !word.MatchString(region):
		return wrong("`region` must be a region of %s; got %s.", name, shown(region))
	}
	if others := plainlyOther(d.clouds, name, id); len(others) > 0 {
		return wrong("%q is not in the form of an instance id of %s, such as %q; it looks like one of %s. Correct "+
			"`instance_id` or `cloud`.", id, name, c.example, quoteAll(others))
	}
	switch {
	case !c.hasRegion():
		identity.Region = types.StringNull()
	case region == "":
		found, more := d.defaultRegion(name)
		if more.HasError() {
			return wrong("`region` is not set, and there is no default region for %s. Set `region` in the identity, or in the "+
				"provider's `%s` block.", name, name)
		}
		identity.Region = types.StringValue(found)
	}
	return diags
}
