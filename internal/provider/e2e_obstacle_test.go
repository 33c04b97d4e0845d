package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// obstacle is why one instance cannot be stopped as it is declared, which a description
// shows.
type obstacle struct {
	name string
	// meet makes it of a running instance.
	meet func(id string)
	// lines are the attributes without which it is no obstacle, and onDestroy asks for
	// nothing that it prevents.
	lines     []string
	onDestroy string
}

func (h *harness) gone() obstacle {
	return obstacle{name: "gone", meet: func(id string) { h.sim.Remove(id) }, onDestroy: onDestroyStopped}
}

// inoperables are the ways in which an instance of the cloud is out of order.
func (h *harness) inoperables() []obstacle {
	h.t.Helper()
	var all []obstacle
	for _, trouble := range h.sim.Words().Inoperable {
		all = append(all, obstacle{
			name: strings.TrimSpace(fmt.Sprint(trouble.Kind, " ", trouble.Word)), onDestroy: onDestroyLeave,
			meet: func(id string) {
				trouble.InstanceIDs = []string{id}
				h.trouble(trouble)
			},
		})
	}
	if len(all) == 0 {
		h.t.Fatalf("the words of %s have no trouble that makes an instance inoperable", h.cloud)
	}
	return all
}

// inoperable makes an instance that a description shows to be out of order.
func (h *harness) inoperable(id string) {
	h.t.Helper()
	h.inoperables()[0].meet(id)
}

// modeObstacles are what stands in the way of a stop that ends billing, where the cloud
// has one.
func (h *harness) modeObstacles() []obstacle {
	if !h.stopCharging {
		return nil
	}
	return []obstacle{
		{
			name: "prepaid", lines: []string{stopCharging}, onDestroy: onDestroyLeave,
			meet: func(id string) { h.change(id, h.barred) },
		},
		{
			name: "stopped in the other mode", lines: []string{stopCharging}, onDestroy: onDestroyStopped,
			meet: func(id string) { h.change(id, halted(h, h.sim.Words().KeepCharging)) },
		},
	}
}

// threes are four objects of three instances each, of which one meets an obstacle: single
// resources and a fleet, which exist before and which are created.
type threes struct {
	obstacle

	key string
	// singles and fleet exist before, newSingles and newFleet do not.
	singles, fleet, newSingles, newFleet []string
}

// meets is which of the three meets the obstacle.
const meets = 1

func (g threes) all() [][]string { return [][]string{g.singles, g.fleet, g.newSingles, g.newFleet} }

// hcl declares a state of the instances; those that are created are not there before.
func (g threes) hcl(state string, before bool) string {
	lines := strings.Join(append(slices.Clone(g.lines), fmt.Sprintf("on_destroy = %q", g.onDestroy)), "\n")
	single := func(key string, ids []string) string {
		return fmt.Sprintf("resource \"instance_power_state\" %q {\n count = 3\n instance_id = %s[count.index]\n "+
			"state = %q\n%s\n}\n", key, hclList(ids), state, lines)
	}
	fleet := func(key string, ids []string) string {
		return fmt.Sprintf("resource \"instance_fleet_power_state\" %q {\n instance_ids = %s\n state = %q\n%s\n}\n", key,
			hclList(ids), state, lines)
	}
	text := single(g.key, g.singles) + fleet(g.key, g.fleet)
	if !before {
		text += single(g.key+"_new", g.newSingles) + fleet(g.key+"_new", g.newFleet)
	}
	return text
}

// failing are the addresses of the objects that fail, with the instance that does.
func (g threes) failing() map[string]string {
	return map[string]string{
		fmt.Sprintf("instance_power_state.%s[%d]", g.key, meets):     g.singles[meets],
		fmt.Sprintf("instance_power_state.%s_new[%d]", g.key, meets): g.newSingles[meets],
		"instance_fleet_power_state." + g.key:                        g.fleet[meets],
		"instance_fleet_power_state." + g.key + "_new":               g.newFleet[meets],
	}
}

// TestEndToEndOneOfThreeCannotBeStopped: the plan warns of the one, a run stops the two
// others and reports one failure, a plan with strict_plan fails, and a destroy does not.
// All obstacles that the cloud has are in one run, for singles and fleets, updates and
// creates.
func TestEndToEndOneOfThreeCannotBeStopped(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		h.sim.LimitRates(false)
		localcloud.SetTransition(h.server, transitionTime/20)
		var groups []threes
		for i, o := range slices.Concat([]obstacle{h.gone()}, h.inoperables(), h.modeObstacles()) {
			groups = append(groups, threes{
				obstacle: o, key: fmt.Sprintf("g%d", i), singles: h.seedMany(3, "running"), fleet: h.seedMany(3, "running"),
				newSingles: h.seedMany(3, "running"), newFleet: h.seedMany(3, "running"),
			})
		}
		config := func(settings, state string, before bool) string {
			var text strings.Builder
			for _, g := range groups {
				text.WriteString(g.hcl(state, before))
			}
			return h.fast(settings, text.String())
		}
		c := h.here(config("", "running", true))
		c.do("apply").succeeded(t)
		failing, obstacles := map[string]string{}, map[string]string{}
		var ids, badIDs []string
		for _, g := range groups {
			for address, id := range g.failing() {
				failing[address], obstacles[address] = id, g.name
			}
			for _, three := range g.all() {
				g.meet(three[meets])
				ids, badIDs = append(ids, three...), append(badIDs, three[meets])
			}
		}
		h.sim.ForgetCalls()

		c.configure(config("", "stopped", false))
		plan := c.do("plan")
		plan.succeeded(t)
		wantForEach(t, "warning", "Apply will fail for instance", plan, failing, obstacles)
		c.configure(config("strict_plan = true", "stopped", false))
		strict := c.do("plan")
		if strict.err == nil {
			t.Error("with strict_plan the plan succeeds")
		}
		wantForEach(t, "error", "", strict, failing, obstacles)
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes by plans%s", got, describeCalls(h.sim.Calls(0)))
		}

		c.configure(config("", "stopped", false))
		apply := c.do("apply")
		if apply.err == nil {
			t.Error("the apply succeeds")
		}
		wantForEach(t, "error", "Unable to stop", apply, failing, obstacles)
		h.wantStoppedOnce(t, ids, badIDs)
		h.wantMembersFailed(t, c, groups)

		h.sim.ForgetCalls()
		c.do("destroy").succeeded(t)
		if left := c.attributes(); len(left) != 0 {
			t.Errorf("after the destroy the state holds %v", left)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes by a destroy of what is stopped or left%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}

// wantForEach checks that each failing object, and no other, has one text of a severity
// that begins so, and that the text names the instance.
func wantForEach(
	t *testing.T, severity, begins string, o outcome, failing, obstacles map[string]string,
) {
	t.Helper()
	got := map[string][]string{}
	for _, d := range o.diags {
		if d.Severity == severity && strings.HasPrefix(d.Summary, begins) {
			got[d.Address] = append(got[d.Address], d.Summary+"\n\n"+d.Detail)
		}
	}
	for address, id := range failing {
		if len(got[address]) != 1 || !strings.Contains(got[address][0], id) {
			t.Errorf("%s, one instance %s: got the %ss %q, want one that names %s", address, obstacles[address], severity,
				got[address], id)
		}
		delete(got, address)
	}
	for address, texts := range got {
		t.Errorf("%s has no instance that fails, and got the %ss %q", address, severity, texts)
	}
}

// wantMembersFailed checks what the state says of the fleets that exist.
func (h *harness) wantMembersFailed(t *testing.T, c *cli, groups []threes) {
	t.Helper()
	state := c.attributes()
	for _, g := range groups {
		members, _ := state["instance_fleet_power_state."+g.key]["instances"].(map[string]any)
		for i, id := range g.fleet {
			member, _ := members[id].(map[string]any)
			text, _ := member["error"].(string)
			if failed := text != ""; failed != (i == meets) || i != meets && member["state"] != "stopped" {
				t.Errorf("%s: %s is %v in the state, want an error of %s alone", g.name, id, member, g.fleet[meets])
			}
			if g.name == "gone" && i == meets && !strings.HasPrefix(text, h.notThere()) {
				t.Errorf("the error of what is gone is %q, want %q", text, h.notThere())
			}
		}
		if state["instance_fleet_power_state."+g.key+"_new"] != nil {
			t.Errorf("%s: the fleet whose create failed is in the state", g.name)
		}
	}
}
