package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestModelsAreReadAndWrittenAsByTheFramework compares load and store with the framework's
// own Get and Set, for each resource and each kind of value.
func TestModelsAreReadAndWrittenAsByTheFramework(t *testing.T) {
	t.Parallel()
	clouds := memoryClouds(newMemory())
	for name, test := range map[string]struct {
		of  resource.Resource
		new func() any
	}{
		"one":   {&powerStateResource{clouds: clouds}, func() any { return new(powerStateModel) }},
		"fleet": {&fleetResource{clouds: clouds}, func() any { return new(fleetModel) }},
	} {
		for kind, fill := range map[string]func(typ tftypes.Type) any{
			"null":    func(tftypes.Type) any { return nil },
			"unknown": func(tftypes.Type) any { return tftypes.UnknownValue },
			"known":   someValue,
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				var schema resource.SchemaResponse
				test.of.Schema(t.Context(), resource.SchemaRequest{}, &schema)
				typ, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
				if !ok {
					t.Fatalf("got the type %s, want an object", schema.Schema.Type())
				}
				values := map[string]tftypes.Value{}
				for name, typ := range typ.AttributeTypes {
					values[name] = tftypes.NewValue(typ, fill(typ))
				}
				state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(typ, values)}
				got, want := test.new(), test.new()
				if diags := load(t.Context(), state, got); diags.HasError() {
					t.Fatalf("load: %v", diags)
				}
				if diags := state.Get(t.Context(), want); diags.HasError() {
					t.Fatalf("Get: %v", diags)
				}
				equal := cmp.Options{
					cmp.AllowUnexported(powerStateModel{}, fleetModel{}, members{}, declaration{}, location{}),
					cmp.Comparer(func(a, b attr.Value) bool { return a.Equal(b) }),
				}
				if diff := cmp.Diff(got, want, equal); diff != "" {
					t.Errorf("loaded (-got +want):\n%s", diff)
				}
				stored := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(typ, nil)}
				if diags := store(t.Context(), &stored, got); diags.HasError() {
					t.Fatalf("store: %v", diags)
				}
				if !stored.Raw.Equal(state.Raw) {
					t.Errorf("stored %s, want %s", stored.Raw, state.Raw)
				}
			})
		}
	}
}

// someValue returns a known value of a type.
func someValue(typ tftypes.Type) any {
	switch typ := typ.(type) {
	case tftypes.List:
		return []tftypes.Value{tftypes.NewValue(typ.ElementType, someValue(typ.ElementType))}
	case tftypes.Map:
		return map[string]tftypes.Value{"a": tftypes.NewValue(typ.ElementType, someValue(typ.ElementType))}
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, typ := range typ.AttributeTypes {
			values[name] = tftypes.NewValue(typ, someValue(typ))
		}
		return values
	}
	switch {
	case typ.Is(tftypes.Bool):
		return true
	case typ.Is(tftypes.Number):
		return 7
	}
	return "text"
}

// TestWhatCannotBeLoaded is an error of the framework's, and no panic.
func TestWhatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	var schema resource.SchemaResponse
	(&powerStateResource{clouds: memoryClouds(newMemory())}).Schema(t.Context(), resource.SchemaRequest{}, &schema)
	typ := schema.Schema.Type().TerraformType(t.Context())
	state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(typ, nil)}
	if diags := load(t.Context(), state, new(powerStateModel)); !diags.HasError() {
		t.Error("a null object: got no error, want one")
	}
	state.Raw = tftypes.NewValue(typ, tftypes.UnknownValue)
	if diags := load(t.Context(), state, new(powerStateModel)); !diags.HasError() {
		t.Error("an unknown object: got no error, want one")
	}
	state.Raw = tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{})
	if diags := load(t.Context(), state, new(fleetModel)); !diags.HasError() {
		t.Error("an object of another type: got no error, want one")
	}
	if diags := store(t.Context(), &state, new(fleetModel)); !diags.HasError() {
		t.Error("a model of another type: got no error, want one")
	}
}
