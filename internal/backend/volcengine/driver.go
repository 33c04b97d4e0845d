package volcengine

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	// batchSize is the most ids of a plural call
	// (https://www.volcengine.com/docs/6396/101067), and the largest page of
	// DescribeInstances.
	batchSize = 100
	// assumedRate is what the vendor's own Terraform provider allows itself for
	// DescribeInstances, RunInstances and DeleteInstance. No page gives the real
	// limits.
	assumedRate = 4
)

// Driver implements backend.Driver for one account and region of Volcengine
// ECS. Make it with New.
//
// Each write carries a ClientToken of its own, which a repeat of the same write
// shares only while the outcome of the first is open: after IdempotentProcessing,
// or when its answer was lost. This makes a repeat harmless, and is no reason to
// repeat without an observation: a repeat for other ids is another call to the cloud.
type Driver struct {
	kit *driverkit.Kit
	// sign signs a request in place, and returns it.
	sign   func(*http.Request) *http.Request
	tokens *tokens
}

var (
	_ backend.Driver    = (*Driver)(nil)
	_ backend.DryRunner = (*Driver)(nil)
)

// Continue takes over the client tokens of a driver for the same account with
// other keys: a repeat of one of its writes is then still the same call to the
// cloud. It must be called before the first call.
func (d *Driver) Continue(previous *Driver) { d.tokens = previous.tokens }

// Fault reads an error of this driver.
func (*Driver) Fault(err error) backend.Fault { return driverkit.Fault(err) }

// BatchSize returns the limit of the plural operations.
func (d *Driver) BatchSize() int { return batchSize }

// Capabilities returns what ECS can do. A plural call answers for each instance
// (https://www.volcengine.com/docs/6396/101068), nothing reports the reason of a
// failed transition, and no operation escalates a stop or changes the mode of a
// stopped instance.
func (d *Driver) Capabilities() backend.Capabilities {
	return backend.Capabilities{
		StopCharging:           true,
		ModeChangeNeedsRestart: true,
		PerItemOutcomes:        true,
		ReadsPerSecond:         assumedRate,
		WritesPerSecond:        assumedRate,
		RatesAssumed:           true,
		Burst:                  backend.AssumedBurst,
	}
}

// Start calls StartInstances.
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, intent{op: backend.OpStart, ids: ids})
}

// Stop calls StopInstances. EscalateLater goes out as a graceful stop, since ECS
// does not escalate by itself.
func (d *Driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, intentOf(backend.OpStop, ids, opts))
}

// Reboot calls RebootInstances.
func (d *Driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, intentOf(backend.OpReboot, ids, opts))
}

func intentOf(op backend.Op, ids []string, opts backend.StopOptions) intent {
	in := intent{op: op, ids: ids}
	if op == backend.OpStop || op == backend.OpReboot {
		in.force = opts.Force == backend.Forced
	}
	if op == backend.OpStop {
		in.mode = modes.Word(opts.Mode)
	}
	return in
}

// plural are the actions that take several instances.
var plural = map[backend.Op]string{
	backend.OpStart:  actionStart,
	backend.OpStop:   actionStop,
	backend.OpReboot: actionReboot,
}

// addTo adds what the intent asks for to a query. ForceStop is said in every
// call, whatever its default; StoppedMode only when it was asked for.
func (i intent) addTo(query url.Values, token string) {
	query.Set("ClientToken", token)
	if i.op != backend.OpStart {
		query.Set("ForceStop", strconv.FormatBool(i.force))
	}
	if i.mode != "" {
		query.Set("StoppedMode", i.mode)
	}
}

// writeAnswer is the answer of a plural operation: one entry for each
// instance. One without an error means accepted.
type writeAnswer struct {
	OperationDetails []*writeItem
}

type writeItem struct {
	InstanceID string `json:"InstanceId"`
	Error      *struct{ Code, Message string }
}

// write carries out a plural operation, and gives each id its own answer.
func (d *Driver) write(ctx context.Context, in intent) []backend.Outcome {
	token := d.tokens.take(in)
	query := withIDs(in.ids)
	in.addTo(query, token)
	var details writeAnswer
	call, err := d.call(ctx, plural[in.op], query, in.ids, &details)
	if err != nil {
		d.tokens.settle(in, token, isOpen(d.Fault(err)))
		return driverkit.Alike(in.ids, err)
	}
	var items []driverkit.Item
	for _, one := range details.OperationDetails {
		if one == nil {
			continue
		}
		item := driverkit.Item{ID: one.InstanceID}
		if failure := one.Error; failure != nil && (failure.Code != "" || failure.Message != "") {
			item.Err = d.kit.FailOne(call.exchange, driverkit.APIError{
				Code: failure.Code, Message: failure.Message, RequestID: call.requestID,
			})
		}
		items = append(items, item)
	}
	outcomes := d.kit.Outcomes(call.exchange, call.requestID, in.ids, items)
	open := slices.ContainsFunc(outcomes, func(o backend.Outcome) bool { return isOpen(d.Fault(o.Err)) })
	d.tokens.settle(in, token, open)
	return outcomes
}

// isOpen reports whether the cloud may still be doing, or have done, what was
// asked for.
func isOpen(fault backend.Fault) bool {
	return fault.Kind == backend.KindUnavailable || fault.Code == codeProcessing
}
