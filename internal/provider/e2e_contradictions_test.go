package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// declaring is a kind of object that declares an instance.
type declaring struct {
	kind string
	hcl  func(name, id, state string, lines ...string) string
}

func declarings() []declaring {
	return []declaring{
		{"instance_power_state", named},
		{"instance_fleet_power_state", func(name, id, state string, lines ...string) string {
			return strings.Replace(fleetHCL([]string{id}, state, lines...), "workers", name, 1)
		}},
		{"instance_fleet_power_state", func(name, id, state string, lines ...string) string {
			return fmt.Sprintf("resource \"instance_fleet_power_state\" %q {\n states = { %q = %q }\n%s\n}\n", name, id, state,
				strings.Join(lines, "\n"))
		}},
	}
}

// targetHCL is what one object declares of an instance.
type targetHCL struct {
	state string
	lines []string
}

// contradictoryPairs are pairs of targets of which an instance cannot reach both.
func contradictoryPairs() map[string][2]targetHCL {
	const forced, keep = "force_stop = true", `stopped_mode = "keep_charging"`
	return map[string][2]targetHCL{
		"state": {{state: "stopped"}, {state: "running"}},
		"force": {{"stopped", []string{forced}}, {state: "stopped"}},
		"mode":  {{"stopped", []string{keep}}, {"stopped", []string{ifSupportedLine}}},
	}
}

const ifSupportedLine = `stopped_mode = "stop_charging_if_supported"`

// twice is an instance that two objects declare, a and b.
type twice struct {
	name, id string
	by       [2]declaring
	targets  [2]targetHCL
}

func (w twice) key(n int) string { return w.name + string("ab"[n]) }

func (w twice) address(n int) string { return w.by[n].kind + "." + w.key(n) }

// hcl declares both targets, or the first one twice.
func (w twice) hcl(alike bool) string {
	other := w.targets[1]
	if alike {
		other = w.targets[0]
	}
	return w.by[0].hcl(w.key(0), w.id, w.targets[0].state, w.targets[0].lines...) +
		w.by[1].hcl(w.key(1), w.id, other.state, other.lines...)
}

// declaredTwice makes an instance for each two kinds of objects and each two targets.
func (h *harness) declaredTwice(prefix string) []twice {
	var all []twice
	for what, targets := range contradictoryPairs() {
		for i, a := range declarings() {
			for j, b := range declarings()[i:] {
				w := twice{
					name: fmt.Sprintf("%s_%s_%d_%d", prefix, what, i, j), id: h.running(), by: [2]declaring{a, b}, targets: targets,
				}
				h.mayForce(w.id)
				all = append(all, w)
			}
		}
	}
	return all
}

// TestEndToEndContradictions: two objects that declare an instance differently are an error
// in the plan, which names both, and nothing is written. Equal targets are no error, nor is
// a mode of which one says nothing. A target that is not known in the plan is judged in the
// apply.
func TestEndToEndContradictions(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		before, created := h.declaredTwice("before"), h.declaredTwice("created")
		silent := twice{
			name: "silent", id: h.running(), by: [2]declaring{declarings()[0], declarings()[1]},
			targets: [2]targetHCL{{state: "stopped"}, {"stopped", []string{ifSupportedLine}}},
		}
		equal := silent.hcl(false)
		for _, w := range before {
			equal += w.hcl(true)
		}
		c := h.here(h.apart(equal))
		c.do("apply").succeeded(t)
		for _, w := range append(before, silent) {
			stops := slices.DeleteFunc(h.writesOf(w.id), func(k simulator.Call) bool { return k.Op != simulator.OpStop })
			if got := h.writesOf(w.id); len(got) != 1 || len(stops) != 1 {
				t.Errorf("%s: got the writes%s\nwant one stop for both", w.name, describeCalls(got))
			}
		}
		h.sim.ForgetCalls()

		different := ""
		for _, w := range append(before, created...) {
			different += w.hcl(false)
		}
		c.configure(h.apart(different))
		plan := c.do("plan")
		if plan.err == nil {
			t.Error("the plan of what contradicts succeeds")
		}
		wantContradictions(t, plan, append(before, created...))
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes by a plan%s", got, describeCalls(h.sim.Calls(0)))
		}

		// Neither a plan nor a validation knows what a new terraform_data will say.
		later := "resource \"terraform_data\" \"state\" {\n input = \"running\"\n}\n"
		unknown := slices.DeleteFunc(h.declaredTwice("unknown"), func(w twice) bool {
			return w.targets[1].state != "running"
		})
		for _, w := range unknown {
			later += strings.Replace(w.hcl(false), "\"running\"", "terraform_data.state.output", 1)
		}
		c.configure(h.apart(equal + later))
		apply := c.do("apply")
		if apply.err == nil || len(apply.began) == 0 {
			t.Errorf("the apply succeeds, or fails in its plan: it began %v", apply.began)
		}
		wantContradictions(t, apply, unknown)
		for _, w := range unknown {
			if got := h.writesOf(w.id); len(got) > 1 {
				t.Errorf("%s: got %d writes, want one at most:%s", w.name, len(got), describeCalls(got))
			}
		}
	})
}

// wantContradictions checks that of each two objects one has an error, which names the
// other, and that there is no further error.
func wantContradictions(t *testing.T, o outcome, all []twice) {
	t.Helper()
	for _, w := range all {
		texts := append(o.errors(w.address(0)), o.errors(w.address(1))...)
		other := w.by[0].kind
		if len(o.errors(w.address(0))) > 0 {
			other = w.by[1].kind
		}
		if len(texts) != 1 || !strings.HasPrefix(texts[0], fmt.Sprintf("Instance %q is declared twice\n", w.id)) ||
			!strings.Contains(texts[0], "in another "+other) {
			t.Errorf("%s: got the errors %q, want one that says that %s is declared twice, and in another %s", w.name, texts,
				w.id, other)
		}
	}
	if got := o.errors(""); len(got) != len(all) {
		t.Errorf("got %d errors, want %d: %q", len(got), len(all), got)
	}
}
