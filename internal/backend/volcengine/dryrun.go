package volcengine

import (
	"context"
	"crypto/rand"
	"net/url"

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

// singular are the actions that take one instance, and know a dry run.
var singular = map[backend.Op]string{
	backend.OpStart:  actionStartOne,
	backend.OpStop:   actionStopOne,
	backend.OpReboot: actionRebootOne,
}

func (d *Driver) dryRun(ctx context.Context, id string, in intent) error {
	action, ok := singular[in.op]
	if !ok {
		return d.kit.NoDryRun(in.op)
	}
	query := url.Values{"InstanceId": {id}, "DryRun": {"true"}}
	in.addTo(query, rand.Text())
	var nothing any
	call, err := d.call(ctx, action, query, []string{id}, &nothing)
	return d.kit.DryRun(call.exchange, call.requestID, err, func(code string) bool { return code == codeDryRun })
}
