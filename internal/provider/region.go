package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Regions compare without case. The provider's own, a new id and a new identity have them
// in small letters. A state keeps the letters that were written first, and with them a
// stored id and identity keep theirs: an identity must not change.

// regionName is a region as the clouds write it.
func regionName(region string) string { return strings.ToLower(region) }

// sameRegion plans a region in other letters as no change. It stands before the modifier
// that asks for a replacement.
type sameRegion struct{}

func (sameRegion) Description(context.Context) string {
	return "The same region in upper or lower case is no change."
}

func (m sameRegion) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString keeps the letters of the state, which the core accepts in the place of
// what is configured.
func (sameRegion) PlanModifyString(
	_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse,
) {
	if !req.StateValue.IsNull() && !req.PlanValue.IsNull() && !req.PlanValue.IsUnknown() &&
		regionName(req.PlanValue.ValueString()) == regionName(req.StateValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// regionOf is the region of an identity: in the letters of the id, which the state keeps
// too.
func (l location) regionOf(id types.String) types.String {
	parts := strings.Split(id.ValueString(), "/")
	if len(parts) < 2 || l.Region.IsNull() || regionName(parts[1]) != regionName(l.Region.ValueString()) {
		return l.Region
	}
	return types.StringValue(parts[1])
}
