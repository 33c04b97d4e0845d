package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// history is a random history of configurations under a real CLI: an estate on each cloud,
// all in one configuration.
type history struct {
	t       *testing.T
	random  *rand.Rand
	server  *simulator.Server
	cli     *cli
	estates []*cliEstate
	flags   []string
}

// TestEndToEndRandomEstates plays random runs of several objects that share instances with
// the real CLI. After each the clouds are as declared, the state tells the truth, no
// instance was turned more often than the order requires, and the next plan is empty.
func TestEndToEndRandomEstates(t *testing.T) {
	cliPath(t)
	t.Parallel()
	eachEstate(t, 2, func(t *testing.T, seed uint64) {
		t.Helper()
		t.Parallel()
		playHistory(t, seed)
	})
}

// historySteps is how many runs a history has.
const historySteps = 5

func playHistory(t *testing.T, seed uint64) {
	t.Helper()
	h := &history{t: t, random: seeded(seed, 2), server: startClouds(t)}
	localcloud.SetTransition(h.server, transitionTime/20)
	offered := map[string][]service{}
	for _, s := range services() {
		offered[s.cloud] = append(offered[s.cloud], s)
	}
	for i, cloud := range slices.Sorted(maps.Keys(offered)) {
		s := offered[cloud][h.random.IntN(len(offered[cloud]))]
		one := &harness{service: s, t: t, server: h.server, sim: h.server.Cloud(s.cloud)}
		one.sim.LimitRates(false)
		h.estates = append(h.estates, newCLIEstate(one, strings.ReplaceAll(s.name, " ", "_")+"_",
			newEstate(seeded(seed, uint64(3+i)), one.seedMany(4, "running"), s.declarations()...)))
	}
	h.cli = newCLI(t, h.hcl())
	for step := range historySteps {
		goesOn := h.step(step)
		if t.Failed() {
			t.Fatalf("play it again with -estates.seed=%d", seed)
		}
		if !goesOn {
			t.Logf("the core finds a cycle in run %d, and the history ends", step)
			break
		}
	}
	if printsEstate() {
		h.tell()
	}
}

// declarations are the arguments that all objects of an estate can have.
func (s service) declarations() []map[string]any {
	all := []map[string]any{
		nil, ifSupported,
		{"stopped_mode": "keep_charging", "allow_restart": true},
		{"force_stop": true},
		{"force_stop_after": "4m"},
	}
	if s.stopCharging {
		all = append(all, map[string]any{"stopped_mode": "stop_charging", "allow_restart": true})
	}
	return all
}

func (h *history) hcl() string {
	var text strings.Builder
	text.WriteString("provider \"instance\" {\n")
	for _, e := range h.estates {
		fmt.Fprintf(&text, "%s {\n%s\nrequests_per_second = 1000\nendpoint = %q\n}\n", e.h.cloud, e.h.config, h.server.URL())
	}
	text.WriteString("}\n")
	for _, e := range h.estates {
		text.WriteString(e.hcl())
	}
	return text.String()
}

// tell prints the history, or that of some estates.
func (h *history) tell(estates ...*cliEstate) {
	if len(estates) == 0 {
		estates = h.estates
	}
	for _, e := range estates {
		h.t.Logf("the history of %s:\n%s", e.h.name, strings.Join(e.story, "\n"))
	}
}

// note adds to the story of all estates.
func (h *history) note(format string, args ...any) {
	for _, e := range h.estates {
		e.note(format, args...)
	}
}

func (e *cliEstate) note(format string, args ...any) {
	e.story = append(e.story, fmt.Sprintf(format, args...))
}

// step is one run, and what is to be true after it. It reports whether the history can go
// on.
func (h *history) step(number int) bool {
	h.t.Helper()
	destroys := number > 0 && h.random.IntN(8) == 0
	disturbed := number > 0 && h.random.IntN(5) == 0
	h.note("\n##### run %d #####", number)
	for _, e := range h.estates {
		if destroys {
			e.rest()
		} else {
			e.next()
			e.prepare()
		}
		e.turn()
	}
	h.flags = []string{fmt.Sprintf("-parallelism=%d", []int{1, 4, 10, 40}[h.random.IntN(4)])}
	keeps := !slices.ContainsFunc(h.estates, func(e *cliEstate) bool { return !e.mayKeep() })
	if keeps && h.random.IntN(2) == 0 {
		h.flags = append(h.flags, "-refresh=false")
	}
	for _, e := range h.estates {
		h.flags = append(h.flags, e.flags...)
	}
	if !destroys {
		h.cli.configure(h.hcl())
		for _, e := range h.estates {
			e.note("%s", e.hcl())
		}
		h.taint()
	}
	began := h.begin(destroys)
	var replaced []map[string]string
	if disturbed {
		replaced = append(replaced, h.disturb(destroys).planned)
		for i, more := range h.begin(destroys) {
			began[i] = began[i].and(more)
		}
		h.flags = slices.DeleteFunc(h.flags, func(flag string) bool { return flag == "-refresh=false" })
	}
	o := h.run(destroys)
	if o.isCycle() {
		return false
	}
	o.succeeded(h.t)
	if h.t.Failed() {
		h.tell()
		h.t.Log(o.text)
		return false
	}
	replaced = append(replaced, o.planned)
	for i, e := range h.estates {
		if wrong := e.after(began[i], o, replaced, disturbed, destroys, h.state()); len(wrong) > 0 {
			h.tell(e)
			h.t.Errorf("%s, run %d:\n%s", e.h.name, number, strings.Join(wrong, "\n"))
			h.t.Logf("the calls of %s:%s\nthe output:\n%s", e.h.name, describeCalls(e.h.sim.Calls(0)), o.text)
		}
	}
	if !destroys {
		h.wantEmptyPlan()
	}
	for _, e := range h.estates {
		e.audit()
		e.hadMore = e.more
	}
	return true
}

// isCycle reports whether the core could not put the changes into an order, which has
// nothing to do with the provider: resources that others depend on are destroyed while
// these are replaced and create first.
func (o outcome) isCycle() bool {
	return slices.ContainsFunc(o.errors(""), func(text string) bool { return strings.HasPrefix(text, "Cycle: ") })
}

// turn lets somebody else turn instances.
func (e *cliEstate) turn() {
	words := e.h.sim.Words()
	for _, id := range slices.Sorted(maps.Keys(e.turned)) {
		now := e.turned[id]
		if now.mode == backend.StopCharging && !e.h.stopCharging {
			now.mode = backend.KeepCharging
		}
		e.note("# Somebody else turns %s: it is %v now.", id, now)
		e.h.change(id, func(in *simulator.Instance) {
			in.Status = map[string]string{"running": words.Running, "stopped": words.Stopped}[now.state]
			in.StoppedMode = map[backend.StoppedMode]string{
				backend.KeepCharging: words.KeepCharging, backend.StopCharging: words.StopCharging,
			}[now.mode]
		})
	}
}

// begin takes down how everything is before a run, and forgets the calls.
func (h *history) begin(destroys bool) []beginning {
	h.t.Helper()
	state := h.state()
	var all []beginning
	for _, e := range h.estates {
		values := map[string]map[string]any{}
		for address, object := range e.objects(state) {
			values[address] = object.Attributes
		}
		moved := map[string]map[string]any{}
		for to, from := range e.moves {
			if values[from] != nil && !destroys {
				moved[to] = values[from]
				delete(values, from)
			}
		}
		maps.Copy(values, moved)
		all = append(all, e.beginning(values, e.standing))
		e.audit()
	}
	return all
}

// audit looks for broken promises in the log of calls, and begins a new one. An object that
// goes is as it was declared in the last run.
func (e *cliEstate) audit() {
	e.h.t.Helper()
	options := simulator.AuditOptions{ExplicitForce: true}
	for _, more := range []map[string]any{e.more, e.hadMore} {
		if more["force_stop"] != nil {
			options.AllowForced = []string{"*"}
		}
		if more["force_stop_after"] != nil {
			options.AllowFirstGraceful = []string{"*"}
		}
	}
	for _, breach := range simulator.Audit(e.h.sim.Calls(0), options) {
		e.h.t.Errorf("a promise was broken: %s", breach)
	}
	e.h.sim.ForgetCalls()
}

// run applies, or destroys.
func (h *history) run(destroys bool) outcome {
	h.t.Helper()
	if destroys {
		h.note("terraform destroy -auto-approve %s", h.flags[0])
		return h.cli.do("destroy", h.flags[0])
	}
	h.note("terraform apply -auto-approve '%s'", strings.Join(h.flags, "' '"))
	return h.cli.do("apply", h.flags...)
}

// disturb runs, and lets something happen to that.
func (h *history) disturb(destroys bool) outcome {
	h.t.Helper()
	if h.random.IntN(2) == 0 {
		h.note("# Some calls of this run are refused.")
		for _, e := range h.estates {
			id := e.oneOf(e.ids...)
			e.note("# That is, those about %s.", id)
			e.h.trouble(simulator.Trouble{
				Kind: simulator.Error, Action: "write", InstanceIDs: []string{id}, Code: "Refused.Today", Status: 400,
			})
		}
		o := h.run(destroys)
		for _, e := range h.estates {
			e.h.sim.ClearTroubles()
		}
		return o
	}
	command, most := "apply", 1+h.random.IntN(4)
	if destroys {
		command = "destroy"
	}
	h.note("# This run is interrupted after the write number %d: terraform %s '%s'", most, command,
		strings.Join(h.flags, "' '"))
	flags := h.flags
	if destroys {
		flags = flags[:1]
	}
	cmd, out := h.cli.command(h.t.Context(), append([]string{command, "-json", "-auto-approve"}, flags...)...)
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	interrupted := false
	for {
		select {
		case err := <-ended:
			return readOutcome(out.String(), err)
		case <-look.C:
			if writes := h.writes(); !interrupted && writes >= most {
				interrupted = true
				_ = cmd.Process.Signal(os.Interrupt) // It may have ended.
			}
		}
	}
}

// writes counts those on all clouds.
func (h *history) writes() int {
	n := 0
	for _, e := range h.estates {
		n += e.h.writes()
	}
	return n
}

// standing is how an instance truly is.
func (e *cliEstate) standing(id string) standing {
	in, _ := e.h.sim.Instance(id)
	words := e.h.sim.Words()
	switch {
	case in.Status == words.Running:
		return standing{state: "running"}
	case in.Status != words.Stopped:
		return standing{state: in.Status}
	case e.h.stopCharging && in.StoppedMode == words.StopCharging:
		return standing{"stopped", backend.StopCharging}
	}
	return standing{"stopped", backend.KeepCharging}
}

// after judges a run that has succeeded.
func (e *cliEstate) after(
	b beginning, o outcome, planned []map[string]string, disturbed, destroys bool, state map[string][]stateObject,
) []string {
	blocks := e.blocks
	if destroys {
		e.blocks = map[string]resourceBlock{}
	}
	wrong := e.judge(b, result{
		is: e.standing, disturbed: disturbed,
		writes: func(id string) int {
			return len(slices.DeleteFunc(e.h.writesOf(id), func(k simulator.Call) bool {
				return !slices.Contains(k.Accepted, id)
			}))
		},
		replaced: func(address string) bool {
			return slices.ContainsFunc(planned, func(p map[string]string) bool {
				return p[e.at(address, e.counted)] == "replace"
			})
		},
	})
	for _, id := range e.ids {
		if !disturbed && len(e.h.writesOf(id)) > 0 && len(e.declaring(id)) > 0 && b.before[id][0].state == e.wanted[id] &&
			e.hasMode(b.before[id][0]) && !o.announces(id) {
			wrong = append(wrong, fmt.Sprintf("the plan does not say that %s may be turned on the way", id))
		}
	}
	wrong = append(wrong, e.untruths(e.objects(state))...)
	e.ran()
	if destroys {
		e.blocks = blocks
	}
	return wrong
}

// announces reports whether a warning says that an instance is changed by a destroy, or on
// the way.
func (o outcome) announces(id string) bool {
	return slices.ContainsFunc(o.warnings(""), func(text string) bool {
		return strings.Contains(text, id) &&
			(strings.Contains(text, "may change twice") || strings.Contains(text, "changes the power state"))
	})
}

// wantEmptyPlan makes the next plan.
func (h *history) wantEmptyPlan() {
	h.t.Helper()
	before := h.writes()
	plan := h.cli.do("plan", h.flags[0])
	if plan.err != nil || len(plan.planned) > 0 {
		h.tell()
		h.t.Errorf("the next plan is not empty: %v %v\n%s\n%s", plan.err, plan.planned,
			strings.Join(plan.errors(""), "\n"), plan.text)
	}
	for line := range strings.Lines(plan.text) {
		for _, e := range h.estates {
			// A refresh shows the declared mode of what runs where the apply has left the former one.
			if strings.Contains(line, `"type":"resource_drift"`) && strings.Contains(line, "."+e.prefix) &&
				e.more["stopped_mode"] != ifSupported["stopped_mode"] {
				h.tell(e)
				h.t.Errorf("a refresh finds something else: %s", line)
			}
		}
	}
	if got := h.writes(); got != before {
		h.t.Errorf("a plan made %d writes", got-before)
	}
}
