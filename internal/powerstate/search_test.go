package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestAnInstanceThatThisProcessHasJustObservedAbsent is not searched for again.
func TestAnInstanceThatThisProcessHasJustObservedAbsent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(t *testing.T, w *testCloud) error{
		"in the plan of one": func(t *testing.T, w *testCloud) error {
			t.Helper()
			_, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{AwaitAppearance: true})
			return err
		},
		"in the plan of a fleet": func(t *testing.T, w *testCloud) error {
			t.Helper()
			return w.client.PreflightAll(t.Context(), []string{id}, stopped,
				PreflightOptions{AwaitAppearance: true})[0].Err
		},
		"in the create of one": func(t *testing.T, w *testCloud) error {
			t.Helper()
			_, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{AwaitAppearance: true})
			return err
		},
		"in the create of a fleet": func(t *testing.T, w *testCloud) error {
			t.Helper()
			return w.client.ReachAll(t.Context(), []string{id}, stopped, ReachOptions{AwaitAppearance: true})[0].Err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				if _, err := w.client.Observe(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				wantReason(t, test(t, w), IsAbsent)
				if got := w.Count(memory.Describe); got != 2 || w.elapsed() > 100*time.Millisecond {
					t.Errorf("got %d reads in %v, want that before it and one of its own: %q", got, w.elapsed(),
						w.trace())
				}
			})
		})
	}
}

// TestAMistypedIDInAPlanCostsTwoReads, also in a fleet.
func TestAMistypedIDInAPlanCostsTwoReads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(t *testing.T, w *testCloud) error{
		"of one": func(t *testing.T, w *testCloud) error {
			t.Helper()
			_, err := w.client.Preflight(t.Context(), id, stopped, PreflightOptions{AwaitAppearance: true})
			return err
		},
		"of a fleet": func(t *testing.T, w *testCloud) error {
			t.Helper()
			return w.client.PreflightAll(t.Context(), []string{id}, stopped,
				PreflightOptions{AwaitAppearance: true})[0].Err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				wantReason(t, test(t, w), IsAbsent)
				if got := w.Count(memory.Describe); got > 2 {
					t.Errorf("got %d reads in %v, want at most two", got, w.elapsed())
				}
			})
		})
	}
}

// TestALimitShorterThanTheSearch ends it with what the cloud answered each time: a
// plan makes its two reads within the limit.
func TestALimitShorterThanTheSearch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(ctx context.Context, w *testCloud) error{
		"in the plan of one": func(ctx context.Context, w *testCloud) error {
			_, err := w.client.Preflight(ctx, id, stopped, PreflightOptions{AwaitAppearance: true})
			return err
		},
		"in the plan of a fleet": func(ctx context.Context, w *testCloud) error {
			return w.client.PreflightAll(ctx, []string{id}, stopped, PreflightOptions{AwaitAppearance: true})[0].Err
		},
	} {
		for _, limit := range []time.Duration{500 * time.Millisecond, 3 * time.Second} {
			t.Run(name+", of "+limit.String(), func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(backend.Absent, brisk, Options{})
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					wantReason(t, test(ctx, w), IsAbsent)
				})
			})
		}
	}
}

// TestACreateThatEndsBeforeTheSearch has observed the instance absent to the end, and
// leaves the next one its search.
func TestACreateThatEndsBeforeTheSearch(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Behave(id, memory.Behavior{AppearAfter: 10 * time.Second})
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				opts := ReachOptions{AwaitAppearance: true}
				result := w.client.ReachAll(ctx, []string{id}, stopped, opts)[0]
				if e := wantError(t, result.Err, TimedOut); e.Last == nil || e.Last.State != backend.Absent {
					t.Errorf("last observed is %v, want absent", e.Last)
				}
				if _, err := w.client.Reach(t.Context(), id, stopped, opts); err != nil {
					t.Errorf("the next one got %v, want none", err)
				}
			})
		})
	}
}
