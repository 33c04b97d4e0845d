package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const (
	id     = "i-1"
	window = 50 * time.Millisecond
)

var stop = Call{Op: backend.OpStop}

// inFakeTime runs a test in fake time. It ends only when no goroutine remains.
func inFakeTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// fixture is a cloud in memory and a Dispatcher of it.
type fixture struct {
	*memory.Driver
	*Dispatcher
	opts  Options
	began time.Time
}

// newFixture returns a cloud with n running instances, i-000 and so on, and one that is
// called i-1.
func newFixture(n int, cloud memory.Options, opts Options) (*fixture, []string) {
	driver := memory.New(cloud)
	driver.Add(backend.Instance{ID: id, State: backend.Running})
	ids := driver.AddN(n, backend.Instance{ID: "i", State: backend.Running})
	return &fixture{Driver: driver, Dispatcher: New("memory", "r-1", driver, opts), opts: opts, began: time.Now()}, ids
}

// use puts another driver between the dispatcher and the cloud.
func (f *fixture) use(driver backend.Driver) {
	f.Dispatcher = New("memory", "r-1", driver, f.opts)
}

// limits is a cloud with so many reads and writes a second.
func limits(reads, writes float64) memory.Options {
	can := memory.AllCapabilities()
	can.ReadsPerSecond, can.WritesPerSecond = reads, writes
	return memory.Options{Capabilities: &can}
}

// trace returns the calls that arrived, one line each: time, operation and ids.
func (f *fixture) trace(ops ...memory.Op) []string {
	lines := []string{}
	for _, call := range f.Calls(ops...) {
		at := call.At.Sub(f.began).Round(time.Millisecond)
		lines = append(lines, fmt.Sprintf("%v %s %s", at, call.Op,
			strings.Join(slices.Sorted(slices.Values(call.IDs)), " ")))
	}
	return lines
}

func (f *fixture) wantTrace(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(f.trace(), append([]string{}, want...)); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
}

func (f *fixture) elapsed() time.Duration { return time.Since(f.began) }

// observe reads an instance, and fails the test unless it is in the state.
func (f *fixture) observe(t *testing.T, ctx context.Context, id string, by Caller) Observation {
	t.Helper()
	got, err := f.Observe(ctx, id, by)
	if err != nil {
		t.Errorf("%s: got the error %v, want none; calls: %q", id, err, f.trace())
		return Observation{Instance: &backend.Instance{}}
	}
	if got.Instance.ID != id {
		t.Errorf("the observation of %s is of %s", id, got.Instance.ID)
	}
	return got
}

// each calls do for all ids at once, and returns when all are done.
func each(ids []string, do func(id string)) {
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() { do(id) })
	}
	all.Wait()
}

// within returns a context with a time limit.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func wantEqual[T any](t *testing.T, name string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", name, diff)
	}
}
