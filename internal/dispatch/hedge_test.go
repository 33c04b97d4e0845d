package dispatch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// attempt is how one describe behaves.
type attempt struct {
	latency time.Duration // 0 hangs until its context ends
	fault   *backend.Fault
}

// slow is a cloud whose describes behave as scripted, in order; those beyond the script
// are answered at once.
type slow struct {
	*memory.Driver
	script []attempt

	mu       sync.Mutex
	n        int
	alone    []bool // whether each describe asked for a connection of its own
	canceled int    // describes whose context ended
}

func (s *slow) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	s.mu.Lock()
	a := attempt{latency: time.Millisecond}
	if s.n < len(s.script) {
		a = s.script[s.n]
	}
	s.n++
	s.alone = append(s.alone, backend.WantsNewConnection(ctx))
	s.mu.Unlock()
	found, err := s.Driver.Describe(ctx, ids)
	if a.latency == 0 {
		a.latency = time.Hour
	}
	if Sleep(ctx, a.latency) != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.canceled++
		return nil, &memory.Error{
			Fault: backend.Fault{Kind: backend.KindUnavailable, Message: "ended"},
			Cause: ctx.Err(),
		}
	}
	if a.fault != nil {
		return nil, &memory.Error{Fault: *a.fault}
	}
	return found, err
}

// describes is how many were made. Those that nothing waits for any more may still be
// in progress.
func (s *slow) describes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func TestAReadThatTakesUnusuallyLongIsRepeated(t *testing.T) {
	t.Parallel()
	const hangs = 0
	ms := time.Millisecond
	denied := &backend.Fault{Kind: backend.KindDenied, Code: "No"}
	lost := &backend.Fault{Kind: backend.KindUnavailable, Code: "Gone"}
	for name, test := range map[string]struct {
		script    []attempt
		reads     float64 // a second; 0 is no limit
		want      time.Duration
		requested time.Duration
		describes int
		canceled  int
		code      string
	}{
		"not one that is answered in time": {
			script: []attempt{{2900 * ms, nil}},
			want:   2900 * ms, describes: 1,
		},
		"one that hangs": {
			script: []attempt{{hangs, nil}, {100 * ms, nil}},
			want:   3100 * ms, requested: 3 * time.Second, describes: 2, canceled: 1,
		},
		"one that answers first all the same": {
			script: []attempt{{3050 * ms, nil}, {100 * ms, nil}},
			want:   3050 * ms, describes: 2, canceled: 1,
		},
		"one that is lost while it is repeated": {
			script: []attempt{{4 * time.Second, lost}, {2 * time.Second, nil}},
			want:   5 * time.Second, requested: 3 * time.Second, describes: 2,
		},
		"one whose repeat is lost": {
			script: []attempt{{5 * time.Second, nil}, {time.Second, lost}},
			want:   5 * time.Second, describes: 2,
		},
		"one whose repeat is throttled": {
			script: []attempt{{5 * time.Second, nil}, {time.Second, throttledFor(0)}},
			want:   5 * time.Second, describes: 2,
		},
		"one whose repeat is denied": {
			script: []attempt{{hangs, nil}, {time.Second, denied}},
			want:   4 * time.Second, describes: 2, canceled: 1, code: "No",
		},
		"when the limit permits it": {
			script: []attempt{{hangs, nil}, {100 * ms, nil}}, reads: 1,
			want: 4110 * ms, requested: 4010 * ms, describes: 2, canceled: 1,
		},
		"not when it is answered before the limit": {
			script: []attempt{{3500 * ms, nil}}, reads: 1,
			want: 3500 * ms, describes: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				cloud := memory.Options{}
				if test.reads > 0 {
					cloud = limits(test.reads, 10)
				}
				f, _ := newFixture(0, cloud, Options{})
				driver := &slow{Driver: f.Driver, script: test.script}
				f.use(driver)
				got, err := f.Observe(t.Context(), id, Single)
				var failed *CallError
				if errors.As(err, &failed) != (test.code != "") || err != nil && failed.Fault.Code != test.code {
					t.Errorf("got the error %v, want the code %q", err, test.code)
				}
				if f.elapsed() != test.want {
					t.Errorf("the answer is there after %v, want %v", f.elapsed(), test.want)
				}
				if err == nil && got.Requested.Sub(f.began) != test.requested {
					t.Errorf("the observation was requested after %v, want %v", got.Requested.Sub(f.began),
						test.requested)
				}
				synctest.Wait()
				if driver.n != test.describes || driver.canceled != test.canceled {
					t.Errorf("%d describes were made and %d canceled, want %d and %d",
						driver.n, driver.canceled, test.describes, test.canceled)
				}
				for i, alone := range driver.alone {
					if alone != (i == 1) {
						t.Errorf("describe %d has a connection of its own: %v", i, alone)
					}
				}
				if f.reads.limited && test.reads > 0 {
					wantFree(t, f.reads, int(test.reads))
				}
			})
		})
	}
}

// TestWhenAllHangTheReadIsGivenUp after ten seconds, and then made again; later the
// next time, so that a cloud that is that slow is read in the end.
func TestWhenAllHangTheReadIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script    []attempt
		want      time.Duration // and a pause
		describes int
	}{
		"once":  {[]attempt{{}, {}}, firstReadLimit, 3},
		"twice": {[]attempt{{}, {}, {}, {}}, 3 * firstReadLimit, 5},
		"not one that answers in the end": {
			[]attempt{{}, {}, {15 * time.Second, nil}, {}},
			firstReadLimit + 15*time.Second, 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{}, Options{})
				driver := &slow{Driver: f.Driver, script: test.script}
				f.use(driver)
				f.observe(t, t.Context(), id, Single)
				if got := f.elapsed(); got < test.want || got > test.want+5*time.Second {
					t.Errorf("it lasted %v, want %v and the pauses", got, test.want)
				}
				if got := driver.describes(); got != test.describes {
					t.Errorf("%d describes were made, want %d", got, test.describes)
				}
			})
		})
	}
}

// TestARepeatThatWaitsForAPermitIsNotWaitedFor: the first read was throttled when it
// was late, and the repeat that never went out is neither an answer nor waited for.
func TestARepeatThatWaitsForAPermitIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]attempt{
		"when the first is throttled": {4 * time.Second, throttledFor(20 * time.Second)},
		"when the first is lost": {
			4 * time.Second,
			&backend.Fault{Kind: backend.KindUnavailable, RetryAfter: 20 * time.Second},
		},
		"when the first does not answer": {},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, limits(1, 10), Options{})
				driver := &slow{Driver: f.Driver, script: []attempt{first}}
				f.use(driver)
				// The limiter pauses for all when the repeat is due.
				time.AfterFunc(2*time.Second, func() {
					f.reads.mu.Lock()
					defer f.reads.mu.Unlock()
					f.reads.pausedUntil = time.Now().Add(time.Hour)
				})
				time.AfterFunc(30*time.Second, func() {
					f.reads.mu.Lock()
					defer f.reads.mu.Unlock()
					f.reads.pausedUntil = time.Now()
					f.reads.grant()
				})
				if got := f.observe(t, t.Context(), id, Single); got.Instance == nil {
					t.Error("there is no observation")
				}
				if driver.n < 2 {
					t.Errorf("%d describes were made, want at least two", driver.n)
				}
			})
		})
	}
}

// TestAHungPageHoldsUpNoMember is the purpose of it all: a hundred instances.
func TestAHungPageHoldsUpNoMember(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(100, memory.Options{}, Options{})
		f.Fail(memory.Trouble{Op: memory.Describe, Hang: true})
		each(ids, func(id string) { f.observe(t, t.Context(), id, Fleet) })
		if got := f.elapsed(); got > 4*time.Second {
			t.Errorf("the hundred are read after %v, want a little more than 3s", got)
		}
	})
}

func TestAWriteIsNeverRepeatedBesideAnother(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(f *fixture) error{
		"a stop": func(f *fixture) error {
			got, err := f.Send(context.Background(), id, stop, Single, Split{}, time.Time{})
			if err == nil {
				err = got.Err
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{}, Options{})
				f.Fail(memory.Trouble{Op: memory.Stop, Hang: true})
				err := call(f)
				if fault := f.Fault(err); fault.Kind != backend.KindUnavailable || f.elapsed() != callLimit {
					t.Errorf("got %v after %v, want that it is given up as lost after a minute", err, f.elapsed())
				}
				if got := f.Count(memory.Stop); got != 1 {
					t.Errorf("got %d stops, want 1", got)
				}
			})
		})
	}
}

// TestOtherReadsAreRepeatedToo: a page of a listing, and the question about absence.
func TestOtherReadsAreRepeatedToo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op   memory.Op
		call func(ctx context.Context, f *fixture) error
	}{
		"a listing": {memory.List, func(ctx context.Context, f *fixture) error {
			_, _, err := f.Dispatcher.ListPage(ctx, backend.Filter{}, "")
			return err
		}},
		"a question about absence": {memory.CheckAbsent, func(ctx context.Context, f *fixture) error {
			return f.CheckAbsent(ctx, "i-2")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{}, Options{})
				f.use(memory.WithAbsenceCheck(f.Driver))
				f.Fail(memory.Trouble{Op: test.op, Hang: true})
				if err := test.call(t.Context(), f); err != nil {
					t.Error(err)
				}
				if got := f.Count(test.op); got != 2 || f.elapsed() != hedgeAfter {
					t.Errorf("%d calls were made in %v, want 2 in %v", got, f.elapsed(), hedgeAfter)
				}
			})
		})
	}
}

// hesitant answers the second question about absence only, and counts those that end
// without an answer.
type hesitant struct {
	*memory.Driver
	canceled *atomic.Int64
}

func (h hesitant) CheckAbsent(ctx context.Context, _ string) error {
	if !backend.WantsNewConnection(ctx) {
		<-ctx.Done()
		h.canceled.Add(1)
	}
	return nil
}

// TestTheLoserIsCanceled also where the read is not of a batch, which ends by itself.
func TestTheLoserIsCanceled(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, _ := newFixture(0, memory.Options{}, Options{})
		var canceled atomic.Int64
		f.use(hesitant{f.Driver, &canceled})
		if err := f.CheckAbsent(t.Context(), id); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if canceled.Load() != 1 {
			t.Error("the first question is still in flight, want it canceled")
		}
	})
}

// TestAHungReadEndsWithItsLastCaller, its repeat too.
func TestAHungReadEndsWithItsLastCaller(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFixture(5, memory.Options{}, Options{})
		driver := &slow{Driver: f.Driver, script: []attempt{{}, {}}}
		f.use(driver)
		ctx := within(t, 10*time.Second)
		each(ids, func(id string) {
			if _, err := f.Observe(ctx, id, Fleet); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the time", err)
			}
		})
		synctest.Wait()
		if f.elapsed() != 10*time.Second || driver.canceled != 2 {
			t.Errorf("%d describes are canceled after %v, want both after 10s", driver.canceled, f.elapsed())
		}
		// An answer for which no caller waited was not lost, and delays no other call.
		began := time.Now()
		f.observe(t, t.Context(), id, Single)
		if got := time.Since(began); got > 10*time.Millisecond {
			t.Errorf("the next is answered after %v, want at once", got)
		}
	})
}
