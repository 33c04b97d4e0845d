package dispatch

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// request describes one call for the limiter and the log.
type request struct {
	operation string
	ids       []string
	caller    Caller
}

// outcome is how a read ended. The zero value means that it was answered.
type outcome struct {
	err   error
	fault *backend.Fault
	pause time.Duration
}

// isAnswer reports whether the cloud answered the question, be it with a refusal.
func (o outcome) isAnswer() bool { return o.fault == nil || !passing(o.fault.Kind) }

// hedge makes a read for which the permit was acquired. One that takes unusually long
// is repeated on another connection, with a permit of its own: the first good answer
// counts, and the loser is canceled. When both hang they are given up as lost.
func hedge[T any](
	ctx context.Context,
	d *Dispatcher,
	p *permit,
	r request,
	read func(ctx context.Context) (T, error),
) (T, outcome) {
	type result struct {
		value T
		outcome
		panic *panics.Panic
	}
	ctx, cancel := context.WithTimeout(ctx, p.from.readLimit())
	defer cancel()
	results := make(chan result, 2)
	attempt := func(ctx context.Context, p *permit) {
		var got result
		got.panic = panics.Catch(func() {
			defer p.canceled()
			got.value, got.err = read(ctx)
			got.fault = d.faultOf(got.err)
			got.pause = d.settle(ctx, p, r, got.fault)
		})
		results <- got
	}
	go attempt(ctx, p)
	late := time.NewTimer(hedgeAfter)
	defer late.Stop()
	var sent atomic.Bool // the second read; while it waits for a permit it is not waited for
	for inFlight := 1; ; {
		select {
		case got := <-results:
			got.panic.Again()
			if inFlight--; inFlight == 0 || got.isAnswer() || !sent.Load() {
				return got.value, got.outcome
			}
		case <-late.C:
			inFlight++
			go func() {
				second, err := p.from.acquire(ctx, r.caller)
				if err != nil {
					return // The context has ended, and with it the first read.
				}
				sent.Store(true)
				tflog.Debug(ctx, "A read takes unusually long; repeating it on another connection", d.fields(r))
				attempt(backend.WithNewConnection(ctx), second)
			}()
		}
	}
}

// settle releases the permit of a call that ended with fault, or nil, and logs the
// call. It returns how long its callers pause when the answer was lost. ctx is the
// call's own: when it was canceled no caller remained, and the fault is not the cloud's.
func (d *Dispatcher) settle(ctx context.Context, p *permit, r request, fault *backend.Fault) (pause time.Duration) {
	if ctx.Err() == context.Canceled {
		p.canceled()
		return 0
	}
	pause = p.answered(fault)
	fields := d.fields(r)
	if fault == nil {
		tflog.Debug(ctx, "Called the cloud", fields)
		return pause
	}
	fields["kind"], fields["code"], fields["request_id"] = fault.Kind.String(), fault.Code, fault.RequestID
	tflog.Debug(ctx, failureText(fault), fields)
	return pause
}

// failureText is the log message of a call that failed. Only an answer is called one.
func failureText(fault *backend.Fault) string {
	switch {
	case fault.Unreachable:
		return "The cloud could not be reached"
	case fault.Unsent:
		return "The call was not made"
	}
	return "The cloud answered with an error"
}

func (d *Dispatcher) fields(r request) map[string]any {
	fields := map[string]any{"cloud": d.cloud, "region": d.region, "operation": r.operation, "instances": len(r.ids)}
	if len(r.ids) == 1 {
		fields["instance_id"] = r.ids[0]
	}
	return fields
}
