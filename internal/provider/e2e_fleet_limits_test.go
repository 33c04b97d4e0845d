package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// TestEndToEndFleetOfWhichFewAreInTransition: with max_in_transition no more instances than
// that are stopping at a time, and without it one call stops all.
func TestEndToEndFleetOfWhichFewAreInTransition(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const n, most = 5, 2
		h.sim.LimitRates(false)
		ids := h.seedMany(n, "running")
		c := h.here(h.fast("", fleetHCL(ids, "stopped", "max_in_transition = 2")))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, ids...)()
		stops := slices.DeleteFunc(slices.Clone(h.sim.Calls(0)), func(k simulator.Call) bool { return !k.Op.Write() })
		for i, call := range stops {
			during := 0
			for _, later := range stops[i:] {
				if later.Time.Sub(call.Time) < transitionTime {
					during += len(later.InstanceIDs)
				}
			}
			if during > most {
				t.Errorf("%d instances are in transition at a time, want %d%s", during, most, describeCalls(stops))
			}
		}
		if len(stops) < (n+most-1)/most {
			t.Errorf("got %d stops, want at least %d", len(stops), (n+most-1)/most)
		}
		h.sim.ForgetCalls()
		c.configure(h.fast("", fleetHCL(ids, "running")))
		c.do("apply").succeeded(t)
		if got := h.writes(); got != 1 {
			t.Errorf("without the limit got %d writes, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}

// TestEndToEndFleetOfWhichAShareMayFail: a percentage of the ids, rounded down.
func TestEndToEndFleetOfWhichAShareMayFail(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(19, "running")
		h.sim.LimitRates(false)
		c := h.here(h.fast("", fleetHCL(ids, "running")))
		c.do("apply").succeeded(t)
		h.inoperable(ids[3])
		h.sim.ForgetCalls()
		c.configure(h.fast("", fleetHCL(ids, "stopped", `max_failures = "10%"`)))
		o := c.do("apply")
		o.succeeded(t)
		warnings := strings.Join(o.warnings(workers), "\n")
		if !strings.Contains(warnings, "Unable to stop 1 of 19 instances") || !strings.Contains(warnings, ids[3]) {
			t.Errorf("the apply does not warn of the one that failed:\n%s", warnings)
		}
		h.are(h.sim.Words().Stopped, slices.Concat(ids[:3], ids[4:])...)()
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}
		// Two of 19 are more than a tenth. The others are started all the same.
		h.inoperable(ids[4])
		h.inoperable(ids[5])
		c.configure(h.fast("", fleetHCL(ids, "running", `max_failures = "10%"`)))
		c.do("apply").hasError(t, workers, "Unable to start", "of 19 instances", "At most 1 may fail", ids[4], ids[5])
		h.are(h.sim.Words().Running, ids[6:]...)()
	})
}

// TestEndToEndFleetProgress: the log of the provider at INFO says every ten seconds how far
// a fleet is.
func TestEndToEndFleetProgress(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	localcloud.SetTransition(all[0].server, 11*time.Second)
	ids := map[*harness][]string{}
	for _, h := range all {
		ids[h] = h.seedMany(3, "running")
		config += strings.Replace(fleetHCL(ids[h], "stopped", h.via()), `"workers"`, fmt.Sprintf("%q", h.key()), 1)
	}
	c := newCLI(t, config, "TF_LOG_PROVIDER=INFO")
	out, err := c.run("apply", "-auto-approve", "-no-color")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, h := range all {
		want := "0 of 3 instances stopped after 10s; waiting for 3: " + strings.Join(ids[h], ", ") + "."
		if !strings.Contains(out, want) {
			t.Errorf("%s: the log does not say %q:\n%s", h.name, want, out)
		}
		for _, id := range ids[h] {
			if got := h.writesOf(id); len(got) != 1 {
				t.Errorf("%s: got the writes%s\nwant one stop", h.name, describeCalls(got))
			}
		}
	}
	if got := strings.Count(out, "3 of 3 instances stopped after "); got != len(all) {
		t.Errorf("the log says of %d fleets that they are stopped, want %d:\n%s", got, len(all), out)
	}
}
