package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// toyProvider has one of each thing that a provider can offer, as small as it
// can be. Nothing but its schema is ever asked for.
type toyProvider struct {
	// invalid gives the provider a schema that its server refuses.
	invalid bool
}

var (
	_ fwprovider.ProviderWithActions       = toyProvider{}
	_ fwprovider.ProviderWithFunctions     = toyProvider{}
	_ fwprovider.ProviderWithListResources = toyProvider{}
)

func (toyProvider) Metadata(_ context.Context, _ fwprovider.MetadataRequest, resp *fwprovider.MetadataResponse) {
	resp.TypeName = "toy"
}

func (p toyProvider) Schema(_ context.Context, _ fwprovider.SchemaRequest, resp *fwprovider.SchemaResponse) {
	resp.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
		"secret": providerschema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "A `secret`."},
	}}
	if p.invalid {
		resp.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
			"version": providerschema.StringAttribute{Optional: true}, // reserved by Terraform
		}}
	}
}

func (toyProvider) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {
}

func (toyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (toyProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return toyResource{} }}
}

func (toyProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return toyList{} }}
}

func (toyProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return toyAction{} }}
}

func (toyProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return toyFunction{} }}
}

type toyResource struct{ resource.Resource }

func (toyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "toy_thing"
}

func (toyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             3,
		MarkdownDescription: "A thing.",
		Attributes: map[string]schema.Attribute{
			"name":  schema.StringAttribute{Required: true, DeprecationMessage: "use id"},
			"token": schema.StringAttribute{Optional: true, WriteOnly: true},
			"parts": schema.MapNestedAttribute{
				Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"sizes": schema.ListAttribute{Computed: true, ElementType: types.NumberType},
				}},
			},
		},
		Blocks: map[string]schema.Block{
			"limits": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{
				"update": schema.StringAttribute{Optional: true, Description: "Plain."},
			}},
		},
	}
}

func (toyResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "The name."},
		"region": identityschema.StringAttribute{OptionalForImport: true},
	}}
}

type toyList struct{ list.ListResource }

func (toyList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "toy_thing"
}

func (toyList) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = listschema.Schema{Attributes: map[string]listschema.Attribute{
		"tags": listschema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
}

type toyAction struct{ action.Action }

func (toyAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "toy_poke"
}

func (toyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionschema.Schema{Attributes: map[string]actionschema.Attribute{
		"hard": actionschema.BoolAttribute{Optional: true},
	}}
}

type toyFunction struct{ function.Function }

func (toyFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "guess"
}

func (toyFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Guesses.",
		MarkdownDescription: "Guesses <well>.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "hint", AllowNullValue: true, Description: "A hint.",
		}},
		VariadicParameter: function.DynamicParameter{Name: "more"},
		Return:            function.ObjectReturn{AttributeTypes: map[string]attr.Type{"ok": types.BoolType}},
	}
}
