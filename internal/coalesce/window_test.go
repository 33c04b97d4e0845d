package coalesce_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/coalesce"
)

// TestWindow lets items arrive one by one: the n-th is n.
func TestWindow(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	every := func(step time.Duration, n int) []time.Duration {
		times := make([]time.Duration, n)
		for i := range times {
			times[i] = time.Duration(i) * step
		}
		return times
	}
	for name, test := range map[string]struct {
		opts     coalesce.Options
		arrivals []time.Duration
		want     []call
	}{
		"one caller alone waits the idle time and no more": {
			coalesce.Options{Idle: idle, Max: most, Size: 100},
			[]time.Duration{0},
			[]call{{At: idle, Items: []int{0}}},
		},
		"each arrival extends the window": {
			coalesce.Options{Idle: idle, Max: most, Size: 100},
			[]time.Duration{0, 24 * ms, 48 * ms},
			[]call{{At: 73 * ms, Items: []int{0, 1, 2}}},
		},
		"what comes after the idle time is a batch of its own": {
			coalesce.Options{Idle: idle, Max: most, Size: 100},
			[]time.Duration{0, 26 * ms},
			[]call{{At: 25 * ms, Items: []int{0}}, {At: 51 * ms, Items: []int{1}}},
		},
		"a steady stream is cut at the maximum": {
			coalesce.Options{Idle: idle, Max: 95 * ms, Size: 100},
			every(10*ms, 12),
			[]call{{At: 95 * ms, Items: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}, {At: 135 * ms, Items: []int{10, 11}}},
		},
		"the maximum counts from the first item of the batch": {
			coalesce.Options{Idle: idle, Max: 30 * ms, Size: 100},
			[]time.Duration{0, 20 * ms, 40 * ms, 60 * ms},
			[]call{{At: 30 * ms, Items: []int{0, 1}}, {At: 70 * ms, Items: []int{2, 3}}},
		},
		"a maximum below the idle time means the idle time": {
			coalesce.Options{Idle: idle, Max: ms, Size: 100},
			[]time.Duration{0, 10 * ms},
			[]call{{At: 25 * ms, Items: []int{0, 1}}},
		},
		"a full batch goes at once": {
			coalesce.Options{Idle: idle, Max: most, Size: 3},
			[]time.Duration{0, 5 * ms, 10 * ms, 12 * ms},
			[]call{{At: 10 * ms, Items: []int{0, 1, 2}}, {At: 37 * ms, Items: []int{3}}},
		},
		"without an idle time nothing is joined": {
			coalesce.Options{Max: most, Size: 100},
			[]time.Duration{0, 0, 5 * ms},
			[]call{{Items: []int{0}}, {Items: []int{1}}, {At: 5 * ms, Items: []int{2}}},
		},
		"a negative idle time joins nothing": {
			coalesce.Options{Idle: -idle, Size: 100},
			[]time.Duration{0, ms},
			[]call{{Items: []int{0}}, {At: ms, Items: []int{1}}},
		},
		"a size of one joins nothing": {
			coalesce.Options{Idle: idle, Max: most, Size: 1},
			[]time.Duration{0, 5 * ms},
			[]call{{Items: []int{0}}, {At: 5 * ms, Items: []int{1}}},
		},
		"the zero options join nothing": {
			coalesce.Options{},
			[]time.Duration{0, 5 * ms},
			[]call{{Items: []int{0}}, {At: 5 * ms, Items: []int{1}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				g := coalesce.New(test.opts, r.call)
				var answers []<-chan answer
				for item, at := range test.arrivals {
					time.Sleep(at - time.Since(r.began))
					answers = append(answers, ask(t.Context(), g, "", item))
					synctest.Wait()
				}
				for item, out := range answers {
					wantAnswer(t, out, item)
				}
				if diff := cmp.Diff(r.calls, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestSizeIsNeverExceeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.took = time.Second
		g := coalesce.New(coalesce.Options{Idle: idle, Max: most, Size: 100}, r.call)
		var answers []<-chan answer
		for item := range 250 {
			answers = append(answers, ask(t.Context(), g, "", item))
		}
		for item, out := range answers {
			wantAnswer(t, out, item)
		}
		type size struct {
			At time.Duration
			N  int
		}
		var got []size
		for _, c := range r.calls {
			got = append(got, size{c.At, len(c.Items)})
		}
		if diff := cmp.Diff(got, []size{{0, 100}, {0, 100}, {idle, 50}}); diff != "" {
			t.Errorf("sizes of the calls (-got +want):\n%s", diff)
		}
	})
}

func TestNothingJoinsASealedBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.took = time.Minute // the first call is still on its way when the second item arrives
		g := coalesce.New(coalesce.Options{Idle: idle, Max: most, Size: 100}, r.call)
		first := ask(t.Context(), g, "", 1)
		time.Sleep(idle + time.Millisecond)
		second := ask(t.Context(), g, "", 2)
		wantAnswer(t, first, 1)
		wantAnswer(t, second, 2)
		want := []call{{At: idle, Items: []int{1}}, {At: 2*idle + time.Millisecond, Items: []int{2}}}
		if diff := cmp.Diff(r.calls, want); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

func TestKeysAreKeptApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		g := coalesce.New(coalesce.Options{Idle: idle, Max: most, Size: 100}, r.call)
		var answers []<-chan answer
		for item, key := range []string{"stop", "start", "stop", "start", "stop"} {
			answers = append(answers, ask(t.Context(), g, key, item))
		}
		for item, out := range answers {
			wantAnswer(t, out, item)
		}
		got := map[string][]int{}
		for _, c := range r.sorted() {
			if got[c.Key] != nil {
				t.Errorf("key %q went out twice, want once", c.Key)
			}
			got[c.Key] = c.Items
		}
		if diff := cmp.Diff(got, map[string][]int{"stop": {0, 2, 4}, "start": {1, 3}}); diff != "" {
			t.Errorf("items by key (-got +want):\n%s", diff)
		}
	})
}

// TestStretch: how much longer the window stays open is asked when a member joins,
// when the window ends, and when the group is told that it has become less.
func TestStretch(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		tell time.Duration // 0 for never
		left time.Duration // of the stretch then
		turn time.Duration
		want []time.Duration
	}{
		"holds for the window that it was asked for": {0, 0, 0, []time.Duration{60*ms + idle}},
		"becomes less":                     {20 * ms, 0, 0, []time.Duration{20*ms + idle}},
		"not where little was left anyway": {50 * ms, 20 * ms, 0, []time.Duration{60*ms + idle}},
		"becomes more":                     {20 * ms, 100 * ms, 0, []time.Duration{100*ms + idle}},
		"not when the end has passed":      {90 * ms, 200 * ms, 100 * ms, []time.Duration{160*ms + idle}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder()
				var stretch atomic.Int64
				stretch.Store(int64(60 * ms))
				g := coalesce.NewInTurn(coalesce.Options{Idle: idle, Max: time.Second, Size: 100, Stretch: func() time.Duration { return time.Duration(stretch.Load()) }}, r.inTurn(test.turn))
				out := ask(t.Context(), g, "", 1)
				if test.tell > 0 {
					time.Sleep(test.tell)
					stretch.Store(int64(test.left))
					g.Shorten()
				}
				wantAnswer(t, out, 1)
				var at []time.Duration
				for _, c := range r.calls {
					at = append(at, c.At)
				}
				if diff := cmp.Diff(at, test.want); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}
