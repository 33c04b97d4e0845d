package powerstate

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func (a *attempt) logCall(ctx context.Context, op backend.Op, opts backend.StopOptions) {
	if a.c.opts.Silent {
		return
	}
	tflog.Info(ctx, "Asking the cloud for a transition", map[string]any{
		"cloud": a.c.cloud, "region": a.c.region, "instance_id": a.id, "operation": op.String(),
		"force": opts.Force.String(), "stopped_mode": string(opts.Mode),
	})
}

func (a *attempt) logState(ctx context.Context, in *backend.Instance) {
	if a.c.opts.Silent {
		return
	}
	tflog.Info(ctx, "Observed the instance", map[string]any{
		"cloud": a.c.cloud, "region": a.c.region, "instance_id": a.id, "state": in.State.String(), "status": in.Raw,
	})
}

func (a *attempt) logDecision(ctx context.Context, d Decision) {
	if a.c.opts.Silent {
		return
	}
	tflog.Debug(ctx, "Decided", map[string]any{
		"cloud": a.c.cloud, "region": a.c.region, "instance_id": a.id, "state": a.last.State.String(), "status": a.last.Raw,
		"wanted": a.target.State.String(), "step": d.Step.String(),
	})
}
