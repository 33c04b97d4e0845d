package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below are the documented JSON output of "terraform providers schema
// -json" (https://developer.hashicorp.com/terraform/cli/commands/providers/schema).
// A type of an attribute encodes itself.

type providersJSON struct {
	FormatVersion string                  `json:"format_version"`
	Providers     map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider    *schemaJSON              `json:"provider,omitempty"`
	Resources   map[string]*schemaJSON   `json:"resource_schemas,omitempty"`
	DataSources map[string]*schemaJSON   `json:"data_source_schemas,omitempty"`
	Ephemerals  map[string]*schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
	Lists       map[string]*schemaJSON   `json:"list_resource_schemas,omitempty"`
	Actions     map[string]*actionJSON   `json:"action_schemas,omitempty"`
	Functions   map[string]*functionJSON `json:"functions,omitempty"`
	Identities  map[string]*identityJSON `json:"resource_identity_schemas,omitempty"`
}

type schemaJSON struct {
	Version int64      `json:"version"`
	Block   *blockJSON `json:"block,omitempty"`
}

type actionJSON struct {
	Block *blockJSON `json:"block,omitempty"`
}

type blockJSON struct {
	Attributes      map[string]*attributeJSON   `json:"attributes,omitempty"`
	BlockTypes      map[string]*nestedBlockJSON `json:"block_types,omitempty"`
	Description     string                      `json:"description,omitempty"`
	DescriptionKind string                      `json:"description_kind,omitempty"`
	Deprecated      bool                        `json:"deprecated,omitempty"`
	DeprecationText string                      `json:"deprecation_message,omitempty"`
}

type nestedBlockJSON struct {
	NestingMode string     `json:"nesting_mode,omitempty"`
	Block       *blockJSON `json:"block,omitempty"`
	MinItems    int64      `json:"min_items,omitempty"`
	MaxItems    int64      `json:"max_items,omitempty"`
}

type attributeJSON struct {
	Type            tftypes.Type    `json:"type,omitempty"`
	NestedType      *nestedTypeJSON `json:"nested_type,omitempty"`
	Description     string          `json:"description,omitempty"`
	DescriptionKind string          `json:"description_kind,omitempty"`
	Deprecated      bool            `json:"deprecated,omitempty"`
	DeprecationText string          `json:"deprecation_message,omitempty"`
	Required        bool            `json:"required,omitempty"`
	Optional        bool            `json:"optional,omitempty"`
	Computed        bool            `json:"computed,omitempty"`
	Sensitive       bool            `json:"sensitive,omitempty"`
	WriteOnly       bool            `json:"write_only,omitempty"`
}

type nestedTypeJSON struct {
	Attributes  map[string]*attributeJSON `json:"attributes,omitempty"`
	NestingMode string                    `json:"nesting_mode,omitempty"`
}

type functionJSON struct {
	Description        string           `json:"description,omitempty"`
	Summary            string           `json:"summary,omitempty"`
	DeprecationMessage string           `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type     `json:"return_type"`
	Parameters         []*parameterJSON `json:"parameters,omitempty"`
	VariadicParameter  *parameterJSON   `json:"variadic_parameter,omitempty"`
}

type parameterJSON struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

type identityJSON struct {
	Version    int64                             `json:"version"`
	Attributes map[string]*identityAttributeJSON `json:"attributes,omitempty"`
}

type identityAttributeJSON struct {
	Type              tftypes.Type `json:"type,omitempty"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

func newProvider(
	s *tfprotov6.GetProviderSchemaResponse, ids *tfprotov6.GetResourceIdentitySchemasResponse,
) providerJSON {
	return providerJSON{
		Provider:    newSchema(s.Provider),
		Resources:   convert(s.ResourceSchemas, newSchema),
		DataSources: convert(s.DataSourceSchemas, newSchema),
		Ephemerals:  convert(s.EphemeralResourceSchemas, newSchema),
		Lists:       convert(s.ListResourceSchemas, newSchema),
		Actions:     convert(s.ActionSchemas, newAction),
		Functions:   convert(s.Functions, newFunction),
		Identities:  convert(ids.IdentitySchemas, newIdentity),
	}
}

// convert applies f to each value of m.
func convert[A, B any](m map[string]A, f func(A) B) map[string]B {
	out := make(map[string]B, len(m))
	for name, value := range m {
		out[name] = f(value)
	}
	return out
}

func newSchema(s *tfprotov6.Schema) *schemaJSON {
	if s == nil {
		return nil
	}
	return &schemaJSON{Version: s.Version, Block: newBlock(s.Block)}
}

func newAction(a *tfprotov6.ActionSchema) *actionJSON {
	if a == nil || a.Schema == nil {
		return &actionJSON{}
	}
	return &actionJSON{Block: newBlock(a.Schema.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) *blockJSON {
	if b == nil {
		return nil
	}
	out := &blockJSON{
		Attributes:      newAttributes(b.Attributes),
		BlockTypes:      make(map[string]*nestedBlockJSON, len(b.BlockTypes)),
		Description:     b.Description,
		DescriptionKind: strings.ToLower(b.DescriptionKind.String()),
		Deprecated:      b.Deprecated,
		DeprecationText: b.DeprecationMessage,
	}
	for _, nested := range b.BlockTypes {
		out.BlockTypes[nested.TypeName] = &nestedBlockJSON{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       newBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return out
}

func newAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]*attributeJSON {
	out := make(map[string]*attributeJSON, len(attributes))
	for _, a := range attributes {
		out[a.Name] = &attributeJSON{
			Type:            a.Type,
			NestedType:      newNestedType(a.NestedType),
			Description:     a.Description,
			DescriptionKind: strings.ToLower(a.DescriptionKind.String()),
			Deprecated:      a.Deprecated,
			DeprecationText: a.DeprecationMessage,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
	}
	return out
}

func newNestedType(o *tfprotov6.SchemaObject) *nestedTypeJSON {
	if o == nil {
		return nil
	}
	return &nestedTypeJSON{
		Attributes:  newAttributes(o.Attributes),
		NestingMode: strings.ToLower(o.Nesting.String()),
	}
}

func newFunction(f *tfprotov6.Function) *functionJSON {
	out := &functionJSON{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
		VariadicParameter:  newParameter(f.VariadicParameter),
	}
	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, newParameter(p))
	}
	return out
}

func newParameter(p *tfprotov6.FunctionParameter) *parameterJSON {
	if p == nil {
		return nil
	}
	return &parameterJSON{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func newIdentity(s *tfprotov6.ResourceIdentitySchema) *identityJSON {
	out := &identityJSON{
		Version:    s.Version,
		Attributes: make(map[string]*identityAttributeJSON, len(s.IdentityAttributes)),
	}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = &identityAttributeJSON{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}
