package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// TestEndToEndIgnoredStatesPlanNothing has resources and a fleet of every service that
// apply their state once. What others do to the instances later is no change, nor is the
// mode in which they leave them, where that is not one that the declared mode excludes.
func TestEndToEndIgnoredStatesPlanNothing(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	const keep = "stopped_mode = \"keep_charging\""
	ids := map[*harness]map[string][]string{}
	for _, h := range all {
		ids[h] = map[string][]string{}
		for mode, line := range map[string]string{"none": "", "preferred": ifSupportedLine, "kept": keep} {
			name := fmt.Sprintf("%q", h.key()+"_"+mode)
			own := h.seedMany(3, "running")
			ids[h][mode] = own
			lines := []string{h.via(), line, "lifecycle {\n ignore_changes = [state]\n}"}
			config += strings.Replace(power(own[0], "stopped", lines...), `"web"`, name, 1)
			config += strings.Replace(fleetHCL(own[1:], "stopped", lines...), `"workers"`, name, 1)
		}
	}
	c := newCLI(t, config)
	c.do("apply").succeeded(t)
	for _, h := range all {
		for mode, own := range ids[h] {
			h.are(h.sim.Words().Stopped, own...)()
			for _, id := range own {
				if got := h.writesOf(id); len(got) != 1 {
					t.Errorf("%s, %s: got the writes%s\nwant one stop", h.name, mode, describeCalls(got))
				}
			}
		}
	}
	forgetCalls(all)
	for _, state := range []string{"running", "stopped", "running"} {
		for _, h := range all {
			words := h.sim.Words()
			for mode, own := range ids[h] {
				for _, id := range own {
					h.change(id, func(in *simulator.Instance) {
						in.Status, in.StoppedMode = words.Running, ""
						if state == "stopped" {
							in.Status, in.StoppedMode = words.Stopped, words.StopCharging
						}
						if state == "stopped" && mode == "kept" {
							in.StoppedMode = words.KeepCharging
						}
					})
				}
			}
		}
		if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
			t.Errorf("the plan is not empty once the instances are %s: %v\n%s", state, o.planned, o.text)
		}
		for _, h := range all {
			if got := h.writes(); got != 0 {
				t.Errorf("%s: got %d writes of a plan", h.name, got)
			}
		}
	}
}
