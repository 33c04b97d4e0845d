package coalesce_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

const (
	idle    = 25 * time.Millisecond
	maximum = time.Second
)

// call is one batched call as it was made. At counts from the recorder's start.
type call struct {
	At    time.Duration
	Key   string
	Items []int
}

// recorder makes the calls of a group: it notes them, takes its time, and returns ten
// times itself for each item.
type recorder struct {
	permit  time.Duration // how long a call waits before it flushes
	latency time.Duration // how long it takes then
	results func(items []int) []int

	began time.Time
	mu    sync.Mutex
	calls []call
}

func newRecorder() *recorder { return &recorder{began: time.Now()} }

func (r *recorder) call(ctx context.Context, key string, flush func() []int) []int {
	pause(ctx, r.permit)
	items := flush()
	if len(items) == 0 {
		return nil
	}
	r.mu.Lock()
	r.calls = append(r.calls, call{At: time.Since(r.began), Key: key, Items: slices.Clone(items)})
	r.mu.Unlock()
	pause(ctx, r.latency)
	if r.results != nil {
		return r.results(items)
	}
	return timesTen(items)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// options are those of a window that does not change.
func options(size int, idle, maximum time.Duration) coalesce.Options[string] {
	return coalesce.Options[string]{
		Size:   size,
		Window: func(string) coalesce.Window { return coalesce.Window{Idle: idle, Max: maximum} },
	}
}

func timesTen(items []int) []int {
	out := make([]int, len(items))
	for i, item := range items {
		out[i] = 10 * item
	}
	return out
}

// sorted returns the calls with their items in order, for callers whose order
// of arrival is left to the scheduler.
func (r *recorder) sorted() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := make([]call, len(r.calls))
	for i, c := range r.calls {
		c.Items = slices.Sorted(slices.Values(c.Items))
		calls[i] = c
	}
	return calls
}

// group is the kind of group of these tests.
type group = coalesce.Group[string, int, int]

// do calls Do in a goroutine of its own and sends what it returned.
func do(ctx context.Context, g *group, key string, item int) <-chan result {
	out := make(chan result, 1)
	go func() {
		began := time.Now()
		got, err := g.Do(ctx, key, item)
		out <- result{got, err, time.Since(began)}
	}()
	return out
}

type result struct {
	got     int
	err     error
	elapsed time.Duration
}

// wantResult checks that the item got its own result.
func wantResult(t *testing.T, out <-chan result, item int) {
	t.Helper()
	r := <-out
	if r.err != nil || r.got != 10*item {
		t.Errorf("item %d got %d and the error %v, want %d and none", item, r.got, r.err, 10*item)
	}
}
