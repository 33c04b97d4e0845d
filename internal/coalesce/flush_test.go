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

// TestWhatHappensUntilTheTurn lets callers come and go while a joined call waits
// ten seconds for its turn. The n-th is n.
func TestWhatHappensUntilTheTurn(t *testing.T) {
	t.Parallel()
	const turn = 10 * time.Second
	type caller struct{ comes, stays time.Duration } // 0 stays to the end
	for name, test := range map[string]struct {
		size    int
		callers []caller
		want    []call
	}{
		"one that leaves is left out": {
			100,
			[]caller{{0, 3 * time.Second}, {time.Millisecond, 0}},
			[]call{{At: turn + idle + time.Millisecond, Items: []int{1}}},
		},
		"one that leaves a full batch is left out": {
			2,
			[]caller{{0, 3 * time.Second}, {time.Millisecond, 0}},
			[]call{{At: turn + time.Millisecond, Items: []int{1}}},
		},
		"one that comes goes along": {
			100,
			[]caller{{0, 0}, {9 * time.Second, 0}},
			[]call{{At: turn + idle, Items: []int{0, 1}}},
		},
		"one that comes to a full batch waits for its own": {
			2,
			[]caller{{0, 0}, {time.Second, 0}, {2 * time.Second, 0}},
			[]call{{At: turn + idle, Items: []int{0, 1}}, {At: turn + 2*time.Second + idle, Items: []int{2}}},
		},
		"one that comes after the turn waits for its own": {
			100,
			[]caller{{0, 0}, {turn + time.Second, 0}},
			[]call{{At: turn + idle, Items: []int{0}}, {At: 2*turn + time.Second + idle, Items: []int{1}}},
		},
		"one that takes the place of another goes along": {
			2,
			[]caller{{0, time.Second}, {2 * time.Second, 0}},
			[]call{{At: turn + 2*time.Second + idle, Items: []int{1}}},
		},
		"no call is made when all leave": {
			100,
			[]caller{{0, time.Second}, {time.Millisecond, time.Second}},
			nil,
		},
		"no call is made when the one leaves where nothing is joined": {
			1,
			[]caller{{0, time.Second}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				g := coalesce.NewInTurn(coalesce.Options{Idle: idle, Max: most, Size: test.size}, r.inTurn(turn))
				var answers []<-chan answer
				for item, one := range test.callers {
					time.Sleep(one.comes - time.Since(r.began))
					ctx := t.Context()
					if one.stays > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, one.stays)
						defer cancel()
					}
					answers = append(answers, ask(ctx, g, "", item))
					synctest.Wait()
				}
				for item, out := range answers {
					if stays := test.callers[item].stays; stays > 0 {
						if a := <-out; !errors.Is(a.err, context.DeadlineExceeded) || a.took != stays {
							t.Errorf("item %d got %v after %v, want %v after %v", item, a.err, a.took, context.DeadlineExceeded, stays)
						}
						continue
					}
					wantAnswer(t, out, item)
				}
				synctest.Wait()
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestACallThatDoesNotSealHasNoAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := coalesce.NewInTurn(joining, func(context.Context, string, func() []int) []int { return []int{1} })
		out := ask(t.Context(), g, "", 1)
		if a := <-out; a.err != nil && !errors.Is(a.err, coalesce.ErrNoAnswer) {
			t.Errorf("got %v, want an answer or %v", a.err, coalesce.ErrNoAnswer)
		}
		// The next one is in a batch of its own.
		if a := <-ask(t.Context(), g, "", 2); a.took != idle {
			t.Errorf("the next waited %v, want %v", a.took, idle)
		}
	})
}
