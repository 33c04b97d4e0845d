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
	idle = 25 * time.Millisecond
	most = time.Second
)

// call is one joined call as it went out. At counts from the recorder's start.
type call struct {
	At    time.Duration
	Key   string
	Items []int
}

// recorder is the executor of a group: it notes the calls, takes its time, and
// answers each item with ten times itself.
type recorder struct {
	took    time.Duration // how long a call takes
	answers func(items []int) []int

	began time.Time
	mu    sync.Mutex
	calls []call
}

func newRecorder() *recorder { return &recorder{began: time.Now()} }

func (r *recorder) call(ctx context.Context, key string, items []int) []int {
	r.mu.Lock()
	r.calls = append(r.calls, call{At: time.Since(r.began), Key: key, Items: slices.Clone(items)})
	r.mu.Unlock()
	select {
	case <-time.After(r.took):
	case <-ctx.Done():
	}
	if r.answers != nil {
		return r.answers(items)
	}
	return timesTen(items)
}

// inTurn is call for a group of NewInTurn whose calls wait for a turn first.
func (r *recorder) inTurn(turn time.Duration) func(context.Context, string, func() []int) []int {
	return func(ctx context.Context, key string, seal func() []int) []int {
		select {
		case <-time.After(turn):
		case <-ctx.Done():
		}
		items := seal()
		if len(items) == 0 {
			return nil
		}
		return r.call(ctx, key, items)
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

// group is what these tests join with.
type group = coalesce.Group[string, int, int]

// ask calls Do in a goroutine of its own and sends what came of it.
func ask(ctx context.Context, g *group, key string, item int) <-chan answer {
	out := make(chan answer, 1)
	go func() {
		began := time.Now()
		got, err := g.Do(ctx, key, item)
		out <- answer{got, err, time.Since(began)}
	}()
	return out
}

type answer struct {
	got  int
	err  error
	took time.Duration
}

// wantAnswer checks that the item got its own answer.
func wantAnswer(t *testing.T, out <-chan answer, item int) {
	t.Helper()
	a := <-out
	if a.err != nil || a.got != 10*item {
		t.Errorf("item %d got %d and the error %v, want %d and none", item, a.got, a.err, 10*item)
	}
}
