package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithIdentity  = (*fleetResource)(nil)
	_ resource.ResourceWithMoveState = (*fleetResource)(nil)
)

// fleetName is the fleet's name in a configuration.
const fleetName = "instance_fleet_power_state"

// fleetIdentity is what tells a fleet from others: its instances, which may change.
type fleetIdentity struct {
	Cloud       types.String `tfsdk:"cloud"`
	Region      types.String `tfsdk:"region"`
	InstanceIDs types.List   `tfsdk:"instance_ids"`
}

// IdentitySchema stays at version 0, as that of the single resource.
func (r *fleetResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	attributes := placeIdentity("the instances", r.clouds)
	attributes["instance_ids"] = identityschema.ListAttribute{
		RequiredForImport: true, ElementType: types.StringType, Description: "Ids of the instances of the fleet, in any " +
			"order.",
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// identify fills in the identity of a fleet. A CLI that knows no identities ignores it.
func (m fleetModel) identify(ctx context.Context, to *tfsdk.ResourceIdentity, ids []string) diag.Diagnostics {
	if to == nil {
		return nil
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, append([]string{}, ids...))
	return append(diags, to.Set(ctx, fleetIdentity{Cloud: m.Cloud, Region: m.regionOf(m.ID), InstanceIDs: list})...)
}

// MoveState takes over a fleet of this provider under another address, such as that of a
// mirror. OpenTofu asks for that with each change of the address.
func (r *fleetResource) MoveState(ctx context.Context) []resource.StateMover {
	var own resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &own)
	return []resource.StateMover{{SourceSchema: &own.Schema, StateMover: moveOwn(fleetName)}, {StateMover: moveNoFleet}}
}

func moveNoFleet(_ context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	resp.Diagnostics.AddError(fmt.Sprintf("Unable to move %s", req.SourceTypeName),
		fmt.Sprintf("An `%s` can take the place of another one, and of no other resource. The `moved` block names `%s` "+
			"of the provider %s.\n\n"+
			"Remove the `moved` block, and use a `removed` block for the former resource and an `import` block for the "+
			"fleet: neither does anything to the instances.",
			fleetName, req.SourceTypeName, req.SourceProviderAddress))
}

// ImportState takes cloud/region/id,id,..., or an identity. The refresh that follows fills
// in the rest.
func (r *fleetResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	at, ids, diags := r.data.importedFleet(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	cloudName := at.Cloud.ValueString()
	id := types.StringValue(fleetID(cloudName, r.data.scope(cloudName, at.Region.ValueString()), ids))
	for name, value := range map[string]any{
		"id":    id,
		"cloud": at.Cloud, "region": at.Region, "instance_ids": ids,
		"force_stop": false, "allow_restart": false, "on_destroy": onDestroyLeave, "max_failures": "0",
		"instances": types.MapNull(memberType),
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	m := fleetModel{ID: id}
	m.location = at
	resp.Diagnostics.Append(m.identify(ctx, resp.Identity, ids)...)
}

// importedFleet reads what an import of a fleet names, by id or by identity. The ids are
// sorted, each once.
func (d *providerData) importedFleet(
	ctx context.Context, req resource.ImportStateRequest,
) (at location, ids []string, diags diag.Diagnostics) {
	by, each := "id", "Each id between the commas"
	if !importsByIdentity(req) {
		cloudName, region, list, more := d.parseImport(req.ID)
		diags = more
		at, ids = location{Cloud: types.StringValue(cloudName), Region: region}, strings.Split(list, ",")
	} else {
		by, each = "identity", "Each of `instance_ids`"
		var identity fleetIdentity
		diags = req.Identity.Get(ctx, &identity)
		diags.Append(identity.InstanceIDs.ElementsAs(ctx, &ids, false)...)
		at = location{Cloud: identity.Cloud, Region: identity.Region}
	}
	if diags.HasError() {
		return at, nil, diags
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		diags.AddError("Invalid import "+by, "`instance_ids` is empty. Name the instances of the fleet; one "+
			"without instances need not be imported.")
		return at, nil, diags
	case len(ids) > maxFleet:
		diags.AddError("Invalid import "+by, fmt.Sprintf("It names %s, and a fleet has at most %d. Divide them among "+
			"several fleets.", instances(len(ids)), maxFleet))
		return at, nil, diags
	}
	diags.Append(d.checkImport(by, each, &at, ids...)...)
	return at, ids, diags
}
