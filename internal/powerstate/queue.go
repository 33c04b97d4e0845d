package powerstate

import (
	"context"
	"sync"
)

// queue lets the operations on one instance run one after the other, in the order in
// which they came. The zero value is ready.
type queue struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is the queue of one instance, while anybody is in it.
type line struct {
	first   chan struct{} // holds the operation that is in progress
	members int
}

// acquire waits until no other operation on the instance is in progress, or returns the
// cause of ctx; waited tells whether there was one. release must be called at the end
// of the operation.
func (q *queue) acquire(ctx context.Context, id string) (release func(), waited bool, err error) {
	if ctx.Err() != nil {
		return nil, false, context.Cause(ctx)
	}
	q.mu.Lock()
	if q.lines == nil {
		q.lines = make(map[string]*line)
	}
	l, waited := q.lines[id]
	if !waited {
		l = &line{first: make(chan struct{}, 1)}
		q.lines[id] = l
	}
	l.members++
	q.mu.Unlock()
	select {
	case l.first <- struct{}{}: // Senders on a channel are served in their order.
		return func() {
			<-l.first
			q.remove(id, l)
		}, waited, nil
	case <-ctx.Done():
		q.remove(id, l)
		return nil, waited, context.Cause(ctx)
	}
}

func (q *queue) remove(id string, l *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.members--; l.members == 0 {
		delete(q.lines, id)
	}
}
