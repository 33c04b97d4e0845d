package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// estateHCL declares a state for single instances, and for a fleet.
func (h *harness) estateHCL(settings, state string, singles, fleet []string, lines ...string) string {
	rest := strings.Join(lines, "\n")
	return h.fast(settings,
		fmt.Sprintf("resource \"instance_power_state\" \"one\" {\n for_each = toset(%s)\n instance_id = each.value\n"+
			" state = %q\n%s\n}\n", hclList(singles), state, rest)+
			fleetHCL(fleet, state, lines...))
}

// inoperable makes an instance that a description shows to be out of order: locked, or
// what comes nearest to that.
func (h *harness) inoperable(id string) {
	h.t.Helper()
	switch h.cloud {
	case "alicloud":
		h.trouble(simulator.Trouble{Kind: simulator.Lock, Word: "financial", InstanceIDs: []string{id}})
	case "tencentcloud":
		h.trouble(simulator.Trouble{Kind: simulator.Lock, Word: securityLock[h.cloud], InstanceIDs: []string{id}})
	case "volcengine":
		h.change(id, func(in *simulator.Instance) { in.Status = "ERROR" })
	default:
		h.trouble(simulator.Trouble{Kind: simulator.Recycle, InstanceIDs: []string{id}})
	}
}

// TestEndToEndEstate: of many instances, singles and a fleet, some are locked, gone and
// prepaid. One run stops all others, reports these, and the next plan has them alone.
func TestEndToEndEstate(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		n := 60
		if h.name == "tencentcloud" { // It takes a minute.
			n = 300
		}
		localcloud.SetTransition(h.server, transitionTime/4)
		h.sim.LimitRates(false)
		singles, fleet := h.seedMany(n, "running"), h.seedMany(n, "running")
		c := h.here(h.estateHCL("", "running", singles, fleet))
		c.do("apply").succeeded(t)
		bad := []string{singles[3], singles[4], fleet[5], fleet[6]}
		h.inoperable(bad[0])
		h.inoperable(bad[2])
		h.sim.Remove(bad[1])
		h.sim.Remove(bad[3])
		var lines []string
		if h.stopCharging {
			lines = []string{stopCharging}
			for _, id := range []string{singles[7], fleet[7]} {
				h.change(id, h.barred)
				bad = append(bad, id)
			}
		}
		h.sim.ForgetCalls()
		began := time.Now()
		c.configure(h.estateHCL("", "stopped", singles, fleet, lines...))
		o := c.do("apply")
		t.Logf("an apply of %d singles and a fleet of %d took %s, %d writes", n, n, time.Since(began).Round(time.Second),
			h.writes())
		var failed []string
		for _, d := range o.diags {
			if d.Severity == "error" && d.Address != workers {
				failed = append(failed, d.Address)
			}
		}
		address := func(id string) string { return fmt.Sprintf("instance_power_state.one[%q]", id) }
		var want []string
		for _, id := range bad {
			if slices.Contains(singles, id) {
				want = append(want, address(id))
			}
		}
		slices.Sort(failed)
		slices.Sort(want)
		if !slices.Equal(failed, want) {
			t.Errorf("got errors of %v, want %v", failed, want)
		}
		inFleet := slices.DeleteFunc(slices.Clone(bad), func(id string) bool { return !slices.Contains(fleet, id) })
		summary := fmt.Sprintf("Unable to stop %d of %d instances", len(inFleet), n)
		o.hasError(t, workers, append(slices.Clone(inFleet), summary)...)
		stopped := 0
		for _, id := range slices.Concat(singles, fleet) {
			if !slices.Contains(bad, id) && h.status(id) == h.sim.Words().Stopped {
				stopped++
			}
		}
		if stopped != 2*n-len(bad) {
			t.Errorf("%d instances are stopped, want %d", stopped, 2*n-len(bad))
		}
		// The warnings of the next plan name each, and it touches nothing else.
		h.sim.ForgetCalls()
		plan := c.do("plan")
		plan.succeeded(t)
		planned := []string{}
		for at := range plan.planned {
			planned = append(planned, at)
		}
		slices.Sort(planned)
		if want := slices.Sorted(slices.Values(append(want, workers))); !slices.Equal(planned, want) {
			t.Errorf("the next plan changes %v, want %v", planned, want)
		}
		for _, at := range want {
			if warnings := strings.Join(plan.warnings(at), "\n"); !strings.Contains(warnings, "Apply will fail for instance") {
				t.Errorf("the plan does not warn that %s will fail:\n%s", at, warnings)
			}
		}
		if h.writes() != 0 {
			t.Errorf("got %d writes by a plan", h.writes())
		}
		// It is an error with strict_plan.
		c.configure(h.estateHCL("strict_plan = true", "stopped", singles, fleet, lines...))
		if strict := c.do("plan"); strict.err == nil || len(strict.errors("")) != len(want)+1 {
			t.Errorf("with strict_plan got the errors %q, want %d", strict.errors(""), len(want)+1)
		}
		// They do not block a destroy, which takes all out of the state.
		c.configure(h.estateHCL("", "stopped", singles, fleet, lines...))
		c.do("destroy").succeeded(t)
		if left := c.attributes(); len(left) != 0 {
			t.Errorf("%d resources are left after the destroy", len(left))
		}
		if h.writes() != 0 {
			t.Errorf("got %d writes by a destroy that leaves the instances", h.writes())
		}
	})
}
