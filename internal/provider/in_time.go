package provider

import (
	"context"
	"time"
)

// beganKey is the key of the time at which the request of a context arrived.
type beganKey struct{}

// arrived notes when a request arrived: decoding that of a large fleet takes time
// which its limit is to hold too.
func arrived(ctx context.Context) context.Context {
	return context.WithValue(ctx, beganKey{}, time.Now())
}

// inTime returns a context that ends a time limit after the request arrived.
func inTime(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	began, ok := ctx.Value(beganKey{}).(time.Time)
	if !ok {
		began = time.Now()
	}
	return context.WithDeadline(ctx, began.Add(limit))
}
