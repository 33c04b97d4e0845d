package powerstate

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// escalating gives the guest ten seconds.
var escalating = Target{Goal: GoalStopped, ForceStopAfter: 10 * time.Second}

// guestsOnly is the brisk cloud, which does not cut the power by itself.
func guestsOnly(change func(*memory.Options)) memory.Options {
	can := memory.AllCapabilities()
	can.NativeEscalation = false
	cloud := brisk
	cloud.Capabilities = &can
	if change != nil {
		change(&cloud)
	}
	return cloud
}

// wantReadBefore checks that the last read before the n-th write was at the
// same instant.
func (w *testCloud) wantReadBefore(t *testing.T, n int) {
	t.Helper()
	calls := w.Calls()
	for i, call := range calls {
		if call.Op != memory.Stop {
			continue
		}
		if n--; n >= 0 {
			continue
		}
		if i == 0 || calls[i-1].Op != memory.Describe || !calls[i-1].At.Equal(call.At) {
			t.Errorf("there is no fresh read before the write; calls: %q", w.trace())
		}
		return
	}
	t.Errorf("there are too few stops; calls: %q", w.trace())
}

func TestAGuestThatHangsIsCutOffAtTheTime(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		w.mustReach(t, escalating)
		w.wantWrites(t, "0s stop escalate_later", "10s stop forced")
		w.wantReadBefore(t, 1)
		if got, want := w.elapsed().Round(time.Millisecond), 12050*time.Millisecond; got != want {
			t.Errorf("it lasted %v, want %v", got, want)
		}
	})
}

func TestAGuestThatHangsWithoutEscalationTimesOut(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		_, err := w.reach(ctx, stopped)
		e := wantError(t, err, TimedOut)
		if e.Last.State != backend.Stopping || e.LastFor != 20*time.Minute-firstRead {
			t.Errorf("last observed is %v for %v, want stopping for 19m58.25s", e.Last.State, e.LastFor)
		}
		w.wantWrites(t, "0s stop graceful")
	})
}

func TestTheModeIsSentWithTheForcedStopToo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		target := escalating
		target.Mode = backend.StopCharging
		got := w.mustReach(t, target)
		w.wantWrites(t, "0s stop escalate_later stop_charging", "10s stop forced stop_charging")
		if got.After.StoppedMode != backend.StopCharging {
			t.Errorf("the mode is %q, want %q", got.After.StoppedMode, backend.StopCharging)
		}
	})
}

func TestACloudThatEscalatesByItselfIsNotTroubled(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		w.mustReach(t, escalating)
		w.wantWrites(t, "0s stop escalate_later")
	})
}

func TestTheStopOfSomebodyElseIsEscalatedToo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		w.Stop(t.Context(), []string{id}, backend.StopOptions{})
		w.ForgetCalls()
		w.mustReach(t, escalating)
		w.wantWrites(t, "10s stop forced")
		w.wantReadBefore(t, 0)
	})
}

// TestAnEscalationThatIsRefused is for a cloud that does not cut a shutdown
// short: the guest obeys after half a minute all the same.
func TestAnEscalationThatIsRefused(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		cloud := guestsOnly(func(o *memory.Options) { o.BusyWhenForcedWhileStopping = true })
		w := newTestCloud(backend.Running, cloud, Options{})
		w.Behave(id, memory.Behavior{Slow: 30 * time.Second})
		w.mustReach(t, escalating)
		writes := w.writes()
		if !slices.Equal(writes[:2], []string{"0s stop escalate_later", "10s stop forced"}) {
			t.Errorf("the first writes are %q, want the stop, and the forced one at 10s", writes[:2])
		}
		if len(writes) < 3 || len(writes) > 7 {
			t.Errorf("got %d writes, want some that try again, further and further apart: %q", len(writes), writes)
		}
		w.wantReadBeforeEachWrite(t)
		// The end at 31.5s is noticed as early as ever.
		if got := w.elapsed(); got < 31500*time.Millisecond || got > 36*time.Second {
			t.Errorf("it lasted %v, want the 31.5s that the guest needs and a read", got)
		}
	})
}

func TestAnEscalationThatIsRefusedAndThenAccepted(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		busy := fault(memory.Stop, backend.KindBusy)
		busy.After, busy.Times = 1, 2
		w.Fail(busy)
		w.mustReach(t, escalating)
		if got := w.Count(memory.Stop); got != 4 {
			t.Errorf("got %d stops, want 4: the graceful, two refused, and the one that works: %q", got, w.writes())
		}
		w.wantReadBeforeEachWrite(t)
	})
}

func TestAnEscalationWhoseAnswerIsLost(t *testing.T) {
	for name, effect := range map[string]bool{"and which had an effect": true, "and which had no effect": false} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
				w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
				lost := fault(memory.Stop, backend.KindUnavailable)
				lost.After, lost.Lost = 1, effect
				w.Fail(lost)
				w.mustReach(t, escalating)
				w.wantReadBeforeEachWrite(t)
				if got := w.Count(memory.Stop); got != 3 {
					t.Errorf("got %d stops, want 3 (it is stopped 2s after the cut): %q", got, w.writes())
				}
			})
		})
	}
}

func TestAGuestThatFallsBack(t *testing.T) {
	slow := func(o *memory.Options) { o.StopTime = 3 * time.Second }
	quiet := func(o *memory.Options) { o.StopTime, o.Capabilities.OperationReason = 3*time.Second, false }
	for name, test := range map[string]struct {
		cloud  memory.Options
		target Target
		after  []string // the writes when it is reached
		failed time.Duration
		reason string
	}{
		"is cut off at the time, when that is permitted": {
			cloud: guestsOnly(slow), target: escalating,
			after: []string{"0s stop escalate_later", "10s stop forced"},
		},
		"is cut off at the time on a cloud without reasons": {
			cloud: guestsOnly(quiet), target: escalating,
			after: []string{"0s stop escalate_later", "10s stop forced"},
		},
		"is an error with the cloud's reason": {
			cloud: guestsOnly(slow), target: stopped,
			failed: 5350 * time.Millisecond, reason: "the guest did not shut down",
		},
		"is an error at the second read on a cloud without reasons": {
			cloud: guestsOnly(quiet), target: stopped,
			failed: 6350 * time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, test.cloud, Options{})
				w.Behave(id, memory.Behavior{SoftStop: memory.FallsBack})
				if test.after != nil {
					w.mustReach(t, test.target)
					w.wantWrites(t, test.after...)
					return
				}
				_, err := w.reach(t.Context(), test.target)
				e := wantError(t, err, NoEffect)
				if e.Op != backend.OpStop || e.Last.State != backend.Running {
					t.Errorf("the error is of a %v, last observed %v, want of a stop, running", e.Op, e.Last.State)
				}
				if test.reason != "" && (e.Last.LastOperation == nil || e.Last.LastOperation.Message != test.reason) {
					t.Errorf("the last operation is %+v, want one with the message %q", e.Last.LastOperation,
						test.reason)
				}
				if got := w.elapsed().Round(time.Millisecond); got != test.failed {
					t.Errorf("it failed after %v, want %v", got, test.failed)
				}
				w.wantWrites(t, "0s stop graceful")
			})
		})
	}
}

func TestAStartWithoutStock(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopped, brisk, Options{})
		w.Behave(id, memory.Behavior{NoStock: true})
		_, err := w.reach(t.Context(), running)
		e := wantError(t, err, NoEffect)
		if e.Op != backend.OpStart || e.Last.State != backend.Stopped ||
			e.Last.LastOperation.Message != "there is no stock of the instance type" {
			t.Errorf("the error is %+v, want of a start, stopped, with the cloud's reason", e)
		}
		w.wantTrace(t, "0s describe", "0s start", "2.05s describe", "5.35s describe")
	})
}

// TestAnEscalationDoesNotRunHot is for an instance that is doing something else
// at the time when its power was to be cut.
func TestAnEscalationDoesNotRunHot(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, guestsOnly(nil), Options{})
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		time.AfterFunc(9*time.Second, func() {
			w.Change(id, func(in *backend.Instance) { in.State = backend.Restarting })
		})
		time.AfterFunc(20*time.Second, func() {
			w.Change(id, func(in *backend.Instance) { in.State = backend.Stopping })
		})
		w.mustReach(t, escalating)
		if got := w.Count(memory.Describe); got > 40 {
			t.Errorf("got %d reads in %v, want at most 40", got, w.elapsed())
		}
		writes := w.Calls(memory.Stop)
		if len(writes) != 2 || writes[1].At.Sub(w.began) < 20*time.Second {
			t.Errorf("writes are %q, want the forced one after it is stopping again at 20s", w.writes())
		}
	})
}

// TestAnEscalationThatIsRefusedForOneCutsTheOthersOff: one bad id does not keep
// the power of its neighbors on.
func TestAnEscalationThatIsRefusedForOneCutsTheOthersOff(t *testing.T) {
	for name, unnamed := range map[string]bool{"when it is named": false, "when none is named": true} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w, ids, _ := newFleet(40, backend.Running, true, func(o *memory.Options) {
					o.Capabilities.NativeEscalation, o.HideCulprits = false, unnamed
				})
				for _, one := range ids {
					w.Behave(one, memory.Behavior{SoftStop: memory.Hangs})
				}
				w.Fail(memory.Trouble{
					Op: memory.Stop, ID: ids[17], After: 1, Times: memory.Always,
					Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Bad"},
				})
				failed := w.reachAll(t.Context(), ids, escalating)
				if e := wantError(t, failed[ids[17]], CloudFault); len(failed) != 1 || e.Fault.Code != "Bad" {
					t.Errorf("got the errors %v, want that of %s alone", failed, ids[17])
				}
				// The stop, the forced one, and its parts.
				if got := w.Count(memory.Stop); got > 1+12 {
					t.Errorf("got %d writes, want at most 13: %q", got, w.writes())
				}
				if got, most := w.elapsed(), escalating.ForceStopAfter+7*time.Second; got > most {
					t.Errorf("the last is off after %v, want within %v: %q", got, most, w.writes())
				}
				wantReadsForEach(t, w, ids)
			})
		})
	}
}
