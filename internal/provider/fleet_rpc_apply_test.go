package provider

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// allIn is what wantMembers expects of instances that share a state.
func allIn(state string, ids ...string) map[string]string {
	all := map[string]string{}
	for _, id := range ids {
		all[id] = state
	}
	return all
}

// but is a copy with other entries.
func but(all, others map[string]string) map[string]string {
	all = maps.Clone(all)
	maps.Copy(all, others)
	return all
}

// denied is a refusal of the cloud, with its own request id.
func denied(op memory.Op, id string, times int) memory.Trouble {
	return memory.Trouble{
		Op:    op,
		ID:    id,
		Times: times,
		Fault: backend.Fault{Kind: backend.KindDenied, Code: "Locked.Out", Message: "you may not", RequestID: "r-" + id},
	}
}

const deniedText = "The cloud answered: you may not. (Locked.Out, request id r-h-001)"

func TestAFleet(t *testing.T) {
	t.Parallel()
	t.Run("is stopped in one call for each hundred, and each id is accounted for", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 250, backend.Running)
			after := f.step(fleetOf("stopped", ids, nil), held{})
			f.wantWritten("stop graceful of 100", "stop graceful of 100", "stop graceful of 50")
			f.wantState(after, map[string]any{
				"id":            "here/r-1/" + strings.TrimPrefix(fleetID("here", "r-1", ids), "here/r-1/"),
				"cloud":         "here",
				"region":        "r-1",
				"instance_ids":  ids,
				"state":         "stopped",
				"stopped_mode":  "keep_charging",
				"force_stop":    false,
				"allow_restart": false,
				"on_destroy":    "leave",
				"max_failures":  "0",
			})
			f.wantMembers(after, allIn("stopped", ids...))
		})
	})
	t.Run("that is so costs a describe for each hundred and no write", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 250, backend.Stopped)
			after := f.step(fleetOf("stopped", ids, nil), held{})
			f.wantWritten()
			time.Sleep(recently)
			after = f.refresh(after)
			f.wantCalls(3, memory.Describe)
			plan := f.plan(fleetOf("stopped", ids, nil), after)
			wantTexts(t, plan.Diagnostics, "")
			wantNames(t, "changes", f.changes(after, plan))
			f.wantCalls(3)
		})
	})
	t.Run("is updated from stopped to running and back", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 120, backend.Running)
			after := f.step(fleetOf("stopped", ids, nil), held{})
			f.wantWritten("stop graceful of 100", "stop graceful of 20")
			plan := f.plan(fleetOf("running", ids, nil), after)
			wantNames(t, "changes", f.changes(after, plan), "instances", "state", "stopped_mode")
			after = f.step(fleetOf("running", ids, nil), after)
			f.wantWritten("start of 100", "start of 20")
			f.wantState(after, map[string]any{"state": "running", "stopped_mode": nil})
			after = f.step(fleetOf("stopped", ids, map[string]any{"stopped_mode": "StopCharging", "force_stop": true}), after)
			f.wantWritten("stop forced stop_charging of 100", "stop forced stop_charging of 20")
			f.wantState(after, map[string]any{"state": "stopped", "stopped_mode": "StopCharging"})
		})
	})
	t.Run("whose settings alone change is not touched, and not read", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			before := f.step(fleetOf("stopped", ids, nil), held{})
			f.cloud.Change(ids[0], func(in *backend.Instance) { in.State = backend.Running }) // After the refresh of the plan.
			f.cloud.ForgetCalls()
			config := fleetOf("stopped", ids, map[string]any{
				"force_stop": true, "on_destroy": "restore", "max_failures": 3, "timeouts": map[string]any{"update": "1m"},
			})
			plan := f.plan(config, before)
			wantNames(t, "changes", f.changes(before, plan), "force_stop", "max_failures", "on_destroy", "timeouts")
			after := f.step(config, before)
			f.wantCalls(0)
			f.wantState(after, map[string]any{"on_destroy": "restore", "max_failures": "3"})
			f.wantMembers(after, allIn("stopped", ids...))
		})
	})
	t.Run("waits for new instances that are not listed yet", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			for preflight, appears := range map[string]time.Duration{
				"off": 900 * time.Millisecond, "describe": 300 * time.Millisecond,
			} {
				f, ids := fleetIn(t, setupWith(t, map[string]any{"preflight": preflight}), 3, backend.Running)
				f.cloud.Behave(ids[1], memory.Behavior{AppearAfter: appears})
				f.wantMembers(f.step(fleetOf("stopped", ids, nil), held{}), allIn("stopped", ids...))

				f, ids = fleetIn(t, setupWith(t, map[string]any{"preflight": preflight}), 3, backend.Running)
				before := f.step(fleetOf("stopped", ids[:1], nil), held{})
				f.cloud.Behave(ids[1], memory.Behavior{AppearAfter: appears})
				f.wantMembers(f.step(fleetOf("stopped", ids, nil), before), allIn("stopped", ids...))
			}
		})
	})
}

// recently is how long an observation serves a preflight, and a moment more.
const recently = 16 * time.Second

func TestIdsThatComeAndGo(t *testing.T) {
	t.Parallel()
	t.Run("are added in place, and they alone are touched", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 6, backend.Running)
			before := f.step(fleetOf("stopped", ids[:3], nil), held{})
			f.cloud.ForgetCalls()
			plan := f.plan(fleetOf("stopped", ids, nil), before)
			wantNames(t, "replacing", replacing(plan))
			wantNames(t, "changes", f.changes(before, plan), "instance_ids", "instances", "stopped_mode")
			after := f.step(fleetOf("stopped", ids, nil), before)
			wantNames(t, "written", f.written(), ids[3:]...)
			f.wantState(after, map[string]any{"id": f.values(before.state)["id"], "instance_ids": ids})
			f.wantMembers(after, allIn("stopped", ids...))
		})
	})
	for name, test := range map[string]struct {
		onDestroy string
		want      []string
		warning   string
	}{
		"are left alone when they go": {"leave", nil, ""},
		"are brought back when they go, where that is asked for": {
			"restore",
			[]string{"start of 1"},
			"warning: Leaving the fleet changes the power state of instance \"h-001\"\n\n" +
				"Instance \"h-001\" will be started again, as it was found (running), unless already running. " +
				"This is `on_destroy = \"restore\"`. No instance is deleted.",
		},
		"are started when they go, where that is asked for": {
			"running",
			[]string{"start of 2"},
			"warning: Leaving the fleet changes the power state of instance \"h-001\" and 1 more\n\n" +
				"The instances h-001, h-003 will be started, unless already running. This is `on_destroy = \"running\"`. " +
				"No instance is deleted.",
		},
		"are stopped when they go, and are so": {
			"stopped", nil, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 4, backend.Running)
				f.cloud.Change(ids[3], func(in *backend.Instance) { in.State = backend.Stopped })
				more := map[string]any{"on_destroy": test.onDestroy}
				before := f.step(fleetOf("stopped", ids, more), held{})
				f.cloud.ForgetCalls()
				rest := []string{ids[0], ids[2]}
				wantTexts(t, f.plan(fleetOf("stopped", rest, more), before).Diagnostics, test.warning)
				after := f.step(fleetOf("stopped", rest, more), before)
				f.wantWritten(test.want...)
				f.wantMembers(after, allIn("stopped", rest...))
			})
		})
	}
	t.Run("stay in the state when they cannot be left as on_destroy says", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Running)
			more := map[string]any{"on_destroy": "restore"}
			before := f.step(fleetOf("stopped", ids, more), held{})
			f.cloud.Fail(denied(memory.Start, ids[1], 1))
			f.cloud.Remove(ids[2])
			after, diags := f.try(fleetOf("stopped", ids[3:], more), before)
			wantTexts(t, diags, `
error: Unable to apply `+"`on_destroy`"+` to 1 of 3 instances

The cloud answered: you may not. Code: Locked.Out.
  - h-001 (last seen stopped (STOPPED), keep_charging, request id r-h-001)
Check the credentials of the provider's configuration and the permissions of their owner.

They stay in the state of the resource, and the next apply tries again.`)
			f.wantState(after, map[string]any{"instance_ids": []string{ids[3], ids[1]}, "state": "stopped"})
			f.wantMembers(after, map[string]string{ids[3]: "stopped", ids[1]: "stopped: " + deniedText})
			f.cloud.ForgetCalls()
			after = f.step(fleetOf("stopped", ids[3:], more), f.refresh(after))
			wantNames(t, "written", f.written(), ids[1])
			f.wantMembers(after, allIn("stopped", ids[3]))
		})
	})
}

func TestAFleetOfWhichSomeFail(t *testing.T) {
	t.Parallel()
	const failed = `
The cloud answered: you may not. Code: Locked.Out.
  - h-001 (last seen running (RUNNING), request id r-h-001)
  - h-003 (last seen running (RUNNING), request id r-h-003)
Check the credentials of the provider's configuration and the permissions of their owner.

`
	t.Run("at create is an error that names each, and no state", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			f.cloud.Fail(denied(memory.Stop, ids[1], 1), denied(memory.Stop, ids[3], 1))
			after, diags := f.try(fleetOf("stopped", ids, nil), held{})
			wantTexts(t, diags, "error: Unable to stop 2 of 5 instances\n"+failed+
				"At most 0 may fail (`max_failures`). The other 3 are stopped. "+
				"The next apply touches only those that are not as declared.")
			if got := f.values(after.state); got != nil {
				t.Errorf("the failed create wrote %v", got)
			}
			f.cloud.ForgetCalls()
			f.step(fleetOf("stopped", ids, nil), held{})
			wantNames(t, "written by the next apply", f.written(), ids[1], ids[3])
		})
	})
	t.Run("at update keeps the truth, and the next apply touches only those", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			before := f.step(fleetOf("running", ids, nil), held{})
			f.cloud.Fail(denied(memory.Stop, ids[1], 1), denied(memory.Stop, ids[3], 1))
			config := fleetOf("stopped", ids, map[string]any{"stopped_mode": "stop_charging"})
			after, diags := f.try(config, before)
			wantTexts(t, diags, "error: Unable to stop 2 of 5 instances\n"+failed+
				"At most 0 may fail (`max_failures`). The other 3 are stopped. "+
				"The next apply touches only those that are not as declared.")
			f.wantWritten("stop graceful stop_charging of 5")
			f.wantState(after, map[string]any{"state": "mixed", "stopped_mode": "stop_charging"})
			f.wantMembers(after, but(allIn("stopped", ids...), map[string]string{
				ids[1]: "running: " + deniedText, ids[3]: "running: " + strings.ReplaceAll(deniedText, "h-001", "h-003"),
			}))
			after = f.refresh(after)
			plan := f.plan(config, after)
			wantNames(t, "changes", f.changes(after, plan), "instances", "state")
			f.cloud.ForgetCalls()
			f.wantMembers(f.step(config, after), allIn("stopped", ids...))
			wantNames(t, "written by the next apply", f.written(), ids[1], ids[3])
		})
	})
	t.Run("within max_failures is a warning, and the next plan shows them again", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			f.cloud.Fail(denied(memory.Stop, ids[1], 1), denied(memory.Stop, ids[3], 1))
			config := fleetOf("stopped", ids, map[string]any{"max_failures": 2})
			after, diags := f.try(config, held{})
			wantTexts(t, diags, "warning: Unable to stop 2 of 5 instances: \"h-001\" and 1 more\n"+failed+
				"Up to 2 may fail (`max_failures`), so the apply goes on. The next plan shows them again.")
			f.wantState(after, map[string]any{"state": "stopped", "stopped_mode": "keep_charging"})
			after = f.refresh(after)
			f.wantState(after, map[string]any{"state": "mixed"})
			wantNames(t, "changes", f.changes(after, f.plan(config, after)), "instances", "state", "stopped_mode")
			f.cloud.ForgetCalls()
			f.step(config, after)
			wantNames(t, "written by the next apply", f.written(), ids[1], ids[3])
		})
	})
	t.Run("one more than max_failures is an error", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			f.cloud.Fail(denied(memory.Stop, ids[1], 1), denied(memory.Stop, ids[3], 1))
			if _, diags := f.try(fleetOf("stopped", ids, map[string]any{"max_failures": 1}), held{}); !hasError(diags) {
				t.Errorf("got %s, want an error", texts(diags))
			}
		})
	})
	t.Run("all of them, of which nothing is seen, leaves the state as it was", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			before := f.step(fleetOf("running", ids, nil), held{})
			plan := f.plan(fleetOf("stopped", ids, nil), before)
			f.cloud.Fail(denied(memory.Describe, "", memory.Always))
			time.Sleep(time.Second)
			after, diags := f.apply(t.Context(), fleetOf("stopped", ids, nil), before, plan)
			wantTexts(t, diags, `
error: Unable to stop 2 of 2 instances

The cloud answered: you may not. Code: Locked.Out.
  - h-000 (request id r-)
  - h-001 (request id r-)
Check the credentials of the provider's configuration and the permissions of their owner.

At most 0 may fail (`+"`max_failures`"+`). The next apply touches only those that are not as declared.`)
			f.wantState(after, map[string]any{"state": "running"})
			f.wantMembers(after, allIn("running", ids...))
		})
	})
	t.Run("keep the state that was found before, for on_destroy", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			more := map[string]any{"on_destroy": "restore", "timeouts": map[string]any{"update": "30s"}}
			before := f.step(fleetOf("stopped", ids[:1], more), held{})
			f.cloud.Behave(ids[1], memory.Behavior{Slow: time.Minute})
			after, diags := f.try(fleetOf("stopped", ids, more), before)
			if !hasError(diags) {
				t.Fatal("the slow one did not fail")
			}
			time.Sleep(2 * time.Minute)
			after = f.step(fleetOf("stopped", ids, more), f.refresh(after))
			f.cloud.ForgetCalls()
			if _, diags := f.destroy(after); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			f.wantWritten("start of 3")
		})
	})
}

func TestTheEndOfAFleetsTime(t *testing.T) {
	t.Parallel()
	t.Run("comes within a second of the limit, with each accounted for", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Running)
			before := f.step(fleetOf("running", ids, nil), held{})
			f.cloud.Change(ids[3], func(in *backend.Instance) { in.State = backend.Stopped })
			config := fleetOf("stopped", ids, map[string]any{"timeouts": map[string]any{"update": "4s"}})
			plan := f.plan(config, before)
			began := time.Now()
			after, diags := f.apply(t.Context(), config, before, plan)
			if took := time.Since(began); took < 3*time.Second || took > 4*time.Second {
				t.Errorf("it took %s, want 4s and at most a second more", took)
			}
			wantTexts(t, diags, `
error: Unable to stop 3 of 4 instances

The time limit of 4s (`+"`timeouts.update`"+`) passed before the cloud reported the instance as stopped.
  - h-000 (last seen stopping (STOPPING), for 2s)
  - h-001 (last seen stopping (STOPPING), for 2s)
  - h-002 (last seen stopping (STOPPING), for 2s)
The next apply begins by reading the instance and goes on from there. `+
				`If such a transition takes longer, raise `+"`timeouts.update`; "+
				"if the guest does not shut down, `force_stop_after` cuts the power after a while (unsaved data can be lost)."+`

At most 0 may fail (`+"`max_failures`"+`). The other one is stopped. `+
				`The next apply touches only those that are not as declared.`)
			f.wantState(after, map[string]any{"state": "mixed"})
			want := "stopping: The time limit passed before the cloud reported the instance as stopped."
			f.wantMembers(after, but(allIn(want, ids...), map[string]string{ids[3]: "stopped"}))
			f.cloud.ForgetCalls()
			f.wantMembers(f.step(fleetOf("stopped", ids, nil), f.refresh(after)), allIn("stopped", ids...))
			f.wantWritten()
		})
	})
	t.Run("is that of a call that hangs, too", func(t *testing.T) {
		t.Parallel()
		for _, op := range []memory.Op{memory.Describe, memory.Stop} {
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 130, backend.Running)
				config := fleetOf("stopped", ids, map[string]any{"timeouts": map[string]any{"create": "4s"}})
				plan := f.plan(config, held{})
				f.cloud.Fail(memory.Trouble{Op: op, Hang: true, Times: memory.Always})
				began := time.Now()
				_, diags := f.apply(t.Context(), config, held{}, plan)
				if took := time.Since(began); took < 3*time.Second || took > 4*time.Second {
					t.Errorf("%s: it took %s, want 4s and at most a second more", op, took)
				}
				for i, id := range ids {
					if named := strings.Contains(texts(diags), "\n  - "+id); named != (i < mostFailures) {
						t.Errorf("%s: %s is named: %v, want the first %d", op, id, named, mostFailures)
					}
				}
				if want := "\n  - and 110 more\n"; !strings.Contains(texts(diags), want) {
					t.Errorf("%s: the others are not counted: %s", op, texts(diags))
				}
			})
		}
	})
	t.Run("comes with an interrupt at once", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			before := f.step(fleetOf("running", ids, nil), held{})
			config := fleetOf("stopped", ids, nil)
			plan := f.plan(config, before)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			began := time.Now()
			after, diags := f.apply(ctx, config, before, plan)
			if took := time.Since(began); took > 5100*time.Millisecond {
				t.Errorf("it ended after %s, want 5s", took)
			}
			wantTexts(t, diags, `
error: Unable to stop 2 of 2 instances

The run was interrupted before the cloud reported the instance as stopped.
  - h-000 (last seen stopping (STOPPING), for 3s)
  - h-001 (last seen stopping (STOPPING), for 3s)
Calls that the cloud has already accepted are not undone. The next apply begins by reading the instance.

The next apply goes on from where they are.`)
			f.wantState(after, map[string]any{"state": "stopping"})
		})
	})
}

func TestDestroyOfAFleet(t *testing.T) {
	t.Parallel()
	for onDestroy, want := range map[string][]string{
		"leave": nil, "running": {"start of 4"}, "restore": {"start of 2"}, "stopped": nil,
	} {
		t.Run("with "+onDestroy, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 4, backend.Running)
				for _, id := range ids[2:] {
					f.cloud.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
				}
				before := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": onDestroy}), held{})
				f.cloud.ForgetCalls()
				warning := map[string]string{
					"running": "of instance \"h-000\" and 3 more\n\n" +
						"The instances h-000, h-001, h-002, h-003 will be started, unless already running.",
					"restore": "of instance \"h-000\" and 1 more\n\n" +
						"The instances h-000, h-001 will be started again, as they were found (running), unless already running.",
				}[onDestroy]
				if warning != "" {
					warning = "warning: Destroy changes the power state " + warning + " This is `on_destroy = \"" + onDestroy +
						"\"`. No instance is deleted."
				}
				wantTexts(t, f.plan(nil, before).Diagnostics, warning)
				after, diags := f.destroy(before)
				wantTexts(t, diags, "")
				if f.values(after.state) != nil {
					t.Error("the fleet is still there")
				}
				f.wantWritten(want...)
			})
		})
	}
	t.Run("whose instances are gone is done", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			before := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "running"}), held{})
			f.cloud.Remove(ids[0])
			f.cloud.ForgetCalls()
			time.Sleep(time.Second)
			_, diags := f.destroy(before)
			wantTexts(t, diags, "")
			f.wantWritten("start of 2")
		})
	})
}
