package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func expect(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(web, tfjsonpath.New(attribute), want)
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, action)}}
}

func TestEndToEndLifecycle(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.running()
		words := h.sim.Words()
		h.run(
			resource.TestStep{
				Config:           h.hcl(power(id, "stopped")),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("id", knownvalue.StringExact(h.cloud+"/"+h.scope+"/"+id)),
					expect("cloud", knownvalue.StringExact(h.cloud)),
					expect("state", knownvalue.StringExact("stopped")),
					expect("status", knownvalue.StringExact(words.Stopped)),
					expect("stopped_mode", knownvalue.StringExact("keep_charging")),
					expect("charging", knownvalue.Bool(true)),
					expect("instance_name", knownvalue.StringExact("web-1")),
				},
				PostApplyFunc: h.isStopped(id),
			},
			resource.TestStep{Config: h.hcl(power(id, "stopped")), PlanOnly: true},
			resource.TestStep{
				Config:           h.hcl(power(id, "running")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("state", knownvalue.StringExact("running")),
					expect("status", knownvalue.StringExact(words.Running)),
					expect("stopped_mode", knownvalue.Null()),
					expect("charging", knownvalue.Bool(true)),
				},
				PostApplyFunc: h.isRunning(id),
			},
			resource.TestStep{
				ResourceName: web, ImportState: true, ImportStateVerify: true,
				ImportStateId: h.cloud + "/" + h.scope + "/" + id,
			},
			resource.TestStep{ // Drift: somebody stopped it.
				PreConfig: func() {
					h.change(id, func(in *simulator.Instance) { in.Status, in.StoppedMode = words.Stopped, words.KeepCharging })
				},
				Config:           h.hcl(power(id, "running")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				PostApplyFunc:    h.isRunning(id),
			},
			resource.TestStep{Config: h.hcl(power(id, "stopped")), PostApplyFunc: h.isStopped(id)},
		)
		// The test ends with a destroy, which leaves the instance.
		h.isStopped(id)()
		if got, want := h.writes(), 4; got != want {
			t.Errorf("got %d writes, want %d: stop, start, start, stop", got, want)
		}
	})
}

// TestEndToEndImportBlockEndsInAnEmptyPlan also where the configuration has the region in
// other letters.
func TestEndToEndImportBlockEndsInAnEmptyPlan(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		id, scope, line := h.stopped(), h.scope, ""
		if h.regional() {
			scope, line = strings.ToUpper(h.scope), fmt.Sprintf(" region = %q", h.scope)
		}
		h.run(resource.TestStep{
			Config:          h.hcl(power(id, "stopped", line)),
			ResourceName:    web,
			ImportState:     true,
			ImportStateKind: resource.ImportBlockWithID,
			ImportStateId:   h.cloud + "/" + scope + "/" + id,
			ImportPlanChecks: resource.ImportPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)},
			},
		})
	})
}

func TestEndToEndAlreadySoSendsNothing(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.stopped()
		h.run(resource.TestStep{Config: h.hcl(power(id, "stopped")), PostApplyFunc: h.isStopped(id)})
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes for an instance that is stopped already, want 0", got)
		}
		other := h.running()
		h.run(resource.TestStep{Config: h.hcl(power(other, "stopped")), PostApplyFunc: h.isStopped(other)})
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes beside it for one that runs, want 1", got)
		}
	})
}

func TestEndToEndWaitsOutATransition(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		words := h.sim.Words()
		stopping := h.running()
		h.stopBehindTheBack(stopping)
		h.run(resource.TestStep{
			Config: h.hcl(power(stopping, "running")), PostApplyFunc: h.isRunning(stopping),
		})
		if got := h.count(h.start); got != 1 {
			t.Errorf("got %d starts of an instance that was stopping, want 1 (it was %s)", got, words.Stopping)
		}
		if got := h.count(h.stop); got != 0 {
			t.Errorf("got %d stops, want 0", got)
		}
	})
}

// TestEndToEndInstanceGone: a refresh takes the resource out of the state, and says of a
// fleet which instance is gone; the apply fails for what is still declared, and what is not
// declared any more is destroyed.
func TestEndToEndInstanceGone(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		h.sim.LimitRates(false)
		id, fleet := h.running(), h.seedMany(2, "running")
		c := h.here(h.fast("", power(id, "stopped")+fleetHCL(fleet, "stopped", `on_destroy = "stopped"`)))
		c.do("apply").succeeded(t)
		h.sim.Remove(id)
		h.sim.Remove(fleet[0])
		h.sim.ForgetCalls()
		c.do("apply", "-refresh-only").succeeded(t)
		state := c.attributes()
		if state[web] != nil {
			t.Errorf("the resource of what is gone is in the state: %v", state[web])
		}
		members, _ := state[workers]["instances"].(map[string]any)
		for i, want := range []map[string]any{
			{"state": "absent", "status": nil, "charging": nil, "error": h.notThere()},
			{"state": "stopped", "status": h.sim.Words().Stopped, "charging": true, "error": nil},
		} {
			if diff := cmp.Diff(any(want), members[fleet[i]]); diff != "" {
				t.Errorf("%s in the state, -want +got:\n%s", fleet[i], diff)
			}
		}
		o := c.do("apply")
		o.hasError(t, web, fmt.Sprintf("Unable to stop instance %q", id), h.notThere())
		o.hasError(t, workers, "Unable to stop 1 of 2 instances", h.notThere(), fleet[0])
		c.configure(h.fast("", ""))
		c.do("apply").succeeded(t)
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want none%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}
