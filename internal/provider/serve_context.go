package provider

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// lent is the context of a request for the framework's server. That keeps the context
// of each request, since it may have to cancel it; beneath are the loggers and the
// connection, some 20 KB. A lent context holds nothing any more when it is taken back.
type lent struct {
	context.Context // ends with the request

	values atomic.Pointer[context.Context]
}

// Value implements context.Context. The context that ends answers first, for the
// standard library finds it by a value.
func (l *lent) Value(key any) any {
	if v := l.Context.Value(key); v != nil {
		return v
	}
	if values := l.values.Load(); values != nil {
		return (*values).Value(key)
	}
	return nil
}

// lend returns a context that has the values of ctx and ends with it, until it is
// taken back.
func lend(ctx context.Context) (l *lent, takeBack func()) {
	own, cancel := context.WithCancelCause(context.Background())
	release := func() {}
	if deadline, ok := ctx.Deadline(); ok {
		own, release = context.WithDeadline(own, deadline)
	}
	if ctx.Err() != nil {
		cancel(context.Cause(ctx)) // Now: a function that ctx calls comes a moment later.
	}
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	l = &lent{Context: own}
	l.values.Store(&ctx)
	return l, func() { //nolint:contextcheck // What it ends must not hold the context of the request.
		stop()
		release()
		cancel(nil)
		l.values.Store(nil)
	}
}

// forgetAfter is how many requests the framework's server may remember.
const forgetAfter = 1000

// requests counts those that are under way. When there is none, the framework's server
// is told to cancel all: then it forgets those that it has answered, which are all.
type requests struct {
	forget func(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error)

	mu       sync.Mutex
	open     int
	answered int // since it last forgot
}

func (r *requests) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
}

// end ends what begin began. No request begins while the server forgets.
func (r *requests) end(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	r.answered++
	if r.open > 0 || r.answered < forgetAfter || r.forget == nil {
		return
	}
	r.answered = 0
	// It has nothing to say, and the next time is soon.
	_, _ = r.forget(context.WithoutCancel(ctx), &tfprotov6.StopProviderRequest{})
}
