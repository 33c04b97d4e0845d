package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// situation is a change of the configuration in which two objects, one that goes
// and one that comes, have an instance in common.
type situation struct {
	name string
	// before and after are the configurations, of the ids that seed made.
	ids           int
	before, after func(ids []string) string
	// flags are those of the apply of the second, and taint a resource that is tainted
	// before it.
	flags []string
	taint string
	// state is what is declared, of all ids but the first released ones, which are left
	// as on_destroy says.
	state    string
	released int
	// most is how many writes the second apply may make of each instance that stays
	// declared.
	most int
}

// opposite is the state in which an instance is found before it is declared.
func (s situation) opposite() string {
	return map[string]string{"running": "stopped", "stopped": "running"}[s.state]
}

// situations are those of instances that are declared as state, with an on_destroy
// that brings them to the other one.
func situations(state, onDestroy string) []situation {
	leave := fmt.Sprintf("on_destroy = %q", onDestroy)
	key := func(name string) string { return name + "_" + state }
	single := func(name, each string, lifecycle ...string) string {
		text := fmt.Sprintf("resource \"instance_power_state\" %q {\n%s\n state = %q\n %s\n", key(name), each, state, leave)
		if len(lifecycle) > 0 {
			text += "lifecycle {\n" + strings.Join(lifecycle, "\n") + "\n}\n"
		}
		return text + "}\n"
	}
	fleet := func(name string, ids ...string) string {
		return fmt.Sprintf("resource \"instance_fleet_power_state\" %q {\n instance_ids = %s\n state = %q\n %s\n}\n",
			key(name), hclList(ids), state, leave)
	}
	keyed := func(name, prefix string, ids []string) string {
		var pairs []string
		for i, id := range ids {
			pairs = append(pairs, fmt.Sprintf("%s%d = %q", prefix, i, id))
		}
		return single(name, "for_each = {\n"+strings.Join(pairs, "\n")+"\n}\n instance_id = each.value")
	}
	counted := func(name string, ids []string) string {
		list := hclList(ids)
		return single(name, fmt.Sprintf("count = length(%s)\n instance_id = %s[count.index]", list, list))
	}
	id := func(id string) string { return fmt.Sprintf("instance_id = %q", id) }
	trigger := func(name, value string) string {
		return fmt.Sprintf("resource \"terraform_data\" %q {\n input = %q\n}\n", key(name), value)
	}
	by := func(name string) string {
		return fmt.Sprintf("replace_triggered_by = [terraform_data.%s]", key(name))
	}
	const first = "create_before_destroy = true"
	same := func(f func(ids []string) string) (before, after func(ids []string) string) { return f, f }
	all := []situation{
		{
			name: "all keys of a for_each are renamed", ids: 15, most: 2,
			before: func(ids []string) string { return keyed("renamed", "old", ids) },
			after:  func(ids []string) string { return keyed("renamed", "new", ids) },
		},
		{
			name: "the first element of a count goes", ids: 5, released: 1, most: 2,
			before: func(ids []string) string { return counted("counted", ids) },
			after:  func(ids []string) string { return counted("counted", ids[1:]) },
		},
		{
			name: "ids move between two fleets", ids: 6, most: 2,
			before: func(ids []string) string { return fleet("left", ids[:3]...) + fleet("right", ids[3:]...) },
			after:  func(ids []string) string { return fleet("left", ids[1:4]...) + fleet("right", ids[0], ids[4], ids[5]) },
		},
		{
			name: "a single is exchanged for a fleet", ids: 2, most: 2,
			before: func(ids []string) string { return single("single", id(ids[0])) },
			after:  func(ids []string) string { return fleet("instead", ids...) },
		},
	}
	add := func(s situation, config func(ids []string) string) {
		s.ids = 1
		if s.before == nil {
			s.before, s.after = same(config)
		}
		all = append(all, s)
	}
	replace := func(name string) []string { return []string{"-replace=instance_power_state." + key(name)} }
	add(situation{name: "a -replace", flags: replace("replaced")},
		func(ids []string) string { return single("replaced", id(ids[0])) })
	add(situation{name: "a -replace that creates first", flags: replace("first")},
		func(ids []string) string { return single("first", id(ids[0]), first) })
	add(situation{name: "a -replace that creates first for a dependent", flags: replace("inherits")},
		func(ids []string) string {
			return single("inherits", id(ids[0])) +
				fmt.Sprintf("resource \"terraform_data\" %q {\n input = instance_power_state.%s.id\n lifecycle {\n%s\n}\n}\n",
					key("dependent"), key("inherits"), first)
		})
	add(situation{name: "a tainted resource", taint: "instance_power_state." + key("tainted")},
		func(ids []string) string { return single("tainted", id(ids[0])) })
	triggered := func(name string, lifecycle ...string) (before, after func(ids []string) string) {
		config := func(value string) func(ids []string) string {
			return func(ids []string) string {
				return single(name, id(ids[0]), append(lifecycle, by(name+"_trigger"))...) + trigger(name+"_trigger", value)
			}
		}
		return config("one"), config("two")
	}
	before, after := triggered("triggered")
	add(situation{name: "a replacement by a trigger", before: before, after: after}, nil)
	before, after = triggered("triggered_first", first)
	add(situation{name: "a replacement by a trigger that creates first", before: before, after: after}, nil)
	for i := range all {
		all[i].state = state
	}
	return all
}

// TestEndToEndDeclarations: after each situation the cloud is as declared, the state
// tells the truth, and the next plan is empty, whatever the parallelism.
func TestEndToEndDeclarations(t *testing.T) {
	parallelism := []int{10, 4, 10, 40, 1}
	t.Parallel()
	for i, s := range services() {
		n := parallelism[i%len(parallelism)]
		t.Run(fmt.Sprintf("%s, %d at a time", s.name, n), func(t *testing.T) {
			t.Parallel()
			newHarness(t, s).declare(t, n)
		})
	}
}

func (h *harness) declare(t *testing.T, parallelism int) {
	t.Helper()
	all := situations("stopped", "restore")
	if parallelism > 1 {
		all = append(all, situations("running", "stopped")...)
	} else { // One at a time takes long, and matters to those of several resources.
		all = all[:4]
	}
	localcloud.SetTransition(h.server, transitionTime/20)
	words := map[string]string{"running": h.sim.Words().Running, "stopped": h.sim.Words().Stopped}
	var before, after strings.Builder
	ids := make([][]string, len(all))
	limit := fmt.Sprintf("-parallelism=%d", parallelism)
	flags := []string{limit}
	for i, s := range all {
		ids[i] = h.seedMany(s.ids, s.opposite())
		before.WriteString(s.before(ids[i]))
		after.WriteString(s.after(ids[i]))
		flags = append(flags, s.flags...)
	}
	h.sim.LimitRates(false)
	c := h.here(h.fast("", before.String()))
	c.do("apply", limit).succeeded(t)
	for _, s := range all {
		if s.taint == "" {
			continue
		}
		if out, err := c.run("taint", s.taint); err != nil {
			t.Fatalf("taint %s: %v\n%s", s.taint, err, out)
		}
	}
	h.sim.ForgetCalls()
	c.configure(h.fast("", after.String()))
	c.do("apply", flags...).succeeded(t)
	for i, s := range all {
		for n, id := range ids[i] {
			if n < s.released {
				h.is(id, words[s.opposite()])()
				continue
			}
			h.is(id, words[s.state])()
			if got := h.writesOf(id); len(got) > s.most && (n == 0 || s.ids != 2 || len(got) != 1) {
				t.Errorf("%s (%s): got %d writes, want at most %d:%s", s.name, s.state, len(got), s.most, describeCalls(got))
			}
		}
	}
	h.wantTrueState(t, c)
	h.sim.ForgetCalls()
	if plan := c.do("plan", limit); len(plan.planned) != 0 || plan.err != nil {
		t.Errorf("the next plan is not empty: %v %v %v", plan.planned, plan.err, plan.errors(""))
	}
}

// wantTrueState compares the states of all resources with the instances.
func (h *harness) wantTrueState(t *testing.T, c *cli) {
	t.Helper()
	truth := func(id string) string {
		return map[string]string{h.sim.Words().Running: "running", h.sim.Words().Stopped: "stopped"}[h.status(id)]
	}
	for address, values := range c.attributes() {
		for _, what := range untruths(address, values, truth) {
			t.Error(what)
		}
	}
}

// TestEndToEndContradictions: two objects that declare different states for one
// instance are an error in the plan, which names both, and nothing is written.
func TestEndToEndContradictions(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		pairs := map[string]func(id string) string{
			"two singles": func(id string) string { return named("a", id, "running") + named("b", id, "stopped") },
			"a single and a fleet": func(id string) string {
				return named("a", id, "running") + fleetHCL([]string{id}, "stopped")
			},
			"force and none": func(id string) string {
				return named("a", id, "stopped", "force_stop = true") + named("b", id, "stopped")
			},
		}
		for name, pair := range pairs {
			id := h.running()
			o := h.here(h.apart(pair(id))).do("apply")
			errors := slices.DeleteFunc(slices.Clone(o.diags), func(d diagnostic) bool { return d.Severity != "error" })
			if len(errors) != 1 || !strings.Contains(errors[0].Summary, fmt.Sprintf("Instance %q is declared twice", id)) {
				t.Errorf("%s: got the errors %v, want one that names %s", name, errors, id)
			}
			if got := h.writesOf(id); len(got) != 0 {
				t.Errorf("%s: got the writes%s", name, describeCalls(got))
			}
		}
		// Equal declarations are no error.
		id := h.running()
		h.here(h.apart(named("a", id, "stopped") + named("b", id, "stopped") +
			fleetHCL([]string{id}, "stopped"))).do("apply").succeeded(t)
		got := slices.DeleteFunc(h.writesOf(id), func(k simulator.Call) bool { return k.Op != simulator.OpStop })
		if len(got) != 1 {
			t.Errorf("got the stops%s\nwant one", describeCalls(got))
		}
	})
}
