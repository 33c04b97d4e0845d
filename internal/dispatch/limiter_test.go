package dispatch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// passes has n callers acquire a permit and returns when they did.
func passes(t *testing.T, l *limiter, n int) []time.Duration {
	t.Helper()
	began := time.Now()
	var (
		all sync.WaitGroup
		mu  sync.Mutex
		at  []time.Duration
	)
	for range n {
		all.Go(func() {
			p, err := l.acquire(t.Context(), Single)
			if err != nil {
				t.Error(err)
				return
			}
			defer p.answered(nil)
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(began))
		})
	}
	all.Wait()
	slices.Sort(at)
	return at
}

// busiest returns how many passed in the busiest second, both of its ends included.
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
			inFakeTime(t, func(t *testing.T) {
				at := passes(t, newLimiter(test.rate, 0), test.n)
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

func TestCallsWithinTheLimitAreMadeAtOnce(t *testing.T) {
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
			inFakeTime(t, func(t *testing.T) {
				at := passes(t, newLimiter(test.rate, test.burst), 2*test.together+1)
				for i, then := range at {
					if want := time.Duration(i/test.together) * test.window; then.Round(time.Millisecond) != want {
						t.Errorf("call %d passed after %v, want %v", i, then, want)
					}
				}
			})
		})
	}
}

func TestWithoutARateNoCallWaits(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		if at := passes(t, newLimiter(0, 0), 1000); at[999] != 0 {
			t.Errorf("the last passed after %v, want at once", at[999])
		}
	})
}

func TestAWaitForAPermitEndsWithItsContext(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(0.1, 0)
		began := time.Now()
		pass(t, l)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if _, err := l.acquire(ctx, Single); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
			}
			cancel()
		}
		// The canceled ones hold no permit.
		pass(t, l)
		if got, want := time.Since(began), 10100*time.Millisecond; got != want {
			t.Errorf("the second passed after %v, want %v", got, want)
		}
	})
}

// pass makes one call that is answered at once.
func pass(t *testing.T, l *limiter) {
	t.Helper()
	p, err := l.acquire(t.Context(), Single)
	if err != nil {
		t.Fatal(err)
	}
	p.answered(nil)
}

// TestNoSecondHasMoreArrivalsThanTheLimit lets calls arrive at any time between their start and their answer.
func TestNoSecondHasMoreArrivalsThanTheLimit(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(10, 0)
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // The same in each run.
		var (
			all sync.WaitGroup
			mu  sync.Mutex
			at  []time.Duration
		)
		began := time.Now()
		for range 300 {
			there, back := time.Duration(random.IntN(900))*time.Millisecond,
				time.Duration(random.IntN(900))*time.Millisecond
			all.Go(func() {
				p, err := l.acquire(t.Context(), Single)
				if err != nil {
					t.Error(err)
					return
				}
				defer p.answered(nil)
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

// TestAHungCallHoldsItsPermitForAShortTimeOnly keeps calls that get no answer from
// keeping others out.
func TestAHungCallHoldsItsPermitForAShortTimeOnly(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(10, 0)
		began := time.Now()
		var hung []*permit
		for range 10 {
			hung = append(hung, acquire(t, l))
		}
		pass(t, l)
		if got, want := time.Since(began), hungAfter+1010*time.Millisecond; got != want {
			t.Errorf("another passed after %v, want %v", got, want)
		}
		// An answer that arrives at last makes no second permit.
		for _, p := range hung {
			p.answered(nil)
		}
		wantFree(t, l, 10)
	})
}

func acquire(t *testing.T, l *limiter) *permit {
	t.Helper()
	p, err := l.acquire(t.Context(), Single)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantFree checks that the limiter has all its permits after a while.
func wantFree(t *testing.T, l *limiter, want int) {
	t.Helper()
	time.Sleep(time.Minute)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free != want {
		t.Errorf("%d permits are free, want %d", l.free, want)
	}
}

// TestNoPermitIsLost ends permits in all manners, also while others wait for them.
func TestNoPermitIsLost(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(20, 0)
		random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // The same in each run.
		var all sync.WaitGroup
		for range 2000 {
			patience := time.Duration(random.IntN(20_000)) * time.Millisecond
			latency := time.Duration(random.IntN(5000)) * time.Millisecond
			by, end := Caller(random.IntN(int(callers))), random.IntN(5)
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				p, err := l.acquire(ctx, by)
				if err != nil {
					return
				}
				time.Sleep(latency)
				switch end {
				case 0:
					p.unused()
				case 1:
					p.canceled()
				case 2:
					p.answered(&backend.Fault{Kind: backend.KindThrottled})
				case 3:
					p.answered(&backend.Fault{Kind: backend.KindUnavailable})
				default:
					p.answered(nil)
				}
			})
		}
		all.Wait()
		wantFree(t, l, 20)
		if len(l.queues[Single])+len(l.queues[Fleet])+len(l.deadlines) > 0 {
			t.Errorf("%d, %d callers wait still, want none", len(l.queues[Single]), len(l.queues[Fleet]))
		}
	})
}

func TestAnUnusedPermitIsFreeAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(1, 0)
		began := time.Now()
		for range 5 {
			acquire(t, l).unused()
		}
		if got := time.Since(began); got != 0 {
			t.Errorf("five permits that were not used lasted %v, want no time", got)
		}
		wantFree(t, l, 1)
	})
}

// TestAPermitThatArrivesTooLateIsFreeAtOnce: it was granted after its caller had been
// canceled, and before the caller had left the queue. The test holds the
// lock meanwhile, for which fake time cannot wait.
func TestAPermitThatArrivesTooLateIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	l := newLimiter(0.001, 0)
	l.free = 0
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan *permit, 1)
		go func() {
			p, _ := l.acquire(ctx, Single)
			got <- p
		}()
		for queued := false; !queued; runtime.Gosched() {
			l.mu.Lock()
			queued = len(l.queues[Single]) > 0
			l.mu.Unlock()
		}
		l.mu.Lock()
		cancel()
		time.Sleep(time.Millisecond)
		l.free++
		l.grant()
		l.mu.Unlock()
		if p := <-got; p != nil {
			p.unused()
			l.free = 0
			continue // It was quicker.
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.free != 1 {
			t.Errorf("%d permits are free, want 1", l.free)
		}
		return
	}
	t.Error("no permit arrived too late: the test shows nothing")
}

// TestPermitsAlternateBetweenCallers: a single operation does not queue behind a fleet,
// nor a fleet behind single operations.
func TestPermitsAlternateBetweenCallers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ many, few Caller }{
		"single operations behind a fleet": {Fleet, Single},
		"a fleet behind single operations": {Single, Fleet},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				l := newLimiter(1, 0)
				pass(t, l)
				var (
					all   sync.WaitGroup
					mu    sync.Mutex
					order []Caller
				)
				queue := func(by Caller, n int) {
					for range n {
						all.Go(func() {
							p, err := l.acquire(t.Context(), by)
							if err != nil {
								t.Error(err)
								return
							}
							mu.Lock()
							order = append(order, by)
							mu.Unlock()
							p.answered(nil)
						})
					}
					synctest.Wait()
				}
				queue(test.many, 100)
				queue(test.few, 3)
				all.Wait()
				last := 0
				for i, by := range order {
					if by == test.few {
						last = i
					}
				}
				if last > 5 {
					t.Errorf("the third of the few is number %d, want one of the first six", last+1)
				}
			})
		})
	}
}
