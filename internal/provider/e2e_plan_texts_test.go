package provider

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// planCause is a reason to say something about an instance in a plan, as it was observed.
type planCause struct {
	name string
	// on reports whether the service has it; nil means that every service does.
	on func(h *harness) bool
	// from makes the running instance what it is.
	from func(h *harness, id string)
	// state is declared, or stopped where it is empty, with further lines.
	state string
	lines []string
	// says is the summary of the warning about a single instance, and many that about a
	// fleet of three; both are empty where the plan has nothing to say.
	says, many string
	// fails is set where the apply would fail.
	fails bool
	// writes are those of an apply to each instance.
	writes int
}

// restoreLine is the line by which a destroy brings an instance back.
const restoreLine = `on_destroy = "restore"`

// planCauses are all of them. What a service can have is asked from its row in the table
// of services, and from its driver.
func planCauses() []planCause {
	driver := func(h *harness) backend.Driver { return clouds[h.cloud].zero }
	hasDryRun := func(h *harness) bool { _, ok := driver(h).(backend.DryRunner); return ok }
	hasMode := func(h *harness) bool { return h.stopCharging }
	const (
		willFail     = "Apply will fail for instance %q"
		willFailMany = willFail + " and 2 more"
	)
	address := 0
	return []planCause{
		{
			name: "cut", on: func(h *harness) bool { return h.ForcedType != "" }, writes: 1, lines: []string{restoreLine},
			from: func(h *harness, id string) {
				h.change(id, func(in *simulator.Instance) { in.Type = h.ForcedType })
				h.mayForce(id)
			},
			says: "Forced stop of instance %q planned", many: "Forced stop of instance %q and 2 more planned",
		},
		{
			name: "address", on: func(h *harness) bool { return h.stopCharging && !h.sim.Words().KeepsPublicIP },
			from: func(h *harness, id string) {
				address++
				h.change(id, func(in *simulator.Instance) { in.PublicIP = fmt.Sprintf("203.0.113.%d", address%250) })
			},
			lines: []string{stopCharging}, writes: 1,
			says: "Stop-charging of instance %q can release its address",
			many: "Stop-charging of instance %q and 2 more can release their addresses",
		},
		{
			name:  "restart",
			on:    func(h *harness) bool { return hasMode(h) && driver(h).Capabilities().ModeChangeNeedsRestart },
			from:  func(h *harness, id string) { h.change(id, halted(h, h.sim.Words().KeepCharging)) },
			lines: []string{stopCharging, "allow_restart = true", restoreLine},
			says:  "Restart of instance %q planned", writes: 2,
			many: "Fleet plan: 3 to restart for another stopped mode (of 3): %q and 2 more",
		},
		{
			name: "inoperable", from: func(h *harness, id string) { h.inoperable(id) },
			says: willFail, many: willFailMany, fails: true,
		},
		{
			name: "absent", from: func(h *harness, id string) { h.sim.Remove(id) },
			says: willFail, many: willFailMany, fails: true,
		},
		{
			name: "barred", on: hasMode, from: func(h *harness, id string) { h.change(id, h.barred) },
			lines: []string{stopCharging}, says: willFail, many: willFailMany, fails: true,
		},
		{
			name: "refused", on: func(h *harness) bool { return hasDryRun(h) && hasMode(h) },
			from: func(h *harness, id string) {
				h.trouble(simulator.Trouble{Kind: simulator.RefuseMode, InstanceIDs: []string{id}})
			},
			lines: []string{stopCharging}, says: "Dry run: unable to stop instance %q", many: willFailMany, fails: true,
		},
		{
			name: "turned", from: func(*harness, string) {}, lines: []string{restoreLine}, writes: 1,
			many: "Fleet plan: 3 to stop (of 3): %q and 2 more",
		},
		{
			name: "woken", state: "running", lines: []string{restoreLine}, writes: 1,
			many: "Fleet plan: 3 to start (of 3): %q and 2 more",
			from: func(h *harness, id string) { h.change(id, halted(h, h.sim.Words().KeepCharging)) },
		},
		{name: "lost", from: func(*harness, string) {}, writes: 1},
	}
}

// planResource is one resource of a cause.
type planResource struct {
	planCause
	name string
	ids  []string
	// fleet is set for one of several instances.
	fleet bool
}

func (p planResource) address() string {
	if p.fleet {
		return fleetType + "." + p.name
	}
	return powerStateType + "." + p.name
}

// hcl is the resource, about some of its instances.
func (p planResource) hcl(ids []string) string {
	state := "stopped"
	if p.state != "" {
		state = p.state
	}
	if p.fleet {
		return strings.Replace(fleetHCL(ids, state, p.lines...), `"workers"`, fmt.Sprintf("%q", p.name), 1)
	}
	return named(p.name, ids[0], state, p.lines...)
}

// planTexts makes three single instances and two fleets of three for each cause that the
// service has. Of equal warnings the CLI would show the first.
func (h *harness) planTexts() []planResource {
	h.t.Helper()
	var all []planResource
	for _, cause := range planCauses() {
		if cause.on != nil && !cause.on(h) {
			h.t.Logf("%s: the service has no such cause", cause.name)
			continue
		}
		for i := range 5 {
			p := planResource{cause, fmt.Sprintf("%s_%d", cause.name, i), nil, i > 2}
			p.ids = h.seedMany(map[bool]int{false: 1, true: 3}[p.fleet], "running")
			for _, id := range p.ids {
				cause.from(h, id)
			}
			all = append(all, p)
		}
	}
	return all
}

// wantNamed expects that a person reads of all instances of each resource, in the output as
// the CLI prints it: in a warning with the summary that belongs to the first of them.
func wantNamed(t *testing.T, out string, all []planResource, says func(p planResource) string) {
	t.Helper()
	shown := shownWarnings(out)
	for _, p := range all {
		summary := says(p)
		if summary == "" {
			continue
		}
		summary = fmt.Sprintf(summary, p.ids[0])
		i := slices.IndexFunc(shown, func(w shownWarning) bool { return w.summary == summary })
		if i < 0 {
			t.Errorf("%s: the plan shows no warning %q", p.address(), summary)
			continue
		}
		for _, id := range p.ids {
			if !strings.Contains(shown[i].summary+" "+shown[i].detail, id) {
				t.Errorf("%s: the plan does not name %s, but shows %q", p.address(), id, shown[i])
			}
		}
	}
	if t.Failed() {
		t.Logf("the plan shows\n%s", colors.ReplaceAllString(out, ""))
	}
}

// textsOf are the warnings in full that are about a resource, or its first instance. The CLI
// does not tell to which resource a warning belongs that the configuration has no more.
func textsOf(o outcome, title, address, id string) string {
	var texts []string
	for _, d := range o.diags {
		text := d.Summary + "\n\n" + d.Detail
		if d.Severity == "warning" && (d.Address == address || id != "" && strings.Contains(text, id)) {
			texts = append(texts, requestIDOf.ReplaceAllString(text, "${1}ID"))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return fmt.Sprintf("== %s: %s\n%s\n\n", title, address, strings.Join(texts, "\n---\n"))
}

var requestIDOf = regexp.MustCompile(`([Rr]equest id:? +)[^\s,)]+`)

// examples are the texts about the first single instance and the first fleet of each cause.
func examples(o outcome, title string, all []planResource) string {
	var texts strings.Builder
	for _, p := range all {
		if strings.HasSuffix(p.name, "_0") || strings.HasSuffix(p.name, "_3") {
			texts.WriteString(textsOf(o, title, p.address(), p.ids[0]))
		}
	}
	return texts.String()
}

// laterHCL is a resource whose output no plan knows.
const laterHCL = "resource \"terraform_data\" \"later\" {\n input = \"running\"\n}\n"

// unknownStates are resources whose state is not known in the plan, and their addresses.
func (h *harness) unknownStates() (config string, addresses []string) {
	lines := map[string]string{
		"if_supported": "stopped_mode = \"stop_charging_if_supported\"", "force": "force_stop = true",
		"force_after": "force_stop_after = \"5m\"",
	}
	if h.stopCharging {
		lines["free"] = stopCharging
	}
	config = laterHCL
	for _, what := range slices.Sorted(maps.Keys(lines)) {
		name, line := "later_"+what, lines[what]
		const state = "terraform_data.later.output"
		single := named(name, h.running(), "", line)
		fleet := strings.Replace(fleetHCL(h.seedMany(2, "running"), "", line), `"workers"`, fmt.Sprintf("%q", name), 1)
		config += strings.ReplaceAll(single+fleet, ` state = ""`, " state = "+state)
		config += strings.Replace(
			strings.Replace(statesHCL(map[string]any{h.running(): "running"}, line), `= "running"`, "= "+state, 1),
			`"workers"`, fmt.Sprintf("%q", name+"_each"), 1)
		addresses = append(addresses, powerStateType+"."+name, fleetType+"."+name, fleetType+"."+name+"_each")
	}
	return config, addresses
}

// TestEndToEndPlanTexts: of what a plan has to say about instances, a person reads all of
// them. The whole texts are in testdata/plan_texts, a file for each service; write them
// anew with -update.
func TestEndToEndPlanTexts(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		localcloud.SetTransition(h.server, transitionTime/4)
		h.sim.LimitRates(false)
		all := h.planTexts()
		unknown, conditional := h.unknownStates()
		crowd := h.seedMany(12, "running")
		h.mayForce(crowd...)
		for i, id := range crowd {
			h.change(id, func(in *simulator.Instance) { in.PublicIP = fmt.Sprintf("198.51.100.%d", i+1) })
		}
		mixed := append(h.seedMany(1, "running"), h.seedMany(1, "stopped")...)
		var config strings.Builder
		config.WriteString(unknown +
			fleetHCL(crowd, "stopped", "force_stop = true", "stopped_mode = \"stop_charging_if_supported\""))
		mix := strings.Replace(statesHCL(map[string]any{mixed[0]: "stopped", mixed[1]: "running"}, restoreLine), `"workers"`,
			`"mixed"`, 1)
		config.WriteString(mix)
		kept := config.String()
		for _, p := range all {
			config.WriteString(p.hcl(p.ids))
			if !p.fails {
				kept += p.hcl(p.ids)
			}
		}
		c := h.here(h.fast(`preflight = "dry_run"`, config.String()))

		// The plan of the creates.
		o := c.do("plan", "-out=saved.plan")
		o.succeeded(t)
		reads := len(slices.DeleteFunc(h.sim.Calls(0), func(k simulator.Call) bool { return k.Op != simulator.OpDescribe }))
		golden := examples(o, "create", all)
		for _, address := range append([]string{workers, fleetType + ".mixed"}, conditional...) {
			golden += textsOf(o, "create", address, "")
		}
		h.wantFound(t, c.savedPlan("saved.plan"), all)
		out, err := c.run("plan", "-parallelism=40")
		if err != nil {
			t.Fatalf("plan: %v\n%s", err, out)
		}
		wantNamed(t, out, all, func(p planResource) string {
			if p.fleet {
				return p.many
			}
			return p.says
		})
		for _, address := range conditional {
			if got := o.warnings(address); len(got) != 1 || !strings.Contains(got[0], "`state` is not known yet. If it is") {
				t.Errorf("%s: got the warnings %q, want one with a condition", address, got)
			}
		}
		h.wantNoWrites(t, "a plan")
		if most := h.next / 4; reads > most {
			t.Errorf("the plan of %d instances makes %d reads, want at most %d", h.next, reads, most)
		}

		h.wantDenied(t, c)

		// An apply of those that do not fail.
		c.configure(h.fast("", kept))
		c.do("apply").succeeded(t)
		h.wantWritten(t, all)

		// Some resources go, fleets get smaller, and instances are gone.
		h.sim.ForgetCalls()
		var rest strings.Builder
		rest.WriteString(laterHCL)
		var parting, lost []planResource
		for _, p := range all {
			switch {
			case p.fails:
			case p.planCause.name == "lost":
				gone := p.ids[:(len(p.ids)+1)/2]
				for _, id := range gone {
					h.sim.Remove(id)
				}
				rest.WriteString(p.hcl(p.ids))
				p.ids = gone
				lost = append(lost, p)
			case strings.HasSuffix(p.name, "_4"):
				rest.WriteString(p.hcl(p.ids[:1]))
				p.ids = p.ids[1:]
				parting = append(parting, p)
			default:
				parting = append(parting, p)
			}
		}
		c.configure(h.fast("", rest.String()))
		o = c.do("plan")
		o.succeeded(t)
		golden += examples(o, "destroy", slices.Concat(parting, lost)) +
			textsOf(o, "destroy", fleetType+".mixed", mixed[0])
		out, err = c.run("plan", "-parallelism=40")
		if err != nil {
			t.Fatalf("plan: %v\n%s", err, out)
		}
		wantNamed(t, out, parting, func(p planResource) string {
			if !slices.Contains(p.lines, restoreLine) {
				return ""
			}
			switch {
			case len(p.ids) == 2:
				return "Leaving the fleet changes the power state of instance %q and 1 more"
			case p.fleet:
				return "Destroy changes the power state of instance %q and 2 more"
			}
			return "Destroy changes the power state of instance %q"
		})
		wantNamed(t, out, lost, func(p planResource) string {
			if p.fleet {
				return "Instance %q and 1 more of the fleet are gone"
			}
			return "Instance %q is gone"
		})
		h.wantNoWrites(t, "a plan")

		// A plan leaves the state as it is, so that nothing was removed from it.
		address := "instance_power_state.lost_0"
		if c.attributes()[address] == nil {
			t.Errorf("the plan has taken %s out of the state", address)
		}
		if says("removed from the state").MatchString(out) {
			t.Errorf("the plan says that something was removed from the state:\n%s", out)
		}
		if out, err := c.run("apply", "-refresh-only", "-auto-approve"); err != nil || c.attributes()[address] != nil {
			t.Errorf("a refresh leaves %s in the state: %v\n%s", address, err, out)
		}
		h.wantNoWrites(t, "a refresh")
		wantGolden(t, filepath.Join("plan_texts", strings.ReplaceAll(h.name, " ", "_")+".txt"), golden)
	})
}

// wantFound expects that the plan of a create knows in which state an instance was found,
// beside the one that is declared.
func (h *harness) wantFound(t *testing.T, plan savedPlan, all []planResource) {
	t.Helper()
	words := h.sim.Words()
	found := map[string]any{words.Running: "running", words.Stopped: "stopped"}
	for _, p := range all {
		change := plan.of(p.address()).Change
		truth, known := found[h.status(p.ids[0])]
		if p.fleet || p.fails || !known {
			continue
		}
		if change.After["found_state"] != truth || change.AfterUnknown["found_state"] != nil {
			t.Errorf("%s: the plan shows found_state %v (unknown: %v), want %v, beside state %v", p.address(),
				change.After["found_state"], change.AfterUnknown["found_state"], truth, change.After["state"])
		}
	}
}

// wantNoWrites expects that nothing was started or stopped.
func (h *harness) wantNoWrites(t *testing.T, by string) {
	t.Helper()
	if got := h.writes(); got != 0 {
		t.Errorf("got %d writes by %s%s", got, by, describeCalls(h.sim.Calls(0)))
	}
}

// wantWritten counts the writes of an apply to each instance.
func (h *harness) wantWritten(t *testing.T, all []planResource) {
	t.Helper()
	for _, p := range all {
		want := p.writes
		if p.fails {
			want = 0
		}
		for _, id := range p.ids {
			if got := h.writesOf(id); len(got) != want {
				t.Errorf("%s: got %d writes of %s, want %d%s", p.address(), len(got), id, want, describeCalls(got))
			}
		}
	}
}

// wantDenied expects that a plan names each instance whose dry run is denied to its key.
func (h *harness) wantDenied(t *testing.T, c *cli) {
	t.Helper()
	if _, ok := clouds[h.cloud].zero.(backend.DryRunner); !ok {
		return
	}
	var config string
	ids := h.seedMany(3, "running")
	for i, id := range ids {
		config += named(fmt.Sprintf("denied_%d", i), id, "stopped")
	}
	reader := *h
	reader.config = h.Configuration(h.Keys.ReadOnly)
	c.configure(reader.fast(`preflight = "dry_run"`, config))
	out, err := c.run("plan")
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, out)
	}
	for _, id := range ids {
		summary := fmt.Sprintf("Dry run denied for instance %q", id)
		if !slices.ContainsFunc(shownWarnings(out), func(w shownWarning) bool { return w.summary == summary }) {
			t.Errorf("the plan shows no warning %q:\n%s", summary, colors.ReplaceAllString(out, ""))
		}
	}
}
