package provider

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const (
	startAction  = "instance_start"
	stopAction   = "instance_stop"
	rebootAction = "instance_reboot"
)

// actionSetup is a setup whose subject is an action.
type actionSetup struct {
	*fleetSetup
	name  string
	below tfprotov6.ActionServer
	typ   tftypes.Object
}

// newAction is a setup with n instances, h-000 and so on, in one state.
func newAction(t *testing.T, name string, n int, state backend.State) (a *actionSetup, ids []string) {
	t.Helper()
	return actionIn(t, newSetup(t), name, n, state)
}

func actionIn(t *testing.T, s *setup, name string, n int, state backend.State) (a *actionSetup, ids []string) {
	t.Helper()
	f, ids := fleetIn(t, s, n, state)
	return actionOver(t, f, name), ids
}

// actionOver is an action of the provider of a fleet.
func actionOver(t *testing.T, f *fleetSetup, name string) *actionSetup {
	t.Helper()
	below, ok := f.server.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the server has no actions")
	}
	typ := listsInside(t, f.schema.ActionSchemas[name].Schema.ValueType())
	return &actionSetup{fleetSetup: f, name: name, below: below, typ: typ}
}

// acting is a minimal configuration, with further attributes.
func acting(ids []string, more ...any) map[string]any {
	config := map[string]any{"instance_ids": ids}
	for i := 0; i+1 < len(more); i += 2 {
		name, _ := more[i].(string)
		config[name] = more[i+1]
	}
	return config
}

func (a *actionSetup) config(config map[string]any) *tfprotov6.DynamicValue {
	a.t.Helper()
	out, err := tfprotov6.NewDynamicValue(a.typ, toValue(a.t, a.typ, config))
	a.must(err)
	return &out
}

func (a *actionSetup) check(config map[string]any) []*tfprotov6.Diagnostic {
	a.t.Helper()
	resp, err := a.below.ValidateActionConfig(a.t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: a.name, Config: a.config(config),
	})
	a.must(err)
	return resp.Diagnostics
}

func (a *actionSetup) plan(config map[string]any) []*tfprotov6.Diagnostic {
	a.t.Helper()
	resp, err := a.below.PlanAction(a.t.Context(), &tfprotov6.PlanActionRequest{
		ActionType: a.name, Config: a.config(config),
	})
	a.must(err)
	return resp.Diagnostics
}

// invoke returns what the action said on its way, one line each, and how it
// ended.
func (a *actionSetup) invoke(ctx context.Context, config map[string]any) (said string, diags []*tfprotov6.Diagnostic) {
	a.t.Helper()
	stream, err := a.below.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: a.name, Config: a.config(config)})
	a.must(err)
	var lines []string
	completed := 0
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			lines = append(lines, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diags = e.Diagnostics
		}
	}
	if completed != 1 {
		a.t.Errorf("got %d completed events, want 1", completed)
	}
	return strings.Join(lines, "\n"), diags
}

func wantSaid(t *testing.T, got string, want ...string) {
	t.Helper()
	wantNames(t, "progress", strings.Split(got, "\n"), want...)
}

func TestTheConfigurationOfAnAction(t *testing.T) {
	t.Parallel()
	for _, name := range []string{startAction, stopAction, rebootAction} {
		for what, test := range map[string]struct {
			config map[string]any
			want   string
		}{
			"is right": {
				acting([]string{"h-1"}, "cloud", "here", "region", "r-2", "wait", false, "timeout", "5m", "dry_run", true,
					"max_failures", 3),
				"",
			},
			"names none": {acting([]string{}), ""},
			"names an id that is none": {
				acting([]string{"h/1"}),
				"error at AttributeName(\"instance_ids\").ElementKeyInt(0): Invalid instance_ids[0]\n\n" +
					"`instance_ids[0]` must be the cloud's id of an instance, such as `ins-r8hr2upy`; got \"h/1\".",
			},
			"names an id that is null": {
				map[string]any{"instance_ids": []any{nil}},
				"error at AttributeName(\"instance_ids\"): Instance id that is null\n\n" +
					"An element of `instance_ids` is null, so it names no instance. Leave it out, for example with " +
					"`compact(...)`, or give it a value.",
			},
			"names an id of another cloud": {
				acting([]string{"f-1"}, "cloud", "here"),
				"error at AttributeName(\"instance_ids\"): Instance id of another cloud\n\n" +
					"\"f-1\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
					"Correct `instance_ids`, or set `cloud`.",
			},
			"names a cloud that is none": {
				acting([]string{"h-1"}, "cloud", "there"),
				"error at AttributeName(\"cloud\"): Invalid cloud\n\n" +
					"`cloud` must be `flat` or `here`; got \"there\".",
			},
			"has a timeout that is no duration": {
				acting([]string{"h-1"}, "timeout", "soon"),
				"error at AttributeName(\"timeout\"): Invalid timeout\n\n" +
					"`timeout` must be a duration above zero, such as `90s`, `10m` or `1h30m`; got \"soon\".",
			},
			"has less than no failures": {
				acting([]string{"h-1"}, "max_failures", -1),
				"error at AttributeName(\"max_failures\"): Invalid max_failures\n\n" +
					"`max_failures` must be a number of instances such as `3`, or a percentage of the ids such as `\"10%\"`, " +
					"without a sign or a fraction; got \"-1\".",
			},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				a, _ := newAction(t, name, 0, backend.Running)
				wantTexts(t, a.check(test.config), test.want)
			})
		}
	}
	for what, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"is right": {acting([]string{"h-1"}, "force_stop_after", "5m", "stopped_mode", "StopCharging", "wait", true), ""},
		"would force without waiting": {
			acting([]string{"h-1"}, "force_stop_after", "5m", "wait", false),
			"error at AttributeName(\"force_stop_after\"): force_stop_after without waiting\n\n" +
				"`wait = false` ends the action as soon as the cloud has accepted the stops, " +
				"so nothing is left that could cut the power after `force_stop_after`. " +
				"Remove one of the two.",
		},
		"may wait, as far as is known": {
			acting([]string{"h-1"}, "force_stop_after", "5m", "wait", tftypes.UnknownValue), "",
		},
		"may force later, as far as is known": {
			acting([]string{"h-1"}, "force_stop_after", tftypes.UnknownValue, "wait", false), "",
		},
		"has both kinds of force": {
			acting([]string{"h-1"}, "force_stop", true, "force_stop_after", "1m"),
			"error at AttributeName(\"force_stop_after\"): Both force options are set\n\n" +
				"`force_stop = true` cuts the power at once, so there is nothing left to do after `force_stop_after`. " +
				"Remove one of the two.",
		},
		"would force too late": {
			acting([]string{"h-1"}, "timeout", "1m", "force_stop_after", "60s"),
			"error at AttributeName(\"force_stop_after\"): force_stop_after is too long\n\n" +
				"`force_stop_after` is 1m0s, but `timeout` ends the operation after 1m0s, before the power would be cut. " +
				"Shorten `force_stop_after` or raise `timeout`.",
		},
		"would force later than the default": {
			acting([]string{"h-1"}, "force_stop_after", "20m"),
			"error at AttributeName(\"force_stop_after\"): force_stop_after is too long\n\n" +
				"`force_stop_after` is 20m0s, but `timeout` ends the operation after 20m0s, before the power would be cut. " +
				"Shorten `force_stop_after` or raise `timeout`.",
		},
		"may force later than is known": {
			acting([]string{"h-1"}, "timeout", tftypes.UnknownValue, "force_stop_after", "30m"), "",
		},
		"has a mode that is none": {
			acting([]string{"h-1"}, "stopped_mode", "free"),
			"error at AttributeName(\"stopped_mode\"): Invalid stopped_mode\n\n" +
				"`stopped_mode` must be `keep_charging`, `stop_charging` or `stop_charging_if_supported`, " +
				"or the cloud's own spelling of these; got \"free\".",
		},
	} {
		t.Run("instance_stop "+what, func(t *testing.T) {
			t.Parallel()
			a, _ := newAction(t, stopAction, 0, backend.Running)
			wantTexts(t, a.check(test.config), test.want)
		})
	}
}

func TestThePlanOfAnAction(t *testing.T) {
	t.Parallel()
	const gone = "There is no such instance in that region.\n  - h-9 (last seen absent)\n" +
		"Check `instance_ids`, `region`, and that the credentials belong to the account of the instance."
	const unless = "\n\nThe action will fail unless this changes before it runs."
	for name, test := range map[string]struct {
		action   string
		instance backend.Instance
		config   map[string]any
		want     string
	}{
		"of a stop says nothing":   {stopAction, backend.Instance{State: backend.Running}, acting([]string{"h-1"}), ""},
		"of a start says nothing":  {startAction, backend.Instance{State: backend.Stopped}, acting([]string{"h-1"}), ""},
		"of a reboot says nothing": {rebootAction, backend.Instance{State: backend.Running}, acting([]string{"h-1"}), ""},
		"warns of what is not there yet": {
			startAction,
			backend.Instance{State: backend.Stopped},
			acting([]string{"h-1", "h-9"}),
			"warning at AttributeName(\"instance_ids\"): Unable to start 1 of 2 instances\n\n" + gone + unless,
		},
		"warns of what is not there within max_failures": {
			startAction,
			backend.Instance{State: backend.Stopped},
			acting([]string{"h-1", "h-9"}, "max_failures", 1),
			"warning at AttributeName(\"instance_ids\"): Unable to start 1 of 2 instances\n\n" + gone,
		},
		"warns that what is stopped is not rebooted": {
			rebootAction,
			backend.Instance{State: backend.Stopped},
			acting([]string{"h-1"}),
			"warning at AttributeName(\"instance_ids\"): Unable to reboot 1 of 1 instance\n\n" +
				"The instance is stopped, and only a running one can be rebooted.\n" +
				"  - h-1 (last seen stopped (STOPPED), keep_charging)\nStart it instead." + unless,
		},
		"warns of what is locked": {
			stopAction,
			backend.Instance{State: backend.Running, Blocked: "it is locked"},
			acting([]string{"h-1"}),
			"warning at AttributeName(\"instance_ids\"): Unable to stop 1 of 1 instance\n\n" +
				"The instance cannot be operated: it is locked.\n  - h-1 (last seen running (RUNNING))\n" +
				"Remove the cause in the cloud's console, then plan again." +
				"\n\nThe action will act on the other instances, and fail. " + strictHint,
		},
		"warns of what is unavailable": {
			startAction,
			backend.Instance{State: backend.Unavailable, Blocked: "it is in the recycle bin"},
			acting([]string{"h-1"}),
			"warning at AttributeName(\"instance_ids\"): Unable to start 1 of 1 instance\n\n" +
				"The instance exists but cannot be operated: it is in the recycle bin.\n" +
				"  - h-1 (last seen unavailable (UNAVAILABLE))\nResolve this in the cloud's console, then plan again." +
				"\n\nThe action will act on the other instances, and fail. " + strictHint,
		},
		"warns of a mode that the instance cannot have": {
			stopAction,
			backend.Instance{State: backend.Running, StopChargingBar: "it is prepaid"},
			acting([]string{"h-1"}, "stopped_mode", "stop_charging"),
			"warning at AttributeName(\"instance_ids\"): Unable to stop 1 of 1 instance\n\n" +
				"The instance cannot stop charging: it is prepaid.\n  - h-1 (last seen running (RUNNING))\n" +
				"Set `stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out." +
				"\n\nThe action will act on the other instances, and fail. " + strictHint,
		},
		"tells what is locked from what is not there yet": {
			stopAction,
			backend.Instance{State: backend.Running, Blocked: "it is locked"},
			acting([]string{"h-1", "h-9"}, "max_failures", 1),
			"warning at AttributeName(\"instance_ids\"): Unable to stop 1 of 2 instances\n\n" +
				"The instance cannot be operated: it is locked.\n  - h-1 (last seen running (RUNNING))\n" +
				"Remove the cause in the cloud's console, then plan again.\n---\n" +
				"warning at AttributeName(\"instance_ids\"): Unable to stop 1 of 2 instances\n\n" + gone + unless,
		},
		"warns of another mode of what is stopped, and of what it costs once it is not": {
			stopAction,
			backend.Instance{State: backend.Stopped},
			acting([]string{"h-1"}, "stopped_mode", "stop_charging"),
			"warning at AttributeName(\"instance_ids\"): Unable to stop 1 of 1 instance\n\n" +
				"The instance is already stopped, in a mode other than \"stop_charging\", " +
				"and no call changes the mode of a stopped instance.\n" +
				"  - h-1 (last seen stopped (STOPPED), keep_charging)\n" +
				"Leave `stopped_mode` out, or set it to the mode that the instance is in." + unless + "\n---\n" +
				"warning at AttributeName(\"stopped_mode\"): Stop-charging planned\n\n" +
				"Instance \"h-1\" will release CPU and memory: a later start may find no stock.",
		},
		"warns of a forced stop": {
			stopAction,
			backend.Instance{State: backend.Running},
			acting([]string{"h-1"}, "force_stop", true),
			"warning at AttributeName(\"force_stop\"): Forced stop planned\n\n" +
				"Instance \"h-1\" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.",
		},
		"warns of a forced reboot": {
			rebootAction,
			backend.Instance{State: backend.Running},
			acting([]string{"h-1"}, "force_stop", true),
			"warning at AttributeName(\"force_stop\"): Forced reboot planned\n\n" +
				"Instance \"h-1\" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful " +
				"reboot.",
		},
		"warns of what stop-charging costs": {
			stopAction,
			backend.Instance{State: backend.Running, PublicIP: "203.0.113.5"},
			acting([]string{"h-1"}, "stopped_mode", "stop_charging"),
			"warning at AttributeName(\"stopped_mode\"): Stop-charging of instance \"h-1\" can release its address\n\n" +
				"Instance \"h-1\" will release CPU and memory: " +
				"a later start may find no stock, and public addresses can be released: 203.0.113.5 (h-1).",
		},
		"has no consequences in a dry run of a stop": {
			stopAction,
			backend.Instance{State: backend.Running, PublicIP: "203.0.113.5"},
			acting([]string{"h-1"}, "force_stop", true, "stopped_mode", "stop_charging", "dry_run", true),
			"",
		},
		"has no consequences in a dry run of a reboot": {
			rebootAction,
			backend.Instance{State: backend.Running},
			acting([]string{"h-1"}, "force_stop", true, "dry_run", true),
			"",
		},
		"warns of nothing where no id is known": {
			stopAction, backend.Instance{State: backend.Running}, map[string]any{"instance_ids": tftypes.UnknownValue}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				a, _ := newAction(t, test.action, 0, backend.Running)
				test.instance.ID = "h-1"
				a.cloud.Add(test.instance)
				wantTexts(t, a.plan(test.config), test.want)
				a.wantWritten()
			})
		})
	}
	t.Run("reads a hundred in one call, and none where the preflight is off", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 100, backend.Running)
			wantTexts(t, a.plan(acting(ids)), "")
			a.wantCalls(1)
			a, ids = actionIn(t, setupWith(t, map[string]any{"preflight": "off"}), stopAction, 100, backend.Running)
			wantTexts(t, a.plan(acting(ids)), "")
			a.wantCalls(0)
		})
	})
	t.Run("makes no call to a cloud whose configuration is not known yet", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			unknown := map[string]any{
				"here": map[string]any{"region": "r-1", "access_key": tftypes.UnknownValue, "secret_key": "secret"},
			}
			a, ids := actionIn(t, setupWith(t, unknown), stopAction, 2, backend.Running)
			wantTexts(t, a.plan(acting(ids)), "")
			wantTexts(t, a.plan(acting(ids, "cloud", "here")), "")
			a.wantCalls(0)
		})
	})
	t.Run("reads for no longer than timeout", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 1, backend.Running)
			a.cloud.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
			began := time.Now()
			wantTexts(t, a.plan(acting(ids, "timeout", "3s")),
				"error at AttributeName(\"instance_ids\"): Unable to stop 1 of 1 instance\n\n"+
					"The time limit of 3s (`timeout`) passed before the instance could be read.\n  - h-000\n"+
					"Nothing was changed. If the cloud is often that slow, raise `timeout`.")
			wantElapsed(t, began, 3*time.Second)
		})
	})
}

func TestAnActionThatIsCutShortEndsWithAnError(t *testing.T) {
	t.Parallel()
	for _, name := range []string{startAction, stopAction, rebootAction} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				state := backend.Running
				if name == startAction {
					state = backend.Stopped
				}
				s := setupOf(t, memory.Options{RebootTime: time.Hour}, plainDriver, nil)
				a, ids := actionIn(t, s, name, 2, state)
				for _, id := range ids {
					a.cloud.Behave(id, memory.Behavior{Stuck: true})
				}
				stopped := make(chan time.Duration, 1)
				time.AfterFunc(15*time.Second, func() {
					began := time.Now()
					if _, err := a.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
						t.Error(err)
					}
					stopped <- time.Since(began)
				})
				began := time.Now()
				said, diags := a.invoke(t.Context(), acting(ids))
				wantElapsed(t, began, 15*time.Second)
				synctest.Wait()
				if took := <-stopped; took > time.Second {
					t.Errorf("the stop took %s", took)
				}
				if !hasError(diags) ||
					!strings.Contains(texts(diags), "The run was interrupted before the cloud reported the instance as ") ||
					!strings.Contains(texts(diags), "  - h-000 (last seen ") ||
					!strings.Contains(texts(diags), "\nCalls that the cloud has already accepted are not undone.") {
					t.Errorf("got %s", texts(diags))
				}
				// Terraform crashes over a progress message after its interrupt.
				if lines := strings.Split(said, "\n"); len(lines) != 2 ||
					!strings.Contains(lines[1], " after 10s; waiting for 2: h-000, h-001.") {
					t.Errorf("said %q, want the beginning, and how far it was after 10s", lines)
				}
			})
		})
	}
}
