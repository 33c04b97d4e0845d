package powerstate

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func after(d time.Duration) Target { return Target{Goal: GoalStopped, ForceStopAfter: d} }

// TestAStopOfSomebodyElseThatIsGivenUpCutsNothing: no call of ours asked the running
// guest, so it is first asked gracefully and has all of the time.
func TestAStopOfSomebodyElseThatIsGivenUpCutsNothing(t *testing.T) {
	const givenUp = 30*time.Second + 450*time.Millisecond
	cloud := memory.Options{StopTime: givenUp, BusyWhenForcedWhileStopping: true}
	inEachForm(t, cloud, func(t *testing.T, w *testCloud, f form) {
		w.Behave(id, memory.Behavior{SoftStop: memory.FallsBack})
		w.somebodyStops(t)
		time.AfterFunc(givenUp, func() { w.Behave(id, memory.Behavior{}) })
		w.mustReachBy(t, f, after(30*time.Second))
		graceful := w.gracefulStops()
		if len(graceful) != 1 {
			t.Fatalf("the writes are %q, want one graceful stop", w.writes())
		}
		for _, at := range w.forcedStops() { // Those before are refused: the stop is still in progress.
			if at > givenUp && at < graceful[0]+30*time.Second {
				t.Errorf("the power was to be cut at %v, want 30s after the graceful stop: %q", at, w.writes())
			}
		}
	})
}

// TestTheTimeCountsFromTheStopThatIsUnderWay: somebody's reboot between two stops
// begins it anew.
func TestTheTimeCountsFromTheStopThatIsUnderWay(t *testing.T) {
	inEachForm(t, memory.Options{StopTime: time.Hour}, func(t *testing.T, w *testCloud, f form) {
		w.somebodyStops(t)
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		change := func(at time.Duration, to backend.State) {
			time.AfterFunc(at, func() { w.Change(id, func(in *backend.Instance) { in.State = to }) })
		}
		change(20*time.Second, backend.Restarting)
		change(28*time.Second, backend.Stopping)
		time.AfterFunc(70*time.Second, func() {
			w.Change(id,
				func(in *backend.Instance) { in.State = backend.Stopped })
		})
		w.mustReachBy(t, f, after(30*time.Second))
		if forced := w.forcedStops(); len(forced) != 1 || forced[0] < 58*time.Second {
			t.Errorf("the power was cut after %v, want once, 30s after the second stop was first observed", forced)
		}
	})
}

// TestTheObservationBeforeTheCutEndsTheOperation when it shows the target, whatever
// somebody does a moment later.
func TestTheObservationBeforeTheCutEndsTheOperation(t *testing.T) {
	cloud := memory.Options{Latency: 100 * time.Millisecond, StopTime: 2350 * time.Millisecond}
	inEachForm(t, cloud, func(t *testing.T, w *testCloud, f form) {
		time.AfterFunc(2600*time.Millisecond, func() {
			w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		})
		got := w.mustReachBy(t, f, after(2250*time.Millisecond))
		if got.After.State != backend.Stopped || len(w.forcedStops()) > 0 {
			t.Errorf("it ended with %v after %q, want stopped and no forced stop", got.After.State, w.writes())
		}
		if last := w.Calls(memory.Describe); last[len(last)-1].At.Sub(w.began) > 2600*time.Millisecond {
			t.Errorf("there is a read after the one that showed the target: %q", w.trace())
		}
	})
}

// TestAnInstanceThatSomebodyStartedAgainIsNotCut: our stop was obeyed, between two
// observations, which the last operation of the instance tells.
func TestAnInstanceThatSomebodyStartedAgainIsNotCut(t *testing.T) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				cloud := guestsOnly(func(o *memory.Options) {
					o.StopTime, o.StartTime = 3300*time.Millisecond, 500*time.Millisecond
				})
				w := newTestCloud(backend.Running, cloud, Options{})
				time.AfterFunc(3400*time.Millisecond, func() {
					w.Start(t.Context(), []string{id})
				})
				w.mustReachBy(t, f, after(6*time.Second))
				if forced := w.forcedStops(); len(forced) > 0 {
					t.Errorf("the power was cut after %v, want another graceful stop: %q", forced, w.writes())
				}
				if graceful := w.gracefulStops(); len(graceful) != 2 {
					t.Errorf("there were graceful stops after %v, want two", graceful)
				}
			})
		})
	}
}

// TestAStopOfSomebodyElseInAnotherModeIsRestarted also where its cut was refused: no
// stop of ours was accepted, so no mode was ignored.
func TestAStopOfSomebodyElseInAnotherModeIsRestarted(t *testing.T) {
	cloud := memory.Options{StopTime: 20 * time.Second, StartTime: 3 * time.Second, BusyWhenForcedWhileStopping: true}
	inEachForm(t, cloud, func(t *testing.T, w *testCloud, f form) {
		w.somebodyStops(t)
		target := after(10 * time.Second)
		target.Mode, target.AllowRestart = backend.StopCharging, true
		// The guest takes 20s for the second stop too, so it would be cut, and is busy.
		got := w.mustReachBy(t, f, target)
		if got.After.StoppedMode != backend.StopCharging || w.Count(memory.Start) != 1 {
			t.Errorf("it ended in the mode %q after %q, want stop_charging after one restart", got.After.StoppedMode,
				w.writes())
		}
	})
}

// TestACutThatHadToWaitIsDecidedAnew: while the limiter holds it back behind a throttle,
// the guest obeys somebody's stop and is started again. It is asked gracefully then.
func TestACutThatHadToWaitIsDecidedAnew(t *testing.T) {
	inEachForm(t, memory.Options{StopTime: 11 * time.Second}, func(t *testing.T, w *testCloud, f form) {
		w.somebodyStops(t)
		w.Fail(throttled(memory.Stop, 50*time.Second))
		time.AfterFunc(12*time.Second, func() {
			w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
			w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		})
		// No read shows that it is stopped for a second.
		w.through(&intercepted{Driver: w.Driver, show: func(in *backend.Instance) {
			if at := w.elapsed(); at < 12*time.Second && in.State == backend.Stopped {
				in.State, in.Raw = backend.Stopping, "STOPPING"
			}
		}})
		w.mustReachBy(t, f, after(2*time.Second))
		graceful, forced := w.gracefulStops(), w.forcedStops()
		if len(graceful) != 1 || len(forced) != 2 || forced[0] > 3*time.Second ||
			forced[1] < graceful[0]+2*time.Second {
			t.Errorf("the writes are %q, want the throttled cut, a graceful stop, and a cut after its time", w.writes())
		}
	})
}

// TestACutThatHadToWaitIsSentInTheEnd where the guest still hangs.
func TestACutThatHadToWaitIsSentInTheEnd(t *testing.T) {
	inEachForm(t, memory.Options{StopTime: time.Second}, func(t *testing.T, w *testCloud, f form) {
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		w.somebodyStops(t)
		w.Fail(throttled(memory.Stop, 50*time.Second))
		w.mustReachBy(t, f, after(2*time.Second))
		forced := w.Calls(memory.Stop)
		last := forced[len(forced)-1]
		for _, call := range w.Calls(memory.Describe) {
			if wait := last.At.Sub(call.At); wait >= 0 && wait <= cutWithin {
				return
			}
		}
		t.Errorf("no read lies within %v before the last cut: %q", cutWithin, w.trace())
	})
}

// TestTheTimeDoesNotBeginAnewWhenTheAnswerToACutIsLost: the guest had its time, also
// where the cloud shows a guest that was asked to shut down as running.
func TestTheTimeDoesNotBeginAnewWhenTheAnswerToACutIsLost(t *testing.T) {
	inEachForm(t, memory.Options{StopTime: time.Second}, func(t *testing.T, w *testCloud, f form) {
		w.Behave(id, memory.Behavior{SoftStop: memory.Hangs})
		w.through(&intercepted{Driver: w.Driver, show: func(in *backend.Instance) {
			if in.State == backend.Stopping {
				in.State, in.Raw = backend.Running, "RUNNING"
			}
		}})
		lost := fault(memory.Stop, backend.KindUnavailable)
		lost.After = 1
		w.Fail(lost)
		w.mustReachBy(t, f, after(20*time.Second))
		graceful, forced := w.gracefulStops(), w.forcedStops()
		if len(graceful) != 1 || len(forced) != 2 || forced[1] > 30*time.Second {
			t.Errorf("the writes are %q, want a graceful stop, and the cut again soon after the lost one", w.writes())
		}
	})
}
