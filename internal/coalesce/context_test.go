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

var batching = options(100, idle, maximum)

func TestACallerThatIsCanceledBeforeTheFlushIsNotInTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(batching, r.call)
		ctx, cancel := context.WithCancel(t.Context())
		canceled := do(ctx, g, "", 1)
		synctest.Wait()
		other := do(t.Context(), g, "", 2)
		time.Sleep(10 * time.Millisecond)
		cancel()
		if a := <-canceled; !errors.Is(a.err, context.Canceled) || a.elapsed != 10*time.Millisecond {
			t.Errorf("the canceled one got %v after %v, want %v after 10ms", a.err, a.elapsed, context.Canceled)
		}
		wantResult(t, other, 2)
		if diff := cmp.Diff(r.calls, []call{{At: idle, Items: []int{2}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestACanceledCallerMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(options(3, idle, maximum), r.call)
		ctx, cancel := context.WithCancel(t.Context())
		first := do(t.Context(), g, "", 1)
		time.Sleep(time.Millisecond)
		canceled := do(ctx, g, "", 2)
		time.Sleep(time.Millisecond)
		cancel()
		<-canceled
		third := do(t.Context(), g, "", 3)
		time.Sleep(time.Millisecond)
		fourth := do(t.Context(), g, "", 4)
		wantResult(t, first, 1)
		wantResult(t, third, 3)
		wantResult(t, fourth, 4)
		if diff := cmp.Diff(r.calls, []call{{At: 3 * time.Millisecond, Items: []int{1, 3, 4}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestACallerThatIsCanceledAfterTheFlushDisturbsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.latency = time.Minute
		g := coalesce.New(batching, r.call)
		// The canceled one is the first: the call outlives it.
		ctx, cancel := context.WithCancel(t.Context())
		canceled := do(ctx, g, "", 1)
		synctest.Wait()
		other := do(t.Context(), g, "", 2)
		time.Sleep(time.Second)
		cancel()
		if a := <-canceled; !errors.Is(a.err, context.Canceled) || a.elapsed != time.Second {
			t.Errorf("the canceled one got %v after %v, want %v after 1s", a.err, a.elapsed, context.Canceled)
		}
		a := <-other
		if a.err != nil || a.got != 20 || a.elapsed != idle+time.Minute {
			t.Errorf("the other got %d, %v after %v, want 20, none after %v", a.got, a.err, a.elapsed, idle+time.Minute)
		}
		if diff := cmp.Diff(r.calls, []call{{At: idle, Items: []int{1, 2}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestTheCallEndsWithItsLastCaller(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  time.Duration
		want []call
	}{
		"before the flush no call is made":               {idle / 2, nil},
		"after the flush the call's context is canceled": {time.Second, []call{{At: idle, Items: []int{1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				r.latency = time.Hour
				ended := time.Duration(-1)
				g := coalesce.New(batching, func(ctx context.Context, key string, flush func() []int) []int {
					out := r.call(ctx, key, flush)
					ended = time.Since(r.began)
					return out
				})
				ctx, cancel := context.WithTimeout(t.Context(), test.end)
				defer cancel()
				first := do(ctx, g, "", 1)
				synctest.Wait()
				second := do(ctx, g, "", 2)
				for _, out := range []<-chan result{first, second} {
					if a := <-out; !errors.Is(a.err, context.DeadlineExceeded) {
						t.Errorf("a caller got %v, want %v", a.err, context.DeadlineExceeded)
					}
				}
				// No time passes in here: a call that continues has not ended.
				synctest.Wait()
				if test.want != nil && ended != test.end {
					t.Errorf("the call ended after %v, want %v", ended, test.end)
				}
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
				// The next one is not affected by those that were canceled.
				r.latency = 0
				wantResult(t, do(t.Context(), g, "", 3), 3)
			})
		})
	}
}

func TestTheContextOfTheCall(t *testing.T) {
	t.Parallel()
	type valueKey struct{}
	synctest.Test(t, func(t *testing.T) {
		g := coalesce.New(batching, func(ctx context.Context, _ string, flush func() []int) []int {
			if got := ctx.Value(valueKey{}); got != "first" {
				t.Errorf("the value in the context of the call is %v, want that of the first caller", got)
			}
			if _, ok := ctx.Deadline(); ok {
				t.Error("the call has the deadline of a caller, want none")
			}
			return timesTen(flush())
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		first := do(context.WithValue(ctx, valueKey{}, "first"), g, "", 1)
		synctest.Wait()
		second := do(context.WithValue(t.Context(), valueKey{}, "second"), g, "", 2)
		wantResult(t, first, 1)
		wantResult(t, second, 2)
	})
}

func TestTheCauseOfACancellationIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(batching, r.call)
		cause := errors.New("the run was canceled")
		ctx, cancel := context.WithCancelCause(t.Context())
		out := do(ctx, g, "", 1)
		synctest.Wait()
		cancel(cause)
		if a := <-out; !errors.Is(a.err, cause) {
			t.Errorf("the error is %v, want %v", a.err, cause)
		}
		if _, err := g.Do(ctx, "", 2); !errors.Is(err, cause) {
			t.Errorf("the error of a context that is done already is %v, want %v", err, cause)
		}
		time.Sleep(time.Second)
		if len(r.calls) != 0 {
			t.Errorf("got the calls %v, want none", r.calls)
		}
	})
}

func TestResultsThatAreMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		results func(items []int) []int
		lost    int // how many of three callers get none
	}{
		"all results":        {timesTen, 0},
		"one too few":        {func(items []int) []int { return timesTen(items)[:2] }, 1},
		"none at all":        {func([]int) []int { return nil }, 3},
		"one too many":       {func(items []int) []int { return append(timesTen(items), 7) }, 0},
		"an empty, not nil":  {func([]int) []int { return []int{} }, 3},
		"only for the first": {func(items []int) []int { return timesTen(items)[:1] }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				r.results = test.results
				g := coalesce.New(batching, r.call)
				var results []<-chan result
				for item := range 3 {
					results = append(results, do(t.Context(), g, "", item))
					synctest.Wait()
				}
				for item, out := range results {
					if item < 3-test.lost {
						wantResult(t, out, item)
						continue
					}
					if a := <-out; !errors.Is(a.err, coalesce.ErrNoResult) || a.got != 0 {
						t.Errorf("item %d got %d and %v, want nothing and %v", item, a.got, a.err, coalesce.ErrNoResult)
					}
				}
			})
		})
	}
}
