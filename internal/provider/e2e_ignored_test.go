package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// TestEndToEndIgnoredStatesPlanNothing has a resource and a fleet on each cloud that apply
// their state once. What others do to the instances later is no change, nor is the mode
// in which they leave them.
func TestEndToEndIgnoredStatesPlanNothing(t *testing.T) {
	t.Parallel()
	first := newHarness(t, services()[0])
	var blocks, resources strings.Builder
	var all []*harness
	ids := make(map[string][]string)
	for _, s := range services() {
		if ids[s.cloud] != nil {
			continue // Another service of the same cloud.
		}
		h := &harness{service: s, t: t, server: first.server, sim: first.server.Cloud(s.cloud)}
		all = append(all, h)
		ids[s.cloud] = h.seedMany(3, "running")
		fmt.Fprintf(&blocks, "%s {\n%s\nendpoint = %q\n}\n", s.cloud, s.config, first.server.URL())
		lines := []string{fmt.Sprintf("cloud = %q", s.cloud), "lifecycle {\n ignore_changes = [state]\n}"}
		resources.WriteString(named(s.cloud, ids[s.cloud][0], "stopped", lines...))
		resources.WriteString(strings.ReplaceAll(fleetHCL(ids[s.cloud][1:], "stopped", lines...), "workers", s.cloud))
	}
	c := newCLI(t, "provider \"instance\" {\n"+blocks.String()+"}\n"+resources.String())
	if out, err := c.run("apply", "-auto-approve", "-no-color"); err != nil {
		t.Fatalf("apply: %v\n%s", err, out)
	}
	for _, state := range []string{"running", "stopped", "running"} {
		writes := 0
		for _, h := range all {
			words := h.sim.Words()
			for _, id := range ids[h.cloud] {
				h.change(id, func(in *simulator.Instance) {
					in.Status, in.StoppedMode = words.Running, ""
					if state == "stopped" {
						in.Status, in.StoppedMode = words.Stopped, words.StopCharging
					}
				})
			}
			writes += h.writes()
		}
		if out, err := c.run("plan", "-detailed-exitcode", "-no-color"); err != nil {
			t.Errorf("the plan is not empty once the instances are %s: %v\n%s", state, err, out)
		}
		if want := 2 * len(all); writes != want {
			t.Errorf("got %d writes, want %d: a stop for each resource", writes, want)
		}
	}
}
