package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// statesHCL is a fleet with a state for each id.
func statesHCL(states map[string]any, lines ...string) string {
	var pairs strings.Builder
	for id, state := range states {
		fmt.Fprintf(&pairs, "  %q = %q\n", id, state)
	}
	return fmt.Sprintf("resource \"instance_fleet_power_state\" \"workers\" {\n states = {\n%s }\n%s\n}\n", pairs.String(),
		strings.Join(lines, "\n"))
}

// TestEndToEndFleetForAnEstate lets a fleet follow a state for each instance: one write for
// each direction, none where nothing changes, and no call of an empty one.
func TestEndToEndFleetForAnEstate(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		words := h.sim.Words()
		on, off := h.seedMany(4, "running"), h.seedMany(3, "stopped")
		ids := append(append([]string{}, on...), off...)
		c := h.here(h.hcl(statesHCL(map[string]any{})))
		c.do("apply").succeeded(t)
		h.quiet(t, "an empty fleet")

		day := map[string]any{}
		for i, id := range ids { // Two stop, two stay, three start.
			day[id] = "running"
			if i < 2 {
				day[id] = "stopped"
			}
		}
		c.configure(h.hcl(statesHCL(day, `max_failures = "10%"`)))
		c.do("apply").succeeded(t)
		h.are(words.Stopped, ids[:2]...)()
		h.are(words.Running, ids[2:]...)()
		if got := h.writes(); got != 2 {
			t.Errorf("got %d writes, want one for each direction%s", got, describeCalls(h.sim.Calls(0)))
		}
		if got := len(h.sim.Calls(0)) - h.writes(); got > 8 {
			t.Errorf("got %d reads, want at most 8%s", got, describeCalls(h.sim.Calls(0)))
		}

		h.sim.ForgetCalls()
		if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
			t.Errorf("the next plan is not empty: %v\n%s", o.err, o.text)
		}
		if got := len(h.sim.Calls(0)) - h.writes(); got > 2 {
			t.Errorf("a plan where nothing changes reads %d times, want at most 2", got)
		}

		// One drifts, and one leaves: they alone are touched.
		h.change(ids[5], func(in *simulator.Instance) { in.Status, in.StoppedMode = words.Stopped, words.KeepCharging })
		left := ids[0]
		delete(day, left)
		c.configure(h.hcl(statesHCL(day, `max_in_transition = 1`)))
		h.sim.ForgetCalls()
		c.do("apply").succeeded(t)
		h.are(words.Running, ids[5])()
		h.are(words.Stopped, left)()
		for _, call := range h.sim.Calls(0) {
			if call.Op.Write() && (len(call.InstanceIDs) != 1 || call.InstanceIDs[0] != ids[5]) {
				t.Errorf("%v are written, want the one that drifted", call.InstanceIDs)
			}
		}

		// It is emptied, and leaves what it had.
		c.configure(h.hcl(fleetHCL(nil, "stopped")))
		h.sim.ForgetCalls()
		c.do("apply").succeeded(t)
		h.wantNoWrites(t, "an apply that empties the fleet")
		h.sim.ForgetCalls()
		c.do("destroy").succeeded(t)
		h.quiet(t, "the destroy of an empty fleet")
		h.are(words.Running, ids[2:]...)()
	})
}

// quiet expects that no call was made.
func (h *harness) quiet(t *testing.T, what string) {
	t.Helper()
	if calls := h.sim.Calls(0); len(calls) > 0 {
		t.Errorf("%s makes %d calls, want none%s", what, len(calls), describeCalls(calls))
	}
}

// TestEndToEndFleetMoves to count and to another name, after a change of the provider's
// address, of which the CLI makes a move from another provider, beside a single resource
// that moves alike.
func TestEndToEndFleetMoves(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(4, "running")
		c := formerCLI(t, ownProvider, h.hcl(fleetHCL(ids[1:], "stopped", restoreLine)+
			named("workers", ids[0], "stopped", restoreLine)), "")
		run := func(want string, args ...string) {
			t.Helper()
			out, err := c.run(append(args, "-no-color", "-auto-approve")...)
			if err != nil || !says(want).MatchString(out) {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
		run("2 added", "apply")
		readdress := func() {
			state := c.read("terraform.tfstate")
			moved := strings.ReplaceAll(state, "/instance-power/instance", "/example/instance")
			if state == moved {
				t.Fatalf("the state does not name the provider:\n%s", state)
			}
			c.write("terraform.tfstate", moved)
		}
		config := c.read("main.tf")
		readdress()
		c.write("main.tf", strings.ReplaceAll(config, "\"workers\" {", "\"workers\" {\n count = 1\n"))
		run("0 added, 0 changed, 0 destroyed", "apply")
		readdress()
		moves := ""
		for _, typ := range []string{powerStateType, fleetType} {
			moves += fmt.Sprintf("moved {\n from = %s.workers[0]\n to = %s.others\n}\n", typ, typ)
		}
		c.write("main.tf", strings.ReplaceAll(config, "\"workers\"", "\"others\"")+moves)
		run("0 added, 0 changed, 0 destroyed", "apply")
		run("2 destroyed", "destroy")
		h.are(h.sim.Words().Running, ids...)()
		for i, id := range ids {
			if got := h.writesOf(id); len(got) != 2 {
				t.Errorf("got %d writes of instance %d, want the stop, and the start that restores%s", len(got), i,
					describeCalls(got))
			}
		}
		if got := h.writes(); got > 4 {
			t.Errorf("got %d writes, want a stop and a start for each resource%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}

// TestEndToEndFleetIdentity imports a fleet by its identity, which follows its instances.
// The configuration names the region in other letters than the import.
func TestEndToEndFleetIdentity(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(3, "stopped")
		region, same := "", ""
		if h.regional() {
			same = fmt.Sprintf(" region = %q\n", h.scope)
			region = fmt.Sprintf(" region = %q\n", strings.ToUpper(h.scope))
		}
		c := newCLI(t,
			h.hcl(fleetHCL(ids[:2], "stopped", same)+
				fmt.Sprintf("import {\n to = %s\n identity = {\n cloud = %q\n%s instance_ids = %s\n}\n}\n",
					workers, h.cloud, region, hclList(ids[:2]))))
		c.needs(12)
		run := func(want string, args ...string) {
			t.Helper()
			out, err := c.run(append(args, "-no-color")...)
			if err != nil || !strings.Contains(out, want) {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
		run("1 imported, 0 added, 0 changed, 0 destroyed", "apply", "-auto-approve")
		for _, now := range [][]string{ids, ids[1:], nil} {
			c.configure(h.hcl(fleetHCL(now, "stopped", same)))
			run("0 added, 1 changed, 0 destroyed", "apply", "-auto-approve")
			run("No changes", "plan", "-detailed-exitcode")
		}
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want none%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}
