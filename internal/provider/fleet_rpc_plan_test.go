package provider

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAFleetIsRead(t *testing.T) {
	t.Parallel()
	t.Run("as mixed when some drifted, and the next apply touches those", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 5, backend.Running)
			config := fleetOf("stopped", ids, nil)
			before := f.step(config, held{})
			f.cloud.Change(ids[2], func(in *backend.Instance) { in.State = backend.Running })
			f.cloud.ForgetCalls()
			after := f.refresh(before)
			f.wantState(after, map[string]any{"state": "mixed", "stopped_mode": "keep_charging"})
			f.wantMembers(after, but(allIn("stopped", ids...), map[string]string{ids[2]: "running"}))
			wantTexts(t, f.plan(config, after).Diagnostics, `
warning at AttributeName("state"): Fleet plan: 1 to stop, 4 unchanged (of 5): "h-002"

To stop: h-002

The instances are in here (r-1). Their states after the apply are in `+"`instances`.")
			f.step(config, after)
			wantNames(t, "written", f.written(), ids[2])
		})
	})
	t.Run("as the state that all share when all drifted", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			before := f.step(fleetOf("running", ids, nil), held{})
			for _, id := range ids {
				f.cloud.Change(id, func(in *backend.Instance) { in.State, in.StoppedMode = backend.Stopped, backend.StopCharging })
			}
			f.wantState(f.refresh(before), map[string]any{"state": "stopped", "stopped_mode": "stop_charging"})
		})
	})
	t.Run("with the mode that all share, and none when it differs", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 3, backend.Running)
			undeclared := fleetOf("stopped", ids, nil)
			declared := fleetOf("stopped", ids, map[string]any{"stopped_mode": "KeepCharging"})
			before := f.step(declared, held{})
			f.cloud.Change(ids[0], func(in *backend.Instance) { in.StoppedMode = backend.NotApplicable })
			f.wantState(f.refresh(before), map[string]any{"state": "stopped", "stopped_mode": "KeepCharging"})
			f.cloud.Change(ids[0], func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
			some := f.refresh(before)
			f.wantState(some, map[string]any{"state": "stopped", "stopped_mode": nil})
			wantNames(t, "changes where none is declared", f.changes(some, f.plan(undeclared, some)))
			plan := f.plan(declared, some)
			wantNames(t, "changes where one is declared", f.changes(some, plan), "instances", "stopped_mode")
			wantTexts(t, plan.Diagnostics, `
warning at AttributeName("instance_ids"): Apply will fail for instance "h-000"

The instance is already stopped, in a mode other than "keep_charging", `+
				`and no call changes the mode of a stopped instance.
  - h-000 (last seen stopped (STOPPED), stop_charging)
Set `+"`allow_restart = true` to let the provider start it and stop it again, or set `stopped_mode`"+
				` to the mode that it is in.

Remove the ids from `+"`instance_ids`, or raise `max_failures`"+` to at least 1.`+goesOn)
			allowed := maps.Clone(declared)
			allowed["allow_restart"] = true
			wantTexts(t, f.plan(allowed, some).Diagnostics, `
warning at AttributeName("state"): Fleet plan: 1 to restart for another stopped mode, 2 unchanged (of 3): "h-000"

To restart for another stopped mode: h-000

The instances are in here (r-1). Their states after the apply are in `+"`instances`.")
			f.cloud.ForgetCalls()
			f.wantState(f.step(allowed, some), map[string]any{"stopped_mode": "KeepCharging"})
			f.wantWritten("start of 1", "stop graceful keep_charging of 1")
			for _, id := range ids {
				f.cloud.Change(id, func(in *backend.Instance) { in.StoppedMode = backend.StopCharging })
			}
			f.wantState(f.refresh(before), map[string]any{"state": "stopped", "stopped_mode": "stop_charging"})
		})
	})
	t.Run("with a warning when some are gone, which stay as absent until they are removed", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Stopped)
			before := f.step(fleetOf("stopped", ids, nil), held{})
			f.cloud.Remove(ids[0])
			f.cloud.Remove(ids[2])
			after, diags := f.read(before)
			wantTexts(t, diags, `
warning: Instance "h-000" and 1 more of the fleet are gone

here (r-1) no longer has: h-000, h-002.

Remove the ids from `+"`instance_ids`.")
			gone := map[string]string{
				ids[0]: "absent: There is no such instance in that region.",
				ids[2]: "absent: There is no such instance in that region.",
			}
			f.wantState(after, map[string]any{"state": "mixed"})
			f.wantMembers(after, but(allIn("stopped", ids...), gone))
			wantTexts(t, f.plan(fleetOf("stopped", ids, nil), after).Diagnostics, `
warning at AttributeName("instance_ids"): Apply will fail for instance "h-000" and 1 more

There is no such instance in that region.
  - h-000 (last seen absent)
  - h-002 (last seen absent)
Check `+"`instance_ids`, `region`"+`, and that the credentials belong to the account of the instance.

Remove the ids from `+"`instance_ids`, or raise `max_failures`"+` to at least 2.`+goesOn)
			rest := []string{ids[1], ids[3]}
			f.cloud.ForgetCalls()
			f.wantMembers(f.step(fleetOf("stopped", rest, nil), after), allIn("stopped", rest...))
			f.wantWritten()
		})
	})
	t.Run("and forgotten when all are gone", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 1, backend.Stopped)
			before := f.step(fleetOf("stopped", ids, nil), held{})
			f.cloud.Remove(ids[0])
			after, diags := f.read(before)
			wantTexts(t, diags, "warning: Instance \"h-000\" of the fleet is gone\n\nhere (r-1) no longer has: h-000.\n\n"+
				"Remove the ids from `instance_ids`.")
			if got := f.values(after.state); got != nil {
				t.Errorf("the fleet is still there: %v", got)
			}
		})
	})
	t.Run("with a warning when some cannot be read, and an error when none can", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 150, backend.Stopped)
			before := f.step(fleetOf("stopped", ids, nil), held{})
			time.Sleep(recently)
			f.cloud.Fail(denied(memory.Describe, ids[1], memory.Always))
			after, diags := f.read(before)
			if got := texts(diags); hasError(diags) ||
				!strings.HasPrefix(got, "warning: Unable to read 100 of 150 instances: \"h-000\" and 99 more\n\n"+
					"The cloud answered: you may not. Code: Locked.Out.\n  - ") ||
				!strings.HasSuffix(got, "Their states are not known, so the plan goes on as if they were not as declared.") {
				t.Errorf("got %s", got)
			}
			f.wantState(after, map[string]any{"state": "mixed"})
			f.cloud.Fail(denied(memory.Describe, "", memory.Always))
			_, diags = f.read(before)
			if got := texts(diags); !strings.HasPrefix(got, "error: Unable to read 150 of 150 instances\n\n") {
				t.Errorf("got %s", got)
			}
		})
	})
	t.Run("for no longer than timeouts.read", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 150, backend.Stopped)
			before := f.step(fleetOf("stopped", ids, map[string]any{"timeouts": map[string]any{"read": "3s"}}), held{})
			f.cloud.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
			began := time.Now()
			_, diags := f.read(before)
			wantElapsed(t, began, 3*time.Second)
			if got := texts(diags); !strings.HasPrefix(got, "error: Unable to read ") ||
				!strings.Contains(got, "The time limit of 3s (`timeouts.read`) passed before the instance could be read.\n  - ") ||
				!strings.HasSuffix(got, "Nothing was changed. If the cloud is often that slow, raise `timeouts.read`.") {
				t.Errorf("got %s", got)
			}
		})
	})
}

func TestThePlanOfAFleet(t *testing.T) {
	t.Parallel()
	state := func(sentence string, parts ...string) string {
		return "warning at AttributeName(\"state\"): Fleet plan: " + sentence + "\n\n" + strings.Join(parts, "\n") +
			"\n\nThe instances are in here (r-1). Their states after the apply are in `instances`."
	}
	const gone = "There is no such instance in that region.\n  - h-009 (last seen absent)\n" +
		"Check `instance_ids`, `region`, and that the credentials belong to the account of the instance."
	for name, test := range map[string]struct {
		config map[string]any
		more   []string // further ids
		want   string
	}{
		"counts": {
			fleetOf("stopped", nil, nil), nil,
			state("2 to stop, 1 in transition, 1 unchanged (of 4): \"h-000\" and 2 more",
				"To stop: h-000, h-001", "In transition: h-003"),
		},
		"counts the other way": {
			fleetOf("running", nil, nil), nil,
			state("1 to start, 1 in transition, 2 unchanged (of 4): \"h-002\" and 1 more",
				"To start: h-002", "In transition: h-003"),
		},
		"names force": {
			fleetOf("stopped", nil, map[string]any{"force_stop": true}), nil,
			state("2 to stop, 1 in transition, 1 unchanged (of 4): \"h-000\" and 2 more",
				"To stop: h-000, h-001", "In transition: h-003") +
				"\n---\nwarning at AttributeName(\"force_stop\"): Forced stop planned\n\n" +
				"The instances h-000, h-001, h-003 will lose power at once: unsaved data can be lost. " +
				"Set `force_stop = false` for a graceful stop.",
		},
		"names force that comes later": {
			fleetOf("stopped", nil, map[string]any{"force_stop_after": "2m"}), nil,
			state("2 to stop, 1 in transition, 1 unchanged (of 4): \"h-000\" and 2 more",
				"To stop: h-000, h-001", "In transition: h-003") +
				"\n---\nwarning at AttributeName(\"force_stop_after\"): Forced stop possible\n\n" +
				"Each of the instances h-000, h-001, h-003 will lose power if a graceful stop has not finished after 2m: " +
				"unsaved data can then be lost.",
		},
		"names what stop-charging costs": {
			fleetOf("stopped", nil, map[string]any{"stopped_mode": "stop_charging", "allow_restart": true}), nil,
			state("2 to stop, 1 to restart for another stopped mode, 1 in transition (of 4): \"h-000\" and 3 more",
				"To stop: h-000, h-001",
				"To restart for another stopped mode: h-002", "In transition: h-003") +
				"\n---\nwarning at AttributeName(\"stopped_mode\"): Stop-charging planned\n\n" +
				"The instances h-000, h-001, h-002, h-003 will release CPU and memory: a later start may find no stock.",
		},
		"refuses what cannot be done": {
			fleetOf("stopped", nil, nil),
			[]string{"h-009"},
			"warning at AttributeName(\"instance_ids\"): Apply will fail for instance \"h-009\"\n\n" + gone +
				"\n\nRemove the ids from `instance_ids`, or raise `max_failures` to at least 1." + goesOn +
				"\n---\n" + state("2 to stop, 1 in transition, 1 unchanged, 1 refused (of 5): \"h-000\" and 2 more",
				"To stop: h-000, h-001",
				"In transition: h-003"),
		},
		"warns of what cannot be done, within max_failures": {
			fleetOf("stopped", nil, map[string]any{"max_failures": 1}),
			[]string{"h-009"},
			"warning at AttributeName(\"instance_ids\"): Apply will leave out instance \"h-009\"\n\n" + gone +
				"\n---\n" + state("2 to stop, 1 in transition, 1 unchanged, 1 refused (of 5): \"h-000\" and 2 more",
				"To stop: h-000, h-001",
				"In transition: h-003"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 2, backend.Running)
				f.cloud.Add(
					backend.Instance{ID: "h-002", State: backend.Stopped},
					backend.Instance{ID: "h-003", State: backend.Starting},
				)
				config := maps.Clone(test.config)
				config["instance_ids"] = append(append(ids, "h-002", "h-003"), test.more...)
				wantTexts(t, f.plan(config, held{}).Diagnostics, test.want)
				f.wantWritten()
			})
		})
	}
	t.Run("names an address that can be lost, and a type that is always forced", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, _ := newFleet(t, 0, backend.Running)
			f.cloud.Add(backend.Instance{ID: "h-1", State: backend.Running, AlwaysForced: true, PublicIP: "203.0.113.5"})
			config := fleetOf("stopped", []string{"h-1"}, map[string]any{"stopped_mode": "stop_charging"})
			wantTexts(t, f.plan(config, held{}).Diagnostics, state("1 to stop (of 1): \"h-1\"", "To stop: h-1")+
				"\n---\nwarning at AttributeName(\"state\"): Forced stop of instance \"h-1\" planned\n\n"+
				"The cloud stops h-1 by cutting the power, whatever the request says: unsaved data can be lost."+
				"\n---\nwarning at AttributeName(\"stopped_mode\"): Stop-charging of instance \"h-1\" can release its address\n\n"+
				"Instance \"h-1\" will release CPU and memory: "+
				"a later start may find no stock, and public addresses can be released: 203.0.113.5 (h-1).")
		})
	})
	t.Run("leaves to the apply what is not known, and warns of what may come", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			for _, ids := range []any{tftypes.UnknownValue, []any{"h-000", tftypes.UnknownValue}} {
				f, _ := newFleet(t, 2, backend.Running)
				config := fleetOf("stopped", nil, map[string]any{"instance_ids": ids, "force_stop": true})
				plan := f.plan(config, held{})
				wantTexts(t, plan.Diagnostics, "warning at AttributeName(\"force_stop\"): Forced stop planned\n\n"+
					"The instances will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.")
				got := f.values(plan.PlannedState)
				if got["id"] != tftypes.UnknownValue || got["instances"] != tftypes.UnknownValue {
					t.Errorf("got id %v and instances %v, want both unknown", got["id"], got["instances"])
				}
				f.wantCalls(0)
			}
		})
	})
	t.Run("leaves to the apply where the fleet is, when that is not known", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			for _, name := range []string{"cloud", "region"} {
				f, ids := newFleet(t, 2, backend.Running)
				plan := f.plan(fleetOf("stopped", ids, map[string]any{name: tftypes.UnknownValue}), held{})
				wantTexts(t, plan.Diagnostics, "")
				got := f.values(plan.PlannedState)
				if got[name] != tftypes.UnknownValue || got["id"] != tftypes.UnknownValue {
					t.Errorf("got %s %v and id %v, want both unknown", name, got[name], got["id"])
				}
				f.wantCalls(0)
			}
		})
	})
	t.Run("asks for joined dry runs where they are asked for", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := setupOf(t, memory.Options{}, withDryRun, map[string]any{"preflight": "dry_run"})
			f, ids := fleetIn(t, s, 150, backend.Running)
			f.cloud.Fail(memory.Trouble{
				Op:    memory.DryRun,
				ID:    ids[7],
				Fault: backend.Fault{Kind: backend.KindInvalid, Code: "Spot", Message: "a spot instance"},
			})
			f.cloud.Fail(memory.Trouble{
				Op:    memory.DryRun,
				ID:    ids[8],
				Fault: backend.Fault{Kind: backend.KindDenied, Code: "RAM", Message: "not authorized", Advice: "Ask."},
			})
			wantTexts(t, f.plan(fleetOf("stopped", ids, map[string]any{"max_failures": 1}), held{}).Diagnostics, `
warning at AttributeName("instance_ids"): Apply will leave out instance "h-007"

The cloud answered: a spot instance. Code: Spot.
  - h-007 (last seen running (RUNNING), request id req-2)
Check the attributes of the resource against what this instance supports.
---
`+state("149 to stop, 1 refused (of 150): \"h-000\" and 148 more",
				"To stop: h-000, h-001, h-002, h-003, h-004, h-005, h-006, h-008, h-009, "+
					"h-010, and 139 more")+`
---
warning: Dry run incomplete

It could not be made for every instance. The cloud answered: not authorized. Ask.`)
			f.wantCalls(2, memory.DryRun)
			f.wantCalls(2, memory.Describe)
		})
	})
	t.Run("replaces a fleet that moves, and says what that does", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			before := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "running"}), held{})
			config := fleetOf("running", ids, map[string]any{"on_destroy": "running", "region": "r-2"})
			plan := f.plan(config, before)
			wantNames(t, "replacing", replacing(plan), `AttributeName("region")`)
			wantTexts(t, plan.Diagnostics, "warning: Destroy changes the power state of instance \"h-000\" and 1 more\n\n"+
				"The instances h-000, h-001 will be started, unless already running. This is `on_destroy = \"running\"`. No "+
				"instance is deleted.\n---\n"+
				strings.ReplaceAll(state("2 to start (of 2): \"h-000\" and 1 more", "To start: h-000, h-001"), "r-1", "r-2"))
			if got := f.values(plan.PlannedState)["id"]; got != fleetID("here", "r-2", ids) {
				t.Errorf("the id is %v, want that of the new place", got)
			}
			// The core then plans the new one, and shows no warning of that.
			if second := f.plan(config, held{private: plan.PlannedPrivate}); hasError(second.Diagnostics) {
				t.Error(texts(second.Diagnostics))
			}
		})
	})
}

func TestTheConfigurationOfAFleet(t *testing.T) {
	t.Parallel()
	many := make([]string, 10_001)
	for i := range many {
		many[i] = "h-" + strings.Repeat("x", 1+i%50)
	}
	const form = "`instance_ids[%]` must be the cloud's id of an instance, such as `ins-r8hr2upy`; "
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"of one id": {fleetOf("stopped", []string{"h-1"}, nil), ""},
		"of 10,000": {fleetOf("stopped", many[:10_000], nil), ""},
		"of 10,001": {
			fleetOf("stopped", many, nil),
			"error at AttributeName(\"instance_ids\"): Too many elements in instance_ids\n\n" +
				"`instance_ids` has 10001 elements, and may have 10000. Divide them among several blocks.",
		},
		"of none": {fleetOf("stopped", []string{}, nil), ""},
		"that names none": {
			map[string]any{"state": "stopped"},
			"error at AttributeName(\"instance_ids\"): No instances are named\n\n" +
				"Set `instance_ids` and `state`, or `states` to a map from id to `running` or `stopped`. " +
				"A fleet without instances has `instance_ids = []`, or `states = {}`.",
		},
		"in both forms": {
			fleetOf("stopped", []string{"h-1"}, map[string]any{"states": map[string]any{"h-2": "running"}}),
			"error at AttributeName(\"states\"): Instances are named twice\n\n" +
				"Both `instance_ids` and `states` are set. Remove `instance_ids` and `state`, or remove `states`.",
		},
		"with a state beside those of each": {
			map[string]any{"states": map[string]any{"h-2": "running"}, "state": "running"},
			"error at AttributeName(\"state\"): State for all beside a state for each\n\n" +
				"`states` has a state for each id, and `state` is for the ids of `instance_ids`. Remove one of the two.",
		},
		"without a state": {
			map[string]any{"instance_ids": []string{"h-1"}},
			"error at AttributeName(\"state\"): State is not set\n\n" +
				"Set `state` to `running` or `stopped`: it is the state of all instances in `instance_ids`.",
		},
		"with a state that is null": {
			map[string]any{"states": map[string]any{"h-1": nil}},
			"error at AttributeName(\"states\").ElementKeyString(\"h-1\"): State that is null\n\n" +
				"The state of instance \"h-1\" in `states` is null. Leave the id out, or set it to `running` or `stopped`.",
		},
		"with a state that is none": {
			map[string]any{"states": map[string]any{"h-1": "off"}},
			"error at AttributeName(\"states\").ElementKeyString(\"h-1\"): Invalid states[\"h-1\"]\n\n" +
				"`states[\"h-1\"]` must be `running` or `stopped`; got \"off\".",
		},
		"with a state of another cloud's instance": {
			map[string]any{"states": map[string]any{"f-2": "running"}, "cloud": "here"},
			"error at AttributeName(\"states\"): Instance id of another cloud\n\n" +
				"\"f-2\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
				"Correct `states`, or set `cloud`.",
		},
		"with an id that is none": {
			fleetOf("stopped", []string{"h-1", "h 2"}, nil),
			"error at AttributeName(\"instance_ids\").ElementKeyInt(1): Invalid instance_ids[1]\n\n" +
				strings.ReplaceAll(form, "%", "1") + "got \"h 2\".",
		},
		"with an id of another cloud": {
			fleetOf("stopped", []string{"h-1", "f-2"}, map[string]any{"cloud": "here"}),
			"error at AttributeName(\"instance_ids\"): Instance id of another cloud\n\n" +
				"\"f-2\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
				"Correct `instance_ids`, or set `cloud`.",
		},
		"with mixed as the state": {
			fleetOf("mixed", []string{"h-1"}, nil),
			"error at AttributeName(\"state\"): Invalid state\n\n" +
				"`state` must be `running` or `stopped`; got \"mixed\".",
		},
		"with less than no failures": {
			fleetOf("stopped", []string{"h-1"}, map[string]any{"max_failures": -1}),
			"error at AttributeName(\"max_failures\"): Invalid max_failures\n\n" +
				"`max_failures` must be a number of instances such as `3`, or a percentage of the ids such as `\"10%\"`, " +
				"without a sign or a fraction; got \"-1\".",
		},
		"with both kinds of force": {
			fleetOf("stopped", []string{"h-1"}, map[string]any{"force_stop": true, "force_stop_after": "1m"}),
			"error at AttributeName(\"force_stop_after\"): Both force options are set\n\n" +
				"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. " +
				"Remove one of the two.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := newFleet(t, 0, backend.Running)
			wantTexts(t, f.check(test.config), test.want)
		})
	}
}

func TestAFleetIsImported(t *testing.T) {
	t.Parallel()
	t.Run("by a list, and the first plan is empty", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 4, backend.Stopped)
			imported, diags := f.importID("here/r-1/h-002,h-000,h-001,h-003,h-001")
			wantTexts(t, diags, "")
			after := f.refresh(imported)
			f.wantState(after, map[string]any{
				"id":           fleetID("here", "r-1", ids),
				"instance_ids": ids,
				"state":        "stopped",
				"stopped_mode": "keep_charging",
				"on_destroy":   "leave",
				"max_failures": "0",
			})
			f.wantMembers(after, allIn("stopped", ids...))
			plan := f.plan(fleetOf("stopped", ids, nil), after)
			wantTexts(t, plan.Diagnostics, "")
			wantNames(t, "changes", f.changes(after, plan))
		})
	})
	t.Run("and keeps the state that was found, for on_destroy", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			f, ids := newFleet(t, 2, backend.Running)
			imported, _ := f.importID("here/r-1/h-000,h-001")
			after := f.refresh(imported)
			after = f.refresh(f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "restore"}), after))
			f.cloud.ForgetCalls()
			f.destroy(after)
			f.wantWritten("start of 2")
		})
	})
}
