package provider

import (
	"testing"

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

func TestWholeLifecycle(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		id := w.running()
		words := w.sim.Words()
		w.run(
			resource.TestStep{
				Config:           w.hcl(power(id, "stopped")),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("id", knownvalue.StringExact(w.cloud+"/"+w.scope+"/"+id)),
					expect("cloud", knownvalue.StringExact(w.cloud)),
					expect("state", knownvalue.StringExact("stopped")),
					expect("status", knownvalue.StringExact(words.Stopped)),
					expect("stopped_mode", knownvalue.StringExact("keep_charging")),
					expect("charging", knownvalue.Bool(true)),
					expect("instance_name", knownvalue.StringExact("web-1")),
				},
				PostApplyFunc: w.isStopped(id),
			},
			resource.TestStep{Config: w.hcl(power(id, "stopped")), PlanOnly: true},
			resource.TestStep{
				Config:           w.hcl(power(id, "running")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("state", knownvalue.StringExact("running")),
					expect("status", knownvalue.StringExact(words.Running)),
					expect("stopped_mode", knownvalue.Null()),
					expect("charging", knownvalue.Bool(true)),
				},
				PostApplyFunc: w.isRunning(id),
			},
			resource.TestStep{
				ResourceName: web, ImportState: true, ImportStateVerify: true,
				ImportStateId: w.cloud + "/" + w.scope + "/" + id,
			},
			resource.TestStep{ // Drift: somebody stopped it.
				PreConfig: func() {
					w.change(id, func(in *simulator.Instance) { in.Status, in.StoppedMode = words.Stopped, words.KeepCharging })
				},
				Config:           w.hcl(power(id, "running")),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				PostApplyFunc:    w.isRunning(id),
			},
			resource.TestStep{Config: w.hcl(power(id, "stopped")), PostApplyFunc: w.isStopped(id)},
		)
		// The test ends with a destroy, which leaves the instance.
		w.isStopped(id)()
		if got, want := w.writes(), 4; got != want {
			t.Errorf("got %d writes, want %d: stop, start, start, stop", got, want)
		}
	})
}

func TestWholeImportBlockEndsInAnEmptyPlan(t *testing.T) {
	eachService(t, func(_ *testing.T, w *world) {
		id := w.stopped()
		w.run(resource.TestStep{
			Config:          w.hcl(power(id, "stopped")),
			ResourceName:    web,
			ImportState:     true,
			ImportStateKind: resource.ImportBlockWithID,
			ImportStateId:   w.cloud + "/" + w.scope + "/" + id,
			ImportPlanChecks: resource.ImportPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)},
			},
		})
	})
}

func TestWholeAlreadySoSendsNothing(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		id := w.stopped()
		w.run(resource.TestStep{Config: w.hcl(power(id, "stopped")), PostApplyFunc: w.isStopped(id)})
		if got := w.writes(); got != 0 {
			t.Errorf("got %d writes for an instance that is stopped already, want 0", got)
		}
		other := w.running()
		w.run(resource.TestStep{Config: w.hcl(power(other, "stopped")), PostApplyFunc: w.isStopped(other)})
		if got := w.writes(); got != 1 {
			t.Errorf("got %d writes beside it for one that runs, want 1", got)
		}
	})
}

func TestWholeWaitsOutATransition(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		words := w.sim.Words()
		stopping := w.running()
		w.stopBehindTheBack(stopping)
		w.run(resource.TestStep{
			Config: w.hcl(power(stopping, "running")), PostApplyFunc: w.isRunning(stopping),
		})
		if got := w.count(w.start); got != 1 {
			t.Errorf("got %d starts of an instance that was stopping, want 1 (it was %s)", got, words.Stopping)
		}
		if got := w.count(w.stop); got != 0 {
			t.Errorf("got %d stops, want 0", got)
		}
	})
}

func TestWholeInstanceGone(t *testing.T) {
	eachService(t, func(_ *testing.T, w *world) {
		id := w.running()
		w.run(
			resource.TestStep{Config: w.hcl(power(id, "stopped"))},
			resource.TestStep{
				PreConfig:   func() { w.sim.Remove(id) },
				Config:      w.hcl(power(id, "stopped")),
				ExpectError: says(w.notThere()),
			},
			resource.TestStep{Config: w.hcl("")},
		)
	})
}
