package powerstate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// throttled is the cloud asking all callers of an operation to stay away.
func throttled(op memory.Op, stayAway time.Duration) memory.Trouble {
	return memory.Trouble{Op: op, Fault: backend.Fault{
		Kind: backend.KindThrottled, Code: "TooMany",
		RetryAfter: stayAway,
	}}
}

func TestAThrottledWriteWaitsAsLongAsAsked(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Fail(throttled(memory.Stop, 5*time.Second))
		w.mustReach(t, stopped)
		w.wantTrace(t, "0s describe", "0s stop graceful", "5s describe", "5s stop graceful", "7.05s describe")
	})
}

func TestAThrottleHoldsBackAllCallersOfTheAction(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(brisk, Options{})
		w.Add(backend.Instance{ID: "i-1", State: backend.Running}, backend.Instance{ID: "i-2", State: backend.Running},
			backend.Instance{ID: "i-3", State: backend.Stopped})
		w.Fail(throttled(memory.Stop, 5*time.Second))
		failed := make(chan error, 3)
		reach := func(id string, after time.Duration, target Target) {
			time.AfterFunc(after, func() {
				_, err := w.client.Reach(t.Context(), id, target, ReachOptions{})
				failed <- err
			})
		}
		reach("i-1", 0, stopped)
		reach("i-2", time.Second, stopped)
		reach("i-3", time.Second, running)
		for range 3 {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		stops := w.Calls(memory.Stop)
		if len(stops) != 3 || stops[1].At.Sub(w.began) != 5*time.Second || stops[2].At.Sub(w.began) < 5*time.Second {
			t.Errorf("stops are %q, want none between the throttled one and 5s", w.trace(memory.Stop))
		}
		// Another action is not held back.
		if got := w.trace(memory.Start); len(got) != 1 || got[0] != "1s start i-3" {
			t.Errorf("starts are %q, want one at 1s", got)
		}
	})
}

// TestThrottlingWithoutAnEnd also holds that an answer which names no time is
// not followed by another call at the same instant.
func TestThrottlingWithoutAnEnd(t *testing.T) {
	for name, op := range map[string]memory.Op{"of reads": memory.Describe, "of writes": memory.Stop} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Fail(always(throttled(op, 0)))
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				_, err := w.reach(ctx, stopped)
				e := wantError(t, err, TimedOut)
				if e.Fault == nil || e.Fault.Kind != backend.KindThrottled || e.Fault.Code != "TooMany" {
					t.Errorf("the fault is %+v, want the last refusal of the cloud", e.Fault)
				}
				// 1, 2, 4, 8, 16 and then 30 seconds apart, more or less.
				if got := w.Count(op); got < 5 || got > 12 {
					t.Errorf("got %d calls in 2m, want 5 to 12: %q", got, w.trace(op))
				}
			})
		})
	}
}

func TestOneThrottledItemOfAJoinedCallHoldsBackTheNext(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(brisk, Options{BatchWindow: 50 * time.Millisecond})
		ids := w.AddN(3, backend.Instance{ID: "i", State: backend.Running})
		for _, one := range ids[1:] {
			w.Fail(memory.Trouble{
				Op: memory.Stop, ID: one, Times: 3,
				Fault: backend.Fault{Kind: backend.KindThrottled},
			})
		}
		// The one that is not throttled comes first.
		first := make(chan error, 1)
		go func() {
			_, err := w.client.Reach(t.Context(), ids[0], stopped, ReachOptions{})
			first <- err
		}()
		synctest.Wait()
		if failed := w.reachAll(t.Context(), ids[1:], stopped); len(failed) > 0 {
			t.Errorf("got the errors %v, want none", failed)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		stops := w.Calls(memory.Stop)
		for i, call := range stops[1:] {
			if gap := call.At.Sub(stops[i].At); gap < 500*time.Millisecond {
				t.Errorf("only %v lie between stop %d and the next, want at least half a second: %q", gap, i,
					w.trace(memory.Stop))
			}
		}
	})
}

func TestThrottledReads(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		late := throttled(memory.Describe, 3*time.Second)
		late.After = 1 // of those that are left: the first read of the wait
		w.Fail(throttled(memory.Describe, 3*time.Second), late)
		w.mustReach(t, stopped)
		w.wantTrace(t, "0s describe", "3s describe", "3s stop graceful", "5.05s describe", "8.05s describe")
	})
}

func TestUnavailableReads(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Fail(memory.Trouble{Op: memory.Describe, Times: 3, Fault: backend.Fault{Kind: backend.KindUnavailable}},
			memory.Trouble{
				Op: memory.Describe, After: 1, Times: 2,
				Fault: backend.Fault{Kind: backend.KindUnavailable},
			})
		w.mustReach(t, stopped)
		if got := w.Count(memory.Stop); got != 1 {
			t.Errorf("got %d stops, want 1: %q", got, w.trace())
		}
		reads := w.Calls(memory.Describe)
		for i, call := range reads[1:] {
			if gap := call.At.Sub(reads[i].At); gap < 500*time.Millisecond {
				t.Errorf("only %v lie between read %d and the next, want at least half a second: %q", gap, i, w.trace())
			}
		}
	})
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from   backend.State
		target Target
		op     memory.Op
		effect bool
		lag    time.Duration
		writes [2]int // at least, at most
	}{
		"to a stop that had an effect": {backend.Running, stopped, memory.Stop, true, 0, [2]int{1, 1}},
		"to a stop that had no effect": {
			backend.Running, stopped, memory.Stop, false, 0,
			[2]int{2, 2},
		},
		"to a start that had an effect": {
			backend.Stopped, running, memory.Start, true, 0,
			[2]int{1, 1},
		},
		"to a start that had no effect": {
			backend.Stopped, running, memory.Start, false, 0,
			[2]int{2, 2},
		},
		"to a stop whose effect shows a moment later": {
			backend.Running, stopped, memory.Stop, true,
			600 * time.Millisecond,
			[2]int{1, 1},
		},
		"to a start whose effect shows much later": {
			backend.Stopped, running, memory.Start, true, 6 * time.Second,
			[2]int{1, 4},
		},
		"to a stop whose effect shows much later": {
			backend.Running, stopped, memory.Stop, true, 6 * time.Second,
			[2]int{1, 4},
		},
		"to a stop without effect, on a lagging cloud": {
			backend.Running, stopped, memory.Stop, false, 6 * time.Second,
			[2]int{2, 4},
		},
		"to a start without effect, on a lagging cloud": {
			backend.Stopped, running, memory.Start, false,
			6 * time.Second,
			[2]int{2, 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				w.Behave(id, memory.Behavior{ReadLag: test.lag})
				lost := fault(test.op, backend.KindUnavailable)
				lost.Lost = test.effect
				w.Fail(lost)
				w.mustReach(t, test.target)
				if got := len(w.writes()); got < test.writes[0] || got > test.writes[1] {
					t.Errorf("got %d writes, want %d to %d: %q", got, test.writes[0], test.writes[1], w.trace())
				}
				w.wantReadBeforeEachWrite(t)
			})
		})
	}
}

func TestALostStopThatHadItsEffectAtOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, memory.Options{}, Options{})
		lost := fault(memory.Stop, backend.KindUnavailable)
		lost.Lost = true
		w.Fail(lost)
		w.mustReach(t, stopped)
		w.wantWrites(t, "0s stop graceful")
	})
}

func TestBusyAndThenFree(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		busy := fault(memory.Stop, backend.KindBusy)
		busy.Times = 3
		w.Fail(busy)
		w.mustReach(t, stopped)
		if got := w.Count(memory.Stop); got != 4 {
			t.Errorf("got %d stops, want 4: %q", got, w.writes())
		}
		w.wantReadBeforeEachWrite(t)
		stops := w.Calls(memory.Stop)
		for i, call := range stops[1:] {
			if gap := call.At.Sub(stops[i].At); gap < 500*time.Millisecond {
				t.Errorf("only %v lie between stop %d and the next, want at least half a second", gap, i)
			}
		}
	})
}

func TestBusySinceSomebodyElseActed(t *testing.T) {
	for name, test := range map[string]struct {
		becomes backend.State
		writes  int
	}{
		"and it is so already":            {backend.Stopped, 1},
		"and it is in transition":         {backend.Stopping, 1},
		"and it is in another transition": {backend.Restarting, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				cloud := brisk
				cloud.BusyWhenAlreadySo = true
				w := newTestCloud(backend.Running, cloud, Options{})
				// It changes after the first read and before the stop.
				w.through(&interposer{Driver: w.Driver, beforeStop: func(n int) {
					if n == 0 {
						w.Add(backend.Instance{ID: id, State: test.becomes})
					}
				}})
				w.mustReach(t, stopped)
				if got := len(w.writes()); got != test.writes {
					t.Errorf("got %d writes, want %d: %q", got, test.writes, w.trace())
				}
			})
		})
	}
}

// interposer does something just before the n-th stop.
type interposer struct {
	*memory.Driver
	beforeStop func(n int)
}

func (p *interposer) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	p.beforeStop(p.Count(memory.Stop))
	return p.Driver.Stop(ctx, ids, opts)
}

// TestFaultsThatEndIt: the cloud's error comes through at once, and as it is.
func TestFaultsThatEndIt(t *testing.T) {
	t.Parallel()
	for _, op := range []memory.Op{memory.Describe, memory.Stop} {
		for _, kind := range []backend.Kind{backend.KindDenied, backend.KindInvalid, backend.KindOther} {
			t.Run(kind.String()+" on "+string(op), func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					w := newTestCloud(backend.Running, brisk, Options{})
					w.Fail(fault(op, kind))
					_, err := w.reach(t.Context(), stopped)
					e := wantError(t, err, CloudFault)
					if e.Fault == nil || e.Fault.Kind != kind || e.Fault.Code != "Some."+kind.String() ||
						e.Fault.RequestID == "" {
						t.Errorf("the fault is %+v, want kind, code and request id of the cloud", e.Fault)
					}
					var own *memory.Error
					if !errors.As(err, &own) || own.Fault.Code != e.Fault.Code {
						t.Errorf("errors.As finds %v in %v, want the driver's own error", own, err)
					}
					if e.Target != stopped || e.Cloud != "memory" || e.Region != "r-1" || e.InstanceID != id {
						t.Errorf("the error is %+v, want it to tell where it happened", e)
					}
					if w.Count(op) != 1 || w.elapsed() != 0 {
						t.Errorf("got %q in %v, want one call and no wait", w.trace(), w.elapsed())
					}
					if (op == memory.Stop) != (e.Last != nil) || (op == memory.Stop) != (e.Op == backend.OpStop) {
						t.Errorf("last observed is %v in operation %v, want what is known at that point", e.Last, e.Op)
					}
				})
			})
		}
	}
}

func TestADeniedReadInTheMiddleEndsIt(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		denied := fault(memory.Describe, backend.KindDenied)
		denied.After = 1
		w.Fail(denied)
		_, err := w.reach(t.Context(), stopped)
		e := wantError(t, err, CloudFault)
		if e.Last == nil || e.Last.State != backend.Running || e.Op != backend.OpStop || e.LastFor != firstRead {
			t.Errorf("the error is %+v, want of a stop, last observed running for 2.05s", e)
		}
		w.wantTrace(t, "0s describe", "0s stop graceful", "2.05s describe")
	})
}

// TestARefusalWithoutAReason: the instance may be busy, which passes, or refused
// for good, of which the cloud tells no more.
func TestARefusalWithoutAReason(t *testing.T) {
	for name, test := range map[string]struct {
		times int
		fails bool
	}{
		"that passes is no error":       {mostUnexplained - 1, false},
		"that stays is one before long": {memory.Always, true},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Fail(memory.Trouble{
					Op: memory.Stop, Times: test.times,
					Fault: backend.Fault{Kind: backend.KindBusy, Unexplained: true, RequestID: "r-1"},
				})
				_, err := w.reach(t.Context(), stopped)
				if test.fails {
					wantError(t, err, CloudFault)
				} else if err != nil {
					t.Error(err)
				}
				if got := w.Count(memory.Stop); got != mostUnexplained {
					t.Errorf("got %d stops, want %d", got, mostUnexplained)
				}
				if got := w.elapsed(); got > 30*time.Second {
					t.Errorf("it lasted %v, want half a minute at the most", got)
				}
			})
		})
	}
}

// TestARefusalWithoutAReasonOfWhatChanges: somebody else's stop is why, and is as
// good.
func TestARefusalWithoutAReasonOfWhatChanges(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Fail(memory.Trouble{
			Op: memory.Stop, Times: memory.Always,
			Fault: backend.Fault{Kind: backend.KindBusy, Unexplained: true},
		})
		time.AfterFunc(3*time.Second, func() {
			w.Change(id,
				func(in *backend.Instance) { in.State = backend.Stopped })
		})
		w.mustReach(t, stopped)
	})
}

// TestATimeoutNamesTheRefusalThatWasNotOvercome, which may be why time ran out. One
// that was is not.
func TestATimeoutNamesTheRefusalThatWasNotOvercome(t *testing.T) {
	t.Parallel()
	hangs := memory.Behavior{SoftStop: memory.Hangs}
	busy := fault(memory.Stop, backend.KindBusy)
	for name, test := range map[string]struct {
		troubles []memory.Trouble
		behaves  memory.Behavior
		target   Target
		prepare  func(w *testCloud)
		want     string // the code; empty for none
	}{
		"not of a read that succeeded since": {
			[]memory.Trouble{fault(memory.Describe, backend.KindThrottled)},
			hangs, stopped, nil, "",
		},
		"not of a read in the wait": {[]memory.Trouble{{
			Op: memory.Describe, After: 2,
			Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "Later"},
		}}, hangs, stopped, nil, ""},
		"not of a stop that was accepted since": {[]memory.Trouble{busy}, hangs, stopped, nil, ""},
		"not of a stop that had an effect": {[]memory.Trouble{{
			Op: memory.Stop, ID: id, Lost: true,
			Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "Gone"},
		}}, hangs, stopped, nil, ""},
		"not of a stop that somebody else did": {
			[]memory.Trouble{always(busy)},
			hangs, stopped,
			func(w *testCloud) { w.Change(id, func(in *backend.Instance) { in.State = backend.Stopping }) }, "",
		},
		"but of reads that are refused to the end": {
			[]memory.Trouble{{
				Op: memory.Describe, After: 2,
				Times: memory.Always, Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "Later"},
			}},
			hangs, stopped,
			nil, "Later",
		},
		"but of a stop that is refused to the end": {
			[]memory.Trouble{always(busy)},
			hangs, stopped, nil,
			"Some.Busy",
		},
		"but of that and not of a read between": {
			[]memory.Trouble{
				always(busy),
				{Op: memory.Describe, After: 3, Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "Later"}},
			},
			hangs,
			stopped, nil, "Some.Busy",
		},
		"but of a cut that is refused while it runs": {
			[]memory.Trouble{{
				Op: memory.Stop, ID: id, After: 1,
				Times: memory.Always, Fault: backend.Fault{Kind: backend.KindBusy, Code: "NotNow"},
			}},
			hangs, escalating,
			nil, "NotNow",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				can := memory.AllCapabilities()
				can.NativeEscalation = false
				cloud := brisk
				cloud.Capabilities = &can
				w := newTestCloud(backend.Running, cloud, Options{})
				w.Behave(id, test.behaves)
				w.Fail(test.troubles...)
				if test.prepare != nil {
					time.AfterFunc(10*time.Second, func() { test.prepare(w) })
				}
				ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
				defer cancel()
				_, err := w.reach(ctx, test.target)
				e := wantError(t, err, TimedOut)
				got := ""
				if e.Fault != nil {
					got = e.Fault.Code
				}
				if got != test.want {
					t.Errorf("the fault is %q, want %q; calls %q", got, test.want, w.writes())
				}
			})
		})
	}
}
