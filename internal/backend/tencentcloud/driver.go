// Package tencentcloud is the driver for Tencent Cloud CVM (API 2017-03-12). It
// translates calls, words for states and error codes, and keeps what the typed
// SDK would drop. It does not wait, retry or join calls, and it does not look
// for credentials: package powerstate and the provider do.
package tencentcloud

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// maxIDs is the most ids that one call may carry, and the largest page
// (SDK source, StopInstances and DescribeInstancesRequest).
const maxIDs = 100

// Driver is one account and region of Tencent Cloud. Make it with New.
type Driver struct {
	client *cvm.Client
	redact *strings.Replacer
}

var _ backend.Driver = (*Driver)(nil)

var idForm = regexp.MustCompile(`^ins-[0-9a-z]{8,}$`)

// ValidID reports whether id plainly has the form of a CVM instance, such as
// ins-r8hr2upy.
func ValidID(id string) bool { return idForm.MatchString(id) }

// BatchSize is the documented limit of every call.
func (*Driver) BatchSize() int { return maxIDs }

// Capabilities gives the documented rates: 10 a second for StopInstances,
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
	if len(ids) == 0 {
		// Without ids the cloud would list the whole account.
		return nil, nil
	}
	found := make([]backend.Instance, 0, len(ids))
	seen := make(map[string]bool, len(ids))
	for offset := int64(0); ; {
		page, total, err := d.page(ctx, ids, offset)
		if err != nil {
			if len(ids) == 1 && d.Fault(err).Kind == backend.KindNotFound {
				return found, nil
			}
			return nil, err
		}
		for _, item := range page {
			// A page may repeat an instance when the listing moves under it.
			if instance := instanceOf(item); !seen[instance.ID] && slices.Contains(ids, instance.ID) {
				seen[instance.ID] = true
				found = append(found, instance)
			}
		}
		offset += int64(len(page))
		if offset >= total || len(found) == len(ids) {
			return found, nil
		}
	}
}

func (d *Driver) page(ctx context.Context, ids []string, offset int64) ([]*cvm.Instance, int64, error) {
	req := cvm.NewDescribeInstancesRequest()
	req.InstanceIds = common.StringPtrs(ids)
	req.Limit = common.Int64Ptr(maxIDs)
	req.Offset = common.Int64Ptr(offset)
	ctx, ex := driverkit.Record(ctx)
	resp, err := d.client.DescribeInstancesWithContext(ctx, req)
	if err == nil {
		err = checkPage(resp, offset)
	}
	if err != nil {
		return nil, 0, d.fail(ctx, ids, err, ex)
	}
	return resp.Response.InstanceSet, *resp.Response.TotalCount, nil
}

// errIncomplete is an answer that says neither yes nor no. It must not read as
// a success: an empty listing would mean that the instances are gone.
var errIncomplete = errors.New("the answer is incomplete")

func checkPage(resp *cvm.DescribeInstancesResponse, offset int64) error {
	if resp == nil || resp.Response == nil {
		return fmt.Errorf("%w: it has no Response", errIncomplete)
	}
	page := resp.Response
	if page.InstanceSet == nil {
		return fmt.Errorf("%w: it has no InstanceSet", errIncomplete)
	}
	if page.TotalCount == nil {
		return fmt.Errorf("%w: it has no TotalCount", errIncomplete)
	}
	if len(page.InstanceSet) == 0 && offset < *page.TotalCount {
		return fmt.Errorf("%w: the listing ends at %d of %d instances", errIncomplete, offset, *page.TotalCount)
	}
	for _, item := range page.InstanceSet {
		if item == nil || value(item.InstanceId) == "" {
			return fmt.Errorf("%w: it has an instance without InstanceId", errIncomplete)
		}
	}
	return nil
}

// Start calls StartInstances
// (https://cloud.tencent.com/document/api/213/15735).
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, backend.OpStart, ids, func(ctx context.Context) (*string, error) {
		req := cvm.NewStartInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		resp, err := d.client.StartInstancesWithContext(ctx, req)
		if err != nil {
			return nil, err
		}
		if resp == nil || resp.Response == nil {
			return nil, fmt.Errorf("%w: it has no Response", errIncomplete)
		}
		return resp.Response.RequestId, nil
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
		switch opts.Mode {
		case backend.KeepCharging:
			req.StoppedMode = common.StringPtr(keepCharging)
		case backend.StopCharging:
			req.StoppedMode = common.StringPtr(stopCharging)
		case backend.UnknownMode, backend.NotApplicable:
		}
		resp, err := d.client.StopInstancesWithContext(ctx, req)
		if err != nil {
			return nil, err
		}
		if resp == nil || resp.Response == nil {
			return nil, fmt.Errorf("%w: it has no Response", errIncomplete)
		}
		return resp.Response.RequestId, nil
	})
}

// Reboot calls RebootInstances
// (https://cloud.tencent.com/document/api/213/15742), with StopType as in Stop.
func (d *Driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, backend.OpReboot, ids, func(ctx context.Context) (*string, error) {
		req := cvm.NewRebootInstancesRequest()
		req.InstanceIds = common.StringPtrs(ids)
		req.StopType = common.StringPtr(stopType(opts.Force))
		resp, err := d.client.RebootInstancesWithContext(ctx, req)
		if err != nil {
			return nil, err
		}
		if resp == nil || resp.Response == nil {
			return nil, fmt.Errorf("%w: it has no Response", errIncomplete)
		}
		return resp.Response.RequestId, nil
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
// the same outcome.
func (d *Driver) write(ctx context.Context, op backend.Op, ids []string, send func(context.Context) (*string, error)) []backend.Outcome {
	if len(ids) == 0 {
		return nil
	}
	ctx, ex := driverkit.Record(ctx)
	requestID, err := send(ctx)
	outcome := backend.Outcome{RequestID: value(requestID)}
	if err != nil {
		outcome.Err = d.fail(ctx, ids, err, ex)
		fault := d.Fault(outcome.Err)
		outcome.RequestID = fault.RequestID
		if len(ids) == 1 && alreadySo(op, fault.Code) {
			outcome.Err = nil
		}
	}
	return slices.Repeat([]backend.Outcome{outcome}, len(ids))
}

// value is *p, or the zero value where the cloud said nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
