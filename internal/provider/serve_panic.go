package provider

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// issues is where users report a bug.
const issues = "https://github.com/instance-power/terraform-provider-instance/issues"

// The diagnostic of a panic.
const bugSummary = "Bug in the provider"

// bugDetail describes a panic, without its value: that may hold anything, a secret
// too.
func bugDetail(p *panics.Panic, operation string) string {
	return fmt.Sprintf("The provider failed at %s: %s.\n\n"+
		"This is a bug of the provider, and not of the configuration. Please report it at %s with this message, and with "+
		"the stack that the log has at the level ERROR (TF_LOG=ERROR).\n\n"+
		"Other operations of this run are not affected. The state stays as it was before this one. Calls that the cloud "+
		"has already accepted are not undone, and the next refresh shows what they led to.", operation, p, issues)
}

// logPanic writes the stack to the log.
func logPanic(ctx context.Context, p *panics.Panic, operation string) {
	tflog.Error(ctx, "panic recovered", map[string]any{
		"operation": operation, "panic": p.Error(), "stack": string(p.Stack),
	})
}

// recoverInto makes an error of a panic, for a function that a library calls in a
// goroutine of its own. It must be deferred itself.
func recoverInto(ctx context.Context, diags *diag.Diagnostics, operation string) {
	if p := panics.Recovered(recover()); p != nil {
		logPanic(ctx, p, operation)
		diags.AddError(bugSummary, bugDetail(p, operation))
	}
}

// diagnostics are those of an answer.
type diagnostics []*tfprotov6.Diagnostic

// text is for an answer that has a text in their place.
func (d diagnostics) text() string {
	var lines []string
	for _, one := range d {
		lines = append(lines, one.Summary+": "+one.Detail)
	}
	return strings.Join(lines, "\n\n")
}

// bug logs a panic and makes a diagnostic of it.
func bug(ctx context.Context, p *panics.Panic, operation string) diagnostics {
	logPanic(ctx, p, operation)
	return diagnostics{{
		Severity: tfprotov6.DiagnosticSeverityError, Summary: bugSummary, Detail: bugDetail(p, operation),
	}}
}

// guard is the outermost server. A panic beneath it becomes an error of the one
// operation: without it the process would end, and with it every other operation
// of the run, whose results the CLI could not write to its state.
type guard struct {
	below    fullServer
	requests requests
}

// fullServer is all that the framework's server is asked for.
type fullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

var _ fullServer = (*guard)(nil)

// guarded calls an RPC of the server below, with a context that is lent to it. failed
// makes the answer that has the diagnostic of a panic.
func guarded[Req, Resp any](
	ctx context.Context, g *guard, operation string, req *Req, call func(context.Context, *Req) (*Resp, error),
	failed func(diagnostics) *Resp,
) (resp *Resp, err error) {
	g.requests.begin()
	defer g.requests.end(ctx)
	within, takeBack := lend(ctx)
	defer takeBack()
	return recovering(within, operation, req, call, failed) //nolint:contextcheck // It is that of the request.
}

// recovering calls an RPC of the server below, and answers in its place if it
// panics. Pieces of the answer can follow when it has returned.
func recovering[Req, Resp any](
	ctx context.Context, operation string, req *Req, call func(context.Context, *Req) (*Resp, error),
	failed func(diagnostics) *Resp,
) (resp *Resp, err error) {
	defer func() {
		if p := panics.Recovered(recover()); p != nil {
			resp, err = failed(bug(ctx, p, operation)), nil
		}
	}()
	return call(ctx, req)
}

// onePiece is a stream of one piece.
func onePiece[T any](piece T) iter.Seq[T] { return func(yield func(T) bool) { yield(piece) } }

// guardedPieces are the pieces of a stream. A panic ends it with one more piece,
// which has the diagnostic.
func guardedPieces[T any](
	ctx context.Context, operation string, pieces iter.Seq[T], failed func(diagnostics) T,
) iter.Seq[T] {
	return func(yield func(T) bool) {
		taken := true // whether the other side takes pieces, and is not at work on one
		defer func() {
			p := panics.Recovered(recover())
			if p == nil {
				return
			}
			d := bug(ctx, p, operation)
			if taken {
				yield(failed(d))
			}
		}()
		for piece := range pieces {
			taken = false
			if !yield(piece) {
				return
			}
			taken = true
		}
	}
}
