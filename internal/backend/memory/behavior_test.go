package memory_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// behaving runs a test on one instance that was running, or stopped, all along
// and now misbehaves.
func behaving(
	t *testing.T, opts memory.Options, state backend.State, b memory.Behavior, test func(t *testing.T, d *memory.Driver),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts.StartTime, opts.StopTime, opts.RebootTime = times.StartTime, times.StopTime, times.RebootTime
		d := memory.New(opts)
		d.Add(backend.Instance{ID: id, State: state})
		time.Sleep(time.Hour)
		d.Behave(id, b)
		test(t, d)
	})
}

func TestGuestThatHangs(t *testing.T) {
	t.Parallel()
	hangs := memory.Behavior{SoftStop: memory.Hangs}
	t.Run("stays in stopping until it is forced", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Running, hangs, func(t *testing.T, d *memory.Driver) {
			mustNot(t, stop(t, d, backend.StopOptions{}))
			time.Sleep(24 * time.Hour)
			wantKind(t, d, stop(t, d, backend.StopOptions{}), backend.KindBusy)
			mustNot(t, stop(t, d, backend.StopOptions{Force: backend.Forced}))
			wantChange(t, d, times.StopTime, backend.Stopping, backend.Stopped)
		})
	})
	t.Run("cannot be forced where the cloud is busy", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{BusyWhenForcedWhileStopping: true},
			backend.Running,
			hangs,
			func(t *testing.T, d *memory.Driver) {
				mustNot(t, stop(t, d, backend.StopOptions{}))
				wantKind(t, d, stop(t, d, backend.StopOptions{Force: backend.Forced}), backend.KindBusy)
			},
		)
	})
	t.Run("is cut off by a cloud that escalates", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Running, hangs, func(t *testing.T, d *memory.Driver) {
			mustNot(t, stop(t, d, backend.StopOptions{Force: backend.EscalateLater}))
			wantChange(t, d, 2*times.StopTime, backend.Stopping, backend.Stopped)
		})
	})
	t.Run("hangs on where the cloud does not escalate", func(t *testing.T) {
		t.Parallel()
		capabilities := memory.AllCapabilities()
		capabilities.NativeEscalation = false
		behaving(
			t,
			memory.Options{Capabilities: &capabilities},
			backend.Running,
			hangs,
			func(t *testing.T, d *memory.Driver) {
				mustNot(t, stop(t, d, backend.StopOptions{Force: backend.EscalateLater}))
				time.Sleep(time.Hour)
				wantState(t, d, backend.Stopping)
			},
		)
	})
	t.Run("has no say where the type is always forced", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Running, hangs, func(t *testing.T, d *memory.Driver) {
			d.Change(id, func(in *backend.Instance) { in.AlwaysForced = true })
			mustNot(t, stop(t, d, backend.StopOptions{}))
			wantChange(t, d, times.StopTime, backend.Stopping, backend.Stopped)
		})
	})
}

func TestTransitionsThatFail(t *testing.T) {
	t.Parallel()
	t.Run("a stop falls back to running", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{SoftStop: memory.FallsBack},
			func(t *testing.T, d *memory.Driver) {
				outcome := stop(t, d, backend.StopOptions{})
				wantChange(t, d, times.StopTime, backend.Stopping, backend.Running)
				wantOperation(t, d, &backend.Operation{
					RequestID: outcome.RequestID, State: backend.OperationFailed, Message: "the guest did not shut down",
				})
			},
		)
	})
	t.Run("a start ends in stopped for want of stock, in the mode that it had", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Stopped, memory.Behavior{NoStock: true}, func(t *testing.T, d *memory.Driver) {
			d.Change(id, func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
			outcome := start(t, d)
			wantOperation(t, d, &backend.Operation{RequestID: outcome.RequestID, State: backend.OperationRunning})
			wantChange(t, d, times.StartTime, backend.Starting, backend.Stopped)
			wantOperation(t, d, &backend.Operation{
				RequestID: outcome.RequestID, State: backend.OperationFailed, Message: "there is no stock of the instance type",
			})
			wantMode(t, d, backend.StopCharging)
		})
	})
	t.Run("a stuck one never ends", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Running, memory.Behavior{Stuck: true}, func(t *testing.T, d *memory.Driver) {
			mustNot(t, stop(t, d, backend.StopOptions{Force: backend.Forced}))
			time.Sleep(24 * time.Hour)
			wantState(t, d, backend.Stopping)
		})
	})
	t.Run("a slow one takes longer", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{Slow: time.Minute},
			func(t *testing.T, d *memory.Driver) {
				mustNot(t, stop(t, d, backend.StopOptions{}))
				wantChange(t, d, times.StopTime+time.Minute, backend.Stopping, backend.Stopped)
			},
		)
	})
	t.Run("no reason is reported where the cloud reports none", func(t *testing.T) {
		t.Parallel()
		capabilities := memory.AllCapabilities()
		capabilities.OperationReason = false
		behaving(t, memory.Options{Capabilities: &capabilities, NoRequestIDs: true}, backend.Running, memory.Behavior{
			SoftStop: memory.FallsBack,
		}, func(t *testing.T, d *memory.Driver) {
			if got := stop(t, d, backend.StopOptions{}).RequestID; got != "" {
				t.Errorf("request id is %q, want none", got)
			}
			wantChange(t, d, times.StopTime, backend.Stopping, backend.Running)
			wantOperation(t, d, nil)
		})
	})
}

func TestReadsThatLie(t *testing.T) {
	t.Parallel()
	t.Run("they lag behind a write and behind its end", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{ReadLag: 5 * time.Second},
			func(t *testing.T, d *memory.Driver) {
				mustNot(t, stop(t, d, backend.StopOptions{}))
				wantChange(t, d, 5*time.Second, backend.Running, backend.Stopping)
				wantChange(t, d, times.StopTime, backend.Stopping, backend.Stopped)
			},
		)
	})
	t.Run("a word is in no table for a while", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{OddWord: "MOVING", OddWordFor: time.Minute},
			func(t *testing.T, d *memory.Driver) {
				if got, want := observe(t, d).Raw, "MOVING"; got != want {
					t.Errorf("raw is %q, want %q", got, want)
				}
				wantChange(t, d, time.Minute, backend.Unknown, backend.Running)
			},
		)
	})
	t.Run("one appears late, and cannot be operated before", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Stopped,
			memory.Behavior{AppearAfter: time.Minute},
			func(t *testing.T, d *memory.Driver) {
				wantKind(t, d, start(t, d), backend.KindNotFound)
				wantChange(t, d, time.Minute, backend.Absent, backend.Stopped)
				mustNot(t, start(t, d))
			},
		)
	})
	t.Run("one vanishes after a time", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{VanishAfter: time.Minute},
			func(t *testing.T, d *memory.Driver) {
				wantChange(t, d, time.Minute, backend.Running, backend.Absent)
				wantKind(t, d, stop(t, d, backend.StopOptions{}), backend.KindNotFound)
			},
		)
	})
	t.Run("one vanishes after it was seen twice", func(t *testing.T) {
		t.Parallel()
		behaving(
			t,
			memory.Options{},
			backend.Running,
			memory.Behavior{VanishAfterDescribes: 2},
			func(t *testing.T, d *memory.Driver) {
				wantState(t, d, backend.Running)
				wantState(t, d, backend.Running)
				wantState(t, d, backend.Absent)
			},
		)
	})
	t.Run("a hidden one looks absent and is denied", func(t *testing.T) {
		t.Parallel()
		behaving(t, memory.Options{}, backend.Running, memory.Behavior{Hidden: true}, func(t *testing.T, d *memory.Driver) {
			wantState(t, d, backend.Absent)
			wantKind(t, d, stop(t, d, backend.StopOptions{}), backend.KindDenied)
			err := memory.WithAbsenceCheck(d).CheckAbsent(t.Context(), id)
			wantKind(t, d, backend.Outcome{Err: err}, backend.KindDenied)
		})
	})
}

func TestBlocked(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	d.Add(backend.Instance{ID: id, State: backend.Running, Blocked: "it is locked"})
	wantKind(t, d, stop(t, d, backend.StopOptions{}), backend.KindInvalid)
	d.Change(id, func(in *backend.Instance) { in.Blocked, in.StartBlocked = "", "it is locked" })
	wantKind(t, d, d.Reboot(t.Context(), []string{id}, backend.StopOptions{})[0], backend.KindInvalid)
	mustNot(t, stop(t, d, backend.StopOptions{}))
	wantState(t, d, backend.Stopped)
	wantKind(t, d, start(t, d), backend.KindInvalid)
	d.Change(id, func(in *backend.Instance) { in.StartBlocked, in.State = "", backend.Unavailable })
	wantKind(t, d, start(t, d), backend.KindInvalid)
}

func TestStoppedMode(t *testing.T) {
	t.Parallel()
	without := memory.AllCapabilities()
	without.StopCharging = false
	for name, test := range map[string]struct {
		opts     memory.Options
		behavior memory.Behavior
		bar      string
		asked    backend.StoppedMode
		want     backend.StoppedMode
		refused  bool
	}{
		"is what was asked for": {asked: backend.StopCharging, want: backend.StopCharging},
		"is the account's where none was asked for": {
			opts: memory.Options{DefaultMode: backend.StopCharging}, want: backend.StopCharging,
		},
		"keeps charging by default": {want: backend.KeepCharging},
		"is ignored by one that cannot": {
			bar: "it is prepaid", asked: backend.StopCharging, want: backend.NotApplicable,
		},
		"is refused by a cloud that says so": {
			opts: memory.Options{RefuseBarredMode: true}, bar: "it is prepaid", asked: backend.StopCharging, refused: true,
		},
		"is refused by a cloud that cannot": {
			opts: memory.Options{Capabilities: &without}, asked: backend.StopCharging, refused: true,
		},
		"always keeps charging on a cloud that cannot": {
			opts: memory.Options{Capabilities: &without}, want: backend.KeepCharging,
		},
		"is ignored": {behavior: memory.Behavior{IgnoreMode: true}, asked: backend.StopCharging, want: backend.KeepCharging},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behaving(t, test.opts, backend.Running, test.behavior, func(t *testing.T, d *memory.Driver) {
				d.Change(id, func(in *backend.Instance) { in.StopChargingBar = test.bar })
				outcome := stop(t, d, backend.StopOptions{Mode: test.asked})
				if test.refused {
					wantKind(t, d, outcome, backend.KindInvalid)
					wantState(t, d, backend.Running)
					return
				}
				wantChange(t, d, times.StopTime, backend.Stopping, backend.Stopped)
				wantMode(t, d, test.want)
			})
		})
	}

	t.Run("is read back late", func(t *testing.T) {
		t.Parallel()
		lags := memory.Behavior{ModeLag: time.Minute, ModeMeanwhile: backend.KeepCharging}
		behaving(t, memory.Options{}, backend.Running, lags, func(t *testing.T, d *memory.Driver) {
			mustNot(t, stop(t, d, backend.StopOptions{Mode: backend.StopCharging}))
			wantChange(t, d, times.StopTime, backend.Stopping, backend.Stopped)
			wantMode(t, d, backend.KeepCharging)
			time.Sleep(time.Minute - time.Nanosecond)
			wantMode(t, d, backend.KeepCharging)
			time.Sleep(time.Nanosecond)
			wantMode(t, d, backend.StopCharging)
		})
	})
}

func wantMode(t *testing.T, d *memory.Driver, want backend.StoppedMode) {
	t.Helper()
	if got := observe(t, d).StoppedMode; got != want {
		t.Errorf("mode is %q, want %q", got, want)
	}
}

func wantOperation(t *testing.T, d *memory.Driver, want *backend.Operation) {
	t.Helper()
	if diff := cmp.Diff(observe(t, d).LastOperation, want); diff != "" {
		t.Errorf("last operation (-got +want):\n%s", diff)
	}
}
