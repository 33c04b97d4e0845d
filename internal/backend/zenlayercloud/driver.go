package zenlayercloud

import (
	"context"
	"regexp"
	"slices"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	// batchSize is the limit of all four actions
	// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances).
	batchSize = 100
	// pageSize is always sent: the default of 20 would cut a full batch.
	pageSize = batchSize
	// assumedRate is an assumption: the vendor's page of rate limits gives no number for
	// these actions that we know of.
	assumedRate = 5
)

const (
	actionDescribe = "DescribeInstances"
	actionStart    = "StartInstances"
	actionStop     = "StopInstances"
	actionReboot   = "RebootInstances"
)

// Driver is one account's instances of one service. It is safe for concurrent
// use.
type Driver struct {
	requests requests
	kit      *driverkit.Kit
	// send is a method of the SDK's client. In place of the client it spares the
	// program the rest of its methods, which the linker would keep.
	send func(common.Request, common.Response) error
}

var _ backend.Driver = (*Driver)(nil)

// Fault implements backend.Driver.
func (*Driver) Fault(err error) backend.Fault { return driverkit.Fault(err) }

// Describe implements backend.Driver. For a single id the two codes for "no
// such instance" mean an empty result; for several they are an error, since one
// missing id would otherwise hide the others.
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	return driverkit.DescribeByCount(ids, func(number, _ int) (driverkit.Page, error) {
		return d.page(ctx, ids, d.requests.describe(ids, number))
	})
}

// page reads the page of a listing that a request asks for.
func (d *Driver) page(ctx context.Context, ids []string, req common.Request) (driverkit.Page, error) {
	got, ex, err := d.call(ctx, actionDescribe, ids, req)
	if err != nil {
		return driverkit.Page{}, err
	}
	page := driverkit.Page{
		Total:      *got.Response.TotalCount,
		Incomplete: func(problem string) error { return d.kit.Incomplete(ex, got.requestID(), problem) },
	}
	return driverkit.Fill(page, got.Response.DataSet, instanceOf)
}

// Start implements backend.Driver. Its "already there" is KindBusy: the code
// for it is also that of an instance in a transition.
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, actionStart, ids, d.requests.start(ids))
}

// Stop implements backend.Driver. It cuts the power only for backend.Forced,
// and says so in every request, since both services do it when nothing is said.
// A stop that shall end billing is refused unsent: the cloud has none.
func (d *Driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	if opts.Mode == backend.StopCharging {
		return driverkit.Alike(
			ids,
			d.kit.UnsentMode("a stop cannot stop charging here: "+stopChargingBar, adviceMode),
		)
	}
	return d.write(ctx, actionStop, ids, d.requests.stop(ids, opts.Force == backend.Forced))
}

// Reboot implements backend.Driver. opts.Force is not sent: vm has no field for
// it, and the SDK's request for zec has none either, so how hard an instance is
// restarted is the cloud's choice.
func (d *Driver) Reboot(ctx context.Context, ids []string, _ backend.StopOptions) []backend.Outcome {
	return d.write(ctx, actionReboot, ids, d.requests.reboot(ids))
}

// BatchSize implements backend.Driver.
func (*Driver) BatchSize() int { return batchSize }

// Capabilities implements backend.Driver.
func (d *Driver) Capabilities() backend.Capabilities {
	return backend.Capabilities{
		PerItemOutcomes: d.requests.listsFailed,
		ReadsPerSecond:  assumedRate,
		WritesPerSecond: assumedRate,
		RatesAssumed:    true,
		Burst:           backend.AssumedBurst,
	}
}

// write sends a request that changes the power state, and hands out its answer
// to the ids.
func (d *Driver) write(ctx context.Context, action string, ids []string, req common.Request) []backend.Outcome {
	if len(ids) == 0 {
		return nil
	}
	got, ex, err := d.call(ctx, action, ids, req)
	if err != nil {
		return driverkit.Alike(ids, err)
	}
	outcomes := make([]backend.Outcome, len(ids))
	for i, id := range ids {
		outcomes[i].RequestID = d.kit.Clean(got.requestID())
		if d.requests.listsFailed && slices.Contains(got.Response.FailedIDs, id) {
			outcomes[i].Err = d.kit.Unexplained(ex, got.requestID())
		}
	}
	return outcomes
}

// call makes one call. Without an error the answer holds a response.
func (d *Driver) call(
	ctx context.Context,
	action string,
	ids []string,
	req common.Request,
) (*answer, *driverkit.Exchange, error) {
	ctx, ex := driverkit.Record(ctx)
	req.SetContext(ctx)
	got := new(answer)
	if err := d.send(req, got); err != nil {
		return nil, ex, d.kit.Fail(ctx, ex, ids, err)
	}
	if got.Code != "" {
		// The SDK takes anything with the status 200 for a success.
		return nil, ex, d.kit.Fail(
			ctx,
			ex,
			ids,
			&driverkit.APIError{Code: got.Code, Message: got.Message, RequestID: got.requestID()},
		)
	}
	if problem := got.problem(action); problem != "" {
		return nil, ex, d.kit.Incomplete(ex, got.requestID(), problem)
	}
	return got, ex, nil
}

// idForm, with at most maxID characters, is all that can be asked of an id: the
// reference pages show none of a fixed form.
var idForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]*$`)

const maxID = 64

// plainForm is that of the ids in the samples of the reference pages.
var plainForm = regexp.MustCompile(`^[0-9]{10,}$`)

// ValidID reports whether id may be one of this cloud. The cloud documents no
// form, so anything that looks like an id passes.
func ValidID(id string) bool { return len(id) <= maxID && idForm.MatchString(id) }

// PlainID reports whether the form of an id tells that it is one of this cloud.
func PlainID(id string) bool { return plainForm.MatchString(id) }
