package powerstate

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// manyOf is a cloud with n instances in one state.
func manyOf(n int, state backend.State, cloud memory.Options) (w *testCloud, ids []string) {
	w = newEmptyTestCloud(cloud, Options{})
	return w, w.AddN(n, backend.Instance{ID: "i", State: state})
}

// sizes are the numbers of ids of the calls of one kind, the largest first.
func (w *testCloud) sizes(op memory.Op) []int {
	all := []int{}
	for _, call := range w.Calls(op) {
		all = append(all, len(call.IDs))
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

func wantSizes(t *testing.T, w *testCloud, op memory.Op, want ...int) {
	t.Helper()
	if want == nil {
		want = []int{}
	}
	if diff := cmp.Diff(w.sizes(op), want); diff != "" {
		t.Errorf("ids of each %s (-got +want):\n%s", op, diff)
	}
}

// causes are the causes of the results that are errors, by id.
func causes(ids []string, results []Result) map[string]Cause {
	all := map[string]Cause{}
	for i, r := range results {
		//nolint:errorlint // The contract is that it is one, and not that it wraps one.
		if e, ok := r.Err.(*Error); ok {
			all[ids[i]] = e.Cause
		}
	}
	return all
}

func TestReachAllOfAFleet(t *testing.T) {
	t.Parallel()
	t.Run("joins its calls whatever the window is", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(250, backend.Running, memory.Options{StopTime: 5 * time.Second})
			for i, r := range w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{}) {
				if r.Err != nil || r.After.ID != ids[i] || r.Before.State != backend.Running ||
					r.After.State != backend.Stopped {
					t.Errorf("%s: got %v from %v to %v, error %v", ids[i], r.After.ID, r.Before.State, r.After.State,
						r.Err)
				}
			}
			wantSizes(t, w, memory.Stop, 100, 100, 50)
		})
	})
	t.Run("touches only those that are not so", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(5, backend.Running, memory.Options{})
			w.Change(ids[1], func(in *backend.Instance) { in.State = backend.Stopped })
			w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{})
			wantSizes(t, w, memory.Stop, 4)
			if slices.Contains(w.Calls(memory.Stop)[0].IDs, ids[1]) {
				t.Errorf("%s, which was stopped, is in the call", ids[1])
			}
		})
	})
	t.Run("has a result for each, and what was observed before it also beside an error", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(4, backend.Running, memory.Options{StopTime: 5 * time.Second})
			ids = append(ids, "i-none")
			w.Fail(memory.Trouble{Op: memory.Stop, ID: ids[0], Fault: backend.Fault{Kind: backend.KindDenied}})
			w.Behave(ids[1], memory.Behavior{SoftStop: memory.FallsBack})
			w.Behave(ids[2], memory.Behavior{Stuck: true})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			results := w.client.ReachAll(ctx, ids, stopped, ReachOptions{})
			want := map[string]Cause{ids[0]: CloudFault, ids[1]: NoEffect, ids[2]: TimedOut, "i-none": Refused}
			if diff := cmp.Diff(causes(ids, results), want); diff != "" {
				t.Errorf("causes (-got +want):\n%s", diff)
			}
			for i, before := range []backend.State{
				backend.Running, backend.Running, backend.Running, backend.Running,
				backend.Absent,
			} {
				if got := results[i].Before.State; got != before {
					t.Errorf("%s was %v before, want %v", ids[i], got, before)
				}
			}
		})
	})
	t.Run("tells of each as it comes, once", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(3, backend.Running, memory.Options{StopTime: 5 * time.Second})
			w.Change(ids[0], func(in *backend.Instance) { in.State = backend.Stopped })
			w.Behave(ids[2], memory.Behavior{Slow: time.Minute})
			var mu sync.Mutex
			var told []string
			w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{Finished: func(id string, r Result) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprint(id, " ", r.After.State, " ", w.elapsed().Truncate(5*time.Second)))
			}})
			want := []string{ids[0] + " stopped 0s", ids[1] + " stopped 5s", ids[2] + " stopped 1m5s"}
			if diff := cmp.Diff(told, want); diff != "" {
				t.Errorf("told (-got +want):\n%s", diff)
			}
		})
	})
	t.Run("without waiting ends with the cloud's answer", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(120, backend.Running, memory.Options{StopTime: time.Hour})
			results := w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{NoWait: true})
			if got := causes(ids, results); len(got) > 0 {
				t.Errorf("failed: %v", got)
			}
			wantSizes(t, w, memory.Stop, 100, 20)
			wantSizes(t, w, memory.Describe, 100, 20)
			w.wantElapsed(t, 0)
		})
	})
	t.Run("without waiting still waits for the first half of a restart", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(1, backend.Stopped, memory.Options{StartTime: 5 * time.Second, StopTime: time.Hour})
			target := Target{Goal: GoalStopped, Mode: backend.StopCharging, AllowRestart: true}
			if r := w.client.ReachAll(t.Context(), ids, target, ReachOptions{NoWait: true})[0]; r.Err != nil {
				t.Fatal(r.Err)
			}
			wantSizes(t, w, memory.Start, 1)
			wantSizes(t, w, memory.Stop, 1)
			w.wantElapsed(t, 5*time.Second)
		})
	})
	t.Run("without waiting tells of a call that was refused", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(3, backend.Running, memory.Options{StopTime: time.Hour})
			w.Fail(memory.Trouble{Op: memory.Stop, ID: ids[1], Fault: backend.Fault{Kind: backend.KindDenied}})
			results := w.client.ReachAll(t.Context(), ids, stopped, ReachOptions{NoWait: true})
			if diff := cmp.Diff(causes(ids, results), map[string]Cause{ids[1]: CloudFault}); diff != "" {
				t.Errorf("causes (-got +want):\n%s", diff)
			}
		})
	})
	t.Run("ends as one when it is canceled, each accounted for", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w, ids := manyOf(150, backend.Running, memory.Options{StopTime: time.Hour})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Second, cancel)
			results := w.client.ReachAll(ctx, ids, stopped, ReachOptions{})
			for i, r := range results {
				if e := wantError(t, r.Err, Canceled); e.InstanceID != ids[i] || e.Last == nil ||
					e.Last.State != backend.Stopping {
					t.Errorf("%s: got %v", ids[i], e)
				}
			}
			if got := w.elapsed(); got != 10*time.Second {
				t.Errorf("it ended after %v, want 10s", got)
			}
		})
	})
}

func TestObserveAllReadsEachOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids := manyOf(230, backend.Running, memory.Options{})
		w.Remove(ids[7])
		for i, r := range w.client.ObserveAll(t.Context(), ids) {
			want := backend.Running
			if i == 7 {
				want = backend.Absent
			}
			if r.Err != nil || r.After.ID != ids[i] || r.After.State != want {
				t.Errorf("%s: got %v, error %v, want %v", ids[i], r.After, r.Err, want)
			}
		}
		wantSizes(t, w, memory.Describe, 100, 100, 30)
	})
}

func TestPreflightAllJoinsReadsAndDryRuns(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids := manyOf(220, backend.Running, memory.Options{})
		w.through(memory.WithDryRun(w.Driver))
		w.Change(ids[0], func(in *backend.Instance) { in.State = backend.Stopped })
		w.Remove(ids[1])
		w.Fail(memory.Trouble{
			Op: memory.DryRun, ID: ids[2],
			Fault: backend.Fault{Kind: backend.KindDenied, Code: "No"},
		})
		forecasts := w.client.PreflightAll(t.Context(), ids, stopped, PreflightOptions{DryRun: true})
		if got := forecasts[0].Decision.Step; got != Done {
			t.Errorf("the one that is stopped: got %v, want done", got)
		}
		wantReason(t, forecasts[1].Err, IsAbsent)
		if got := forecasts[2].DryRun; got == nil || got.Code != "No" {
			t.Errorf("the one that is denied: got %v, want the fault", got)
		}
		for i, f := range forecasts[3:] {
			if f.Err != nil || f.DryRun != nil || f.Decision != (Decision{Step: Act, Op: backend.OpStop}) {
				t.Errorf("%s: got %+v", ids[i+3], f)
			}
		}
		wantSizes(t, w, memory.Describe, 100, 100, 20)
		if got := w.Count(memory.DryRun); got != 3 {
			t.Errorf("218 instances take %d dry runs, want 3", got)
		}
		if got := w.writes(); len(got) > 0 {
			t.Errorf("a preflight wrote: %q", got)
		}
	})
}

func TestAPreflightOfANewFleetWaitsForAListingThatLags(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w, ids := manyOf(120, backend.Running, memory.Options{})
		w.Behave(ids[5], memory.Behavior{AppearAfter: 4 * time.Second})
		ids = append(ids, "i-none")
		forecasts := w.client.PreflightAll(t.Context(), ids, stopped, PreflightOptions{AwaitAppearance: true})
		for i, f := range forecasts[:120] {
			if f.Err != nil || f.Decision.Op != backend.OpStop {
				t.Errorf("%s: got %+v", ids[i], f)
			}
		}
		wantReason(t, forecasts[120].Err, IsAbsent)
		w.wantElapsed(t, 5*time.Second)
	})
}
