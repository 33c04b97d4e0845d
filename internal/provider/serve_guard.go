package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// GetMetadata implements tfprotov6.ProviderServer.
func (g *guard) GetMetadata(
	ctx context.Context, req *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	return guarded(ctx, g, "the description of the provider", req, g.below.GetMetadata,
		func(d diagnostics) *tfprotov6.GetMetadataResponse {
			return &tfprotov6.GetMetadataResponse{Diagnostics: d}
		})
}

// GetProviderSchema implements tfprotov6.ProviderServer.
func (g *guard) GetProviderSchema(
	ctx context.Context, req *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return guarded(ctx, g, "the schema of the provider", req, g.below.GetProviderSchema,
		func(d diagnostics) *tfprotov6.GetProviderSchemaResponse {
			return &tfprotov6.GetProviderSchemaResponse{Diagnostics: d}
		})
}

// GetResourceIdentitySchemas implements tfprotov6.ProviderServer.
func (g *guard) GetResourceIdentitySchemas(
	ctx context.Context, req *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return guarded(ctx, g, "the schemas of identities", req, g.below.GetResourceIdentitySchemas,
		func(d diagnostics) *tfprotov6.GetResourceIdentitySchemasResponse {
			return &tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: d}
		})
}

// ValidateProviderConfig implements tfprotov6.ProviderServer.
func (g *guard) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return guarded(ctx, g, "the validation of the provider's configuration", req, g.below.ValidateProviderConfig,
		func(d diagnostics) *tfprotov6.ValidateProviderConfigResponse {
			return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: d}
		})
}

// ConfigureProvider implements tfprotov6.ProviderServer.
func (g *guard) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	return guarded(ctx, g, "the configuration of the provider", req, g.below.ConfigureProvider,
		func(d diagnostics) *tfprotov6.ConfigureProviderResponse {
			return &tfprotov6.ConfigureProviderResponse{Diagnostics: d}
		})
}

// StopProvider implements tfprotov6.ProviderServer.
func (g *guard) StopProvider(
	ctx context.Context, req *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	return guarded(ctx, g, "the end of the run", req, g.below.StopProvider,
		func(d diagnostics) *tfprotov6.StopProviderResponse {
			return &tfprotov6.StopProviderResponse{Error: d.text()}
		})
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (g *guard) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return guarded(ctx, g, "the validation of "+req.TypeName, req, g.below.ValidateResourceConfig,
		func(d diagnostics) *tfprotov6.ValidateResourceConfigResponse {
			return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: d}
		})
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (g *guard) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return guarded(ctx, g, "the reading of the state of "+req.TypeName, req, g.below.UpgradeResourceState,
		func(d diagnostics) *tfprotov6.UpgradeResourceStateResponse {
			return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: d}
		})
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (g *guard) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return guarded(ctx, g, "the reading of the identity of "+req.TypeName, req, g.below.UpgradeResourceIdentity,
		func(d diagnostics) *tfprotov6.UpgradeResourceIdentityResponse {
			return &tfprotov6.UpgradeResourceIdentityResponse{Diagnostics: d}
		})
}

// ReadResource implements tfprotov6.ResourceServer. The state stays as it is.
func (g *guard) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return guarded(ctx, g, "the refresh of "+req.TypeName, req, g.below.ReadResource,
		func(d diagnostics) *tfprotov6.ReadResourceResponse {
			return &tfprotov6.ReadResourceResponse{
				NewState: req.CurrentState, Private: req.Private, NewIdentity: req.CurrentIdentity, Diagnostics: d,
			}
		})
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (g *guard) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return guarded(ctx, g, "the plan of "+req.TypeName, req, g.below.PlanResourceChange,
		func(d diagnostics) *tfprotov6.PlanResourceChangeResponse {
			return &tfprotov6.PlanResourceChangeResponse{
				PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity, Diagnostics: d,
			}
		})
}

// ApplyResourceChange implements tfprotov6.ResourceServer. The state stays as it
// was before: a create writes none, and an update or a delete keeps it.
func (g *guard) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return guarded(ctx, g, "the apply of "+req.TypeName, req, g.below.ApplyResourceChange,
		func(d diagnostics) *tfprotov6.ApplyResourceChangeResponse {
			return &tfprotov6.ApplyResourceChangeResponse{
				NewState: req.PriorState, Private: req.PlannedPrivate, NewIdentity: req.PlannedIdentity, Diagnostics: d,
			}
		})
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (g *guard) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return guarded(ctx, g, "the import of "+req.TypeName, req, g.below.ImportResourceState,
		func(d diagnostics) *tfprotov6.ImportResourceStateResponse {
			return &tfprotov6.ImportResourceStateResponse{Diagnostics: d}
		})
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (g *guard) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return guarded(ctx, g, "the move to "+req.TargetTypeName, req, g.below.MoveResourceState,
		func(d diagnostics) *tfprotov6.MoveResourceStateResponse {
			return &tfprotov6.MoveResourceStateResponse{Diagnostics: d}
		})
}

// GenerateResourceConfig implements tfprotov6.ResourceServer.
func (g *guard) GenerateResourceConfig(
	ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return guarded(ctx, g, "the configuration for an import of "+req.TypeName, req, g.below.GenerateResourceConfig,
		func(d diagnostics) *tfprotov6.GenerateResourceConfigResponse {
			return &tfprotov6.GenerateResourceConfigResponse{Diagnostics: d}
		})
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (g *guard) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return guarded(ctx, g, "the validation of data "+req.TypeName, req, g.below.ValidateDataResourceConfig,
		func(d diagnostics) *tfprotov6.ValidateDataResourceConfigResponse {
			return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: d}
		})
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (g *guard) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	return guarded(ctx, g, "the reading of data "+req.TypeName, req, g.below.ReadDataSource,
		func(d diagnostics) *tfprotov6.ReadDataSourceResponse {
			return &tfprotov6.ReadDataSourceResponse{Diagnostics: d}
		})
}

// CallFunction implements tfprotov6.FunctionServer.
func (g *guard) CallFunction(
	ctx context.Context, req *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	return guarded(ctx, g, "the function "+req.Name, req, g.below.CallFunction,
		func(d diagnostics) *tfprotov6.CallFunctionResponse {
			return &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: d.text()}}
		})
}

// GetFunctions implements tfprotov6.FunctionServer.
func (g *guard) GetFunctions(
	ctx context.Context, req *tfprotov6.GetFunctionsRequest,
) (*tfprotov6.GetFunctionsResponse, error) {
	return guarded(ctx, g, "the list of functions", req, g.below.GetFunctions,
		func(d diagnostics) *tfprotov6.GetFunctionsResponse {
			return &tfprotov6.GetFunctionsResponse{Diagnostics: d}
		})
}

// ValidateEphemeralResourceConfig implements tfprotov6.EphemeralResourceServer.
func (g *guard) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return guarded(ctx, g, "the validation of "+req.TypeName, req, g.below.ValidateEphemeralResourceConfig,
		func(d diagnostics) *tfprotov6.ValidateEphemeralResourceConfigResponse {
			return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: d}
		})
}

// OpenEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (g *guard) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return guarded(ctx, g, "the opening of "+req.TypeName, req, g.below.OpenEphemeralResource,
		func(d diagnostics) *tfprotov6.OpenEphemeralResourceResponse {
			return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: d}
		})
}

// RenewEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (g *guard) RenewEphemeralResource(
	ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest,
) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return guarded(ctx, g, "the renewal of "+req.TypeName, req, g.below.RenewEphemeralResource,
		func(d diagnostics) *tfprotov6.RenewEphemeralResourceResponse {
			return &tfprotov6.RenewEphemeralResourceResponse{Private: req.Private, Diagnostics: d}
		})
}

// CloseEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (g *guard) CloseEphemeralResource(
	ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return guarded(ctx, g, "the closing of "+req.TypeName, req, g.below.CloseEphemeralResource,
		func(d diagnostics) *tfprotov6.CloseEphemeralResourceResponse {
			return &tfprotov6.CloseEphemeralResourceResponse{Diagnostics: d}
		})
}
