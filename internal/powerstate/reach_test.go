package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// brisk is a cloud with short transitions.
var brisk = memory.Options{StartTime: 3 * time.Second, StopTime: 1500 * time.Millisecond, RebootTime: 4 * time.Second}

// TestReach holds every call with its time. Reads at a new wait come after 1s,
// 2.083s, 3.257s, 4.528s: each interval is a second and a twelfth of the age.
func TestReach(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from   backend.State
		target Target
		want   []string
	}{
		"what runs is read once": {
			backend.Running, running,
			[]string{"0s describe"},
		},
		"what is stopped is read once": {
			backend.Stopped, stopped,
			[]string{"0s describe"},
		},
		"a stop is graceful and is sent once": {
			backend.Running, stopped,
			[]string{"0s describe", "0s stop graceful", "2.05s describe"},
		},
		"a start is sent once": {
			backend.Stopped, running,
			[]string{"0s describe", "0s start", "2.05s describe", "5.35s describe"},
		},
		"force is sent at once": {
			backend.Running,
			Target{Goal: GoalStopped, ForceStop: true},
			[]string{"0s describe", "0s stop forced", "2.05s describe"},
		},
		"force wins over an escalation": {
			backend.Running,
			Target{Goal: GoalStopped, ForceStop: true, ForceStopAfter: time.Minute},
			[]string{"0s describe", "0s stop forced", "2.05s describe"},
		},
		"an escalation is announced, and not needed by a guest that obeys": {
			backend.Running,
			Target{Goal: GoalStopped, ForceStopAfter: time.Minute},
			[]string{"0s describe", "0s stop escalate_later", "2.05s describe"},
		},
		"the mode is sent with the stop": {
			backend.Running,
			Target{Goal: GoalStopped, Mode: backend.StopCharging},
			[]string{"0s describe", "0s stop graceful stop_charging", "2.05s describe"},
		},
		"a start ignores the options of a stop": {
			backend.Stopped,
			Target{Goal: GoalRunning, Mode: backend.StopCharging, ForceStop: true},
			[]string{"0s describe", "0s start", "2.05s describe", "5.35s describe"},
		},
		"stopping is waited out to stopped": {
			backend.Stopping, stopped,
			[]string{"0s describe", "2.05s describe"},
		},
		"stopping is waited out and then started": {
			backend.Stopping, running,
			[]string{"0s describe", "2.05s describe", "2.05s start", "4.1s describe", "7.4s describe"},
		},
		"starting is waited out to running": {
			backend.Starting, running,
			[]string{"0s describe", "2.05s describe", "5.35s describe"},
		},
		"starting is waited out and then stopped": {
			backend.Starting, stopped,
			[]string{"0s describe", "2.05s describe", "5.35s describe", "5.35s stop graceful", "7.4s describe"},
		},
		"restarting is waited out to running": {
			backend.Restarting, running,
			[]string{"0s describe", "2.05s describe", "5.35s describe"},
		},
		"restarting is waited out and then stopped": {
			backend.Restarting, stopped,
			[]string{"0s describe", "2.05s describe", "5.35s describe", "5.35s stop graceful", "7.4s describe"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				got := w.mustReach(t, test.target)
				w.wantTrace(t, test.want...)
				if got.Before.ID != id || got.Before.State != test.from {
					t.Errorf("before it %q was %v, want %q and %v", got.Before.ID, got.Before.State, id, test.from)
				}
				after, _ := w.Instance(id)
				if diff := cmp.Diff(got.After, after); diff != "" {
					t.Errorf("after it, what is reported and what is (-got +want):\n%s", diff)
				}
				if test.target.Mode != "" && test.target.Goal == GoalStopped &&
					got.After.StoppedMode != test.target.Mode {
					t.Errorf("the mode is %q, want %q", got.After.StoppedMode, test.target.Mode)
				}
			})
		})
	}
}

func TestReachIsRefused(t *testing.T) {
	t.Parallel()
	prepaid := backend.Instance{State: backend.Running, StopChargingBar: "it is prepaid", ChargeType: backend.Prepaid}
	for name, test := range map[string]struct {
		in     backend.Instance
		target Target
		want   Reason
	}{
		"because it is absent":                       {backend.Instance{State: backend.Absent}, running, IsAbsent},
		"because it is absent, which is not stopped": {backend.Instance{State: backend.Absent}, stopped, IsAbsent},
		"because it is unavailable": {
			backend.Instance{State: backend.Unavailable, Raw: "RECYCLED"},
			running, IsUnavailable,
		},
		"because it is locked, to stop": {backend.Instance{
			State:   backend.Running,
			Blocked: "it is locked",
		}, stopped, IsBlocked},
		"because it is locked, to start": {backend.Instance{
			State:   backend.Stopped,
			Blocked: "it is locked",
		}, running, IsBlocked},
		"because of arrears, to start": {backend.Instance{
			State:        backend.Stopped,
			StartBlocked: "of arrears",
		}, running, IsBlocked},
		"because a prepaid one cannot stop charging": {
			prepaid,
			Target{Goal: GoalStopped, Mode: backend.StopCharging},
			ModeUnsupported,
		},
		"because only a restart would change the mode": {
			backend.Instance{State: backend.Stopped},
			Target{Goal: GoalStopped, Mode: backend.StopCharging},
			ModeNeedsRestart,
		},
		"because a restart changes nothing for a prepaid one": {
			backend.Instance{State: backend.Stopped, StopChargingBar: "it is prepaid"},
			Target{Goal: GoalStopped, Mode: backend.StopCharging, AllowRestart: true},
			ModeUnsupported,
		},
		"because the target is none": {backend.Instance{State: backend.Running}, Target{}, NoReason},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				if test.in.State != backend.Absent {
					test.in.ID = id
					w.Add(test.in)
				}
				_, err := w.reach(t.Context(), test.target)
				wantReason(t, err, test.want)
				w.wantTrace(t, "0s describe")
				e := wantError(t, err, Refused)
				if e.Last == nil || e.Last.State != test.in.State || e.InstanceID != id || e.Target != test.target ||
					e.Err != nil {
					t.Errorf("the error is %+v, want the instance as last observed and the target", e)
				}
			})
		})
	}
}

// TestReachIsNotRefused is the other side of what is refused.
func TestReachIsNotRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     backend.Instance
		target Target
		writes int
	}{
		"to stop what is in arrears": {backend.Instance{
			State:        backend.Running,
			StartBlocked: "of arrears",
		}, stopped, 1},
		"when what is locked is so already": {
			backend.Instance{State: backend.Stopped, Blocked: "it is locked"},
			stopped, 0,
		},
		"to stop a prepaid one and keep charging": {backend.Instance{
			State:           backend.Running,
			StopChargingBar: "it is prepaid",
		}, Target{Goal: GoalStopped, Mode: backend.KeepCharging}, 1},
		"to stop a prepaid one in no given mode": {backend.Instance{
			State:           backend.Running,
			StopChargingBar: "it is prepaid",
		}, stopped, 1},
		"in the mode that it is in": {backend.Instance{
			State:       backend.Stopped,
			StoppedMode: backend.StopCharging,
		}, Target{Goal: GoalStopped, Mode: backend.StopCharging}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(brisk, Options{})
				test.in.ID = id
				w.Add(test.in)
				w.mustReach(t, test.target)
				if got := len(w.writes()); got != test.writes {
					t.Errorf("got %d writes, want %d: %q", got, test.writes, w.trace())
				}
			})
		})
	}
}

// TestAnOperationOfTheCloudIsWaitedOut holds that an instance whose last
// operation is still running is left alone although its state reads ordinary.
func TestAnOperationOfTheCloudIsWaitedOut(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newEmptyTestCloud(brisk, Options{})
		w.Add(backend.Instance{
			ID: id, State: backend.Running,
			LastOperation: &backend.Operation{State: backend.OperationRunning},
		})
		time.AfterFunc(time.Second, func() {
			w.Change(id, func(in *backend.Instance) { in.LastOperation.State = backend.OperationSucceeded })
		})
		w.mustReach(t, stopped)
		w.wantTrace(t, "0s describe", "2.05s describe", "2.05s stop graceful", "4.1s describe")
	})
}

func TestALagOfTheListingIsNoFailure(t *testing.T) {
	for name, test := range map[string]struct {
		from   backend.State
		target Target
		want   string
	}{
		"after a stop":  {backend.Running, stopped, "0s stop graceful"},
		"after a start": {backend.Stopped, running, "0s start"},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(test.from, brisk, Options{})
				w.Behave(id, memory.Behavior{ReadLag: 5 * time.Second})
				w.mustReach(t, test.target)
				w.wantWrites(t, test.want)
			})
		})
	}
}

func TestAnUnknownWordIsWaitedOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{OddWord: "DEFRAGMENTING", OddWordFor: 10 * time.Second})
		w.mustReach(t, stopped)
		writes := w.Calls(memory.Stop)
		if len(writes) != 1 || writes[0].At.Sub(w.began) < 10*time.Second {
			t.Errorf("writes are %q, want one stop after the word is gone at 10s", w.writes())
		}
	})
}

func TestAnUnknownWordInTheMiddleIsWaitedOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		time.AfterFunc(500*time.Millisecond, func() {
			w.Behave(id, memory.Behavior{OddWord: "DEFRAGMENTING", OddWordFor: 4 * time.Second})
		})
		w.mustReach(t, stopped)
		w.wantTrace(t, "0s describe", "0s stop graceful", "2.05s describe", "5.35s describe")
	})
}

func TestAnUnknownWordIsNamedWhenTimeRunsOut(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Running, brisk, Options{})
		w.Behave(id, memory.Behavior{OddWord: "DEFRAGMENTING", OddWordFor: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := w.reach(ctx, stopped)
		e := wantError(t, err, TimedOut)
		if e.Last.Raw != "DEFRAGMENTING" || e.Last.State != backend.Unknown || e.LastFor != time.Minute {
			t.Errorf("last observed is %v %q for %v, want unknown %q for 1m", e.Last.State, e.Last.Raw, e.LastFor,
				"DEFRAGMENTING")
		}
		w.wantWrites(t)
	})
}

func TestObserve(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopping, brisk, Options{})
		got, err := w.client.Observe(t.Context(), id)
		if err != nil || got.State != backend.Stopping || got.Raw != "STOPPING" {
			t.Errorf("got %v %q, %v, want stopping and no error", got.State, got.Raw, err)
		}
		got, err = w.client.Observe(t.Context(), "i-none")
		if err != nil || got.State != backend.Absent || got.ID != "i-none" {
			t.Errorf("got %v of %q, %v, want absent and no error", got.State, got.ID, err)
		}
		w.wantTrace(t, "0s describe", "0s describe i-none")
	})
}
