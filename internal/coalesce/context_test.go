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

var joining = coalesce.Options{Idle: idle, Max: most, Size: 100}

func TestACallerThatLeavesBeforeTheSealIsLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(joining, r.call)
		ctx, cancel := context.WithCancel(t.Context())
		leaver := ask(ctx, g, "", 1)
		synctest.Wait()
		stayer := ask(t.Context(), g, "", 2)
		time.Sleep(10 * time.Millisecond)
		cancel()
		if a := <-leaver; !errors.Is(a.err, context.Canceled) || a.took != 10*time.Millisecond {
			t.Errorf("the one that left got %v after %v, want %v after 10ms", a.err, a.took, context.Canceled)
		}
		wantAnswer(t, stayer, 2)
		if diff := cmp.Diff(r.calls, []call{{At: idle, Items: []int{2}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestACallerThatLeftMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(coalesce.Options{Idle: idle, Max: most, Size: 3}, r.call)
		ctx, cancel := context.WithCancel(t.Context())
		first := ask(t.Context(), g, "", 1)
		time.Sleep(time.Millisecond)
		leaver := ask(ctx, g, "", 2)
		time.Sleep(time.Millisecond)
		cancel()
		<-leaver
		third := ask(t.Context(), g, "", 3)
		time.Sleep(time.Millisecond)
		fourth := ask(t.Context(), g, "", 4)
		wantAnswer(t, first, 1)
		wantAnswer(t, third, 3)
		wantAnswer(t, fourth, 4)
		if diff := cmp.Diff(r.calls, []call{{At: 3 * time.Millisecond, Items: []int{1, 3, 4}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestACallerThatLeavesAfterTheSealDisturbsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.took = time.Minute
		g := coalesce.New(joining, r.call)
		// The one that leaves is the first: the call outlives it.
		ctx, cancel := context.WithCancel(t.Context())
		leaver := ask(ctx, g, "", 1)
		synctest.Wait()
		stayer := ask(t.Context(), g, "", 2)
		time.Sleep(time.Second)
		cancel()
		if a := <-leaver; !errors.Is(a.err, context.Canceled) || a.took != time.Second {
			t.Errorf("the one that left got %v after %v, want %v after 1s", a.err, a.took, context.Canceled)
		}
		a := <-stayer
		if a.err != nil || a.got != 20 || a.took != idle+time.Minute {
			t.Errorf("the one that stayed got %d, %v after %v, want 20, none after %v", a.got, a.err, a.took, idle+time.Minute)
		}
		if diff := cmp.Diff(r.calls, []call{{At: idle, Items: []int{1, 2}}}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestTheCallEndsWhenAllLeave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		leave time.Duration
		want  []call
	}{
		"before the seal no call is made":               {idle / 2, nil},
		"after the seal the call's context is canceled": {time.Second, []call{{At: idle, Items: []int{1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				r.took = time.Hour
				ended := time.Duration(-1)
				g := coalesce.New(joining, func(ctx context.Context, key string, items []int) []int {
					out := r.call(ctx, key, items)
					ended = time.Since(r.began)
					return out
				})
				ctx, cancel := context.WithTimeout(t.Context(), test.leave)
				defer cancel()
				first := ask(ctx, g, "", 1)
				synctest.Wait()
				second := ask(ctx, g, "", 2)
				for _, out := range []<-chan answer{first, second} {
					if a := <-out; !errors.Is(a.err, context.DeadlineExceeded) {
						t.Errorf("a caller got %v, want %v", a.err, context.DeadlineExceeded)
					}
				}
				// No time passes in here: a call that goes on has not ended.
				synctest.Wait()
				if test.want != nil && ended != test.leave {
					t.Errorf("the call ended after %v, want %v", ended, test.leave)
				}
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
				// The next one is not affected by those that left.
				r.took = 0
				wantAnswer(t, ask(t.Context(), g, "", 3), 3)
			})
		})
	}
}

func TestTheContextOfTheCall(t *testing.T) {
	t.Parallel()
	type valueKey struct{}
	synctest.Test(t, func(t *testing.T) {
		g := coalesce.New(joining, func(ctx context.Context, _ string, items []int) []int {
			if got := ctx.Value(valueKey{}); got != "first" {
				t.Errorf("the value in the context of the call is %v, want that of the first caller", got)
			}
			if _, ok := ctx.Deadline(); ok {
				t.Error("the call has the deadline of a caller, want none")
			}
			return timesTen(items)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		first := ask(context.WithValue(ctx, valueKey{}, "first"), g, "", 1)
		synctest.Wait()
		second := ask(context.WithValue(t.Context(), valueKey{}, "second"), g, "", 2)
		wantAnswer(t, first, 1)
		wantAnswer(t, second, 2)
	})
}

func TestTheCauseOfACancellationIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(joining, r.call)
		cause := errors.New("the run was canceled")
		ctx, cancel := context.WithCancelCause(t.Context())
		out := ask(ctx, g, "", 1)
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

func TestAnswersThatAreMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers func(items []int) []int
		lost    int // how many of three callers get none
	}{
		"all answers":        {timesTen, 0},
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
				r.answers = test.answers
				g := coalesce.New(joining, r.call)
				var answers []<-chan answer
				for item := range 3 {
					answers = append(answers, ask(t.Context(), g, "", item))
					synctest.Wait()
				}
				for item, out := range answers {
					if item < 3-test.lost {
						wantAnswer(t, out, item)
						continue
					}
					if a := <-out; !errors.Is(a.err, coalesce.ErrNoAnswer) || a.got != 0 {
						t.Errorf("item %d got %d and %v, want nothing and %v", item, a.got, a.err, coalesce.ErrNoAnswer)
					}
				}
			})
		})
	}
}
