package provider

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAPanicOfAnyRPCIsAnErrorOfIt calls each method of the protocol on a server
// without anything beneath it, so that each of them panics.
func TestAPanicOfAnyRPCIsAnErrorOfIt(t *testing.T) {
	t.Parallel()
	served := reflect.TypeFor[fullServer]()
	for i := range served.NumMethod() {
		method := served.Method(i)
		t.Run(method.Name, func(t *testing.T) {
			t.Parallel()
			request := reflect.New(method.Type.In(1).Elem())
			answers := reflect.ValueOf(&guard{below: broken{}}).MethodByName(method.Name).Call(
				[]reflect.Value{reflect.ValueOf(t.Context()), request})
			if !answers[1].IsNil() || answers[0].IsNil() {
				t.Fatalf("the error is %v, want none and an answer", answers[1])
			}
			text := told(t, answers[0].Interface())
			for _, want := range []string{"Bug in the provider", "invalid memory address or nil pointer dereference", issues} {
				if !strings.Contains(text, want) {
					t.Errorf("the answer is %q, want %q in it", text, want)
				}
			}
		})
	}
}

// broken is a server whose methods all panic.
type broken struct {
	fullServer
}

// told is the text of the one error in an answer.
func told(t *testing.T, answer any) string {
	t.Helper()
	var diags []*tfprotov6.Diagnostic
	switch answer := answer.(type) {
	case *tfprotov6.StopProviderResponse:
		return answer.Error
	case *tfprotov6.CallFunctionResponse:
		return answer.Error.Text
	case *tfprotov6.ListResourceServerStream:
		diags = lastPiece(answer.Results).Diagnostics
	case *tfprotov6.InvokeActionServerStream:
		completed, ok := lastPiece(answer.Events).Type.(tfprotov6.CompletedInvokeActionEventType)
		if !ok {
			t.Fatal("the last event does not complete the action")
		}
		diags = completed.Diagnostics
	default:
		found, ok := reflect.ValueOf(answer).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
		if !ok {
			t.Fatalf("%T has no diagnostics", answer)
		}
		diags = found
	}
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("got %s, want one error", texts(diags))
	}
	return diags[0].Summary + ": " + diags[0].Detail
}

func lastPiece[T any](pieces iter.Seq[T]) (last T) {
	for piece := range pieces {
		last = piece
	}
	return last
}

// refusing is a server that begins no stream.
type refusing struct {
	fullServer
}

func (refusing) ListResource(
	context.Context, *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	return nil, errors.ErrUnsupported
}

func (refusing) InvokeAction(
	context.Context, *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	return nil, errors.ErrUnsupported
}

// TestAStreamThatDoesNotBeginIsARequestThatEnds: otherwise the server would never again
// be without a request, and forget nothing.
func TestAStreamThatDoesNotBeginIsARequestThatEnds(t *testing.T) {
	t.Parallel()
	g := &guard{below: refusing{}}
	if _, err := g.ListResource(t.Context(), &tfprotov6.ListResourceRequest{}); err == nil {
		t.Error("the list begins")
	}
	if _, err := g.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{}); err == nil {
		t.Error("the action begins")
	}
	if g.requests.open != 0 || g.requests.answered != 2 {
		t.Errorf("%d requests are open and %d answered, want 0 and 2", g.requests.open, g.requests.answered)
	}
}

func TestAStreamThatPanicsEndsWithTheError(t *testing.T) {
	t.Parallel()
	failed := func(d diagnostics) string { return d[0].Summary }
	pieces := func(yield func(string) bool) {
		if yield("first") {
			panic("hunter2")
		}
	}
	t.Run("in the middle", func(t *testing.T) {
		t.Parallel()
		got := slices.Collect(guardedPieces(t.Context(), "the query", pieces, failed))
		if diff := cmp.Diff(got, []string{"first", bugSummary}); diff != "" {
			t.Errorf("pieces (-got +want):\n%s", diff)
		}
	})
	t.Run("when no more is taken", func(t *testing.T) {
		t.Parallel()
		guardedPieces(t.Context(), "the query", func(yield func(string) bool) {
			yield("first")
			panic("hunter2")
		}, failed)(func(string) bool { return false })
	})
	t.Run("and an ordinary one ends as it is", func(t *testing.T) {
		t.Parallel()
		got := slices.Collect(guardedPieces(t.Context(), "the query", slices.Values([]string{"a", "b"}), failed))
		if diff := cmp.Diff(got, []string{"a", "b"}); diff != "" {
			t.Errorf("pieces (-got +want):\n%s", diff)
		}
	})
}

// panicking is a driver with a bug: it panics where a call names one instance.
type panicking struct {
	*memory.Driver

	id string
	op string
	// waits lets the op panic only once a stop was accepted.
	waits, accepted bool
}

const secretOfAPanic = "hunter2-in-a-panic"

func (d *panicking) at(op string, ids []string) {
	if op == d.op && slices.Contains(ids, d.id) && (d.accepted || !d.waits) {
		panic(errors.New(secretOfAPanic))
	}
}

func (d *panicking) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	d.at("describe", ids)
	return d.Driver.Describe(ctx, ids)
}

func (d *panicking) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	d.at("stop", ids)
	d.accepted = true
	return d.Driver.Stop(ctx, ids, opts)
}

// bugOf is the whole diagnostic, but for the line of the source.
func bugOf(operation, where string) []string {
	return []string{
		"error: Bug in the provider\n\nThe provider failed at " + operation +
			": a panic with a value of type *errors.errorString in " + where,
		"This is a bug of the provider, and not of the configuration. Please report it at " + issues,
	}
}

func wantBug(t *testing.T, diags []*tfprotov6.Diagnostic, operation string) {
	t.Helper()
	text := texts(diags)
	for _, want := range bugOf(operation, "provider.(*panicking).at (serve_panic_test.go:") {
		if !strings.Contains(text, want) {
			t.Errorf("diagnostics are %q, want %q in them", text, want)
		}
	}
	if strings.Contains(text, secretOfAPanic) {
		t.Errorf("the value of the panic is told: %s", text)
	}
}

// panickingSetup is a setup whose driver panics once its op is set.
func panickingSetup(t *testing.T) (*setup, *panicking) {
	t.Helper()
	driver := &panicking{id: "h-1"}
	wrap := func(d *memory.Driver) backend.Driver {
		driver.Driver = d
		return driver
	}
	return setupOf(t, memory.Options{}, wrap, nil, machine(backend.Running)), driver
}

func TestAPanicOfADriverKeepsTheState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]panicking{
		"of a stop":                    {op: "stop"},
		"of a read before the call":    {op: "describe"},
		"of a read while it is waited": {op: "describe", waits: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s, driver := panickingSetup(t)
				prior := s.step(resourceOf("running", nil), held{})
				plan := s.plan(resourceOf("stopped", nil), prior)
				driver.op, driver.waits = test.op, test.waits
				var log bytes.Buffer
				after, diags := s.apply(tflogtest.RootLogger(t.Context(), &log), resourceOf("stopped", nil), prior, plan)
				wantBug(t, diags, "the apply of instance_power_state")
				if diff := cmp.Diff(s.values(after.state), s.values(prior.state)); diff != "" {
					t.Errorf("the state is not that of before (-got +want):\n%s", diff)
				}
				for _, want := range []string{`"@level":"error"`, `"stack":"goroutine `, "serve_panic_test.go"} {
					if !strings.Contains(log.String(), want) {
						t.Errorf("the log has no %s: %s", want, log.String())
					}
				}
				if strings.Contains(log.String(), secretOfAPanic) {
					t.Error("the value of the panic is logged")
				}
				driver.op = ""
				s.step(resourceOf("stopped", nil), after)
			})
		})
	}
	t.Run("in a refresh and a plan", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s, driver := panickingSetup(t)
			prior := s.step(resourceOf("running", nil), held{})
			driver.op = "describe"
			after, diags := s.read(prior)
			wantBug(t, diags, "the refresh of instance_power_state")
			if diff := cmp.Diff(s.values(after.state), s.values(prior.state)); diff != "" {
				t.Errorf("the state is not that of before (-got +want):\n%s", diff)
			}
			time.Sleep(time.Minute) // What the step has seen does not serve this plan any more.
			wantBug(t, s.plan(resourceOf("stopped", nil), prior).Diagnostics, "the plan of instance_power_state")
		})
	})
}

func TestAPanicOfAnActionIsAnErrorOfIt(t *testing.T) {
	t.Parallel()
	var resp action.InvokeResponse
	// An action that was never configured has no clouds to ask.
	(&powerAction{op: backend.OpStop}).Invoke(t.Context(), action.InvokeRequest{}, &resp)
	if !resp.Diagnostics.HasError() || resp.Diagnostics[0].Summary() != bugSummary {
		t.Errorf("got %v, want the error of a bug", resp.Diagnostics)
	}
}
