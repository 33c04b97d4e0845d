package dispatch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// passes lets n callers through a bucket and returns when they passed.
func passes(t *testing.T, b *bucket, n int) []time.Duration {
	t.Helper()
	began := time.Now()
	var (
		all sync.WaitGroup
		mu  sync.Mutex
		at  []time.Duration
	)
	for range n {
		all.Go(func() {
			turn, err := b.enter(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer turn.leave()
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(began))
		})
	}
	all.Wait()
	slices.Sort(at)
	return at
}

// busiest is how many passed in the busiest second, both of its ends included.
func busiest(at []time.Duration) int {
	most := 0
	for i, from := range at {
		n := 0
		for _, then := range at[i:] {
			if then-from <= time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestThePaceIsHeldInEverySecond(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rate    float64
		n       int
		longest time.Duration
	}{
		"ten a second":   {10, 100, 11 * time.Second},
		"forty a second": {40, 400, 11 * time.Second},
		"one in two":     {0.5, 4, 7 * time.Second},
		"nearly ten":     {9.9, 99, 11 * time.Second},
		"nearly four":    {3.9, 39, 11 * time.Second},
		"nearly two":     {1.9, 19, 11 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				at := passes(t, newBucket(test.rate, 0), test.n)
				if got, most := busiest(at), int(math.Ceil(test.rate)); got > most {
					t.Errorf("%d passed in one second, want at most %d", got, most)
				}
				if at[0] != 0 {
					t.Errorf("the first passed after %v, want at once", at[0])
				}
				if last := at[len(at)-1]; last > test.longest {
					t.Errorf("the last passed after %v, want within %v: the rate is to be used", last, test.longest)
				}
			})
		})
	}
}

func TestWhatTheLimitAllowsGoesOutAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		rate     float64
		burst    int
		together int
		window   time.Duration
	}{
		"ten a second":                  {10, 0, 10, 1010 * time.Millisecond},
		"a burst below the limit":       {10, 5, 10, 1010 * time.Millisecond},
		"four a second, ten at once":    {4, 10, 10, 2525 * time.Millisecond},
		"less than one in a second too": {0.5, 0, 1, 2020 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				at := passes(t, newBucket(test.rate, test.burst), 2*test.together+1)
				for i, then := range at {
					if want := time.Duration(i/test.together) * test.window; then.Round(time.Millisecond) != want {
						t.Errorf("call %d passed after %v, want %v", i, then, want)
					}
				}
			})
		})
	}
}

func TestWithoutARateNobodyWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		if at := passes(t, newBucket(0, 0), 1000); at[999] != 0 {
			t.Errorf("the last passed after %v, want at once", at[999])
		}
	})
}

func TestAWaitForATurnEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(0.1, 0)
		began := time.Now()
		pass(t, b)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if _, err := b.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
			}
			cancel()
		}
		// Those who left have taken nothing along.
		pass(t, b)
		if got, want := time.Since(began), 10100*time.Millisecond; got != want {
			t.Errorf("the second passed after %v, want %v", got, want)
		}
	})
}

// pass makes one call that is answered at once.
func pass(t *testing.T, b *bucket) {
	t.Helper()
	turn, err := b.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	turn.leave()
}

// TestNoWindowHasMoreArrivalsThanTheLimitHoweverLongCallsAreOnTheirWay lets calls
// arrive at any time between their start and their answer.
func TestNoWindowHasMoreArrivalsThanTheLimitHoweverLongCallsAreOnTheirWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(10, 0)
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // The same in each run.
		var (
			all sync.WaitGroup
			mu  sync.Mutex
			at  []time.Duration
		)
		began := time.Now()
		for range 300 {
			there, back := time.Duration(random.IntN(900))*time.Millisecond, time.Duration(random.IntN(900))*time.Millisecond
			all.Go(func() {
				turn, err := b.enter(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.leave()
				time.Sleep(there)
				mu.Lock()
				at = append(at, time.Since(began))
				mu.Unlock()
				time.Sleep(back)
			})
		}
		all.Wait()
		slices.Sort(at)
		if got := busiest(at); got > 10 {
			t.Errorf("%d arrived in one second, want at most 10", got)
		}
		if last, most := at[len(at)-1], 75*time.Second; last > most {
			t.Errorf("the last arrived after %v, want within %v", last, most)
		}
	})
}

// TestACallThatHangsHoldsItsTurnForAWhileOnly keeps calls that get no answer from
// keeping others out.
func TestACallThatHangsHoldsItsTurnForAWhileOnly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(10, 0)
		began := time.Now()
		var hanging []func()
		for range 10 {
			turn, err := b.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			hanging = append(hanging, turn.leave)
		}
		pass(t, b)
		if got, want := time.Since(began), overdue+1010*time.Millisecond; got != want {
			t.Errorf("another passed after %v, want %v", got, want)
		}
		// An answer that comes at last gives no second turn.
		for _, leave := range hanging {
			leave()
		}
		time.Sleep(time.Minute)
		if got := len(b.turns); got != 10 {
			t.Errorf("there are %d turns, want 10", got)
		}
	})
}

// TestAThrottleLetsNobodyThroughAndThenKeepsThePace holds that those who were
// held back do not all go at the moment when it ends.
func TestAThrottleLetsNobodyThroughAndThenKeepsThePace(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"when they wait already": 500 * time.Millisecond, "when they come later": 0} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				b := newBucket(10, 0)
				if after == 0 {
					b.throttled(5 * time.Second)
				} else {
					time.AfterFunc(after, func() { b.throttled(5 * time.Second) })
				}
				at := passes(t, b, 40)
				if got := busiest(at); got > 10 {
					t.Errorf("%d passed in one second, want at most 10: %v", got, at)
				}
				for _, then := range at {
					if then > after && then < after+5*time.Second {
						t.Errorf("one passed after %v, want nobody between %v and %v", then, after, after+5*time.Second)
					}
				}
				if last := at[len(at)-1]; last > 12*time.Second {
					t.Errorf("the last passed after %v, want within 12s", last)
				}
			})
		})
	}
}

func TestTheBackoffGrowsAndIsReset(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(0, 0)
		shut := func(retryAfter time.Duration) time.Duration {
			b.throttled(retryAfter)
			began := time.Now()
			pass(t, b)
			return time.Since(began)
		}
		within := func(got, about time.Duration) {
			t.Helper()
			if got < about*7/10-time.Millisecond || got > about*13/10+time.Millisecond {
				t.Errorf("the bucket was shut for %v, want about %v", got, about)
			}
		}
		for _, about := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			within(shut(0), about*time.Second)
		}
		b.passed()
		within(shut(0), time.Second)
		// The cloud's own word counts when it is longer, and does not shorten.
		if got := shut(50 * time.Second); got != 50*time.Second {
			t.Errorf("the bucket was shut for %v, want the 50s that were asked for", got)
		}
		within(shut(time.Millisecond), 4*time.Second)
	})
}

func TestCallsThatWereOnTheirWayDoNotShutItForLonger(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newBucket(0, 0)
		for range 20 {
			b.throttled(0)
		}
		began := time.Now()
		pass(t, b)
		if got := time.Since(began); got > 1300*time.Millisecond {
			t.Errorf("the bucket was shut for %v, want one step of about a second", got)
		}
		b.throttled(3 * time.Second)
		b.throttled(10 * time.Second)
		b.throttled(5 * time.Second)
		began = time.Now()
		pass(t, b)
		if got := time.Since(began); got != 10*time.Second {
			t.Errorf("the bucket was shut for %v, want the 10s that one was asked for", got)
		}
	})
}
