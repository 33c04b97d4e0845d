package dispatch

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func throttledFor(d time.Duration) *backend.Fault {
	return &backend.Fault{Kind: backend.KindThrottled, Code: "Slow", RetryAfter: d}
}

// throttledAll returns the faults of calls that are to wait so many seconds.
func throttledAll(seconds ...time.Duration) (faults []*backend.Fault) {
	for _, n := range seconds {
		faults = append(faults, throttledFor(n*time.Second))
	}
	return faults
}

// resumes returns how long after a fault the next call is made.
func resumes(t *testing.T, l *limiter, fault *backend.Fault) time.Duration {
	t.Helper()
	acquire(t, l).answered(fault)
	began := time.Now()
	acquire(t, l).unused()
	return time.Since(began)
}

// wantAbout demands a pause that differs by no more than the jitter from so many seconds.
func wantAbout(t *testing.T, got time.Duration, seconds float64) {
	t.Helper()
	about := time.Duration(seconds * float64(time.Second))
	if within := time.Duration(Jitter * float64(about)); (got - about).Abs() > within+time.Millisecond {
		t.Errorf("the pause is %v, want about %v", got, about)
	}
}

func TestThePauseGrowsAndIsReset(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(0, 0)
		const longest = 30 / (1 + Jitter) // With its jitter at most 30 s.
		for _, about := range []float64{1, 2, 4, 8, 16, longest, longest} {
			wantAbout(t, resumes(t, l, throttledFor(0)), about)
		}
		pass(t, l)
		wantAbout(t, resumes(t, l, throttledFor(0)), 1)
		wantAbout(t, resumes(t, l, throttledFor(time.Millisecond)), 2)
	})
}

func TestRetryAfterIsObeyedUpToAMinute(t *testing.T) {
	t.Parallel()
	unavailable := func(d time.Duration) *backend.Fault {
		return &backend.Fault{Kind: backend.KindUnavailable, Status: 503, RetryAfter: d}
	}
	for name, test := range map[string]struct {
		fault *backend.Fault
		want  time.Duration
	}{
		"fifty seconds":                {throttledFor(50 * time.Second), 50 * time.Second},
		"a minute":                     {throttledFor(time.Minute), time.Minute},
		"a day":                        {throttledFor(86400 * time.Second), time.Minute},
		"as long as a header can tell": {throttledFor(math.MaxInt32 * time.Second), time.Minute},
		"the longest duration":         {throttledFor(math.MaxInt64), time.Minute},
		"that of a 503":                {unavailable(20 * time.Second), 20 * time.Second},
		"a day of a 503":               {unavailable(86400 * time.Second), time.Minute},
		"not that of another fault":    {&backend.Fault{Kind: backend.KindDenied, RetryAfter: time.Minute}, 0},
		"a 503 without one":            {unavailable(0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				if got := resumes(t, newLimiter(0, 0), test.fault); got != test.want {
					t.Errorf("the next call is made after %v, want %v", got, test.want)
				}
			})
		})
	}
}

// TestOneCallProbesAfterAPause: the others wait for its answer, and are let out by it.
func TestOneCallProbesAfterAPause(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(p *permit)
		others time.Duration // when they are let out, after the probe's answer
	}{
		"which is accepted":         {func(p *permit) { p.answered(nil) }, 0},
		"which is refused":          {func(p *permit) { p.answered(&backend.Fault{Kind: backend.KindDenied}) }, 0},
		"which is throttled too":    {func(p *permit) { p.answered(throttledFor(40 * time.Second)) }, 40 * time.Second},
		"which ends with its batch": {func(p *permit) { p.canceled() }, 0},
		"which is not made":         {func(p *permit) { p.unused() }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				l := newLimiter(100, 0)
				acquire(t, l).answered(throttledFor(10 * time.Second))
				began, permits := time.Now(), make(chan *permit, 5)
				for range cap(permits) {
					go func() {
						p, err := l.acquire(t.Context(), Single)
						if err != nil {
							t.Error(err)
						}
						permits <- p
					}()
				}
				probe := <-permits
				if got := time.Since(began); got != 10*time.Second {
					t.Errorf("the probe is made after %v, want 10s", got)
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if len(permits) > 0 {
					t.Errorf("%d others are made while the probe is in flight, want none", len(permits))
				}
				answered := time.Now()
				test.answer(probe)
				for range cap(permits) - 1 {
					p := <-permits
					if got := time.Since(answered); got != test.others {
						t.Errorf("another is made %v after the answer to the probe, want %v", got, test.others)
					}
					p.answered(nil)
				}
			})
		})
	}
}

func TestAHungProbeIsFollowedByAnother(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(0, 0)
		acquire(t, l).answered(throttledFor(10 * time.Second))
		began, hung := time.Now(), acquire(t, l)
		acquire(t, l).answered(nil)
		if got, want := time.Since(began), 10*time.Second+hungAfter; got != want {
			t.Errorf("the next probe is made after %v, want %v", got, want)
		}
		hung.answered(nil)
	})
}

// TestCallsInFlightDoNotProlongAPause but where the cloud asks for more. Nor does their
// success end it.
func TestCallsInFlightDoNotProlongAPause(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		others []*backend.Fault
		want   time.Duration
	}{
		"when they are throttled too":          {throttledAll(0, 5, 3), 5 * time.Second},
		"unless the cloud asks for more":       {throttledAll(0, 9, 3), 9 * time.Second},
		"when they are accepted":               {[]*backend.Fault{nil, nil}, 5 * time.Second},
		"when the first is throttled for long": {[]*backend.Fault{throttledFor(86400 * time.Second), nil}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				l := newLimiter(0, 0)
				var inFlight []*permit
				for range test.others {
					inFlight = append(inFlight, acquire(t, l))
				}
				time.Sleep(time.Millisecond)
				acquire(t, l).answered(throttledFor(5 * time.Second))
				began := time.Now()
				for i, p := range inFlight {
					p.answered(test.others[i])
				}
				probe := acquire(t, l)
				if got := time.Since(began); got != test.want {
					t.Errorf("the next call is made after %v, want %v", got, test.want)
				}
				if _, err := l.acquire(within(t, time.Second), Single); err == nil {
					t.Error("a second call is made beside the probe")
				}
				probe.answered(nil)
			})
		})
	}
}

// TestAfterAPauseThePaceIsKept: the callers that were held back are not all let out at
// the moment when it ends.
func TestAfterAPauseThePaceIsKept(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(10, 0)
		acquire(t, l).answered(throttledFor(5 * time.Second))
		at := passes(t, l, 40)
		if got := busiest(at); got > 10 {
			t.Errorf("%d passed in one second, want at most 10: %v", got, at)
		}
		if at[0] != 5*time.Second || at[39] > 9*time.Second {
			t.Errorf("the first passed after %v and the last after %v, want 5s and at most 9s", at[0], at[39])
		}
	})
}

func TestThePauseAfterALostAnswer(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		l := newLimiter(0, 0)
		lost := &backend.Fault{Kind: backend.KindUnavailable}
		const longest = 15 / (1 + Jitter) // With its jitter at most 15 s.
		for _, about := range []float64{1, 2, 4, 8, longest, longest} {
			pause := acquire(t, l).answered(lost)
			wantAbout(t, pause, about)
			// One that was in flight at the same time returns at the same time.
			time.Sleep(pause / 2)
			if got, want := acquire(t, l).answered(lost), pause-pause/2; got != want {
				t.Errorf("another pauses for %v, want the remaining %v", got, want)
			}
			time.Sleep(pause - pause/2)
		}
		pass(t, l)
		wantAbout(t, acquire(t, l).answered(lost), 1)
	})
}

// throttledCloud throttles all describes.
func throttledCloud(retryAfter time.Duration) *fixture {
	f, _ := newFixture(0, memory.Options{}, Options{})
	f.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Fault: *throttledFor(retryAfter)})
	return f
}

// TestAThrottleForADay is answered by one call a minute.
func TestAThrottleForADay(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f := throttledCloud(86400 * time.Second)
		_, err := f.Observe(within(t, 40*time.Minute), id, Single)
		var interrupted *Interrupted
		if !errors.As(err, &interrupted) || interrupted.Fault == nil ||
			interrupted.Fault.RetryAfter != 86400*time.Second {
			t.Errorf("got %v, want an *Interrupted with the day that the cloud asked for", err)
		}
		if got := f.Count(memory.Describe); got < 38 || got > 42 {
			t.Errorf("got %d describes in 40 minutes, want about one a minute", got)
		}
	})
}

// TestOneThrottleForADay is over when the cloud answers the probe.
func TestOneThrottleForADay(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(500, limits(40, 10), Options{})
		f.Fail(memory.Trouble{Op: memory.Describe, Fault: *throttledFor(86400 * time.Second)})
		defer f.BeginFleet(len(ids))()
		each(ids, func(id string) { f.observe(t, t.Context(), id, Fleet) })
		if got := f.elapsed(); got > 62*time.Second {
			t.Errorf("all are read after %v, want after a minute", got)
		}
		// Five before the throttle was answered, and the page of the one that was.
		if got := f.Count(memory.Describe); got > 6 {
			t.Errorf("got %d describes of 500 instances, want 6", got)
		}
	})
}

// TestATimeInThePastIsNoneToWaitFor: reads whose answers are lost are repeated with pauses
// all the same.
func TestATimeInThePastIsNoneToWaitFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []backend.Kind{backend.KindUnavailable, backend.KindThrottled} {
		t.Run(kind.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{Latency: 10 * time.Millisecond}, Options{})
				fault := backend.Fault{Kind: kind, RetryAfter: -time.Hour}
				f.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Fault: fault})
				if _, err := f.Observe(within(t, time.Minute), id, Single); err == nil {
					t.Error("got no error")
				}
				if got := f.Count(memory.Describe); got > 10 {
					t.Errorf("got %d describes in a minute, want some seconds between them", got)
				}
			})
		})
	}
}

// TestAThrottleIsNamedToAllWhomItHoldsBack also where none of their own calls was
// throttled.
func TestAThrottleIsNamedToAllWhomItHoldsBack(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f := throttledCloud(50 * time.Second)
		first := make(chan error, 1)
		go func() {
			_, err := f.Observe(within(t, 20*time.Second), id, Single)
			first <- err
		}()
		time.Sleep(time.Second)
		calls := map[string]func(ctx context.Context) error{
			"an observation": func(ctx context.Context) error { _, err := f.Observe(ctx, id, Fleet); return err },
			"a poll": func(ctx context.Context) error {
				_, err := f.Poll(ctx, id, time.Now().Add(time.Second), Single)
				return err
			},
			"a poll that is not due": func(ctx context.Context) error {
				_, err := f.Poll(ctx, id, time.Now().Add(time.Hour), Single)
				return err
			},
		}
		for name, call := range calls {
			err := call(within(t, 4*time.Second))
			var interrupted *Interrupted
			if !errors.As(err, &interrupted) || !errors.Is(err, context.DeadlineExceeded) || interrupted.Fault == nil ||
				interrupted.Fault.RetryAfter != 50*time.Second {
				t.Errorf("%s got %v, want an *Interrupted with the 50s that the cloud asked for", name, err)
			}
		}
		if err := <-first; err == nil {
			t.Error("the first is answered: the test shows nothing")
		}
	})
}

// TestALastProbe is made shortly before the deadline of a caller that a pause would
// outlast.
func TestALastProbe(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, test := range map[string]struct {
		left    time.Duration
		arrives time.Duration // the caller, after the throttle
		asked   time.Duration
		want    []string // describes of the caller
		answers bool
	}{
		"before the deadline":                       {30 * s, 0, 50 * s, []string{"0s", "28s"}, true},
		"of a caller that arrives in the pause":     {30 * s, 10 * s, 50 * s, []string{"38s"}, true},
		"not where the pause ends before":           {30 * s, 0, 20 * s, []string{"0s", "20s"}, true},
		"not sooner than the backoff":               {2100 * time.Millisecond, 0, 50 * s, []string{"0s"}, true},
		"nor again and again where it is in vain":   {30 * s, 0, 50 * s, []string{"0s", "28s"}, false},
		"nor where there is no time for its answer": {s / 2, 0, 50 * s, []string{"0s"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{}, Options{})
				trouble := memory.Trouble{Op: memory.Describe, Fault: *throttledFor(test.asked)}
				if !test.answers {
					trouble.Times = memory.Always
				}
				f.Fail(trouble)
				if test.arrives > 0 {
					ctx, cancel := context.WithCancel(t.Context())
					go f.Observe(ctx, id, Single) //nolint:errcheck // It only meets the throttle.
					time.Sleep(test.arrives)
					cancel()
				}
				_, err := f.Observe(within(t, test.left), id, Single)
				if reached := err == nil; test.answers && len(test.want) > 1 && !reached {
					t.Errorf("got %v, want the answer to the last probe", err)
				}
				var at []string
				for _, call := range f.Calls(memory.Describe) {
					if since := call.At.Sub(f.began); since >= test.arrives {
						at = append(at, since.Round(time.Second).String())
					}
				}
				wantEqual(t, "describes", at, test.want)
			})
		})
	}
}

// TestManyDeadlinesMakeFewProbes: a pause is not ended for each of a thousand callers
// whose time runs out one after the other.
func TestManyDeadlinesMakeFewProbes(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f := throttledCloud(time.Hour)
		ids := make([]string, 1000)
		for i := range ids {
			ids[i] = id
		}
		n := make(chan int, len(ids))
		for i := range ids {
			n <- i
		}
		each(ids, func(id string) {
			_, err := f.Observe(within(t, 10*time.Second+time.Duration(<-n)*50*time.Millisecond), id, Single)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the time", err)
			}
		})
		if got := f.Count(memory.Describe); got > 1000+10 {
			t.Errorf("got %d describes, want a thousand at once and few after", got)
		}
	})
}

func TestNoPauseIsLongerThanTheLongest(t *testing.T) {
	t.Parallel()
	const most = 15 * time.Second
	for _, jitter := range []float64{0, Jitter} {
		longest := time.Duration(0)
		for range 100 {
			pauses := NewBackoff(most, jitter)
			for range 10 {
				longest = max(longest, pauses.NextBackOff())
			}
		}
		if longest > most || longest < most*9/10 {
			t.Errorf("with a jitter of %v the longest of 1,000 pauses is %v, want up to %v", jitter, longest, most)
		}
	}
}
