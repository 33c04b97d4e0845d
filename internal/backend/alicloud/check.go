package alicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// dryRunPassed reports whether code says that a dry run passed, which is an
// error on the wire: DRYRUN.SUCCESS of the plural operations, DryRunOperation
// of the singular ones.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
func dryRunPassed(code string) bool {
	return strings.EqualFold(code, "DRYRUN.SUCCESS") || strings.EqualFold(code, "DryRunOperation")
}

// DryRun asks once for all ids, AllTogether, since a dry run with SuccessFirst
// passes whatever the checks say. A refusal is therefore the same error for
// every id, whose Fault is Shared and names the ids that the cloud named.
func (d *Driver) DryRun(ctx context.Context, op backend.Op, ids []string, opts backend.StopOptions) []error {
	err := d.dryRun(ctx, op, ids, opts)
	errs := make([]error, len(ids))
	for i := range errs {
		errs[i] = err
	}
	return errs
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
		return fmt.Errorf("no dry run of the operation %d", int(op))
	}
	query["DryRun"] = "true"
	return d.dryCall(ctx, action, d.batchQuery(ids, "AllTogether", query), ids)
}

// dryCall returns nil when the dry run passed.
func (d *Driver) dryCall(ctx context.Context, action string, query map[string]string, ids []string) error {
	ex, err := d.call(ctx, action, query, ids, nil)
	if err == nil {
		return d.incomplete(ex, "", action+": the dry run was answered as if it were the operation itself")
	}
	if code, _ := vendorCode(err); dryRunPassed(code) {
		return nil
	}
	return err
}

// CheckAbsent asks by a dry run of StopInstance, graceful, which changes
// nothing: an instance that is gone answers InvalidInstanceId.NotFound, where
// the listing leaves out one that may not be seen as well.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstance
func (d *Driver) CheckAbsent(ctx context.Context, id string) error {
	query := map[string]string{"InstanceId": id, "ForceStop": "false", "DryRun": "true"}
	err := d.dryCall(ctx, actionStopOne, query, []string{id})
	if err == nil {
		return &hiddenError{id: id}
	}
	code, status := vendorCode(err)
	entry := lookup(code)
	switch {
	case entry.kind == backend.KindNotFound && status == http.StatusNotFound:
		return nil
	case code == codeForbiddenNotFound:
		// The one code for this whose status is 403.
		return nil
	case entry.about == aboutInstance && entry.kind != backend.KindNotFound:
		return &hiddenError{id: id, err: err}
	}
	return err
}

// hiddenError says that an instance exists although the listing lacks it.
type hiddenError struct {
	id string
	// err is the answer that gave it away, or nil where the dry run passed.
	err error
}

func (e *hiddenError) Error() string {
	return e.id + " exists, but DescribeInstances does not show it"
}

func (e *hiddenError) Unwrap() error { return e.err }

// fault makes it a matter of permissions.
func (e *hiddenError) fault() backend.Fault {
	fault := backend.Fault{
		Kind:    backend.KindDenied,
		Message: e.Error(),
		Advice: "Unless the instance was created a moment ago, grant the RAM identity ecs:DescribeInstances on it: without that permission " +
			"the cloud answers with an empty list, as it does for an instance that is gone.",
	}
	var vendor vendorError
	if errors.As(e.err, &vendor) {
		fault.Code, _ = vendorCode(e.err)
		fault.RequestID = requestID(e.err)
	}
	return fault
}
