package backendtest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func brokenDrivers() []brokenDriver {
	return slices.Concat(brokenReads(), brokenWrites(), brokenStops(), brokenFaults(), brokenOthers(), brokenLists())
}

func brokenReads() []brokenDriver {
	return []brokenDriver{
		{
			name: "cuts the result at a page", want: "describe/never cuts",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				return found[:min(10, len(found))], err
			},
		},
		{
			name: "makes an error of absence", want: "describe/leaves out",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				if len(found) < len(ids) && err == nil {
					err = errors.New("not found")
				}
				return found, err
			},
		},
		{
			name: "returns an empty instance for an absent one", want: "describe/returns nothing, without",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				if len(found) == 0 {
					found = make([]backend.Instance, len(ids))
				}
				return found, err
			},
		},
		{
			name: "describes the first only", want: "describe/returns each",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				return h.observe(ctx, ids[:1])
			},
		},
		{
			name: "returns each twice", want: "describe/returns each",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				return slices.Concat(found, found), err
			},
		},
		{
			name: "returns a stranger", want: "describe/returns nothing that was not",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				return append(found, backend.Instance{ID: "stranger"}), err
			},
		},
		{
			name: "takes the stopped for gone", want: "describe/finds an instance",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				return slices.DeleteFunc(found, func(in backend.Instance) bool { return in.State == backend.Stopped }), err
			},
		},
		{name: "reads a denied question as gone", want: "faults/describe is denied", err: func(err error) error {
			var own *memory.Error
			if errors.As(err, &own) && own.Fault.Kind == backend.KindDenied {
				return nil
			}
			return err
		}},
		{
			name: "stops what it describes", want: "describe/changes nothing",
			describe: func(h *hooked, ctx context.Context, ids []string) ([]backend.Instance, error) {
				found, err := h.observe(ctx, ids)
				h.both.Stop(ctx, ids, backend.StopOptions{})
				return found, err
			},
		},
		{
			name: "throws the transitions together", want: "describe/tells the states apart",
			instance: func(in *backend.Instance) {
				if in.State == backend.Starting {
					in.State = backend.Stopping
				}
			},
		},
		{
			name: "loses the cloud's word", want: "describe/keeps the cloud's own",
			instance: func(in *backend.Instance) { in.Raw = "" },
		},
		{name: "guesses at an unknown word", want: "describe/says unknown", instance: func(in *backend.Instance) {
			if in.State == backend.Unknown {
				in.State = backend.Running
			}
		}},
		{
			name: "hides what is prepaid", want: "describe/says what speaks",
			instance: func(in *backend.Instance) { in.StopChargingBar = "" },
		},
		{
			name: "takes a spot instance for an ordinary one", want: "describe/reports how an instance is paid for",
			instance: func(in *backend.Instance) {
				if in.ChargeType == backend.Spot {
					in.ChargeType = backend.PayAsYouGo
				}
			},
		},
		{
			name: "loses the zone", want: "describe/reports type and zone",
			instance: func(in *backend.Instance) { in.Zone = "" },
		},
		{
			name: "does not read the mode", want: "stopped mode/is read of",
			instance: func(in *backend.Instance) { in.StoppedMode = backend.UnknownMode },
		},
		{
			name: "says that everything stops charging", want: "stopped mode/is refused, or read",
			instance: func(in *backend.Instance) { in.StoppedMode = backend.StopCharging },
		},
		{
			name: "loses the last operation", want: "stop is reported as the last",
			instance: func(in *backend.Instance) { in.LastOperation = nil },
		},
		{
			name: "says that every operation succeeds", want: "start that fails is reported",
			instance: func(in *backend.Instance) {
				if in.LastOperation != nil {
					in.LastOperation.State = backend.OperationSucceeded
				}
			},
		},
	}
}

func brokenWrites() []brokenDriver {
	return []brokenDriver{
		{
			name: "does nothing", want: "start has one outcome",
			write: func(_ *hooked, _ context.Context, w write) []backend.Outcome {
				return make([]backend.Outcome, len(w.ids))
			},
		},
		{
			name: "writes for the first only", want: "start has one outcome",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				all := make([]backend.Outcome, len(w.ids))
				w.ids = w.ids[:1]
				copy(all, h.do(ctx, w))
				return all
			},
		},
		{
			name: "forgets an outcome", want: "stop has one outcome",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				return h.do(ctx, w)[1:]
			},
		},
		{
			name: "turns the outcomes round", want: "stop keeps the order",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				outcomes := h.do(ctx, w)
				slices.Reverse(outcomes)
				return outcomes
			},
		},
		{
			name: "sorts the ids that it was given", want: "stop has one outcome",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				defer slices.Reverse(w.ids)
				return h.do(ctx, w)
			},
		},
		{name: "waits", want: "stop does not wait", write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
			defer h.cloud.Finish()
			return h.do(ctx, w)
		}},
		{
			name: "tries again", want: "start is throttled",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				if first := h.do(ctx, w); first[0].Err == nil {
					return first
				}
				return h.do(ctx, w)
			},
		},
		{
			name: "sends a lost call again", want: "stop is unavailable when the connection closes",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				first := h.do(ctx, w)
				if first[0].Err != nil && h.both.Fault(first[0].Err).Kind == backend.KindUnavailable {
					h.do(ctx, w)
				}
				return first
			},
		},
		{name: "takes already so for a mistake", want: "stop of what is so already", opts: func(o *memory.Options) {
			o.BusyWhenAlreadySo = true
		}, fault: func(f *backend.Fault) {
			if f.Kind == backend.KindBusy {
				f.Kind = backend.KindInvalid
			}
		}},
		{
			name: "takes busy for success", want: "reboot of what is stopped is busy",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				outcomes := h.do(ctx, w)
				for i := range outcomes {
					if outcomes[i].Err != nil && h.both.Fault(outcomes[i].Err).Kind == backend.KindBusy {
						outcomes[i].Err = nil
					}
				}
				return outcomes
			},
		},
		{
			name: "stops instead of rebooting", want: "reboot has one outcome",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				if w.op == backend.OpReboot {
					w.op = backend.OpStop
				}
				return h.do(ctx, w)
			},
		},
		{
			name: "loses the request id", want: "start is reported as the last",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				outcomes := h.do(ctx, w)
				for i := range outcomes {
					outcomes[i].RequestID = ""
				}
				return outcomes
			},
		},
		{name: "is not for concurrent use", want: "stop can be called concurrently", opts: func(o *memory.Options) {
			o.Latency = 20 * time.Millisecond
		}, write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
			if !h.busy.TryLock() {
				return make([]backend.Outcome, 0)
			}
			defer h.busy.Unlock()
			return h.do(ctx, w)
		}},
	}
}

func brokenStops() []brokenDriver {
	return []brokenDriver{
		{
			name: "leaves force to the default", want: "force/is explicit in every stop",
			wire: func(w *backendtest.Write) { w.ForceExplicit = false },
		},
		{name: "leaves force to the default of a reboot", want: "force/of a reboot", wire: func(w *backendtest.Write) {
			w.ForceExplicit = w.ForceExplicit && w.Op != backend.OpReboot
		}},
		{
			name: "always cuts the power", want: "force/is said explicitly to what is stopped",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				w.opts.Force = backend.Forced
				return h.do(ctx, w)
			},
		},
		{
			name: "cuts the power when it stops charging", want: "force/is said explicitly with every mode",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				if w.opts.Mode == backend.StopCharging {
					w.opts.Force = backend.Forced
				}
				return h.do(ctx, w)
			},
		},
		{
			name: "never cuts the power", want: "force/is explicit in every stop",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				w.opts.Force = backend.Graceful
				return h.do(ctx, w)
			},
		},
		{
			name: "escalates where it was not asked to", want: "force/is explicit in every stop",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				w.opts.Force = max(w.opts.Force, backend.EscalateLater)
				return h.do(ctx, w)
			},
		},
		{name: "has another opinion on what is stopping", want: "force/is accepted, or busy", opts: func(o *memory.Options) {
			o.BusyWhenForcedWhileStopping = true
		}, fault: func(f *backend.Fault) {
			if f.Kind == backend.KindBusy {
				f.Kind = backend.KindOther
			}
		}},
		{
			name: "always sends a mode", want: "stopped mode/is sent only",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				if w.op == backend.OpStop && w.opts.Mode == backend.UnknownMode {
					w.opts.Mode = backend.KeepCharging
				}
				return h.do(ctx, w)
			},
		},
		{
			name: "sends a mode that is only observed", want: "stopped mode/that is only ever observed",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				if w.opts.Mode == backend.NotApplicable {
					w.opts.Mode = backend.KeepCharging
				}
				return h.do(ctx, w)
			},
		},
		{
			name: "does not say that the mode was refused",
			want: "stopped mode/is refused, or read",
			opts: func(o *memory.Options) {
				o.RefuseBarredMode = true
			},
			fault: func(f *backend.Fault) { f.ModeRefused = false },
		},
		{
			name: "never sends a mode", want: "stopped mode/is read back",
			write: func(h *hooked, ctx context.Context, w write) []backend.Outcome {
				w.opts.Mode = backend.UnknownMode
				return h.do(ctx, w)
			},
		},
		{name: "sends a mode with a reboot", want: "stopped mode/of a reboot", wire: func(w *backendtest.Write) {
			if w.Op == backend.OpReboot {
				w.Mode = backend.KeepCharging
			}
		}},
		{
			name: "promises to change the mode", want: "stopped mode/of what is stopped",
			can: func(c *backend.Capabilities) { c.ModeChangeNeedsRestart = false },
		},
		{name: "denies that it changes the mode", want: "stopped mode/of what is stopped", opts: func(o *memory.Options) {
			o.Capabilities = new(memory.AllCapabilities())
			o.Capabilities.ModeChangeNeedsRestart = false
		}, can: func(c *backend.Capabilities) { c.ModeChangeNeedsRestart = true }},
	}
}
