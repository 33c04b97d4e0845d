package provider

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The framework fills a struct by reflection that it begins anew for each call, with a
// regular expression that it compiles for each field. That was a seventh of the processor
// time of a plan. load and store do the same with what is known of the struct's type.

// load fills a model from a state. A configuration and a plan have the same form, and are
// converted: tfsdk.State(req.Config).
func load(ctx context.Context, from tfsdk.State, model any) diag.Diagnostics {
	value, err := from.Schema.Type().ValueFromTerraform(ctx, from.Raw)
	object, ok := value.(types.Object)
	if err != nil || !ok || object.IsNull() || object.IsUnknown() {
		return from.Get(ctx, model) // It says what is wrong.
	}
	attributes, target := object.Attributes(), reflect.ValueOf(model).Elem()
	for _, field := range fieldsOf(target.Type()) {
		got := reflect.ValueOf(attributes[field.name])
		if !got.IsValid() || !got.Type().AssignableTo(field.typ) {
			return from.Get(ctx, model)
		}
		target.FieldByIndex(field.index).Set(got)
	}
	return nil
}

// store writes a model to a state. A plan is converted: (*tfsdk.State)(&resp.Plan).
func store(ctx context.Context, to *tfsdk.State, model any) diag.Diagnostics {
	typ, ok := to.Schema.Type().(attr.TypeWithAttributeTypes)
	if !ok {
		return to.Set(ctx, model)
	}
	source := reflect.ValueOf(model).Elem()
	attributes := make(map[string]attr.Value)
	for _, field := range fieldsOf(source.Type()) {
		value, ok := source.FieldByIndex(field.index).Interface().(attr.Value)
		if !ok {
			return to.Set(ctx, model)
		}
		attributes[field.name] = value
	}
	object, diags := types.ObjectValue(typ.AttributeTypes(), attributes)
	if diags.HasError() {
		return to.Set(ctx, model) // It says what is wrong.
	}
	raw, err := object.ToTerraformValue(ctx)
	if err != nil {
		diags.AddError("Unable to write the state", fmt.Sprintf("This is a bug of the provider: %s.", err))
		return diags
	}
	to.Raw = raw
	return diags
}

// modelField is a field of a model that holds an attribute.
type modelField struct {
	name  string
	index []int
	typ   reflect.Type
}

// modelFields has the fields of each type of model that was used.
var modelFields sync.Map

// fieldsOf returns the fields of a model with those of the structs that it embeds.
func fieldsOf(model reflect.Type) []modelField {
	if known, ok := modelFields.Load(model); ok {
		return known.([]modelField) //nolint:forcetypeassert,errcheck // Nothing else is stored.
	}
	var fields []modelField
	for _, field := range reflect.VisibleFields(model) {
		if name, ok := field.Tag.Lookup("tfsdk"); ok {
			fields = append(fields, modelField{name: name, index: field.Index, typ: field.Type})
		}
	}
	modelFields.Store(model, fields)
	return fields
}
