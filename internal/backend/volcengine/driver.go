package volcengine

import (
	"context"
	"net/http"
	"slices"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/request"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	// batchSize is the most ids of a plural call
	// (https://www.volcengine.com/docs/6396/101067), and the largest page of
	// DescribeInstances.
	batchSize = 100
	// maxPages ends a paging that does not end by itself. No real answer for
	// batchSize ids comes near it.
	maxPages = 100
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
// repeat without a look: a repeat for other ids is another call to the cloud.
type Driver struct {
	api    *api
	tokens *tokens
}

var (
	_ backend.Driver    = (*Driver)(nil)
	_ backend.DryRunner = (*Driver)(nil)
)

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

// Describe returns the instances that DescribeInstances lists.
func (d *Driver) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	found := make([]backend.Instance, 0, len(ids))
	seen := make(map[string]bool, len(ids))
	listed := 0
	var next *string
	for range maxPages {
		req, out := d.api.DescribeInstancesRequest(&ecs.DescribeInstancesInput{
			InstanceIds: sdk.StringSlice(ids),
			MaxResults:  sdk.Int32(batchSize),
			NextToken:   next,
		})
		requestID, err := send(ctx, req, ids)
		if err != nil {
			if len(ids) == 1 && d.Fault(err).Code == codeNotFound {
				return nil, nil
			}
			return nil, err
		}
		wrong := func(problem string) error { return wrongAnswer(ids, requestID, problem) }
		for _, item := range out.Instances {
			if item == nil || sdk.StringValue(item.InstanceId) == "" {
				return nil, wrong("the answer lists an instance without an InstanceId")
			}
			listed++
			id := *item.InstanceId
			if seen[id] || !slices.Contains(ids, id) {
				continue
			}
			seen[id] = true
			found = append(found, instanceOf(item))
		}
		if out.Instances == nil && out.TotalCount == nil {
			// To take this for an empty list would mean that all are gone.
			return nil, wrong("the answer has no list of instances")
		}
		token := sdk.StringValue(out.NextToken)
		if token == "" {
			if len(found) < len(ids) && int(sdk.Int32Value(out.TotalCount)) > listed {
				return nil, wrong("the answer ends before all of its instances are listed")
			}
			for _, instance := range found {
				d.tokens.observed(instance.ID, instance.State)
			}
			return found, nil
		}
		if token == sdk.StringValue(next) {
			return nil, wrong("the answer repeats its NextToken")
		}
		next = &token
	}
	return nil, wrongAnswer(ids, "", "the pages of the answer do not end")
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
		in.mode = wordOfMode(opts.Mode)
	}
	return in
}

// write carries out a plural operation, and gives each id its own answer.
func (d *Driver) write(ctx context.Context, in intent) []backend.Outcome {
	token := d.tokens.take(in)
	req, details := d.plural(in, token)
	requestID, err := send(ctx, req, in.ids)
	outcomes := make([]backend.Outcome, len(in.ids))
	if err != nil {
		fault := d.Fault(err)
		for i := range outcomes {
			outcomes[i] = backend.Outcome{RequestID: fault.RequestID, Err: err}
		}
		d.tokens.settle(in, token, isOpen(fault))
		return outcomes
	}
	answers := make(map[string]detail, len(in.ids))
	for _, item := range details() {
		if kept, ok := answers[item.id]; !ok || !kept.failed() {
			answers[item.id] = item
		}
	}
	open := false
	for i, id := range in.ids {
		outcomes[i].RequestID = requestID
		item, ok := answers[id]
		switch {
		case !ok:
			outcomes[i].Err = wrongAnswer([]string{id}, requestID, "the answer says nothing of instance "+id)
		case item.failed():
			outcomes[i].Err = &callError{
				ids: []string{id},
				err: failureOf(http.StatusOK, item.code, d.api.scrub.clean(item.message), requestID),
			}
		default:
			continue
		}
		open = open || isOpen(d.Fault(outcomes[i].Err))
	}
	d.tokens.settle(in, token, open)
	return outcomes
}

// isOpen reports whether the cloud may still be doing, or have done, what was
// asked for.
func isOpen(fault backend.Fault) bool {
	return fault.Kind == backend.KindUnavailable || fault.Code == codeProcessing
}

// detail is the answer for one instance, the same in all plural operations. One
// without an error means accepted.
type detail struct{ id, code, message string }

func (d detail) failed() bool { return d.code != "" || d.message != "" }

// plural builds a call, and a function that reads its answer. ForceStop is said
// in every call, whatever its default; StoppedMode only when it was asked for.
func (d *Driver) plural(in intent, token string) (*request.Request, func() []detail) {
	ids := sdk.StringSlice(in.ids)
	switch in.op {
	case backend.OpStart:
		req, out := d.api.StartInstancesRequest(&ecs.StartInstancesInput{InstanceIds: ids, ClientToken: &token})
		return req, func() []detail {
			return details(out.OperationDetails, func(item *ecs.OperationDetailForStartInstancesOutput) detail {
				if item.Error == nil {
					return detail{id: sdk.StringValue(item.InstanceId)}
				}
				return detail{sdk.StringValue(item.InstanceId), sdk.StringValue(item.Error.Code), sdk.StringValue(item.Error.Message)}
			})
		}
	case backend.OpReboot:
		req, out := d.api.RebootInstancesRequest(&ecs.RebootInstancesInput{InstanceIds: ids, ClientToken: &token, ForceStop: &in.force})
		return req, func() []detail {
			return details(out.OperationDetails, func(item *ecs.OperationDetailForRebootInstancesOutput) detail {
				if item.Error == nil {
					return detail{id: sdk.StringValue(item.InstanceId)}
				}
				return detail{sdk.StringValue(item.InstanceId), sdk.StringValue(item.Error.Code), sdk.StringValue(item.Error.Message)}
			})
		}
	case backend.OpStop:
	}
	req, out := d.api.StopInstancesRequest(&ecs.StopInstancesInput{
		InstanceIds: ids, ClientToken: &token, ForceStop: &in.force, StoppedMode: optional(in.mode),
	})
	return req, func() []detail {
		return details(out.OperationDetails, func(item *ecs.OperationDetailForStopInstancesOutput) detail {
			if item.Error == nil {
				return detail{id: sdk.StringValue(item.InstanceId)}
			}
			return detail{sdk.StringValue(item.InstanceId), sdk.StringValue(item.Error.Code), sdk.StringValue(item.Error.Message)}
		})
	}
}

func details[T any](items []*T, read func(*T) detail) []detail {
	list := make([]detail, 0, len(items))
	for _, item := range items {
		if item != nil {
			list = append(list, read(item))
		}
	}
	return list
}

func optional(word string) *string {
	if word == "" {
		return nil
	}
	return &word
}
