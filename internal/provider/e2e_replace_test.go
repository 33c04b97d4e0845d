package provider

import (
	"slices"
	"strings"
	"testing"
)

// TestEndToEndReplacementSaysWhatItDoes: a change of the instance shows in the plan what
// becomes of the former one, and what a stop of the new one does to it. The core shows no
// warning of the plan that it makes without the prior state.
func TestEndToEndReplacementSaysWhatItDoes(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		former, next, other := h.running(), h.running(), h.running()
		h.mayForce(next)
		lines := []string{"force_stop = true", `on_destroy = "restore"`}
		c := h.here(h.fast("", power(former, "running")+named("cut", other, "running")))
		c.do("apply").succeeded(t)
		c.configure(h.fast("", power(former, "running", `on_destroy = "stopped"`)+named("cut", other, "running")))
		c.do("apply").succeeded(t)
		c.configure(h.fast("", power(next, "stopped", lines...)+named("cut", other, "running")))
		plan := c.do("plan")
		plan.succeeded(t)
		warnings := strings.Join(plan.warnings(web), "\n")
		for _, want := range []string{
			"Destroy changes the power state of instance \"" + former + "\"",
			"Forced stop planned", "Instance \"" + next + "\" will lose power at once",
		} {
			if !strings.Contains(warnings, want) {
				t.Errorf("the plan does not say %q:\n%s", want, warnings)
			}
		}
		if h.writes() != 0 {
			t.Errorf("got %d writes by a plan", h.writes())
		}
		c.do("apply").succeeded(t)
		h.is(former, h.sim.Words().Stopped)()
		h.is(next, h.sim.Words().Stopped)()
		h.wantTrueState(t, c)
		// An instance that cannot be stopped shows in the plan too.
		h.inoperable(other)
		c.configure(h.fast("", power(other, "stopped", `on_destroy = "leave"`)))
		plan = c.do("plan")
		if warnings := strings.Join(plan.warnings(web), "\n"); !strings.Contains(warnings, "Apply will fail for instance \""+other+"\"") {
			t.Errorf("the plan does not say that the apply will fail:\n%s", warnings)
		}
		c.configure(h.fast("strict_plan = true", power(other, "stopped")))
		if plan = c.do("plan"); plan.err == nil || !slices.ContainsFunc(plan.errors(web), func(text string) bool { return strings.Contains(text, other) }) {
			t.Errorf("with strict_plan the plan says %q", plan.errors(""))
		}
	})
}
