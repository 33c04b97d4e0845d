package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// parting is one instance, what was made of it, and what a destroy leaves.
type parting struct {
	name string
	// from is the instance before Terraform.
	from func(h *harness) string
	// state and lines are the resource.
	state string
	lines []string
	// left is the state in the end, and writes how many writes the destroy made.
	left   string
	writes int
}

func (p parting) key() string { return strings.ReplaceAll(p.name, " ", "_") }

func partings() []parting {
	running, stopped := (*harness).running, (*harness).stopped
	leave := func(what string) []string { return []string{fmt.Sprintf("on_destroy = %q", what)} }
	return []parting{
		{name: "left by default", from: running, state: "stopped", left: "stopped"},
		{name: "left", from: running, state: "stopped", lines: leave("leave"), left: "stopped"},
		{name: "started", from: running, state: "stopped", lines: leave("running"), left: "running", writes: 1},
		{name: "started though it runs", from: running, state: "running", lines: leave("running"), left: "running"},
		{name: "stopped", from: stopped, state: "running", lines: leave("stopped"), left: "stopped", writes: 1},
		{name: "stopped though it is", from: running, state: "stopped", lines: leave("stopped"), left: "stopped"},
		{name: "restored to running", from: running, state: "stopped", lines: leave("restore"), left: "running", writes: 1},
		{name: "restored to stopped", from: stopped, state: "running", lines: leave("restore"), left: "stopped", writes: 1},
		{name: "restored to what it is", from: stopped, state: "stopped", lines: leave("restore"), left: "stopped"},
		{
			name: "restored to where it was going", state: "running", lines: leave("restore"), left: "stopped", writes: 1,
			from: func(h *harness) string {
				id := h.running()
				h.stopBehindTheBack(id)
				return id
			},
		},
	}
}

// TestEndToEndDestroy: a destroy does what on_destroy says, and nothing else.
func TestEndToEndDestroy(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := map[string]string{}
		var config strings.Builder
		for _, p := range partings() {
			ids[p.name] = p.from(h)
			config.WriteString(named(p.key(), ids[p.name], p.state, p.lines...))
		}
		gone := h.running()
		config.WriteString(named("gone", gone, "stopped", "on_destroy = \"running\""))
		c := h.here(h.apart(config.String()))
		c.do("apply").succeeded(t)
		for _, p := range partings() {
			h.is(ids[p.name], map[string]string{"running": h.sim.Words().Running, "stopped": h.sim.Words().Stopped}[p.state])()
		}
		h.sim.ForgetCalls()
		h.sim.Remove(gone)
		c.do("destroy", "-refresh=false").succeeded(t)
		for _, p := range partings() {
			want := map[string]string{"running": h.sim.Words().Running, "stopped": h.sim.Words().Stopped}[p.left]
			if got := h.status(ids[p.name]); got != want {
				t.Errorf("%s: the instance is %q, want %q", p.name, got, want)
			}
			if got := h.writesOf(ids[p.name]); len(got) != p.writes {
				t.Errorf("%s: got %d writes by the destroy, want %d:%s", p.name, len(got), p.writes, describeCalls(got))
			}
		}
		if left := c.attributes(); len(left) != 0 {
			t.Errorf("after the destroy the state holds %v", left)
		}
	})
}

// TestEndToEndRestoreAfterImport: what is restored after an import is the state
// that the import found.
func TestEndToEndRestoreAfterImport(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		on, off := h.running(), h.stopped()
		restore := "on_destroy = \"restore\""
		imports := ""
		for name, id := range map[string]string{"on": on, "off": off} {
			imports += fmt.Sprintf("import {\n to = instance_power_state.%s\n id = %q\n}\n", name, h.cloud+"/"+h.scope+"/"+id)
		}
		c := h.here(h.apart(imports + named("on", on, "running", restore) + named("off", off, "stopped", restore)))
		c.do("apply").succeeded(t)
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes by an import, want 0", got)
		}
		c.configure(h.apart(named("on", on, "stopped", restore) + named("off", off, "running", restore)))
		c.do("apply").succeeded(t)
		h.isStopped(on)()
		h.isRunning(off)()
		c.do("destroy").succeeded(t)
		h.isRunning(on)()
		h.isStopped(off)()
		if got, want := h.writes(), 4; got != want {
			t.Errorf("got %d writes, want %d", got, want)
		}
	})
}

// restoration is an instance that was found in a stop that ends billing, in a single and in
// a fleet, and what a destroy makes of it.
type restoration struct {
	name, state string
	lines       []string
	// stopped is set where somebody stops it in the other mode before the destroy.
	stopped bool
	// says is in a warning of the plan of the destroy, which names the instance.
	says string
	// left is the mode in the end, and writes how many the destroy makes.
	left   string
	writes int
}

// TestEndToEndRestoreOfTheMode: a stop that ends billing is restored as one. The plan says
// where that takes a restart, and where it is not permitted. A destroy does not fail for
// the mode of an instance that is stopped.
func TestEndToEndRestoreOfTheMode(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		if !h.stopCharging {
			t.Log("it has one mode")
			return
		}
		words := h.sim.Words()
		const keep, restart, restore = `stopped_mode = "keep_charging"`, "allow_restart = true", `on_destroy = "restore"`
		rows := []restoration{
			{
				name: "stopped", state: "running", lines: []string{restore}, says: "will be stopped again, as it was found",
				left: words.StopCharging, writes: 1,
			},
			{
				name: "restarted", state: "stopped", lines: []string{restore, keep, restart},
				says: "A start and a stop will change the mode", left: words.StopCharging, writes: 2,
			},
			{
				name: "kept", state: "running", lines: []string{restore}, stopped: true,
				says: "will stay stopped in another mode than found", left: words.KeepCharging,
			},
			{
				name: "asked for", state: "running", lines: []string{`on_destroy = "stopped"`, stopCharging}, stopped: true,
				left: words.KeepCharging,
			},
		}
		var config strings.Builder
		ids, addresses := make([][2]string, len(rows)), make([][2]string, len(rows))
		for i, r := range rows {
			one, many := h.running(), h.running()
			h.change(one, halted(h, words.StopCharging))
			h.change(many, halted(h, words.StopCharging))
			ids[i], addresses[i] = [2]string{one, many}, [2]string{
				fmt.Sprintf("instance_power_state.r%d", i), fmt.Sprintf("instance_fleet_power_state.r%d", i),
			}
			config.WriteString(named(fmt.Sprintf("r%d", i), one, r.state, r.lines...) +
				strings.Replace(fleetHCL([]string{many}, r.state, r.lines...), "workers", fmt.Sprintf("r%d", i), 1))
		}
		c := h.here(h.apart(config.String()))
		c.do("apply").succeeded(t)
		for i, r := range rows {
			if r.stopped {
				h.change(ids[i][0], halted(h, words.KeepCharging))
				h.change(ids[i][1], halted(h, words.KeepCharging))
			}
		}
		h.sim.ForgetCalls()
		plan := c.do("plan", "-destroy")
		plan.succeeded(t)
		c.do("destroy").succeeded(t)
		for i, r := range rows {
			for form, id := range ids[i] {
				at := addresses[i][form]
				if got := strings.Join(plan.warnings(at), "\n"); r.says == "" && got != "" ||
					!strings.Contains(got, r.says) || r.says != "" && !strings.Contains(got, id) {
					t.Errorf("%s, %s: the plan of the destroy warns %q, want %q of %s", at, r.name, got, r.says, id)
				}
				if in, _ := h.sim.Instance(id); in.Status != words.Stopped || in.StoppedMode != r.left {
					t.Errorf("%s, %s: the instance is %s in the mode %s, want it stopped in the mode %s", at, r.name, in.Status,
						in.StoppedMode, r.left)
				}
				if got := h.writesOf(id); len(got) != r.writes {
					t.Errorf("%s, %s: got %d writes by the destroy, want %d%s", at, r.name, len(got), r.writes, describeCalls(got))
				}
			}
		}
	})
}

// TestEndToEndDestroyThatFails: a destroy that cannot do what on_destroy says fails for
// these resources alone, keeps them, and the next one converges.
func TestEndToEndDestroyThatFails(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		stuck, other, fleet := h.running(), h.running(), h.seedMany(2, "running")
		h.sim.LimitRates(false)
		const leave = `on_destroy = "running"`
		c := h.here(h.fast("", named("row", stuck, "stopped", leave, "timeouts {\n delete = \"3s\"\n}")+
			named("other", other, "stopped", leave)+named("ends", h.running(), "stopped")+fleetHCL(fleet, "stopped", leave)))
		c.do("apply").succeeded(t)
		h.trouble(simulator.Trouble{Kind: simulator.Stuck, InstanceIDs: []string{stuck}})
		h.inoperable(other)
		h.inoperable(fleet[1])
		h.sim.ForgetCalls()
		plan := c.do("plan", "-destroy")
		plan.succeeded(t)
		for address, want := range map[string]string{
			"instance_power_state.row":   "will be started, unless already running",
			"instance_power_state.other": fmt.Sprintf("Destroy will fail for instance %q", other),
			workers:                      fmt.Sprintf("Destroy will fail for instance %q", fleet[1]),
		} {
			if got := strings.Join(plan.warnings(address), "\n"); !strings.Contains(got, want) {
				t.Errorf("the plan of the destroy of %s warns %q, want %q", address, got, want)
			}
		}
		// The CLI does not say to which resource an error of a destroy belongs.
		errors := c.do("destroy").errors("")
		for _, want := range []string{
			fmt.Sprintf("Unable to start instance %q", stuck), fmt.Sprintf("Unable to start instance %q", other),
			"Unable to apply `on_destroy` to 1 of 2 instances",
		} {
			if !slices.ContainsFunc(errors, func(text string) bool { return strings.HasPrefix(text, want) }) {
				t.Errorf("no error of the destroy begins with %q: %q", want, errors)
			}
		}
		if !says("The time limit of 3s (`timeouts.delete`) passed before the cloud reported the instance as running.").
			MatchString(strings.Join(errors, "\n")) {
			t.Errorf("no error names the time limit: %q", errors)
		}
		if len(errors) != 3 {
			t.Errorf("got %d errors of the destroy, want 3: %q", len(errors), errors)
		}
		left := c.attributes()
		if got, want := slices.Sorted(maps.Keys(left)), []string{
			workers, "instance_power_state.other", "instance_power_state.row",
		}; !slices.Equal(got, want) {
			t.Errorf("after the destroy the state holds %v, want %v", got, want)
		}
		h.sim.ClearTroubles()
		c.do("destroy").succeeded(t)
		for _, id := range append(fleet, stuck, other) {
			h.isRunning(id)()
			got := h.writesOf(id)
			if len(got) != 1 || got[0].Op != simulator.OpStart {
				t.Errorf("%s: got the writes of both destroys%s\nwant one start", id, describeCalls(got))
			}
		}
	})
}
