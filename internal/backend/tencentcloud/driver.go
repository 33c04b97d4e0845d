// Package tencentcloud is the driver for Tencent Cloud CVM (API 2017-03-12). It
// translates calls, words for states and error codes, and keeps what the typed
// SDK would drop. It does not wait, retry or batch calls, and it does not find
// credentials: the packages above it do.
package tencentcloud

import (
	"context"
	"regexp"
	"slices"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// batchSize is the most ids that one call may carry, and the largest page
// (SDK source, StopInstances and DescribeInstancesRequest).
const batchSize = 100

// Driver is one account and region of Tencent Cloud. Make it with New.
//
// It holds methods of the SDK's client, and not the client: otherwise the linker
// would keep all of its several hundred methods.
type Driver struct {
	kit      *driverkit.Kit
	describe func(context.Context, *cvm.DescribeInstancesRequest) (*cvm.DescribeInstancesResponse, error)
	start    func(context.Context, *cvm.StartInstancesRequest) (*cvm.StartInstancesResponse, error)
	stop     func(context.Context, *cvm.StopInstancesRequest) (*cvm.StopInstancesResponse, error)
	reboot   func(context.Context, *cvm.RebootInstancesRequest) (*cvm.RebootInstancesResponse, error)
}

var _ backend.Driver = (*Driver)(nil)

// Fault reads an error of this driver. The code decides; the HTTP status is 200
// with nearly every error
// (https://www.tencentcloud.com/document/product/213/31576).
func (*Driver) Fault(err error) backend.Fault { return driverkit.Fault(err) }

var idForm = regexp.MustCompile(`^ins-[0-9a-z]{8,}$`)

// ValidID reports whether id plainly has the form of a CVM instance, such as
// ins-r8hr2upy.
func ValidID(id string) bool { return idForm.MatchString(id) }

// BatchSize is the documented limit of every call.
func (*Driver) BatchSize() int { return batchSize }

// Capabilities returns the documented rates: 10 a second for StopInstances,
// StartInstances and RebootInstances, 40 for DescribeInstances
// (https://www.tencentcloud.com/document/api/213/33235 and
// https://cloud.tencent.com/document/api/213/15728). StopInstances takes
// running instances only, so that the mode of a stopped one cannot be changed.
func (*Driver) Capabilities() backend.Capabilities {
	return backend.Capabilities{
		StopCharging:           true,
		NativeEscalation:       true,
		ModeChangeNeedsRestart: true,
		OperationReason:        true,
		ReadsPerSecond:         40,
		WritesPerSecond:        10,
	}
}

// Describe returns the instances that DescribeInstances lists; it leaves out
// the ids that do not exist (https://cloud.tencent.com/document/api/213/15728).
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	return driverkit.DescribeByCount(ids, func(_, listed int) (driverkit.Page, error) {
		req := cvm.NewDescribeInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		return d.page(ctx, ids, req, listed)
	})
}

// page reads the page of a listing that begins after so many instances.
func (d *Driver) page(
	ctx context.Context,
	ids []string,
	req *cvm.DescribeInstancesRequest,
	offset int,
) (driverkit.Page, error) {
	req.Limit = common.Int64Ptr(batchSize)
	req.Offset = common.Int64Ptr(int64(offset))
	ctx, ex := driverkit.Record(ctx)
	resp, err := d.describe(ctx, req)
	if err != nil {
		return driverkit.Page{}, d.kit.Fail(ctx, ex, ids, err)
	}
	var answer cvm.DescribeInstancesResponseParams
	if resp != nil && resp.Response != nil {
		answer = *resp.Response
	}
	page := driverkit.Page{
		Total:      int(value(answer.TotalCount)),
		Incomplete: func(problem string) error { return d.kit.Incomplete(ex, value(answer.RequestId), problem) },
	}
	switch {
	case resp == nil || resp.Response == nil:
		return page, page.Incomplete(noResponse)
	case answer.InstanceSet == nil:
		return page, page.Incomplete("it has no InstanceSet")
	case answer.TotalCount == nil:
		return page, page.Incomplete("it has no TotalCount")
	}
	return driverkit.Fill(page, answer.InstanceSet, d.instanceOf)
}

// noResponse is why an answer says neither yes nor no.
const noResponse = "it has no Response"

// Start calls StartInstances
// (https://cloud.tencent.com/document/api/213/15735).
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, backend.OpStart, ids, func(ctx context.Context) (*string, error) {
		req := cvm.NewStartInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		resp, err := d.start(ctx, req)
		if err != nil || resp == nil || resp.Response == nil {
			return nil, err
		}
		return common.StringPtr(value(resp.Response.RequestId)), nil
	})
}

// Stop calls StopInstances (https://www.tencentcloud.com/document/api/213/33235).
// StopType says how hard in every call; ForceStop, which it replaces, must not
// be sent along with it.
func (d *Driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, backend.OpStop, ids, func(ctx context.Context) (*string, error) {
		req := cvm.NewStopInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		req.StopType = common.StringPtr(stopType(opts.Force))
		if word := modes.Word(opts.Mode); word != "" {
			req.StoppedMode = &word
		}
		resp, err := d.stop(ctx, req)
		if err != nil || resp == nil || resp.Response == nil {
			return nil, err
		}
		return common.StringPtr(value(resp.Response.RequestId)), nil
	})
}

// Reboot calls RebootInstances
// (https://cloud.tencent.com/document/api/213/15742), with StopType as in Stop.
func (d *Driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, backend.OpReboot, ids, func(ctx context.Context) (*string, error) {
		req := cvm.NewRebootInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		req.StopType = common.StringPtr(stopType(opts.Force))
		resp, err := d.reboot(ctx, req)
		if err != nil || resp == nil || resp.Response == nil {
			return nil, err
		}
		return common.StringPtr(value(resp.Response.RequestId)), nil
	})
}

// stopType is the cloud's word (SDK source, StopInstancesRequest). What is none
// of the three cuts no power.
func stopType(force backend.Force) string {
	switch force {
	case backend.Forced:
		return "HARD"
	case backend.EscalateLater:
		return "SOFT_FIRST"
	case backend.Graceful:
	}
	return "SOFT"
}

// write makes one call. The cloud answers it as a whole, so that every id has
// the same outcome. send returns no request id where the answer has no Response.
func (d *Driver) write(
	ctx context.Context,
	op backend.Op,
	ids []string,
	send func(context.Context) (*string, error),
) []backend.Outcome {
	if len(ids) == 0 {
		return nil
	}
	ctx, ex := driverkit.Record(ctx)
	requestID, err := send(ctx)
	switch {
	case err != nil:
		err = d.kit.Fail(ctx, ex, ids, err)
	case requestID == nil:
		err = d.kit.Incomplete(ex, "", noResponse)
	default:
		return slices.Repeat([]backend.Outcome{{RequestID: d.kit.Clean(*requestID)}}, len(ids))
	}
	outcomes := driverkit.Alike(ids, err)
	if len(ids) == 1 && alreadySo(op, d.Fault(err).Code) {
		outcomes[0].Err = nil
	}
	return outcomes
}

// alreadySo reports whether the code says that the one instance asked for is
// where the operation would bring it. StartInstances may answer
// InstanceStateStopped too, which says nothing of the kind.
func alreadySo(op backend.Op, code string) bool {
	switch op {
	case backend.OpStart:
		return code == codeRunning
	case backend.OpStop:
		return code == codeStopped
	case backend.OpReboot:
	}
	return false
}

// value is *p, or the zero value where the cloud said nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
