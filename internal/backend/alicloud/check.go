package alicloud

import (
	"context"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// dryRunPassed reports whether a dry run passed, which is an error on the wire:
// DRYRUN.SUCCESS of the plural operations, DryRunOperation of the singular ones.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
func dryRunPassed(code string) bool {
	return strings.EqualFold(code, "DRYRUN.SUCCESS") || strings.EqualFold(code, "DryRunOperation")
}

// DryRun asks once for all ids, AllTogether, since a dry run with SuccessFirst
// passes whatever the checks say. A refusal is therefore the same error for
// every id, whose Fault is Shared and names the ids that the cloud named.
func (d *Driver) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	return slices.Repeat([]error{d.dryRun(ctx, op, ids, opts)}, len(ids))
}

func (d *Driver) dryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) error {
	var action string
	query := map[string]string{}
	switch op {
	case backend.OpStart:
		action = actionStart
	case backend.OpStop:
		action, query = actionStop, stopQuery(opts)
	case backend.OpReboot:
		action, query = actionReboot, rebootQuery(opts)
	default:
		return d.kit.NoDryRun(op)
	}
	query["DryRun"] = "true"
	ex, err := d.call(ctx, action, d.batchQuery(ids, "AllTogether", query), ids, nil)
	return d.kit.DryRun(ex, "", err, dryRunPassed)
}

// CheckAbsent reads an attribute of the instance: one that is gone is not found,
// where the listing leaves out one that may not be seen as well.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstanceattribute
func (d *Driver) CheckAbsent(ctx context.Context, id string) error {
	var answer struct{ RequestID, InstanceID string }
	ex, err := d.call(ctx, actionAttribute, map[string]string{"RegionId": d.kit.Region, "InstanceId": id}, []string{id},
		&answer)
	if err == nil && answer.InstanceID != id {
		return d.kit.Incomplete(ex, answer.RequestID, "it does not describe "+id)
	}
	if err == nil {
		return d.kit.Hidden(
			ex,
			answer.RequestID,
			id,
			"DescribeInstances",
			"Unless the instance was created a moment ago, grant the RAM identity ecs:DescribeInstances on it: without that "+
				"permission "+
				"the cloud answers with an empty list, as it does for an instance that is gone.",
		)
	}
	if fault := driverkit.Fault(err); fault.Kind == backend.KindNotFound && fault.Code != "" {
		return nil
	}
	return err
}
