package backendtest_test

import (
	"context"
	"errors"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func brokenFaults() []brokenDriver {
	kind := func(from, to backend.Kind) func(f *backend.Fault) {
		return func(f *backend.Fault) {
			if f.Kind == from {
				f.Kind = to
			}
		}
	}
	whole := func(o *memory.Options) {
		o.Capabilities = new(memory.AllCapabilities())
		o.Capabilities.PerItemOutcomes = false
	}
	return []brokenDriver{
		{
			name: "takes a throttle for an outage", want: "faults/stop is throttled",
			fault: kind(backend.KindThrottled, backend.KindUnavailable),
		},
		{
			name: "takes an outage for a refusal", want: "faults/stop is unavailable when the cloud fails",
			fault: kind(backend.KindUnavailable, backend.KindInvalid),
		},
		{
			name: "takes a page for absence", want: "faults/describe is unavailable when a gateway",
			fault: func(f *backend.Fault) {
				if f.Status == 502 {
					f.Kind = backend.KindNotFound
				}
			},
		},
		{
			name: "loses the status", want: "faults/stop is unavailable when a gateway",
			fault: func(f *backend.Fault) { f.Status = 0 },
		},
		{
			name: "makes up a status", want: "faults/stop is unavailable when the connection closes",
			fault: func(f *backend.Fault) { f.Status = 500 },
		},
		{
			name: "takes denied for absence", want: "faults/start is denied",
			fault: kind(backend.KindDenied, backend.KindNotFound),
		},
		{
			name: "does not know absence", want: "faults/reboot does not find",
			fault: kind(backend.KindNotFound, backend.KindOther),
		},
		{name: "takes busy for a mistake", want: "stop is busy while", fault: kind(backend.KindBusy, backend.KindInvalid)},
		{
			name: "takes a page for an answer", want: "faults/stop is unavailable when a gateway answers with a page",
			fault: func(f *backend.Fault) { f.Unreachable = false },
		},
		{
			name: "has a kind for every error", want: "faults/an error of somebody else",
			fault: kind(backend.KindOther, backend.KindUnavailable),
		},
		{
			name: "does not say how long to stay away", want: "faults/describe keeps how long",
			fault: func(f *backend.Fault) { f.RetryAfter = 0 },
		},
		{
			name: "loses code and request id", want: "faults/stop does not find",
			fault: func(f *backend.Fault) { f.Code, f.RequestID = "", "" },
		},
		{name: "loses the message", want: "faults/stop is throttled", fault: func(f *backend.Fault) { f.Message = "" }},
		{
			name: "blames the ids for a throttle", want: "faults/stop fails for every id",
			fault: func(f *backend.Fault) { f.Shared = f.Kind == backend.KindThrottled },
		},
		{
			name: "does not say that a fault is shared", want: "stop keeps the order", opts: whole,
			fault: func(f *backend.Fault) { f.Shared = false },
		},
		{
			name: "takes every denial for the whole call's", want: "faults/stop is denied for a missing permission",
			fault: func(f *backend.Fault) {
				f.Shared = f.Shared && f.Kind != backend.KindDenied
			},
		},
		{
			name: "blames the ids for a wrong secret", want: "faults/start is denied with",
			fault: func(f *backend.Fault) { f.Shared = f.Kind == backend.KindDenied },
		},
		{
			name: "blames a stranger", want: "stop keeps the order", opts: whole,
			fault: func(f *backend.Fault) { f.IDs = []string{"stranger"} },
		},
		{
			name: "says that the faults of one id are shared", want: "stop keeps the order",
			fault: func(f *backend.Fault) { f.Shared = f.Kind == backend.KindNotFound },
		},
		{name: "tells a secret", want: "faults/describe is denied", fault: func(f *backend.Fault) {
			if f.Kind == backend.KindDenied {
				f.Message += ": wrong secret " + secret
			}
		}},
		{name: "tells a secret in the error itself", want: "faults/stop is denied", err: func(err error) error {
			var own *memory.Error
			if errors.As(err, &own) && !strings.Contains(own.Fault.Message, secret) {
				return &memory.Error{Fault: backend.Fault{Kind: own.Fault.Kind, Message: own.Fault.Message + secret}, Cause: err}
			}
			return err
		}},
		{
			name: "says that only one of a call failed", want: "faults/stop fails for every id",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				outcomes := h.do(ctx, w)
				for i := range outcomes[1:] {
					outcomes[i+1].Err = nil
				}
				return outcomes
			},
		},
		{name: "hides the context's error", want: "context/stop ends at once at its deadline", err: func(err error) error {
			return &memory.Error{Fault: (*memory.Driver)(nil).Fault(err)}
		}},
		{
			name: "has another error for each id", want: "faults/start fails for every id",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				outcomes := h.do(ctx, w)
				for i := range outcomes {
					if outcomes[i].Err != nil {
						fault := h.both.Fault(outcomes[i].Err)
						fault.Message += w.ids[i]
						outcomes[i].Err = &memory.Error{Fault: fault, Cause: outcomes[i].Err}
					}
				}
				return outcomes
			},
		},
	}
}

func brokenOthers() []brokenDriver {
	return []brokenDriver{
		{name: "does not listen to its context", want: "context/describe ends at once when", ctx: context.WithoutCancel},
		{
			name: "sends with a context that has ended", want: "context/start with a context",
			ctx: func(ctx context.Context) context.Context {
				if ctx.Err() != nil {
					return context.WithoutCancel(ctx)
				}
				return ctx
			},
		},
		{name: "takes nothing at all", want: "the batch size", batch: func(*hooked, int) int { return 0 }},
		{
			name: "has no rates", want: "the capabilities are coherent",
			can: func(c *backend.Capabilities) { c.ReadsPerSecond = 0 },
		},
		{
			name: "lets a dry run act", want: "dry run/accepts",
			dryRun: func(h *hooked, ctx context.Context, w write, answers []error) []error {
				h.do(ctx, w)
				return answers
			},
		},
		{
			name: "lets a dry run refuse nothing", want: "dry run/refuses",
			dryRun: func(_ *hooked, _ context.Context, _ write, answers []error) []error {
				return make([]error, len(answers))
			},
		},
		{
			name: "lets a dry run be denied without a word", want: "dry run/is denied",
			dryRun: func(_ *hooked, _ context.Context, _ write, answers []error) []error {
				return make([]error, len(answers))
			},
		},
		{
			name: "believes in every absence", want: "absence/is not confirmed of what exists",
			absent: func(string, error) error { return nil },
		},
		{
			name: "believes in an absence that nobody confirmed", want: "absence/is not confirmed when",
			absent: func(string, error) error { return nil },
		},
		{
			name: "believes in an absence that it may not see", want: "absence/is not confirmed with",
			absent: func(string, error) error { return nil },
		},
		{
			name: "believes in no absence", want: "absence/is confirmed",
			absent: func(id string, _ error) error { return errors.New(id + " is hiding") },
		},
		{
			name: "does not agree with itself", want: "absence/agrees",
			absent: func(id string, _ error) error { return errors.New(id + " is hiding") },
		},
		{name: "asks how much it may take", want: "batch size, capabilities and faults", batch: func(h *hooked, n int) int {
			if _, err := h.observe(context.Background(), []string{"any"}); err != nil {
				return 1
			}
			return n
		}},
	}
}
