package powerstate

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// logged reports whether anything is logged of each instance.
func (o *operation) logged() bool { return !o.c.opts.Silent }

// fields are those of every message.
func (o *operation) fields(more map[string]any) map[string]any {
	more["cloud"], more["region"], more["instance_id"] = o.c.cloud, o.c.region, o.id
	return more
}

func (o *operation) logCall(ctx context.Context, v verdict, opts backend.StopOptions) {
	if v.force == backend.Forced && !o.target.ForceStop {
		tflog.Warn(ctx, "The graceful stop has not stopped the instance in time; cutting the power",
			o.fields(map[string]any{"after": o.target.ForceStopAfter.String()}))
	}
	if !o.logged() {
		return
	}
	tflog.Info(ctx, "Sending a call to the cloud", o.fields(map[string]any{
		"operation": v.op.String(), "force": opts.Force.String(), "stopped_mode": string(opts.Mode),
	}))
}

func (o *operation) logState(ctx context.Context, in *backend.Instance) {
	if o.logged() {
		tflog.Info(ctx, "Observed the instance", o.fields(map[string]any{"state": in.State.String(), "status": in.Raw}))
	}
}

func (o *operation) logVerdict(ctx context.Context, v verdict) {
	if o.logged() {
		tflog.Debug(ctx, "Judged an observation", o.fields(map[string]any{
			"state": o.last.Instance.State.String(), "status": o.last.Instance.Raw,
			"goal": o.target.Goal.String(), "verdict": v.outcome.String(),
		}))
	}
}
