package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// sharing is an instance that two resources declare alike, of which one lets it go.
type sharing struct {
	name string
	// ids is how many instances it takes; the first is the one that both have.
	ids           int
	before, after func(name string, ids []string) string
}

// sharings are all pairs of a resource that lets an instance go and one that does not
// change. All are stopped, and on_destroy starts.
func sharings() []sharing {
	const leave = `on_destroy = "running"`
	fleet := func(name string, ids ...string) string {
		return strings.Replace(fleetHCL(ids, "stopped", leave), `"workers"`, fmt.Sprintf("%q", name), 1)
	}
	stays := []struct {
		what  string
		other func(name string, ids []string) string
	}{
		{"a single", func(name string, ids []string) string { return named(name+"_stays", ids[0], "stopped", leave) }},
		{"a fleet", func(name string, ids []string) string { return fleet(name+"_stays", ids[0]) }},
		{"a fleet of others", func(name string, ids []string) string { return fleet(name+"_stays", ids...) }},
	}
	var all []sharing
	for _, s := range stays {
		what, other := s.what, s.other
		add := func(name string, ids int, before, after func(name string, ids []string) string) {
			all = append(all, sharing{
				name: name + ", while " + what + " stays", ids: ids,
				before: func(name string, ids []string) string { return before(name, ids) + other(name, ids) },
				after:  func(name string, ids []string) string { return after(name, ids) + other(name, ids) },
			})
		}
		add("a single is destroyed", 1,
			func(name string, ids []string) string { return named(name, ids[0], "stopped", leave) },
			func(string, []string) string { return "" })
		add("a fleet is destroyed", 2,
			func(name string, ids []string) string { return fleet(name, ids...) },
			func(string, []string) string { return "" })
		add("a single is about another instance", 2,
			func(name string, ids []string) string { return named(name, ids[0], "stopped", leave) },
			func(name string, ids []string) string { return named(name, ids[1], "stopped", leave) })
		add("a single is about another instance first", 2,
			func(name string, ids []string) string {
				return named(name, ids[0], "stopped", leave, "lifecycle {\n create_before_destroy = true\n}")
			},
			func(name string, ids []string) string {
				return named(name, ids[1], "stopped", leave, "lifecycle {\n create_before_destroy = true\n}")
			})
		add("an id leaves a fleet", 3,
			func(name string, ids []string) string { return fleet(name, ids...) },
			func(name string, ids []string) string { return fleet(name, ids[1:]...) })
	}
	return all
}

// TestEndToEndSharedInstances: what one resource lets go stays as another one declares it,
// although the apply does not plan what does not change, whatever the parallelism, also
// with a saved plan. In short mode each service has a third of the pairs, and all together
// have each.
func TestEndToEndSharedInstances(t *testing.T) {
	parallelism := []int{size(1, 4), 2, 10, 3, 40} // One at a time takes a minute.
	t.Parallel()
	for i, s := range services() {
		n := parallelism[i%len(parallelism)]
		var pairs []sharing
		for j, pair := range sharings() {
			if (i+j)%size(1, 3) == 0 {
				pairs = append(pairs, pair)
			}
		}
		t.Run(fmt.Sprintf("%s, %d at a time", s.name, n), func(t *testing.T) {
			t.Parallel()
			newHarness(t, s).share(t, pairs, fmt.Sprintf("-parallelism=%d", n))
		})
	}
}

func (h *harness) share(t *testing.T, all []sharing, limit string) {
	t.Helper()
	localcloud.SetTransition(h.server, transitionTime/20)
	h.sim.LimitRates(false)
	ids := make([][]string, len(all))
	var before, after strings.Builder
	for i, s := range all {
		ids[i] = h.seedMany(s.ids, "stopped")
		before.WriteString(s.before(fmt.Sprintf("s%d", i), ids[i]))
		after.WriteString(s.after(fmt.Sprintf("s%d", i), ids[i]))
	}
	c := h.here(h.fast("", before.String()))
	c.do("apply", limit).succeeded(t)
	if got := h.writes(); got != 0 {
		t.Errorf("got %d writes, want none: all are stopped%s", got, describeCalls(h.sim.Calls(0)))
	}
	for range 2 { // The second round begins anew, with the private states of the first.
		c.configure(h.fast("", after.String()))
		c.do("plan", limit, "-out=saved.plan").succeeded(t)
		if out, err := c.run("apply", limit, "-no-color", "saved.plan"); err != nil {
			t.Fatalf("apply of the saved plan: %v\n%s", err, out)
		}
		for i, s := range all {
			if got := h.status(ids[i][0]); got != h.sim.Words().Stopped {
				t.Errorf("%s: the instance is %s, want it stopped as declared", s.name, got)
			}
			if got := h.writesOf(ids[i][0]); len(got) > 2 {
				t.Errorf("%s: got %d writes, want at most 2:%s", s.name, len(got), describeCalls(got))
			}
		}
		h.wantTrueState(t, c)
		h.sim.ForgetCalls()
		if plan := c.do("plan", limit); len(plan.planned) != 0 || plan.err != nil {
			t.Errorf("the next plan is not empty: %v %v %v", plan.planned, plan.err, plan.errors(""))
		}
		c.configure(h.fast("", before.String()))
		c.do("apply", limit).succeeded(t)
	}
	// What nothing declares any more is as on_destroy says.
	c.do("destroy", limit).succeeded(t)
	for i, s := range all {
		if got := h.status(ids[i][0]); got != h.sim.Words().Running {
			t.Errorf("%s: after the destroy of all the instance is %s, want it running", s.name, got)
		}
	}
}
