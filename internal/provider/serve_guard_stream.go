package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// ValidateListResourceConfig implements tfprotov6.ListResourceServer.
func (g *guard) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return guarded(ctx, g, "the validation of list "+req.TypeName, req, g.below.ValidateListResourceConfig,
		func(d diagnostics) *tfprotov6.ValidateListResourceConfigResponse {
			return &tfprotov6.ValidateListResourceConfigResponse{Diagnostics: d}
		})
}

// ListResource implements tfprotov6.ListResourceServer.
func (g *guard) ListResource(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	operation := "the query of " + req.TypeName
	failed := func(d diagnostics) tfprotov6.ListResourceResult {
		return tfprotov6.ListResourceResult{Diagnostics: d}
	}
	g.requests.begin()
	stream, err := recovering(ctx, operation, req, g.below.ListResource,
		func(d diagnostics) *tfprotov6.ListResourceServerStream {
			return &tfprotov6.ListResourceServerStream{Results: onePiece(failed(d))}
		})
	if err != nil {
		g.requests.end(ctx)
		return nil, err
	}
	pieces := guardedPieces(ctx, operation, stream.Results, failed)
	return &tfprotov6.ListResourceServerStream{Results: ending(pieces, func() { g.requests.end(ctx) })}, nil
}

// ValidateActionConfig implements tfprotov6.ActionServer.
func (g *guard) ValidateActionConfig(
	ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	return guarded(ctx, g, "the validation of action "+req.ActionType, req, g.below.ValidateActionConfig,
		func(d diagnostics) *tfprotov6.ValidateActionConfigResponse {
			return &tfprotov6.ValidateActionConfigResponse{Diagnostics: d}
		})
}

// PlanAction implements tfprotov6.ActionServer.
func (g *guard) PlanAction(
	ctx context.Context, req *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	return guarded(ctx, g, "the plan of action "+req.ActionType, req, g.below.PlanAction,
		func(d diagnostics) *tfprotov6.PlanActionResponse {
			return &tfprotov6.PlanActionResponse{Diagnostics: d}
		})
}

// InvokeAction implements tfprotov6.ActionServer. The framework calls the action
// itself in a goroutine of its own, which powerAction.Invoke guards.
func (g *guard) InvokeAction(
	ctx context.Context, req *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	operation := "the action " + req.ActionType
	failed := func(d diagnostics) tfprotov6.InvokeActionEvent {
		return tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: d}}
	}
	g.requests.begin()
	stream, err := recovering(ctx, operation, req, g.below.InvokeAction,
		func(d diagnostics) *tfprotov6.InvokeActionServerStream {
			return &tfprotov6.InvokeActionServerStream{Events: onePiece(failed(d))}
		})
	if err != nil {
		g.requests.end(ctx)
		return nil, err
	}
	pieces := guardedPieces(ctx, operation, stream.Events, failed)
	return &tfprotov6.InvokeActionServerStream{Events: ending(pieces, func() { g.requests.end(ctx) })}, nil
}
