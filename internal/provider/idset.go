package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// idSetType is a set of strings whose checks take time in proportion to its
// size. The framework's own compare each element with each other, many times
// in one request: seconds for 1000 ids, and minutes for 10,000.
type idSetType struct{ basetypes.SetType }

// idSetValue is the value of an idSetType.
type idSetValue struct{ basetypes.SetValue }

var (
	_ basetypes.SetTypable                    = idSetType{}
	_ basetypes.SetValuableWithSemanticEquals = idSetValue{}
)

func newIDSetType() idSetType {
	return idSetType{SetType: basetypes.SetType{ElemType: types.StringType}}
}

// newIDSet returns a set of ids, each of which is named once.
func newIDSet(ids []string) idSetValue {
	elements := make([]attr.Value, len(ids))
	for i, id := range ids {
		elements[i] = types.StringValue(id)
	}
	return idSetValue{SetValue: types.SetValueMust(types.StringType, elements)}
}

// Equal implements attr.Type.
func (t idSetType) Equal(other attr.Type) bool {
	_, ok := other.(idSetType)
	return ok
}

// String implements attr.Type.
func (t idSetType) String() string { return "idSetType" }

// ValueType implements attr.Type.
func (t idSetType) ValueType(context.Context) attr.Value { return idSetValue{} }

// ValueFromSet implements basetypes.SetTypable.
func (t idSetType) ValueFromSet(_ context.Context, in basetypes.SetValue) (basetypes.SetValuable, diag.Diagnostics) {
	return idSetValue{SetValue: in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t idSetType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.SetType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	set, ok := value.(basetypes.SetValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return idSetValue{SetValue: set}, nil
}

// Validate takes the place of the framework's check for duplicates, which the
// CLI has made impossible before.
func (t idSetType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics { return nil }

// Type implements attr.Value.
func (v idSetValue) Type(context.Context) attr.Type { return newIDSetType() }

// Equal implements attr.Value.
func (v idSetValue) Equal(other attr.Value) bool {
	o, ok := other.(idSetValue)
	if !ok || v.IsNull() != o.IsNull() || v.IsUnknown() != o.IsUnknown() || len(v.Elements()) != len(o.Elements()) {
		return false
	}
	seen := make(map[string]bool, len(v.Elements()))
	for _, element := range v.Elements() {
		seen[element.String()] = true
	}
	for _, element := range o.Elements() {
		if !seen[element.String()] {
			return false
		}
	}
	return true
}

// SetSemanticEquals implements basetypes.SetValuableWithSemanticEquals.
func (v idSetValue) SetSemanticEquals(_ context.Context, other basetypes.SetValuable) (bool, diag.Diagnostics) {
	return v.Equal(other), nil
}
