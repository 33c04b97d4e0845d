package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

const workers = "instance_fleet_power_state.workers"

// fleetHCL is a resource instance_fleet_power_state.workers.
func fleetHCL(ids []string, state string, lines ...string) string {
	return fmt.Sprintf("resource \"instance_fleet_power_state\" \"workers\" {\n instance_ids = %s\n state = %q\n%s\n}\n",
		hclList(ids), state, strings.Join(lines, "\n"))
}

func hclList(ids []string) string {
	if len(ids) == 0 {
		return "[]"
	}
	return "[\"" + strings.Join(ids, "\", \"") + "\"]"
}

// seedMany makes n instances, running or stopped.
func (h *harness) seedMany(n int, state string) []string {
	h.t.Helper()
	like := h.like
	if state == "stopped" {
		like.Status, like.StoppedMode = h.sim.Words().Stopped, h.sim.Words().KeepCharging
	}
	ids, err := h.sim.SeedBulk(simulator.Bulk{
		Count:       n,
		First:       h.next + 1,
		IDPattern:   h.idPattern,
		NamePattern: "web-#",
		Template:    like,
	})
	if err != nil {
		h.t.Fatalf("seed %d instances: %v", n, err)
	}
	h.next += n
	return ids
}

// are checks the truth about many.
func (h *harness) are(want string, ids ...string) func() {
	return func() {
		h.t.Helper()
		for _, id := range ids {
			h.is(id, want)()
		}
	}
}

func ofFleet(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(workers, tfjsonpath.New(attribute), want)
}

func fleetPlan(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(workers, action)}}
}

// membersAre expects that all instances share a state, without an error.
func membersAre(state, status string, ids ...string) statecheck.StateCheck {
	all := map[string]knownvalue.Check{}
	for _, id := range ids {
		all[id] = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"state":    knownvalue.StringExact(state),
			"status":   knownvalue.StringExact(status),
			"charging": knownvalue.Bool(true),
			"error":    knownvalue.Null(),
		})
	}
	return ofFleet("instances", knownvalue.MapExact(all))
}

func TestEndToEndFleetLifecycle(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		words := h.sim.Words()
		ids := h.seedMany(4, "running")
		three := ids[:3]
		h.run(
			resource.TestStep{
				Config:           h.hcl(fleetHCL(three, "stopped")),
				ConfigPlanChecks: fleetPlan(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					ofFleet("cloud", knownvalue.StringExact(h.cloud)), ofFleet("state", knownvalue.StringExact("stopped")),
					ofFleet("stopped_mode", knownvalue.StringExact("keep_charging")),
					ofFleet("instance_ids", knownvalue.SetSizeExact(3)),
					membersAre("stopped", words.Stopped, three...),
				},
				PostApplyFunc: h.are(words.Stopped, three...),
			},
			resource.TestStep{Config: h.hcl(fleetHCL(three, "stopped")), PlanOnly: true},
			resource.TestStep{ // The order of the ids is no difference.
				Config: h.hcl(fleetHCL([]string{three[2], three[0], three[1]}, "stopped")), PlanOnly: true,
			},
			resource.TestStep{
				ResourceName:      workers,
				ImportState:       true,
				ImportStateVerify: true,
				ImportStateId:     h.cloud + "/" + h.scope + "/" + strings.Join(three, ","),
			},
			resource.TestStep{
				Config:           h.hcl(fleetHCL(three, "running")),
				ConfigPlanChecks: fleetPlan(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					membersAre("running", words.Running, three...), ofFleet("stopped_mode", knownvalue.Null()),
				},
				PostApplyFunc: h.are(words.Running, three...),
			},
			resource.TestStep{ // Drift of one: the state reads mixed, and the core takes that.
				PreConfig: func() {
					h.change(ids[1], func(in *simulator.Instance) { in.Status, in.StoppedMode = words.Stopped, words.KeepCharging })
				},
				RefreshState: true, ExpectNonEmptyPlan: true,
				RefreshPlanChecks: resource.RefreshPlanChecks{
					PostRefresh: []plancheck.PlanCheck{plancheck.ExpectResourceAction(workers, plancheck.ResourceActionUpdate)},
				},
			},
			resource.TestStep{
				Config:            h.hcl(fleetHCL(three, "running")),
				ConfigPlanChecks:  fleetPlan(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{membersAre("running", words.Running, three...)},
				PostApplyFunc:     h.are(words.Running, three...),
			},
			resource.TestStep{ // One leaves and one comes, in place.
				Config:            h.hcl(fleetHCL(ids[1:], "running")),
				ConfigPlanChecks:  fleetPlan(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{membersAre("running", words.Running, ids[1:]...)},
			},
		)
		// The test ends with a destroy, which leaves the instances.
		h.are(words.Running, ids...)()
		if got, want := h.writes(), 3; got != want {
			t.Errorf("got %d writes, want %d: a stop, a start, and a start of the one that drifted%s", got, want,
				describeCalls(h.sim.Calls(0)))
		}
	})
}

// TestEndToEndFleetPlanShowsWhatChanges: the counts, and of many instances those that the
// plan touches, while outputs about the others stay known. The apply makes calls about
// these alone.
func TestEndToEndFleetPlanShowsWhatChanges(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const pages = 2
		n := size(200, 120)
		localcloud.SetTransition(h.server, transitionTime/4)
		h.sim.LimitRates(false)
		words := h.sim.Words()
		ids := h.seedMany(n, "running")
		h.change(ids[0], halted(h, words.KeepCharging))
		outputs := fmt.Sprintf("output \"kept\" {\n value = %s.instances[%q].status\n}\noutput \"drifted\" {\n"+
			" value = %s.instances[%q].status\n}\n",
			workers, ids[1], workers, ids[77])
		c := h.here(h.fast("", fleetHCL(ids, "stopped")+outputs))
		// plan expects a sentence, at most so many lines, and so many reads. Those of a refresh
		// serve the plan too, but for a refusal.
		plan := func(when, want string, most, reads int) string {
			t.Helper()
			h.sim.ForgetCalls()
			out, err := c.run("plan", "-no-color", "-out=saved.plan")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if lines := strings.Count(out, "\n"); !strings.Contains(out, want) || lines > most {
				t.Errorf("%s the plan has %d lines, want at most %d, and the sentence %q:\n%s", when, lines, most, want, out)
			}
			if got := len(h.sim.Calls(0)); got != reads || h.writes() != 0 {
				t.Errorf("%s the plan makes %d calls, want %d reads%s", when, got, reads, describeCalls(h.sim.Calls(0)))
			}
			return out
		}
		// apply applies that plan, and expects so many writes, about some instances alone.
		apply := func(when string, writes int, about ...string) outcome {
			t.Helper()
			h.sim.ForgetCalls()
			o := c.do("apply", "saved.plan")
			o.succeeded(t)
			if got := h.writes(); got != writes {
				t.Errorf("%s the apply makes %d writes, want %d%s", when, got, writes, describeCalls(h.sim.Calls(0)))
			}
			for _, call := range h.sim.Calls(0) {
				if slices.ContainsFunc(call.InstanceIDs, func(id string) bool { return !slices.Contains(about, id) }) {
					t.Errorf("%s the apply makes calls about others than %v%s", when, about, describeCalls(h.sim.Calls(0)))
					break
				}
			}
			return o
		}
		wantUnknown := func(when string, outputs bool, want ...string) {
			t.Helper()
			saved := c.savedPlan("saved.plan")
			if got := saved.of(workers).unknownMembers(); !slices.Equal(got, want) {
				t.Errorf("%s the plan leaves unknown %v, want %v", when, got, want)
			}
			for name, want := range map[string]bool{"kept": false, "drifted": outputs} {
				if got := isUnknown(saved.OutputChanges[name].AfterUnknown); got != want {
					t.Errorf("%s the output %q is unknown: %v, want %v", when, name, got, want)
				}
			}
		}

		plan("of a create", fmt.Sprintf("Fleet plan: %d to stop, 1 unchanged (of %d)", n-1, n), 2*n+60, pages)
		apply("of a create", pages, ids...)
		h.are(words.Stopped, ids...)()

		h.change(ids[77], func(in *simulator.Instance) { in.Status = words.Running })
		out := plan("after a drift of one", fmt.Sprintf("Fleet plan: 1 to stop, %d unchanged (of %d)", n-1, n), 70, pages)
		if !strings.Contains(out, "  ~ drifted = ") || strings.Contains(out, "  ~ kept") {
			t.Errorf("want the output about the instance that drifted unknown, and the other known:\n%s", out)
		}
		wantUnknown("after a drift of one", true, ids[77])
		apply("after a drift of one", 1, ids[77])

		fewer := ids[:n-10]
		c.configure(h.fast("", fleetHCL(fewer, "stopped", "max_failures = 1")+outputs))
		plan("of a smaller fleet", "0 to add, 1 to change, 0 to destroy", 100, pages)
		wantUnknown("of a smaller fleet", false)
		apply("of a smaller fleet", 0)

		// One of two that drift cannot be stopped, and one may fail.
		for _, id := range ids[77:79] {
			h.change(id, func(in *simulator.Instance) { in.Status = words.Running })
		}
		h.inoperable(ids[78])
		out = plan("of one that fails", fmt.Sprintf("Fleet plan: 1 to stop, %d unchanged, 1 refused (of %d)", n-12, n-10),
			90, pages+1)
		if want := fmt.Sprintf("Apply will leave out instance %q", ids[78]); !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
		wantUnknown("of one that fails", true, ids[77:79]...)
		o := apply("of one that fails", 1, ids[77:79]...)
		summary := fmt.Sprintf("Unable to stop 1 of %s", instances(n-10))
		got := strings.Join(o.warnings(workers), "\n")
		if !strings.Contains(got, summary) || !strings.Contains(got, ids[78]) {
			t.Errorf("the apply does not warn of the one that failed:\n%s", got)
		}
		h.sim.ClearTroubles()
		h.change(ids[78], func(in *simulator.Instance) { in.Status = words.Running })
		plan("of the one that failed", fmt.Sprintf("Fleet plan: 1 to stop, %d unchanged (of %d)", n-11, n-10), 70, pages)
		apply("of the one that failed", 1, ids[78])
		if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
			t.Errorf("the next plan is not empty: %v\n%s", o.err, o.text)
		}
	})
}

func TestEndToEndFleetOf120IsTwoStops(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(120, "running")
		c := h.here(h.hcl(fleetHCL(ids, "stopped")))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, ids...)()
		if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
			t.Errorf("the next plan is not empty: %v\n%s", o.err, o.text)
		}
		if got := h.count(h.stop); got != 2 || h.writes() != 2 {
			t.Errorf("got %d stops and %d writes, want 2 of each%s", got, h.writes(), describeCalls(h.sim.Calls(0)))
		}
	})
}

// TestEndToEndOneBadIDOfFortyFailsAlone has one instance that fails in a way that no
// read shows: there is no stock for it, which each cloud reports in its own way, or
// the cloud refuses the whole call.
func TestEndToEndOneBadIDOfFortyFailsAlone(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		for name, poison := range map[string]simulator.Trouble{
			"no stock for it": {Kind: simulator.NoStock, Message: "There is no stock for this one."},
			"the call that it is in": {
				Kind:    simulator.Error,
				Action:  string(simulator.OpStart),
				Code:    "Poisoned.Instance",
				Message: "This one is bad.",
				Status:  400,
			},
			"nothing, for a comparison": {},
		} {
			h.sim.ClearTroubles()
			h.sim.ForgetCalls()
			ids := h.seedMany(40, "stopped")
			bad := ids[17]
			var says []string
			if poison.Kind != "" {
				poison.InstanceIDs = []string{bad}
				h.trouble(poison)
				says = []string{"Unable to start 1 of 40 instances", poison.Message, "- " + bad, "The other 39 are running."}
			}
			if h.name == "zenlayercloud zec" && poison.Kind == simulator.NoStock {
				// It lists an instance as failed and never says why.
				says[1] = "The cloud answered: " + zecNoReason
			}
			c := h.here(h.hcl(fleetHCL(ids, "running")))
			o := c.do("apply")
			most := 12
			if poison.Kind == simulator.NoStock {
				// These answer for each instance, so that there is nothing to split; one
				// without a reason is tried five times.
				most = map[string]int{"alicloud": 1, "volcengine": 1, "zenlayercloud zec": 5}[h.name]
			}
			if most == 0 {
				most = 12
			}
			if says == nil {
				o.succeeded(t)
				h.are(h.sim.Words().Running, ids...)()
				most = 1
			} else {
				o.hasError(t, workers, says...)
				h.is(bad, h.sim.Words().Stopped)()
				h.are(h.sim.Words().Running, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == bad })...)()
			}
			if got := h.writes(); got > most {
				t.Errorf("%s: got %d writes, want at most %d%s", name, got, most, describeCalls(h.sim.Calls(0)))
			}
			t.Logf("%s: %d writes", name, h.writes())
		}
	})
}

func TestEndToEndFleetOfWhichOneFailsConverges(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(5, "running")
		c := h.here(h.hcl(fleetHCL(ids, "running")))
		c.do("apply").succeeded(t)
		h.trouble(untilSeen)
		h.trouble(simulator.Trouble{
			Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback, InstanceIDs: ids[2:3], Message: "The guest did not obey.",
		})
		c.configure(h.hcl(fleetHCL(ids, "stopped")))
		c.do("apply").hasError(t, workers, "Unable to stop 1 of 5 instances", "- "+ids[2], "The other 4 are stopped.")
		if got := c.attributes()[workers]["state"]; got != "mixed" {
			t.Errorf("the state after the failed apply is %v, want mixed", got)
		}
		h.sim.ClearTroubles()
		h.sim.ForgetCalls()
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, ids...)()
		for _, call := range h.sim.Calls(0) {
			if call.Op.Write() && !slices.Equal(call.InstanceIDs, ids[2:3]) {
				t.Errorf("the next apply touched %v, want %s alone", call.InstanceIDs, ids[2])
			}
		}
		if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
			t.Errorf("the plan after it is not empty: %v\n%s", o.err, o.text)
		}
	})
}
