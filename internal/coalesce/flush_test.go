package coalesce_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// TestCallersBeforeTheFlush lets callers arrive and be canceled while a batch waits ten
// seconds for its permit. The n-th is n.
func TestCallersBeforeTheFlush(t *testing.T) {
	t.Parallel()
	const permit = 10 * time.Second
	type caller struct{ arrives, stays time.Duration } // 0 stays to the end
	for name, test := range map[string]struct {
		size    int
		callers []caller
		want    []call
	}{
		"a canceled one is not in it": {
			100,
			[]caller{{0, 3 * time.Second}, {time.Millisecond, 0}},
			[]call{{At: permit + idle + time.Millisecond, Items: []int{1}}},
		},
		"a canceled one is not in a full batch": {
			2,
			[]caller{{0, 3 * time.Second}, {time.Millisecond, 0}},
			[]call{{At: permit + time.Millisecond, Items: []int{1}}},
		},
		"one that arrives is in it": {
			100,
			[]caller{{0, 0}, {9 * time.Second, 0}},
			[]call{{At: permit + idle, Items: []int{0, 1}}},
		},
		"one that arrives at a full batch is in the next": {
			2,
			[]caller{{0, 0}, {time.Second, 0}, {2 * time.Second, 0}},
			[]call{{At: permit + idle, Items: []int{0, 1}}, {At: permit + 2*time.Second + idle, Items: []int{2}}},
		},
		"one that arrives after the flush is in the next": {
			100,
			[]caller{{0, 0}, {permit + time.Second, 0}},
			[]call{{At: permit + idle, Items: []int{0}}, {At: 2*permit + time.Second + idle, Items: []int{1}}},
		},
		"one that takes the place of another is in it": {
			2,
			[]caller{{0, time.Second}, {2 * time.Second, 0}},
			[]call{{At: permit + 2*time.Second + idle, Items: []int{1}}},
		},
		"no call is made when all are canceled": {
			100,
			[]caller{{0, time.Second}, {time.Millisecond, time.Second}},
			nil,
		},
		"no call is made when the only one is canceled, without batching": {
			1,
			[]caller{{0, time.Second}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				r.permit = permit
				g := coalesce.New(options(test.size, idle, maximum), r.call)
				var results []<-chan result
				for item, one := range test.callers {
					time.Sleep(one.arrives - time.Since(r.began))
					ctx := t.Context()
					if one.stays > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, one.stays)
						defer cancel()
					}
					results = append(results, do(ctx, g, "", item))
					synctest.Wait()
				}
				for item, out := range results {
					if stays := test.callers[item].stays; stays > 0 {
						if a := <-out; !errors.Is(a.err, context.DeadlineExceeded) || a.elapsed != stays {
							t.Errorf("item %d got %v after %v, want %v after %v", item, a.err, a.elapsed,
								context.DeadlineExceeded, stays)
						}
						continue
					}
					wantResult(t, out, item)
				}
				synctest.Wait()
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestACallThatDoesNotFlushHasNoResults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := coalesce.New(batching, func(context.Context, string, func() []int) []int { return []int{1} })
		out := do(t.Context(), g, "", 1)
		if a := <-out; !errors.Is(a.err, coalesce.ErrNoResult) {
			t.Errorf("got %v, want %v", a.err, coalesce.ErrNoResult)
		}
		// The next one is in a batch of its own.
		if a := <-do(t.Context(), g, "", 2); a.elapsed != idle {
			t.Errorf("the next waited %v, want %v", a.elapsed, idle)
		}
	})
}
