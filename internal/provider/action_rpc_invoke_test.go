package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAnActionIsInvoked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state backend.State
		done  backend.State
		ing   string
		ed    string
		wrote string
	}{
		startAction:  {backend.Stopped, backend.Running, "Starting", "running", "start of 100"},
		stopAction:   {backend.Running, backend.Stopped, "Stopping", "stopped", "stop graceful of 100"},
		rebootAction: {backend.Running, backend.Running, "Rebooting", "rebooted", "reboot of 100"},
	} {
		t.Run(name+" joins a hundred in one call, and says how far it is", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{RebootTime: transition}, plainDriver, nil)
				a, ids := actionIn(t, s, name, 100, test.state)
				for _, id := range ids[40:] {
					a.cloud.Behave(id, memory.Behavior{Slow: transition})
				}
				said, diags := a.invoke(t.Context(), acting(ids))
				wantTexts(t, diags, "")
				wantSaid(t, said,
					test.ing+" 100 instances on here (r-1).",
					"0 of 100 instances "+test.ed+" after 10s; waiting for 100: h-000, h-001, h-002 and 97 more.",
					"40 of 100 instances "+test.ed+" after 20s; waiting for 60: h-040, h-041, h-042 and 57 more.",
					"100 of 100 instances "+test.ed+" after 22s.")
				a.wantWritten(test.wrote)
				for _, id := range ids {
					if in, _ := a.cloud.Instance(id); in.State != test.done {
						t.Errorf("%s is %v, want %v", id, in.State, test.done)
					}
				}
			})
		})
		t.Run(name+" does not wait where it is told not to", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{RebootTime: time.Hour}, plainDriver, nil)
				a, ids := actionIn(t, s, name, 100, test.state)
				began := time.Now()
				said, diags := a.invoke(t.Context(), acting(ids, "wait", false))
				wantTexts(t, diags, "")
				wantSaid(t, said, test.ing+" 100 instances on here (r-1).", "100 of 100 instances asked to "+
					name[len("instance_"):]+" after 0s.")
				wantElapsed(t, began, 0)
				a.wantWritten(test.wrote)
			})
		})
		t.Run(name+" writes nothing in a dry run", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{}, withDryRun, nil)
				a, ids := actionIn(t, s, name, 100, test.state)
				said, diags := a.invoke(t.Context(), acting(ids, "dry_run", true))
				wantTexts(t, diags, "")
				verb := name[len("instance_"):]
				wantSaid(t, said, "Dry run on here (r-1): 100 to "+verb+" (of 100). Nothing was changed.")
				a.wantCalls(1, memory.DryRun)
				a.wantCalls(2)
				a.wantWritten()
			})
		})
	}
	t.Run("and leaves alone what is so", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 3, backend.Stopped)
			said, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, "")
			wantSaid(t, said, "Stopping 3 instances on here (r-1).", "3 of 3 instances stopped after 30ms.")
			a.wantWritten()
			said, _ = a.invoke(t.Context(), acting(ids, "dry_run", true))
			wantSaid(t, said, "Dry run on here (r-1): nothing to stop (of 3). Nothing was changed.")
		})
	})
	for name, test := range map[string]struct {
		so, not backend.State
		ing, is string
	}{
		startAction: {backend.Running, backend.Stopped, "Starting", "running"},
		stopAction:  {backend.Stopped, backend.Running, "Stopping", "stopped"},
	} {
		t.Run(name+" counts those that were so already, where it does not wait", func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				a, ids := newAction(t, name, 5, test.not)
				for _, id := range ids[3:] {
					a.cloud.Change(id, func(in *backend.Instance) { in.State = test.so })
				}
				verb := name[len("instance_"):]
				said, diags := a.invoke(t.Context(), acting(ids, "wait", false))
				wantTexts(t, diags, "")
				wantSaid(t, said, test.ing+" 5 instances on here (r-1).",
					"3 of 5 instances asked to "+verb+" after 50ms, 2 "+test.is+" already.")

				a, ids = newAction(t, name, 2, test.so)
				said, diags = a.invoke(t.Context(), acting(ids, "wait", false))
				wantTexts(t, diags, "")
				wantSaid(t, said, test.ing+" 2 instances on here (r-1).",
					"0 of 2 instances asked to "+verb+" after 30ms, 2 "+test.is+" already.")
				a.wantWritten()
			})
		})
	}
	t.Run("and does not count the end of another's stop or start as its own", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 2, backend.Running)
			if others := a.cloud.Stop(t.Context(), ids[:1], backend.StopOptions{}); others[0].Err != nil {
				t.Fatal(others[0].Err)
			}
			said, diags := a.invoke(t.Context(), acting(ids, "wait", false))
			wantTexts(t, diags, "")
			if want := "1 of 2 instances asked to stop after 1"; !strings.Contains(said, want) ||
				!strings.HasSuffix(said, ", 1 stopped already.") {
				t.Errorf("said %q, want %q and that one was stopped already", said, want)
			}
			a, ids = newAction(t, startAction, 2, backend.Stopped)
			if others := a.cloud.Start(t.Context(), ids[:1]); others[0].Err != nil {
				t.Fatal(others[0].Err)
			}
			said, diags = a.invoke(t.Context(), acting(ids, "wait", false))
			wantTexts(t, diags, "")
			if want := "1 of 2 instances asked to start after 1"; !strings.Contains(said, want) ||
				!strings.HasSuffix(said, ", 1 running already.") {
				t.Errorf("said %q, want %q and that one was running already", said, want)
			}
		})
	})
	t.Run("with force and mode as it is told", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 3, backend.Running)
			_, diags := a.invoke(t.Context(), acting(ids, "force_stop", true, "stopped_mode", "STOP_CHARGING"))
			wantTexts(t, diags, "")
			a.wantWritten("stop forced stop_charging of 3")
			r, ids := newAction(t, rebootAction, 3, backend.Running)
			_, diags = r.invoke(t.Context(), acting(ids, "force_stop", true))
			wantTexts(t, diags, "")
			if got := r.cloud.Calls(memory.Reboot); len(got) != 1 || got[0].Options.Force != backend.Forced {
				t.Errorf("got the reboots %v, want one, forced", got)
			}
		})
	})
	t.Run("on an instance that was made a moment ago, and is not listed yet", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 2, backend.Running)
			a.cloud.Behave(ids[1], memory.Behavior{AppearAfter: 900 * time.Millisecond})
			_, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, "")
		})
	})
	t.Run("on one instance", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, startAction, 1, backend.Stopped)
			said, _ := a.invoke(t.Context(), acting(ids))
			wantSaid(t, said, "Starting 1 instance on here (r-1).", "0 of 1 instance running after 10s; waiting for 1: h-000.",
				"1 of 1 instance running after 12s.")
		})
	})
}

func TestAnActionThatFailsForSome(t *testing.T) {
	t.Parallel()
	const failed = `
The cloud answered: you may not. Code: Locked.Out.
  - h-001 (last seen running (RUNNING), request id r-h-001)
  - h-003 (last seen running (RUNNING), request id r-h-003)
Check the credentials of the provider's configuration and the permissions of their owner.

`
	for name, test := range map[string]struct {
		config []any
		want   string
		said   string
	}{
		"is an error that names each": {
			nil,
			"error: Unable to stop 2 of 5 instances\n" + failed +
				"At most 0 may fail (`max_failures`). The other 3 are stopped.",
			"3 of 5 instances stopped after 12s, 2 failed.",
		},
		"is a warning within max_failures": {
			[]any{"max_failures", 2},
			"warning: Unable to stop 2 of 5 instances: \"h-001\" and 1 more\n" + failed +
				"Up to 2 may fail (`max_failures`), so the action counts as done.",
			"3 of 5 instances stopped after 12s, 2 failed.",
		},
		"promises nothing about the others when it did not wait": {
			[]any{"wait", false},
			"error: Unable to stop 2 of 5 instances\n" + failed +
				"At most 0 may fail (`max_failures`). The other 3 are asked to stop.",
			"3 of 5 instances asked to stop after 50ms, 2 failed.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				a, ids := newAction(t, stopAction, 5, backend.Running)
				a.cloud.Fail(denied(memory.Stop, ids[1], 1), denied(memory.Stop, ids[3], 1))
				said, diags := a.invoke(t.Context(), acting(ids, test.config...))
				wantTexts(t, diags, test.want)
				want := []string{"Stopping 5 instances on here (r-1)."}
				if test.config == nil || test.config[0] != "wait" {
					want = append(want, "0 of 5 instances stopped after 10s, 2 failed; waiting for 3: h-000, h-002, h-004.")
				}
				wantSaid(t, said, append(want, test.said)...)
				a.wantWritten("stop graceful of 5")
			})
		})
	}
	for name, test := range map[string]struct {
		others backend.State
		want   string
	}{
		"tells that the others were so already": {backend.Stopped, "The other 2 are stopped already."},
		"tells that the others were asked, or were so already": {
			backend.Running, "The other 2 are asked to stop, or stopped already.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				a, ids := newAction(t, stopAction, 3, backend.Stopped)
				a.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Running })
				a.cloud.Change(ids[1], func(in *backend.Instance) { in.State = test.others })
				a.cloud.Fail(denied(memory.Stop, ids[0], 1))
				_, diags := a.invoke(t.Context(), acting(ids, "wait", false))
				if !hasError(diags) || !strings.HasSuffix(texts(diags), test.want) {
					t.Errorf("got %s, want %q at its end", texts(diags), test.want)
				}
			})
		})
	}
	t.Run("in a dry run is told in the same way", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := setupOf(t, memory.Options{}, withDryRun, nil)
			a, ids := actionIn(t, s, stopAction, 2, backend.Running)
			ids = append(ids, "h-9")
			a.cloud.Fail(memory.Trouble{
				Op:    memory.DryRun,
				ID:    ids[1],
				Fault: backend.Fault{Kind: backend.KindDenied, Code: "RAM", Message: "not authorized"},
			})
			const denial = "warning: Dry run incomplete\n\n" +
				"It could not be made for every instance. The cloud answered: not authorized."
			const gone = ": Dry run: unable to stop 1 of 3 instances\n\n" +
				"There is no such instance in that region.\n  - h-9 (last seen absent)\n" +
				"Check `instance_ids`, `region`, and that the credentials belong to the account of the instance."
			said, diags := a.invoke(t.Context(), acting(ids, "dry_run", true))
			wantTexts(t, diags, denial+"\n---\nerror"+gone)
			wantSaid(t, said, "Dry run on here (r-1): 2 to stop, 1 refused (of 3). Nothing was changed.")
			_, diags = a.invoke(t.Context(), acting(ids, "dry_run", true, "max_failures", 1))
			wantTexts(t, diags, "warning"+gone)
			a.wantWritten()
		})
	})
	t.Run("because time is up names timeout", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 2, backend.Running)
			began := time.Now()
			said, diags := a.invoke(t.Context(), acting(ids, "timeout", "4s"))
			wantElapsed(t, began, 3*time.Second)
			wantTexts(t, diags, `
error: Unable to stop 2 of 2 instances

The time limit of 4s (`+"`timeout`"+`) passed before the cloud reported the instance as stopped.
  - h-000 (last seen stopping (STOPPING), for 2s)
  - h-001 (last seen stopping (STOPPING), for 2s)
Calls that the cloud has already accepted are not undone. `+
				`If such a transition takes longer, raise `+"`timeout`; if the guest does not shut down, `force_stop_after`"+
				` cuts the power after a while (unsaved data can be lost).

At most 0 may fail (`+"`max_failures`).")
			wantSaid(t, said, "Stopping 2 instances on here (r-1).", "0 of 2 instances stopped after 4s, 2 failed.")
		})
	})
	t.Run("because the guest does not obey says so", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 1, backend.Running)
			a.cloud.Behave(ids[0], memory.Behavior{SoftStop: memory.FallsBack})
			_, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, `
error: Unable to stop 1 of 1 instance

The cloud accepted the stop, but the instance is running again. The cloud's reason: the guest did not shut down.
  - h-000 (last seen running (RUNNING))
The guest may have ignored the request to shut down. Shut it down from inside, or set `+
				"`force_stop_after` or `force_stop` to cut the power (unsaved data can be lost)."+`

At most 0 may fail (`+"`max_failures`).")
		})
	})
}

func TestTheActionReboot(t *testing.T) {
	t.Parallel()
	t.Run("refuses what is stopped", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, rebootAction, 2, backend.Running)
			a.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Stopped })
			_, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, `
error: Unable to reboot 1 of 2 instances

The instance is stopped, and only a running one can be rebooted.
  - h-000 (last seen stopped (STOPPED), not_applicable)
Start it instead.

At most 0 may fail (`+"`max_failures`"+`). The other one is rebooted.`)
			a.wantWritten("reboot of 1")
		})
	})
	t.Run("is never repeated after a lost answer, and says what is not known", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, rebootAction, 2, backend.Running)
			a.cloud.Fail(memory.Trouble{
				Op: memory.Reboot, Fault: backend.Fault{Kind: backend.KindUnavailable, Code: "Gateway", Message: "bad gateway"},
			})
			_, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, `
error: Unable to reboot 2 of 2 instances

The answer to the reboot was lost, and no later read showed the instance leave the running state: `+
				`it may not have been rebooted.
  - h-000 (last seen running (RUNNING))
  - h-001 (last seen running (RUNNING))
See the instance's operations in the cloud's console.

At most 0 may fail (`+"`max_failures`).")
			a.wantWritten("reboot of 2")
		})
	})
	t.Run("that is quicker than two reads ends half a minute after the call", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			can := memory.AllCapabilities()
			can.OperationReason = false
			a, ids := actionIn(t, setupOf(t, memory.Options{Capabilities: &can}, plainDriver, nil), rebootAction, 2,
				backend.Running)
			said, diags := a.invoke(t.Context(), acting(ids))
			wantTexts(t, diags, "")
			wantSaid(t, said, "Rebooting 2 instances on here (r-1).",
				"0 of 2 instances rebooted after 10s; waiting for 2: h-000, h-001.",
				"0 of 2 instances rebooted after 20s; waiting for 2: h-000, h-001.",
				"0 of 2 instances rebooted after 30s; waiting for 2: h-000, h-001.",
				"2 of 2 instances rebooted after 30s.")
			a.wantWritten("reboot of 2")
		})
	})
}
