package dispatch

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// action is what a batched call does.
type action int

const (
	actionDescribe action = iota
	actionDryRun
	actionWrite
)

// batchKey is everything that must be equal for two calls to be in one batch.
type batchKey struct {
	caller Caller
	action action
	poll   bool // a describe at its time
	call   Call // of a write or its dry run
	split  Split
}

// String returns the operation for logs and errors.
func (k batchKey) String() string {
	switch k.action {
	case actionDescribe:
		return "describe"
	case actionDryRun:
		return "dry run " + k.call.Op.String()
	case actionWrite:
	}
	return k.call.Op.String()
}

// item is one member of a batch.
type item struct {
	id       string
	notAfter time.Time    // it is not sent after that; zero for no limit
	sent     *atomic.Bool // set when it is sent; nil where no one asks
}

// answer is the result of a batched call for one instance.
type answer struct {
	observation Observation // of a describe
	requestID   string      // of a write
	err         error
	fault       *backend.Fault // err as the driver classifies it
	split       Split          // the key for the next try, where the batch was refused and is split
	stale       bool           // the call was not made
	pause       time.Duration  // before the next try; the same for all members that lost their answer
}

// limiter returns the limiter of the key's calls.
func (d *Dispatcher) limiter(k *batchKey) *limiter {
	if k.action == actionDescribe {
		return d.reads
	}
	return d.writes[k.call.Op]
}

// do makes one batched call and returns the answer for its item. The error is that ctx
// ended, or that no call was made.
func (d *Dispatcher) do(ctx context.Context, k *batchKey, one item) (*answer, error) {
	defer d.limiter(k).expect(ctx)()
	return d.batcher.Do(ctx, *k, one)
}

// send makes the call of a batch. It acquires a permit first, so that a batch takes
// in more callers as long as it may not be sent.
func (d *Dispatcher) send(ctx context.Context, k batchKey, flush func() []item) []*answer {
	p, err := d.limiter(&k).acquire(ctx, k.caller)
	if err != nil {
		return nil // All callers were canceled: nothing else ends this context.
	}
	defer p.canceled() // After a panic.
	members := flush()
	if len(members) == 0 {
		p.unused()
		return nil
	}
	ids, places := unique(members, time.Now())
	if len(ids) == 0 {
		p.unused()
		return repeat(&answer{stale: true}, len(members))
	}
	if a, ok := k.split.final(); ok {
		p.unused()
		return repeat(&a, len(members))
	}
	for i, place := range places {
		if place >= 0 && members[i].sent != nil {
			members[i].sent.Store(true)
		}
	}
	var answers []answer
	if k.action == actionDescribe {
		answers = d.describe(ctx, p, k, ids)
	} else {
		answers = d.write(ctx, p, k, ids)
	}
	d.splitRefused(k, ids, answers)
	spread := make([]*answer, len(members))
	for i, place := range places {
		if place < 0 {
			spread[i] = &answer{stale: true}
			continue
		}
		spread[i] = &answers[place]
	}
	return spread
}

// found is the result of a describe.
type found struct {
	instances []backend.Instance
	requested time.Time
}

// describe reads instances.
func (d *Dispatcher) describe(ctx context.Context, p *permit, k batchKey, ids []string) []answer {
	got, o := hedge(ctx, d, p, request{k.String(), ids, k.caller}, func(ctx context.Context) (found, error) {
		requested := time.Now()
		instances, err := d.driver.Describe(ctx, ids)
		return found{instances, requested}, err
	})
	if o.err != nil {
		return repeat(answer{err: o.err, fault: o.fault, pause: o.pause}, len(ids))
	}
	byID := make(map[string]*backend.Instance, len(ids))
	for i := range got.instances {
		byID[got.instances[i].ID] = &got.instances[i]
	}
	answers := make([]answer, len(ids))
	for i, id := range ids {
		in, ok := byID[id]
		if !ok {
			in = &backend.Instance{ID: id, State: backend.Absent}
		}
		answers[i].observation = Observation{Instance: in, Requested: got.requested}
	}
	return answers
}

// write makes a write, or its dry run.
func (d *Dispatcher) write(ctx context.Context, p *permit, k batchKey, ids []string) []answer {
	if k.action == actionWrite {
		defer d.flights.begin(ids)()
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	outcomes := d.operate(callCtx, k, ids)
	answers := make([]answer, len(ids))
	for i, id := range ids {
		a := &answers[i]
		a.err = fmt.Errorf("%s: the driver returned no outcome for %s", k, id)
		if i < len(outcomes) {
			a.requestID, a.err = outcomes[i].RequestID, outcomes[i].Err
		}
		a.fault = d.faultOf(a.err)
	}
	pause := d.settle(callCtx, p, request{k.String(), ids, k.caller}, worst(answers))
	for i, a := range answers {
		switch {
		case k.action == actionWrite && pauses(a.fault):
			// The caller observes the instance when the pause is over, and not before it.
			answers[i].pause = d.limiter(&k).pausedFor()
		case a.fault != nil && a.fault.Kind == backend.KindUnavailable:
			answers[i].pause = pause
		}
	}
	if id := answers[0].requestID; id != "" {
		tflog.Debug(ctx, "The cloud gave the call an id", map[string]any{
			"cloud": d.cloud, "region": d.region, "operation": k.String(), "request_id": id,
		})
	}
	return answers
}

// operate passes a call on to the driver.
func (d *Dispatcher) operate(ctx context.Context, k batchKey, ids []string) []backend.Outcome {
	if k.action == actionDryRun {
		return d.dryRun(ctx, k.call, ids)
	}
	switch k.call.Op {
	case backend.OpStart:
		return d.driver.Start(ctx, ids)
	case backend.OpStop:
		return d.driver.Stop(ctx, ids, k.call.Options)
	case backend.OpReboot:
		return d.driver.Reboot(ctx, ids, k.call.Options)
	}
	return nil
}

// worst returns the fault that stands for a call at the limiter: the first throttle,
// since that concerns the calls that follow, else the first lost answer, else that of
// the first id, or nil.
func worst(answers []answer) *backend.Fault {
	for _, kind := range []backend.Kind{backend.KindThrottled, backend.KindUnavailable} {
		for _, a := range answers {
			if a.fault != nil && a.fault.Kind == kind {
				return a.fault
			}
		}
	}
	return answers[0].fault
}

// faultOf returns err as the driver classifies it, or nil without an error. A time in the
// past is none to wait for: without any, reads would be repeated without a pause.
func (d *Dispatcher) faultOf(err error) *backend.Fault {
	if err == nil {
		return nil
	}
	fault := d.driver.Fault(err)
	fault.RetryAfter = max(0, fault.RetryAfter)
	return &fault
}

// unique drops ids that two callers joined with, and those that may not be sent any
// more. places holds, for each member, the place of its id in the result, or -1.
func unique(members []item, now time.Time) (ids []string, places []int) {
	known := make(map[string]int, len(members))
	places = make([]int, len(members))
	for i, one := range members {
		if !one.notAfter.IsZero() && now.After(one.notAfter) {
			places[i] = -1
			continue
		}
		place, ok := known[one.id]
		if !ok {
			place = len(ids)
			known[one.id] = place
			ids = append(ids, one.id)
		}
		places[i] = place
	}
	return ids, places
}

func repeat[T any](value T, n int) []T {
	result := make([]T, n)
	for i := range result {
		result[i] = value
	}
	return result
}
