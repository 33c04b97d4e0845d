package provider

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestThePlanOfAnActionThatReadsNothing(t *testing.T) {
	t.Parallel()
	const forcedStop = "warning at AttributeName(\"force_stop\"): Forced stop planned\n\n" +
		"The instances will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop."
	forcedStopOfOne := strings.Replace(forcedStop, "The instances", "Instance \"h-1\"", 1)
	const forcedReboot = "warning at AttributeName(\"force_stop\"): Forced reboot planned\n\n" +
		"The instances will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful reboot."
	const possible = "warning at AttributeName(\"force_stop_after\"): Forced stop possible\n\n" +
		"An instance will lose power if a graceful stop has not finished after 5m: unsaved data can then be lost."
	const free = "warning at AttributeName(\"stopped_mode\"): Stop-charging planned\n\n" +
		"The instances will release CPU and memory: " +
		"a later start may find no stock, and an assigned public address can be released."
	const noRegion = "error at AttributeName(\"region\"): Region is not named\n\n" +
		"`region` is not set, and there is no default region for here. " +
		"Set `region` on the resource, `region` in the provider's `here` block, or the environment variable HERE_REGION."
	unnamed := map[string]any{"access_key": "id", "secret_key": "secret"}
	off := map[string]any{"preflight": "off"}
	one := []string{"h-1"}
	ids := func(more ...any) map[string]any {
		config := acting(nil, more...)
		config["instance_ids"] = tftypes.UnknownValue
		return config
	}
	for name, test := range map[string]struct {
		provider map[string]any
		action   string
		config   map[string]any
		want     string
	}{
		"names no region where it is switched off": {
			map[string]any{"preflight": "off", "here": unnamed}, stopAction, acting(one), noRegion,
		},
		"names no region for ids that are not known": {map[string]any{"here": unnamed}, startAction, ids(), noRegion},
		"waits for a region that is not known yet": {
			map[string]any{"here": unnamed}, startAction, ids("region", tftypes.UnknownValue), "",
		},
		"waits for a cloud that is not known yet": {
			map[string]any{"here": unnamed}, startAction, acting(one, "cloud", tftypes.UnknownValue), "",
		},
		"names a region of a cloud without": {
			off, stopAction, acting([]string{"f-1"}, "cloud", "flat", "region", "r-1"),
			"error at AttributeName(\"region\"): Region on a cloud without regions\n\n" +
				"Flat Cloud has no regions: remove `region` from the resource.",
		},
		"warns of a forced stop of ids that are unknown": {nil, stopAction, ids("force_stop", true), forcedStop},
		"warns of a forced stop where it is switched off": {
			off, stopAction, acting(one, "force_stop", true), forcedStopOfOne,
		},
		"warns of a forced stop on an unknown cloud": {
			nil, stopAction, acting(one, "cloud", tftypes.UnknownValue, "force_stop", true), forcedStopOfOne,
		},
		"warns of a forced stop by an unknown provider": {
			map[string]any{"here": map[string]any{"region": "r-1", "access_key": tftypes.UnknownValue, "secret_key": "secret"}},
			stopAction, acting(one, "force_stop", true), forcedStopOfOne,
		},
		"warns of all that it may do": {
			nil, stopAction, ids("force_stop_after", "5m", "stopped_mode", "stop_charging"), possible + "\n---\n" + free,
		},
		"warns of a forced reboot": {nil, rebootAction, ids("force_stop", true), forcedReboot},
		"has nothing to warn of":   {nil, rebootAction, ids(), ""},
		"has no consequences in a dry run": {
			nil, stopAction, ids("force_stop", true, "stopped_mode", "stop_charging", "dry_run", true), "",
		},
		"warns where the dry run is not known to be": {
			nil, stopAction, ids("force_stop", true, "dry_run", tftypes.UnknownValue), forcedStop,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := actionIn(t, setupWith(t, test.provider), test.action, 0, backend.Running)
			wantTexts(t, a.plan(test.config), test.want)
			a.wantCalls(0)
		})
	}
}

// TestAnActionRunsAfterWhatItsPlanWarnsOf is the order of a run: the plan of the
// action comes before the apply of the resource that triggers it.
func TestAnActionRunsAfterWhatItsPlanWarnsOf(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := setupOf(t, memory.Options{RebootTime: transition}, plainDriver, nil, machine(backend.Running))
		a, _ := actionIn(t, s, rebootAction, 0, backend.Running)
		config, wanted := acting([]string{"h-1"}), resourceOf(stateRunning, nil)
		created := a.setup.step(wanted, held{})
		a.cloud.Change("h-1", func(in *backend.Instance) { in.State = backend.Stopped })
		drifted := a.setup.refresh(created)
		if got := a.plan(config); hasError(got) ||
			!strings.Contains(texts(got), "The action will fail unless this changes before it runs.") {
			t.Errorf("the plan says %s, want a warning", texts(got))
		}
		a.setup.step(wanted, drifted)
		_, diags := a.invoke(t.Context(), config)
		wantTexts(t, diags, "")
		a.wantWrites("start", "reboot")
	})
}

// stopSoon stops the provider in a moment, as an interrupt of the CLI does.
func (a *actionSetup) stopSoon() {
	time.AfterFunc(5*time.Second, func() {
		if _, err := a.server.StopProvider(a.t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			a.t.Error(err)
		}
	})
}

func TestAnInterruptFailsAnActionHoweverManyMayFail(t *testing.T) {
	t.Parallel()
	t.Run("of an action", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 3, backend.Running)
			a.cloud.Behave(ids[0], memory.Behavior{Stuck: true})
			a.cloud.Fail(denied(memory.Stop, ids[1], 1))
			time.AfterFunc(10*time.Second, a.stopSoon)
			_, diags := a.invoke(t.Context(), acting(ids, "max_failures", 3))
			synctest.Wait()
			wantTexts(t, diags, `
error: Unable to stop 2 of 3 instances

The cloud answered: you may not. Code: Locked.Out.
  - h-001 (last seen running (RUNNING), request id r-h-001)
Check the credentials of the provider's configuration and the permissions of their owner.

The run was interrupted before the cloud reported the instance as stopped.
  - h-000 (last seen stopping (STOPPING), for 13s)
Calls that the cloud has already accepted are not undone.

An action that was interrupted does not count as done, whatever `+"`max_failures` says.")
		})
	})
	const cut = "The run was interrupted before the instance could be read.\n  - h-000\n  - h-001\nNothing was changed."
	t.Run("of a dry run", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 2, backend.Running)
			a.cloud.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
			a.stopSoon()
			_, diags := a.invoke(t.Context(), acting(ids, "dry_run", true, "max_failures", 2))
			synctest.Wait()
			wantTexts(t, diags, "error: Dry run: unable to stop 2 of 2 instances\n\n"+cut)
		})
	})
	t.Run("of a plan", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			a, ids := newAction(t, stopAction, 2, backend.Running)
			a.cloud.Fail(memory.Trouble{Op: memory.Describe, Times: memory.Always, Hang: true})
			a.stopSoon()
			diags := a.plan(acting(ids, "max_failures", 2))
			synctest.Wait()
			wantTexts(t, diags, "error at AttributeName(\"instance_ids\"): Unable to stop 2 of 2 instances\n\n"+cut)
		})
	})
}
