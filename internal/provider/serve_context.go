package provider

import (
	"context"
	"sync/atomic"
)

// lent is the context of a request for the framework's server. That keeps the context
// of each request until the process ends, since it may have to cancel it; beneath are
// the loggers and the connection, some 20 KB. A lent context holds nothing any more
// when it is taken back.
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
	return l, func() {
		stop()
		release()
		cancel(nil)
		l.values.Store(nil)
	}
}
