package volcengine

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/request"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// DryRun asks for each id in turn, since only the singular operations have a
// dry run: it checks parameters, limits and stock, and answers DryRunOperation
// where it would go on (https://www.volcengine.com/docs/6396/70468).
func (d *Driver) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	errs := make([]error, len(ids))
	for i, id := range ids {
		errs[i] = d.dryRun(ctx, id, intentOf(op, ids, opts))
	}
	return errs
}

func (d *Driver) dryRun(ctx context.Context, id string, in intent) error {
	ids := []string{id}
	req := d.singular(id, in)
	if req == nil {
		return fmt.Errorf("there is no dry run of the operation %q", in.op)
	}
	requestID, err := send(ctx, req, ids)
	if err == nil {
		// To call this success could hide that the operation was carried out.
		return wrongAnswer(ids, requestID, "the dry run was answered as if it were the operation itself")
	}
	if d.Fault(err).Code == codeDryRun {
		return nil
	}
	return err
}

// singular builds the call for one instance, or nil for no known operation.
func (d *Driver) singular(id string, in intent) *request.Request {
	token := rand.Text()
	dry := sdk.Bool(true)
	var req *request.Request
	switch in.op {
	case backend.OpStart:
		req, _ = d.api.StartInstanceRequest(&ecs.StartInstanceInput{InstanceId: &id, ClientToken: &token, DryRun: dry})
	case backend.OpReboot:
		req, _ = d.api.RebootInstanceRequest(&ecs.RebootInstanceInput{InstanceId: &id, ClientToken: &token, DryRun: dry, ForceStop: &in.force})
	case backend.OpStop:
		req, _ = d.api.StopInstanceRequest(&ecs.StopInstanceInput{
			InstanceId: &id, ClientToken: &token, DryRun: dry, ForceStop: &in.force, StoppedMode: optional(in.mode),
		})
	}
	return req
}
