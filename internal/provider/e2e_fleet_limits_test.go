package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// TestEndToEndFleetOfWhichFewAreInTransition: with max_in_transition no more instances than
// that start or stop at a time, in either form of the fleet, and without it one call
// starts all.
func TestEndToEndFleetOfWhichFewAreInTransition(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const n, most = 5, 2
		h.sim.LimitRates(false)
		ids, on := h.seedMany(n, "running"), h.seedMany(n, "running")
		all := slices.Concat(ids, on)
		c := h.here(h.fast("", fleetHCL(ids, "stopped", "max_in_transition = 2")))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, ids...)()
		h.wantInTransition(t, n, most)

		states := map[string]any{}
		for i, id := range all {
			states[id] = map[bool]string{true: "running", false: "stopped"}[i < n]
		}
		h.sim.ForgetCalls()
		c.configure(h.fast("", statesHCL(states, "max_in_transition = 2")))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Running, ids...)()
		h.are(h.sim.Words().Stopped, on...)()
		h.wantInTransition(t, len(all), most)

		h.sim.ForgetCalls()
		c.configure(h.fast("", fleetHCL(all, "running")))
		c.do("apply").succeeded(t)
		h.wantInTransition(t, n, n)
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}

// wantInTransition expects that so many instances were started or stopped, each once, and
// that no more than most of them were in a transition at a time.
func (h *harness) wantInTransition(t *testing.T, turned, most int) {
	t.Helper()
	writes := slices.DeleteFunc(h.sim.Calls(0), func(k simulator.Call) bool { return !k.Op.Write() || k.DryRun })
	total, peak := 0, 0
	for i, call := range writes {
		total += len(call.InstanceIDs)
		during := 0
		for _, later := range writes[i:] {
			if later.Time.Sub(call.Time) < transitionTime {
				during += len(later.InstanceIDs)
			}
		}
		peak = max(peak, during)
	}
	if total != turned || peak > most {
		t.Errorf("%d instances are turned, and up to %d are in a transition at a time, want %d and %d%s", total, peak, turned,
			most, describeCalls(writes))
	}
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
		h.wantStoppedOnce(t, ids, ids[3:4])
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

// TestEndToEndFleetProgress: the log of the provider at INFO says how far a fleet is, while
// its instances are in a transition, and at the end.
func TestEndToEndFleetProgress(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(3, "running")
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		log := filepath.Join(t.TempDir(), "log")
		c := newCLI(t, h.hcl(fleetHCL(ids, "stopped")), "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+log)
		cmd, out := c.command(t.Context(), "apply", "-auto-approve", "-no-color")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// They go on once the log has said that they do not.
		waiting := regexp.MustCompile(`0 of 3 instances stopped after \d+s; waiting for 3: ` + strings.Join(ids, ", ") + `\.`)
		said := h.logged(log, waiting)
		h.sim.ClearTroubles()
		if err := cmd.Wait(); err != nil || !said {
			t.Fatalf("the apply ended with %v; the log says %q: %v\n%s", err, waiting, said, out)
		}
		if !h.logged(log, regexp.MustCompile(`3 of 3 instances stopped after \d+s\.`)) {
			t.Error("the log does not say that the fleet is done")
		}
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}
	})
}

// logged waits until a log has a text, for at most a minute.
func (h *harness) logged(file string, text *regexp.Regexp) bool {
	h.t.Helper()
	for range 600 {
		if log, err := os.ReadFile(file); err == nil && text.Match(log) {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}
