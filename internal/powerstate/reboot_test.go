package powerstate

import (
	"context"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// reboot reboots the one instance.
func (w *testCloud) reboot(ctx context.Context, target Target, opts ReachOptions) (Reached, error) {
	result := w.client.ReachAll(ctx, []string{id}, target, opts)[0]
	return result.Reached, result.Err
}

func (w *testCloud) mustReboot(t *testing.T) Reached {
	t.Helper()
	got, err := w.reboot(t.Context(), rebooted, ReachOptions{})
	if err != nil {
		t.Fatalf("got the error %v, want none; calls: %q", err, w.trace())
	}
	if got.After.State != backend.Running {
		t.Errorf("after it the instance is %v, want it running", got.After.State)
	}
	return got
}

func (w *testCloud) wantReboots(t *testing.T, want int) {
	t.Helper()
	if got := w.Count(memory.Reboot); got != want {
		t.Errorf("got %d reboots, want %d; calls: %q", got, want, w.trace())
	}
	if got := w.Count(memory.Start, memory.Stop); got != 0 {
		t.Errorf("got %d starts and stops, want none; calls: %q", got, w.trace())
	}
}

// wantElapsed checks fake time: at least so long, and at most a few seconds more,
// which is how often is read.
func (w *testCloud) wantElapsed(t *testing.T, want time.Duration) {
	t.Helper()
	if got := w.elapsed(); got < want || got > want+4*time.Second {
		t.Errorf("it lasted %v, want %v and at most 4s more; calls: %q", got, want, w.trace())
	}
}

// silent is a cloud that does not tell of operations.
func silent() *backend.Capabilities {
	can := memory.AllCapabilities()
	can.OperationReason = false
	return &can
}

// staged shows an instance, from the moment of its first reboot on, as a script
// reports.
type staged struct {
	*memory.Driver
	script func(age time.Duration, in *backend.Instance)
}

func (s staged) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	found, err := s.Driver.Describe(ctx, ids)
	if calls := s.Calls(memory.Reboot); len(calls) > 0 {
		for i := range found {
			s.script(time.Since(calls[0].At), &found[i])
		}
	}
	return found, err
}

func TestAReboot(t *testing.T) {
	t.Parallel()
	t.Run("is one call, and ends when the instance runs again", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{RebootTime: 8 * time.Second, Capabilities: silent()},
				Options{})
			got := w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 8*time.Second)
			if got.Before.State != backend.Running {
				t.Errorf("before it the instance was %v, want it running", got.Before.State)
			}
		})
	})
	t.Run("that reads like a stop and a start does not end with the stop", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{Capabilities: silent()}, Options{})
			w.through(staged{w.Driver, func(age time.Duration, in *backend.Instance) {
				switch {
				case age < 4*time.Second:
					in.State = backend.Stopping
				case age < 12*time.Second:
					in.State = backend.Stopped
				case age < 20*time.Second:
					in.State = backend.Starting
				}
			}})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 20*time.Second)
		})
	})
	t.Run("that is observed stopped and nothing else is still in transition", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{Capabilities: silent()}, Options{})
			w.through(staged{w.Driver, func(age time.Duration, in *backend.Instance) {
				if age < 9*time.Second {
					in.State = backend.Stopped
				}
			}})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 9*time.Second)
		})
	})
	t.Run("quicker than two reads ends half a minute after the call", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{Capabilities: silent()}, Options{})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, effectWithin)
		})
	})
	t.Run("of which the cloud reports that it succeeded ends at once", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{}, Options{})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, time.Second)
		})
	})
	t.Run("of which the cloud reports that it failed is an error with the reason", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{}, Options{})
			w.through(staged{w.Driver, func(_ time.Duration, in *backend.Instance) {
				in.LastOperation.State, in.LastOperation.Message = backend.OperationFailed, "the guest did not answer"
			}})
			_, err := w.reboot(t.Context(), rebooted, ReachOptions{})
			if e := wantError(t, err, NoEffect); e.Last.LastOperation.Message != "the guest did not answer" ||
				e.Op != backend.OpReboot {
				t.Errorf("got %v of %v, want the cloud's reason for the reboot", e.Last.LastOperation, e.Op)
			}
			w.wantReboots(t, 1)
		})
	})
	t.Run("is sent with the force that was asked for", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{}, Options{})
			if _, err := w.reboot(t.Context(), Target{Goal: GoalRebooted, ForceStop: true},
				ReachOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := w.Calls(memory.Reboot)[0].Options.Force; got != backend.Forced {
				t.Errorf("the force is %v, want it forced", got)
			}
		})
	})
	t.Run("that is not to be waited for ends with the cloud's answer", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{RebootTime: time.Hour}, Options{})
			if _, err := w.reboot(t.Context(), rebooted, ReachOptions{NoWait: true}); err != nil {
				t.Fatal(err)
			}
			w.wantReboots(t, 1)
			w.wantElapsed(t, 0)
		})
	})
	t.Run("comes after a transition that is in progress", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Starting, memory.Options{StartTime: 6 * time.Second, RebootTime: 5 * time.Second},
				Options{})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 11*time.Second)
		})
	})
	t.Run("that does not end is ended by the deadline, and not repeated", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{}, Options{})
			w.Behave(id, memory.Behavior{Stuck: true})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			_, err := w.reboot(ctx, rebooted, ReachOptions{})
			if e := wantError(t, err, TimedOut); e.Last.State != backend.Restarting {
				t.Errorf("last observed %v, want it restarting", e.Last.State)
			}
			w.wantReboots(t, 1)
			w.wantElapsed(t, 3*time.Minute)
		})
	})
}

func TestWhatCannotBeRebooted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   backend.Instance
		want Reason
	}{
		"is what is stopped":         {backend.Instance{ID: id, State: backend.Stopped}, IsStopped},
		"is what cannot be operated": {backend.Instance{ID: id, State: backend.Unavailable}, IsUnavailable},
		"is what is locked": {
			backend.Instance{ID: id, State: backend.Running, Blocked: "it is locked"},
			IsBlocked,
		},
		"is what could not be started": {backend.Instance{
			ID: id, State: backend.Running,
			StartBlocked: "it is in arrears",
		}, IsBlocked},
		"is what is not there": {backend.Instance{ID: "i-2", State: backend.Running}, IsAbsent},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(memory.Options{}, Options{})
				w.Add(test.in)
				_, err := w.reboot(t.Context(), rebooted, ReachOptions{})
				wantReason(t, err, test.want)
				wantReason(t, w.client.PreflightAll(t.Context(), []string{id}, rebooted, PreflightOptions{})[0].Err,
					test.want)
				w.wantReboots(t, 0)
			})
		})
	}
}

func TestARebootWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	lost := func(effect bool) memory.Trouble {
		trouble := fault(memory.Reboot, backend.KindUnavailable)
		trouble.Lost = effect
		return trouble
	}
	t.Run("is not repeated when it is observed to take effect", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{RebootTime: 8 * time.Second, Capabilities: silent()},
				Options{})
			w.Fail(lost(true))
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 8*time.Second)
		})
	})
	t.Run("is not repeated, and an error, when no effect is observed", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{}, Options{})
			w.Fail(lost(false))
			_, err := w.reboot(t.Context(), rebooted, ReachOptions{})
			wantError(t, err, AnswerLost)
			w.wantReboots(t, 1)
			w.wantElapsed(t, effectWithin)
		})
	})
	t.Run("is waited for also where an accepted one would not be", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{RebootTime: 8 * time.Second}, Options{})
			w.Fail(lost(true))
			if _, err := w.reboot(t.Context(), rebooted, ReachOptions{NoWait: true}); err != nil {
				t.Fatal(err)
			}
			w.wantReboots(t, 1)
			w.wantElapsed(t, 8*time.Second)
		})
	})
	t.Run("because the connection died is given up after a minute", func(t *testing.T) {
		inFakeTime(t, func(t *testing.T) {
			w := newTestCloud(backend.Running, memory.Options{RebootTime: 70 * time.Second}, Options{})
			w.Fail(memory.Trouble{Op: memory.Reboot, Hang: true, Lost: true})
			w.mustReboot(t)
			w.wantReboots(t, 1)
			w.wantElapsed(t, 70*time.Second)
		})
	})
}

func TestARebootThatWasRefusedForNowIsRepeatedAfterARead(t *testing.T) {
	t.Parallel()
	for _, kind := range []backend.Kind{backend.KindBusy, backend.KindThrottled} {
		t.Run(kind.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newTestCloud(backend.Running, memory.Options{RebootTime: 5 * time.Second}, Options{})
				w.Fail(fault(memory.Reboot, kind))
				w.mustReboot(t)
				w.wantReboots(t, 2)
				w.wantReadBeforeEachWrite(t)
			})
		})
	}
}
