package powerstate

import (
	"context"
	"errors"
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

const id = "i-1"

var (
	running = Target{Goal: GoalRunning}
	stopped = Target{Goal: GoalStopped}
)

// rebooted is the target of a reboot.
var rebooted = Target{Goal: GoalRebooted}

// stateOf is the state in which a goal is observed.
func stateOf(goal Goal) backend.State {
	if goal == GoalStopped {
		return backend.Stopped
	}
	return backend.Running
}

// inFakeTime runs a test in fake time. It ends only when no goroutine is left.
func inFakeTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// testCloud is a cloud in memory and a Client of it.
type testCloud struct {
	*memory.Driver
	client *Client
	began  time.Time
}

// newTestCloud returns a cloud with one instance in the given state, whose starts
// and stops take the times of cloud.
func newTestCloud(state backend.State, cloud memory.Options, opts Options) *testCloud {
	w := newEmptyTestCloud(cloud, opts)
	if state != backend.Absent {
		w.Add(backend.Instance{ID: id, State: state})
	}
	return w
}

func newEmptyTestCloud(cloud memory.Options, opts Options) *testCloud {
	driver := memory.New(cloud)
	return &testCloud{Driver: driver, client: New("memory", "r-1", driver, opts), began: time.Now()}
}

// through puts another driver between the client and the cloud.
func (w *testCloud) through(driver backend.Driver) *testCloud {
	w.client = New("memory", "r-1", driver, w.client.opts)
	return w
}

func (w *testCloud) reach(ctx context.Context, target Target) (Reached, error) {
	return w.client.Reach(ctx, id, target, ReachOptions{})
}

// mustReach fails the test unless the target is reached.
func (w *testCloud) mustReach(t *testing.T, target Target) Reached {
	t.Helper()
	got, err := w.reach(t.Context(), target)
	if err != nil {
		t.Fatalf("got the error %v, want none; calls: %q", err, w.trace())
	}
	if want := stateOf(target.Goal); got.After.State != want {
		t.Errorf("after it the instance is %v, want %v", got.After.State, want)
	}
	return got
}

// trace is the log of the calls, one line each: when, what, and the ids unless
// it is the one instance.
func (w *testCloud) trace(ops ...memory.Op) []string {
	lines := []string{}
	for _, call := range w.Calls(ops...) {
		line := fmt.Sprintf("%v %s", call.At.Sub(w.began).Round(time.Millisecond), call.Op)
		if call.Op == memory.Stop || call.Op == memory.DryRun && call.Checked == backend.OpStop {
			line += " " + call.Options.Force.String()
			if call.Options.Mode != backend.UnknownMode {
				line += " " + string(call.Options.Mode)
			}
		}
		if !slices.Equal(call.IDs, []string{id}) {
			line += " " + strings.Join(call.IDs, " ")
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *testCloud) wantTrace(t *testing.T, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(w.trace(), want); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
}

// writes is the trace of what changes the instance.
func (w *testCloud) writes() []string { return w.trace(memory.Start, memory.Stop, memory.Reboot) }

func (w *testCloud) wantWrites(t *testing.T, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(w.writes(), want); diff != "" {
		t.Errorf("writes (-got +want):\n%s", diff)
	}
}

// wantReadBeforeEachWrite checks that no write followed another without a read.
func (w *testCloud) wantReadBeforeEachWrite(t *testing.T) {
	t.Helper()
	observed := false
	for _, call := range w.Calls() {
		switch call.Op {
		case memory.Describe:
			observed = true
		case memory.Start, memory.Stop, memory.Reboot:
			if !observed {
				t.Errorf("a %s was not preceded by a read; calls: %q", call.Op, w.trace())
			}
			observed = false
		case memory.DryRun, memory.CheckAbsent, memory.List:
		}
	}
}

// wantFewReads checks the number of reads of the wait for each of the ids. There is
// one more: that before its call.
func (w *testCloud) wantFewReads(t *testing.T, ids []string) {
	t.Helper()
	reads := map[string]int{}
	for _, call := range w.Calls(memory.Describe) {
		for _, one := range call.IDs {
			reads[one]++
		}
	}
	for _, one := range ids {
		if got := reads[one] - 1; got < 1 || got > 20 {
			t.Errorf("the wait for %s takes %d reads, want 1 to 20", one, got)
		}
	}
}

func (w *testCloud) elapsed() time.Duration { return time.Since(w.began) }

// wantError checks that err is an *Error of that cause, and returns it.
func wantError(t *testing.T, err error, cause Cause) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got the error %v, want an *Error with the cause %q", err, cause)
	}
	if e.Cause != cause {
		t.Fatalf("the cause of %v is %q, want %q", err, e.Cause, cause)
	}
	return e
}

func wantReason(t *testing.T, err error, want Reason) {
	t.Helper()
	if got := wantError(t, err, Refused).Reason; got != want {
		t.Errorf("the reason is %v, want %v", got, want)
	}
}

// fault is trouble with that operation on the instance.
func fault(op memory.Op, kind backend.Kind) memory.Trouble {
	return memory.Trouble{Op: op, ID: id, Fault: backend.Fault{Kind: kind, Code: "Some." + kind.String()}}
}

// always is the same trouble without an end.
func always(trouble memory.Trouble) memory.Trouble {
	trouble.Times = memory.Always
	return trouble
}

// reachAll reaches the target for all ids at once, and returns the errors by
// id.
func (w *testCloud) reachAll(ctx context.Context, ids []string, target Target) map[string]error {
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed = map[string]error{}
	)
	for _, one := range ids {
		all.Go(func() {
			got, err := w.client.Reach(ctx, one, target, ReachOptions{})
			if err == nil && (got.After.ID != one || got.After.State != stateOf(target.Goal)) {
				err = fmt.Errorf("ended with %s in the state %v", got.After.ID, got.After.State)
			}
			if err != nil {
				mu.Lock()
				failed[one] = err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return failed
}
