package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// situation is a change of the configuration in which two objects, one that goes
// and one that comes, have an instance in common.
type situation struct {
	name string
	// before and after are the configurations, of the ids that seed made.
	ids           int
	before, after func(ids []string) string
	// flags are those of the plan of the second, and taint a resource that is tainted
	// before it.
	flags []string
	taint string
	// state is what is declared, of all ids but the first released ones, which are left
	// as on_destroy says.
	state    string
	released int
	// stays are those that one object has before and after.
	stays []int
	// most is how many writes the second apply may make of each instance that stays
	// declared. It makes none where the object that comes is applied before the one that
	// goes; turns returns their addresses for an instance, and is nil where that does not
	// tell.
	most  int
	turns func(n int) (comes, goes string)
	// forced is the resource whose replacement the core forces.
	forced string
	// untold says that the plan does not warn: nothing of it can change the instance.
	untold bool
}

// opposite is the state to which on_destroy brings an instance.
func (s situation) opposite() string {
	return map[string]string{"running": "stopped", "stopped": "running"}[s.state]
}

// situations are those of instances that are declared as state, with an on_destroy
// that brings them to the other one. A for_each has so many keys, and the names of the
// resources end with the suffix.
func situations(state, onDestroy string, keys int, suffix string) []situation {
	leave := fmt.Sprintf("on_destroy = %q", onDestroy)
	key := func(name string) string { return name + "_" + state + suffix }
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
	turns := func(comes, goes string) func(n int) (string, string) {
		return func(int) (string, string) { return comes + key("instead"), goes + key("exchanged") }
	}
	const first, aSingle, aFleet = "create_before_destroy = true", "instance_power_state.", "instance_fleet_power_state."
	all := []situation{
		{
			name: "all keys of a for_each are renamed", ids: keys, most: 2,
			before: func(ids []string) string { return keyed("renamed", "old", ids) },
			after:  func(ids []string) string { return keyed("renamed", "new", ids) },
			turns: func(n int) (comes, goes string) {
				at := aSingle + key("renamed")
				return fmt.Sprintf("%s[\"new%d\"]", at, n), fmt.Sprintf("%s[\"old%d\"]", at, n)
			},
		},
		{
			name: "the first element of a count goes", ids: 5, released: 1, most: 2,
			before: func(ids []string) string { return counted("counted", ids) },
			after:  func(ids []string) string { return counted("counted", ids[1:]) },
		},
		{
			name: "ids move between two fleets", ids: 6, most: 2, stays: []int{1, 2, 4, 5},
			before: func(ids []string) string { return fleet("left", ids[:3]...) + fleet("right", ids[3:]...) },
			after:  func(ids []string) string { return fleet("left", ids[1:4]...) + fleet("right", ids[0], ids[4], ids[5]) },
		},
		{
			name: "a single is exchanged for a fleet", ids: 1, most: 2, turns: turns(aFleet, aSingle),
			before: func(ids []string) string { return single("exchanged", id(ids[0])) },
			after:  func(ids []string) string { return fleet("instead", ids...) },
		},
		{
			name: "a fleet is exchanged for a single", ids: 2, released: 1, most: 2, turns: turns(aSingle, aFleet),
			before: func(ids []string) string { return fleet("exchanged", ids...) },
			after:  func(ids []string) string { return single("instead", id(ids[1])) },
		},
	}
	// A replacement that the core forces never changes the instance.
	forced := func(name string, s situation, before, after func(ids []string) string) {
		s.ids, s.forced, s.before, s.after = 1, aSingle+key(name), before, after
		all = append(all, s)
	}
	for name, lifecycle := range map[string][]string{"replaced": nil, "first": {first}} {
		config := func(ids []string) string { return single(name, id(ids[0]), lifecycle...) }
		forced(name, situation{
			name: fmt.Sprintf("a -replace, %v", lifecycle), untold: true, flags: []string{"-replace=" + aSingle + key(name)},
		}, config, config)
	}
	tainted := func(ids []string) string { return single("tainted", id(ids[0])) }
	forced("tainted", situation{name: "a tainted resource", taint: aSingle + key("tainted")}, tainted, tainted)
	dependent := fmt.Sprintf("resource \"terraform_data\" %q {\n input = %s.id\n lifecycle {\n%s\n}\n}\n",
		key("dependent"), aSingle+key("inherits"), first)
	for name, more := range map[string]struct{ lifecycle, beside string }{
		"triggered": {}, "triggered_first": {lifecycle: first}, "inherits": {beside: dependent},
	} {
		config := func(value string) func(ids []string) string {
			return func(ids []string) string {
				return single(name, id(ids[0]), more.lifecycle, by(name+"_trigger")) + trigger(name+"_trigger", value) + more.beside
			}
		}
		forced(name, situation{name: "a replacement by a trigger, " + name, untold: true}, config("one"), config("two"))
	}
	for i := range all {
		all[i].state = state
	}
	return all
}

// playing is the situations that are played at once, at one parallelism.
type playing struct {
	parallelism   int
	all           []situation
	ids           [][]string
	before, after string
}

// newPlaying makes the instances of a round.
func (h *harness) newPlaying(parallelism int) playing {
	suffix := fmt.Sprintf("_%d", parallelism)
	r := playing{
		parallelism: parallelism,
		all: slices.Concat(
			situations("stopped", "restore", size(15, 5), suffix), situations("running", "stopped", 3, suffix)),
	}
	for _, s := range r.all {
		ids := h.seedMany(s.ids, "running") // What is restored is running.
		r.ids = append(r.ids, ids)
		r.before += s.before(ids)
		r.after += s.after(ids)
	}
	return r
}

// TestEndToEndDeclarations: after each situation the cloud is as declared, the state
// tells the truth, and the next plan is empty, with the parallelism that the CLI has by
// itself and with one resource at a time, which takes long: not in short mode.
func TestEndToEndDeclarations(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		localcloud.SetTransition(h.server, transitionTime/20)
		h.sim.LimitRates(false)
		usual := h.newPlaying(10)
		c := h.here(h.fast("", usual.before))
		c.do("apply").succeeded(t)
		if testing.Short() {
			h.declare(t, c, usual, "", "")
		} else {
			// What the next round begins with is created beside.
			single := h.newPlaying(1)
			h.declare(t, c, usual, single.before, "")
			h.declare(t, c, single, "", usual.after)
		}
		if plan := c.do("plan"); len(plan.planned) != 0 || plan.err != nil {
			t.Errorf("the next plan is not empty: %v %v %v", plan.planned, plan.err, plan.errors(""))
		}
	})
}

// declare plays the situations of a round, beside objects that are created and others
// that stay.
func (h *harness) declare(t *testing.T, c *cli, r playing, created, stays string) {
	t.Helper()
	limit := fmt.Sprintf("-parallelism=%d", r.parallelism)
	// Four of them are -replace. Of replacements by triggers beside them Terraform and OpenTofu
	// lose some where the list of -replace has room at its end, to which each of them is
	// appended.
	flags := []string{limit, "-out=saved.plan"}
	for _, s := range r.all {
		flags = append(flags, s.flags...)
		if s.taint == "" {
			continue
		}
		if out, err := c.run("taint", s.taint); err != nil {
			t.Fatalf("taint %s: %v\n%s", s.taint, err, out)
		}
	}
	h.sim.ForgetCalls()
	c.configure(h.fast("", r.after+created+stays))
	plan := c.do("plan", flags...)
	plan.succeeded(t)
	suffix := fmt.Sprintf("_%d", r.parallelism)
	for address, action := range plan.planned {
		at, _, _ := strings.Cut(address, "[")
		if !strings.HasSuffix(at, suffix) && (created == "" || action != "create") {
			t.Errorf("the plan has an %s of %s, which is as declared", action, address)
		}
	}
	for _, s := range r.all {
		if s.forced != "" && plan.planned[s.forced] != "replace" {
			t.Errorf("%s (%s): the plan has %q for %s, want a replacement", s.name, s.state, plan.planned[s.forced], s.forced)
		}
	}
	if got := h.writes(); got != 0 {
		t.Errorf("got %d writes by a plan%s", got, describeCalls(h.sim.Calls(0)))
	}
	apply := c.do("apply", limit, "saved.plan")
	apply.succeeded(t)
	t.Logf("the apply at a parallelism of %d took %s", r.parallelism, apply.took)
	words := map[string]string{"running": h.sim.Words().Running, "stopped": h.sim.Words().Stopped}
	for i, s := range r.all {
		for n, id := range r.ids[i] {
			if n < s.released {
				h.is(id, words[s.opposite()])()
				continue
			}
			h.is(id, words[s.state])()
			if slices.Contains(s.stays, n) {
				if got := h.writesOf(id); len(got) != 0 {
					t.Errorf("%s (%s): got writes of an instance that stays:%s", s.name, s.state, describeCalls(got))
				}
				continue
			}
			h.wantFewWrites(t, s, n, id, apply)
			wantSharingTold(t, s, id, plan, apply, len(h.writesOf(id)))
		}
	}
	h.wantTrueState(t, c)
}

// wantFewWrites checks how often an instance that stays declared was turned.
func (h *harness) wantFewWrites(t *testing.T, s situation, n int, id string, apply outcome) {
	t.Helper()
	got, most := h.writesOf(id), s.most
	if s.turns != nil {
		comes, goes := s.turns(n)
		first, last := slices.Index(apply.began, comes), slices.Index(apply.began, goes)
		if first < 0 || last < 0 {
			t.Fatalf("%s (%s): the apply has no %s or no %s: %v", s.name, s.state, comes, goes, apply.began)
		}
		if first < last {
			most = 0
		}
	}
	if len(got) > most {
		t.Errorf("%s (%s): got %d writes, want at most %d:%s", s.name, s.state, len(got), most, describeCalls(got))
	}
}

// wantSharingTold checks that the plan names an instance that may be turned, and that the
// apply names one whose on_destroy it did not carry out.
func wantSharingTold(t *testing.T, s situation, id string, plan, apply outcome, writes int) {
	t.Helper()
	const left, twice = "`on_destroy` is not carried out for", "may change twice"
	tells := func(o outcome, summaries ...string) bool {
		return slices.ContainsFunc(o.diags, func(d diagnostic) bool {
			return d.Severity == "warning" && strings.Contains(d.Summary+d.Detail, id) &&
				slices.ContainsFunc(summaries, func(summary string) bool { return strings.Contains(d.Summary, summary) })
		})
	}
	if told := tells(plan, left, twice, "changes the power state of"); told == s.untold {
		t.Errorf("%s (%s): the plan warns of what becomes of %s: %v, want %v", s.name, s.state, id, told, !s.untold)
	}
	if writes == 0 && !tells(apply, left) {
		t.Errorf("%s (%s): the apply does not say that on_destroy is not carried out for %s", s.name, s.state, id)
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
