package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAnInstanceThatLeavesAndHangsTakesNoTimeFromTheOthers(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		more := map[string]any{"on_destroy": "stopped", "timeouts": map[string]any{"update": "1m"}}
		before := f.step(fleetOf("running", ids, more), held{})
		f.cloud.Behave(ids[2], memory.Behavior{Stuck: true})
		after, diags := f.try(fleetOf("stopped", ids[:2], more), before)
		if got := texts(diags); !strings.Contains(got, "Unable to apply `on_destroy` to 1 of 1 instance") ||
			strings.Contains(got, "Unable to stop") {
			t.Errorf("got %s, want an error about the one that leaves", got)
		}
		f.wantMembers(after, map[string]string{
			ids[0]: "stopped",
			ids[1]: "stopped",
			ids[2]: "stopping: The time limit passed before the cloud reported the instance as stopped.",
		})
	})
}

func TestADestroyIsNotHeldUpByOneThatHangs(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 4, backend.Running)
		for _, id := range ids[2:] {
			f.cloud.Change(id, func(in *backend.Instance) { in.State = backend.Stopped })
		}
		before := f.step(fleetOf("stopped", ids, map[string]any{
			"on_destroy": "restore", "timeouts": map[string]any{"delete": "1m"},
		}), held{})
		for _, id := range ids[2:] {
			f.cloud.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		}
		f.cloud.Behave(ids[0], memory.Behavior{Stuck: true})
		f.cloud.Behave(ids[2], memory.Behavior{Stuck: true})
		after, diags := f.destroy(before)
		if !hasError(diags) {
			t.Error("got no error, want one")
		}
		for i, want := range []backend.State{backend.Starting, backend.Running, backend.Stopping, backend.Stopped} {
			if in, _ := f.cloud.Instance(ids[i]); in.State != want {
				t.Errorf("%s is %v, want %v", ids[i], in.State, want)
			}
		}
		// What stays in the state says how it is.
		f.wantState(after, map[string]any{"state": "mixed", "instance_ids": ids})
	})
}

func TestADestroyOfAFleetThatFailsLeavesTheTruth(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		before := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "running"}), held{})
		f.cloud.Fail(denied(memory.Start, ids[1], 1))
		after, diags := f.destroy(before)
		if !hasError(diags) {
			t.Fatal("got no error, want one")
		}
		if got := texts(diags); strings.Count(got, "\n  - ") != 1 || !strings.Contains(got, "\n  - "+ids[1]) {
			t.Errorf("got %s, want an error about %s alone", got, ids[1])
		}
		f.wantMembers(after, map[string]string{
			ids[0]: "running",
			ids[1]: "stopped: The cloud answered: you may not. (Locked.Out, request id r-" + ids[1] + ")",
			ids[2]: "running",
		})
		// The next one touches what is left.
		f.cloud.ForgetCalls()
		if _, diags := f.destroy(after); hasError(diags) {
			t.Error(texts(diags))
		}
		f.wantWritten("start of 1")
	})
}

func TestTheOriginOfAnInstanceThatStaysInTheStateIsKept(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		before := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "restore"}), held{})
		config := fleetOf("running", ids[:2], map[string]any{"on_destroy": "leave"})
		plan := f.plan(config, before)
		f.cloud.Fail(denied(memory.Describe, "", 1))
		time.Sleep(time.Second)
		after, diags := f.apply(t.Context(), config, before, plan)
		if !hasError(diags) {
			t.Fatal("got no error, want one")
		}
		f.wantState(after, map[string]any{"instance_ids": ids, "on_destroy": "restore"})
		f.cloud.ForgetCalls()
		_, diags = f.destroy(after)
		wantTexts(t, diags, "")
		f.wantWritten("start of 3")
	})
}

func TestAnInterruptIsNoSuccessHoweverManyMayFail(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"before anything was done": 0, "while it waits": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 2, backend.Running)
				config := fleetOf("stopped", ids, map[string]any{"max_failures": 2})
				plan := f.plan(config, held{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if after == 0 {
					cancel()
				}
				time.AfterFunc(after, cancel)
				made, diags := f.apply(ctx, config, held{}, plan)
				if !hasError(diags) || f.values(made.state) != nil {
					t.Errorf("got the state %v and %s, want no state and an error", f.values(made.state), texts(diags))
				}
			})
		})
	}
}

func TestIdsThatAreNullAreRefused(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, _ := newFleet(t, 1, backend.Running)
		for _, ids := range [][]any{{nil}, {"h-000", nil}} {
			got := texts(f.check(fleetOf("stopped", nil, map[string]any{"instance_ids": ids})))
			if !strings.Contains(got, "An element of `instance_ids` is null") {
				t.Errorf("%v: got %q, want an error that names the attribute", ids, got)
			}
		}
	})
}

func TestThePlanSaysThatALeaveCutsThePower(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more map[string]any
		want string
	}{
		"at once": {
			map[string]any{"on_destroy": "stopped", "force_stop": true}, "and a stop cuts the power: unsaved data can be lost",
		},
		"after a while": {
			map[string]any{"on_destroy": "stopped", "force_stop_after": "2m"},
			"and a stop cuts the power if a graceful one has not finished after 2m: unsaved data can be lost",
		},
		"not where it is started": {map[string]any{"on_destroy": "running", "force_stop": true}, ""},
		"not where it is left":    {map[string]any{"on_destroy": "restore"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 2, backend.Running)
				before := f.step(fleetOf("running", ids, test.more), held{})
				s := newSetup(t, machine(backend.Running))
				one := s.step(resourceOf("running", test.more), held{})
				for what, got := range map[string]string{
					"a destroy":                      texts(f.plan(nil, before).Diagnostics),
					"an instance that leaves":        texts(f.plan(fleetOf("running", ids[:1], test.more), before).Diagnostics),
					"a destroy of a single resource": texts(s.plan(nil, one).Diagnostics),
				} {
					if test.want == "" && strings.Contains(got, "power:") || !strings.Contains(got, test.want) {
						t.Errorf("%s says %q, want %q in it", what, got, test.want)
					}
				}
			})
		})
	}
}

// TestAPlanWithUnknownIDsForgetsWhatWasLeft: what a failed update was to leave to another
// resource, which is gone since, is released by the replacement of the fleet.
func TestAPlanWithUnknownIDsForgetsWhatWasLeft(t *testing.T) {
	t.Parallel()
	more := map[string]any{"on_destroy": "running"}
	for name, of := range map[string]struct {
		config  func(state string, ids []string) map[string]any
		unknown string
	}{
		"by a list": {func(state string, ids []string) map[string]any { return fleetOf(state, ids, more) }, "instance_ids"},
		"by a map": {func(state string, ids []string) map[string]any {
			states := map[string]any{}
			for _, id := range ids {
				states[id] = state
			}
			return fleetBy(states, more)
		}, "states"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 2, backend.Running)
				before := f.step(of.config("stopped", ids), held{})
				f.setup.step(resourceOf("stopped", map[string]any{"instance_id": ids[1]}), held{})
				config := of.config("running", ids[:1])
				plan := f.plan(config, before)
				f.cloud.Fail(denied(memory.Describe, "", 1))
				time.Sleep(time.Second)
				after, diags := f.apply(t.Context(), config, before, plan)
				if !hasError(diags) {
					t.Fatal("got no error, want one")
				}

				f.nextRun()
				after = f.refresh(after)
				config = of.config("stopped", ids)
				block := resourceBlock{config: config, notYet: []string{of.unknown}}
				plan = f.plan(block.planned(), after)
				plan = f.plan(block.planned(), held{private: plan.PlannedPrivate})
				f.nextRun()
				f.cloud.ForgetCalls()
				_, diags = f.apply(t.Context(), nil, after, &tfprotov6.PlanResourceChangeResponse{
					PlannedState: f.dynamic(nil), PlannedPrivate: plan.PlannedPrivate,
				})
				wantTexts(t, diags, "")
				f.wantWritten("start of 2")
			})
		})
	}
}
