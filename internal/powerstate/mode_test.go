package powerstate

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

var (
	noCharge = Target{Goal: GoalStopped, Mode: backend.StopCharging}
	restarts = Target{Goal: GoalStopped, Mode: backend.StopCharging, AllowRestart: true}
)

func TestAModeThatIsReadBackLate(t *testing.T) {
	for name, meanwhile := range map[string]backend.StoppedMode{
		"after nothing":          backend.UnknownMode,
		"after the other":        backend.KeepCharging,
		"after not applicable":   backend.NotApplicable,
		"after a while of right": backend.StopCharging,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, brisk, Options{})
				w.Behave(id, memory.Behavior{ModeLag: 20 * time.Second, ModeMeanwhile: meanwhile})
				got := w.mustReach(t, noCharge)
				if got.After.StoppedMode != backend.StopCharging {
					t.Errorf("the mode is %q, want %q", got.After.StoppedMode, backend.StopCharging)
				}
				if late := w.elapsed() >= 22*time.Second; late != (meanwhile != backend.StopCharging) {
					t.Errorf("it lasted %v with %q meanwhile: the wait is for the mode", w.elapsed(), meanwhile)
				}
				w.wantWrites(t, "0s stop graceful stop_charging")
			})
		})
	}
}

func TestAModeThatIsIgnored(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{IgnoreMode: true})
		_, err := w.reach(t.Context(), noCharge)
		e := wantError(t, err, ModeIgnored)
		if e.Last.State != backend.Stopped || e.Last.StoppedMode != backend.KeepCharging || e.Op != backend.OpStop {
			t.Errorf("last observed is %v, %q in operation %v, want stopped, keep_charging, stop", e.Last.State,
				e.Last.StoppedMode, e.Op)
		}
		// It is first observed stopped at 2s; reads are some seconds apart then.
		if got := w.elapsed(); got < 32*time.Second || got > 37*time.Second {
			t.Errorf("it lasted %v, want the grace of 30s from the stop at 2s, and a read", got)
		}
		w.wantWrites(t, "0s stop graceful stop_charging")
	})
}

func TestTheGraceOfTheModeIsAnOption(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{ModeGrace: 3 * time.Second})
		w.Behave(id, memory.Behavior{IgnoreMode: true})
		_, err := w.reach(t.Context(), noCharge)
		wantError(t, err, ModeIgnored)
		if got := w.elapsed(); got < 5*time.Second || got > 8*time.Second {
			t.Errorf("it lasted %v, want the grace of 3s from the stop at 2s, and a read", got)
		}
	})
}

func TestAStopInNoGivenModeTakesWhatComes(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		cloud := brisk
		cloud.DefaultMode = backend.StopCharging
		w := newTestCloud(backend.Running, cloud, Options{})
		got := w.mustReach(t, stopped)
		if got.After.StoppedMode != backend.StopCharging {
			t.Errorf("the mode is %q, want %q, the account's default", got.After.StoppedMode, backend.StopCharging)
		}
		w.wantWrites(t, "0s stop graceful")
	})
}

func TestKeepChargingIsReachedByWhatCannotStopCharging(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(brisk, Options{})
		w.Add(backend.Instance{
			ID: id, State: backend.Running, StopChargingBar: "it is prepaid",
			ChargeType: backend.Prepaid,
		})
		got := w.mustReach(t, Target{Goal: GoalStopped, Mode: backend.KeepCharging})
		if got.After.StoppedMode != backend.NotApplicable {
			t.Errorf("the mode is %q, want %q", got.After.StoppedMode, backend.NotApplicable)
		}
	})
}

func TestAModeIsChangedByOneRestart(t *testing.T) {
	for name, from := range map[string]backend.StoppedMode{
		"from the other":        backend.KeepCharging,
		"from what is not told": backend.NotApplicable,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				w.Add(backend.Instance{ID: id, State: backend.Stopped, StoppedMode: from})
				got := w.mustReach(t, restarts)
				if got.After.StoppedMode != backend.StopCharging || got.Before.StoppedMode != from {
					t.Errorf("the mode went from %q to %q, want from %q to %q", got.Before.StoppedMode,
						got.After.StoppedMode, from, backend.StopCharging)
				}
				w.wantWrites(t, "0s start", "5.35s stop graceful stop_charging")
			})
		})
	}
}

func TestARestartIsNotDoneTwice(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopped, brisk, Options{})
		w.Behave(id, memory.Behavior{IgnoreMode: true, ReadLag: 600 * time.Millisecond})
		_, err := w.reach(t.Context(), restarts)
		wantError(t, err, ModeIgnored)
		if starts, stops := w.Count(memory.Start), w.Count(memory.Stop); starts != 1 || stops != 1 {
			t.Errorf("got %d starts and %d stops, want one of each: %q", starts, stops, w.writes())
		}
	})
}

// TestAModeIsIgnoredOnlyWhereTheCloudAcceptedIt: a stop whose answer was lost may not
// have been the one that stopped the instance, so that it is decided anew.
func TestAModeIsIgnoredOnlyWhereTheCloudAcceptedIt(t *testing.T) {
	lost := memory.Trouble{Op: memory.Stop, ID: id, Lost: true, Fault: backend.Fault{Kind: backend.KindUnavailable}}
	for name, test := range map[string]struct {
		from   backend.State
		target Target
		starts int
		check  func(t *testing.T, err error)
	}{
		"without a restart it is refused": {backend.Running, noCharge, 0, func(t *testing.T, err error) {
			t.Helper()
			wantReason(t, err, ModeNeedsRestart)
		}},
		"a restart is made again, and is ignored when it was accepted": {
			backend.Stopped, restarts, 2,
			func(t *testing.T, err error) {
				t.Helper()
				wantError(t, err, ModeIgnored)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				w.Behave(id, memory.Behavior{IgnoreMode: true, ReadLag: 600 * time.Millisecond})
				w.Fail(lost)
				_, err := w.reach(t.Context(), test.target)
				test.check(t, err)
				if got := w.Count(memory.Start); got != test.starts {
					t.Errorf("got %d starts, want %d: %q", got, test.starts, w.writes())
				}
				w.wantReadBeforeEachWrite(t)
			})
		})
	}
}

func TestTheModeOfSomebodyElsesStopMaySettle(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{ModeLag: 10 * time.Second, ModeMeanwhile: backend.NotApplicable})
		w.Stop(t.Context(), []string{id}, backend.StopOptions{Mode: backend.StopCharging})
		w.ForgetCalls()
		w.mustReach(t, noCharge)
		w.wantWrites(t)
	})
}

func TestTheModeOfSomebodyElsesStopIsNotWaitedOnForLong(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopping, brisk, Options{})
		_, err := w.reach(t.Context(), noCharge)
		wantReason(t, err, ModeNeedsRestart)
		w.wantWrites(t)
		if got := w.elapsed(); got < 32*time.Second || got > 37*time.Second {
			t.Errorf("it lasted %v, want the grace of 30s from the stop at 2s, and a read", got)
		}
	})
}

func TestAModeThatWasNeverInMotionIsNotWaitedOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopped, brisk, Options{})
		_, err := w.reach(t.Context(), noCharge)
		wantReason(t, err, ModeNeedsRestart)
		w.wantTrace(t, "0s describe")
	})
}

// TestAModeThatIsLateBeyondTheEscalation holds that an instance which has
// stopped is not read without a pause when the time comes at which its
// power was to be cut.
func TestAModeThatIsLateBeyondTheEscalation(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{ModeLag: 20 * time.Second, ModeMeanwhile: backend.KeepCharging})
		target := escalating
		target.Mode = backend.StopCharging
		w.mustReach(t, target)
		w.wantWrites(t, "0s stop escalate_later stop_charging")
		if got := w.Count(memory.Describe); got > 20 {
			t.Errorf("got %d reads in %v, want at most 20", got, w.elapsed())
		}
	})
}
