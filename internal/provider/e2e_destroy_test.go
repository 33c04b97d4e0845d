package provider

import (
	"fmt"
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

// TestEndToEndRestoreOfTheMode: a stop without charging is restored as one.
func TestEndToEndRestoreOfTheMode(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		if !h.stopCharging {
			t.Log("it has one mode")
			return
		}
		id := h.running()
		h.change(id, halted(h, h.sim.Words().StopCharging))
		c := h.here(h.apart(named("row", id, "running", "on_destroy = \"restore\"")))
		c.do("apply").succeeded(t)
		h.isRunning(id)()
		c.do("destroy").succeeded(t)
		if in, _ := h.sim.Instance(id); in.Status != h.sim.Words().Stopped || in.StoppedMode != h.sim.Words().StopCharging {
			t.Errorf("the instance is %s in the mode %s, want it stopped without charging, as it was found", in.Status,
				in.StoppedMode)
		}
	})
}

// TestEndToEndDestroyThatFails: a destroy that cannot do what on_destroy says
// fails, keeps the resource, and the next one converges.
func TestEndToEndDestroyThatFails(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.running()
		c := h.here(h.apart(named("row", id, "stopped", "on_destroy = \"running\"", "timeouts {\n delete = \"3s\"\n}")))
		c.do("apply").succeeded(t)
		plan := c.do("plan", "-destroy")
		if warnings := plan.warnings("instance_power_state.row"); len(warnings) != 1 ||
			!strings.Contains(warnings[0], "will be started, unless already running") {
			t.Errorf("got the warnings %q of the destroy, want one that it starts the instance", warnings)
		}
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		// The CLI does not say to which resource an error of a destroy belongs.
		c.do("destroy").hasError(t, "", fmt.Sprintf("Unable to start instance %q", id),
			"The time limit of 3s (`timeouts.delete`) passed before the cloud reported the instance as running.")
		if c.attributes()["instance_power_state.row"] == nil {
			t.Error("the resource is not in the state any more")
		}
		h.sim.ClearTroubles()
		c.do("destroy").succeeded(t)
		h.isRunning(id)()
		got := h.writesOf(id)
		if len(slices.DeleteFunc(got, func(k simulator.Call) bool { return k.Op != simulator.OpStart })) != 1 {
			t.Errorf("got the writes%s\nwant one stop and one start", describeCalls(h.writesOf(id)))
		}
	})
}
