package backend

import "context"

type newConnectionKey struct{}

// WithNewConnection marks the context of a call that must not share a connection
// with another one: the second of two equal reads, of which the first may hang
// because its connection died silently. A driver's transport obeys it.
func WithNewConnection(ctx context.Context) context.Context {
	return context.WithValue(ctx, newConnectionKey{}, true)
}

// WantsNewConnection reports whether the context is marked.
func WantsNewConnection(ctx context.Context) bool {
	marked, _ := ctx.Value(newConnectionKey{}).(bool)
	return marked
}
