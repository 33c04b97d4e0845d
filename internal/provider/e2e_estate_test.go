package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// estateHCL declares that single instances, and those of a fleet, are stopped.
func (h *harness) estateHCL(singles, fleet []string, lines ...string) string {
	rest := strings.Join(lines, "\n")
	return h.fast("",
		fmt.Sprintf("resource \"instance_power_state\" \"one\" {\n for_each = toset(%s)\n instance_id = each.value\n"+
			" state = \"stopped\"\n%s\n}\n", hclList(singles), rest)+
			fleetHCL(fleet, "stopped", lines...))
}

// TestEndToEndEstate: of 300 singles and of a fleet of 300, one each is locked, gone and
// prepaid, or out of order in another way where the cloud has no mode for which that
// matters. One run stops all others and reports these three, and the next plan has them
// alone.
func TestEndToEndEstate(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		n := size(300, 60)
		// The fleet is there before, and the singles are created: for each change of a single
		// resource the CLI copies the state of all, which takes most of the time of this test.
		const atOnce = "-parallelism=300"
		localcloud.SetTransition(h.server, transitionTime/4)
		h.sim.LimitRates(false)
		singles, fleet := h.seedMany(n, "running"), h.seedMany(n, "running")
		c := h.here(h.fast("", fleetHCL(fleet, "running")))
		c.do("apply", atOnce).succeeded(t)
		var lines []string
		inoperables := h.inoperables()
		third := append(h.modeObstacles(), inoperables[len(inoperables)-1])[0]
		ways := []obstacle{inoperables[0], h.gone(), third}
		var bad [2][]string
		for i, way := range ways {
			lines = append(lines, way.lines...)
			for form, ids := range [2][]string{singles, fleet} {
				way.meet(ids[3+i])
				bad[form] = append(bad[form], ids[3+i])
			}
		}
		h.sim.ForgetCalls()
		c.configure(h.estateHCL(singles, fleet, lines...))
		o := c.do("apply", atOnce)
		calls := len(h.sim.Calls(0))
		t.Logf("an apply of %d singles and a fleet of %d: %s, %d writes, %d calls", n, n, o.took, h.writes(), calls)
		if h.writes() > 2*n/10 || calls > 2*n/2 {
			t.Errorf("got %d writes and %d calls for %d instances, want ten instances or more in a write, and at most a call "+
				"for each two", h.writes(), calls, 2*n)
		}
		var failed, want []string
		for _, d := range o.diags {
			if d.Severity == "error" && d.Address != workers {
				failed = append(failed, d.Address)
			}
		}
		for _, id := range bad[0] {
			want = append(want, fmt.Sprintf("instance_power_state.one[%q]", id))
		}
		slices.Sort(failed)
		slices.Sort(want)
		if !slices.Equal(failed, want) {
			t.Errorf("got errors of %v, want %v", failed, want)
		}
		summary := fmt.Sprintf("Unable to stop %d of %d instances", len(ways), n)
		o.hasError(t, workers, append(slices.Clone(bad[1]), summary)...)
		h.wantStoppedOnce(t, slices.Concat(singles, fleet), slices.Concat(bad[0], bad[1]))
		// The warnings of the next plan name each, and it touches nothing else.
		h.sim.ForgetCalls()
		plan := c.do("plan", atOnce)
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
	})
}

// wantStoppedOnce checks that each of the instances but the bad ones was stopped by one
// call, and that no call changed a bad one.
func (h *harness) wantStoppedOnce(t *testing.T, ids, bad []string) {
	t.Helper()
	writes := map[string]int{}
	for _, call := range h.sim.Calls(0) {
		if call.Op.Write() && !call.DryRun {
			for _, id := range call.InstanceIDs {
				writes[id]++
			}
		}
	}
	for _, id := range ids {
		if slices.Contains(bad, id) {
			if writes[id] != 0 {
				t.Errorf("got %d writes for %s, want none: a read shows that it cannot be stopped", writes[id], id)
			}
			continue
		}
		if got := h.status(id); got != h.sim.Words().Stopped || writes[id] != 1 {
			t.Errorf("%s is %q after %d writes, want it stopped by one", id, got, writes[id])
		}
	}
}
