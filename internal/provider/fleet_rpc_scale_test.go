package provider

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestALargeFleetCostsInProportion counts allocations, which do not depend on
// how busy the machine is: what grows with the square of the ids, such as a set
// whose elements are compared with each other, shows in them. It is not
// parallel, since they are counted for the whole process.
func TestALargeFleetCostsInProportion(t *testing.T) {
	perInstance := map[int]uint64{}
	for _, n := range []int{2_000, 10_000} {
		synctest.Test(t, func(t *testing.T) {
			s := newSetup(t)
			f, _ := fleetIn(t, s, 0, backend.Running)
			ids := make([]string, n)
			for i := range ids {
				ids[i] = fmt.Sprintf("h-%05d", i)
				s.cloud.Add(backend.Instance{ID: ids[i], State: backend.Running})
			}
			config := fleetOf("stopped", ids, nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if diags := f.check(config); len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			plan := f.plan(config, held{})
			f.wantCalls(n/100, memory.Describe)
			state, diags := f.apply(t.Context(), config, held{}, plan)
			if len(diags) > 0 {
				t.Fatal(texts(diags))
			}
			runtime.ReadMemStats(&after)
			perInstance[n] = (after.Mallocs - before.Mallocs) / uint64(n) //nolint:gosec // It is positive.
			f.wantCalls(n/100, memory.Stop)
			for _, call := range s.cloud.Calls(memory.Stop) {
				if len(call.IDs) != 100 {
					t.Errorf("a stop of %d, want 100", len(call.IDs))
				}
			}
			f.wantState(state, map[string]any{"state": "stopped", "instance_ids": ids})
			if n > 2_000 {
				return // The test's own encoding of a prior state takes longer than all else.
			}
			// The next plan reads each once, and finds nothing to do.
			s.cloud.ForgetCalls()
			state = f.refresh(state)
			f.wantCalls(n/100, memory.Describe)
			next := f.plan(config, state)
			if diff := cmp.Diff(f.values(next.PlannedState), f.values(state.state)); diff != "" || len(next.Diagnostics) > 0 {
				t.Errorf("the next plan has changes, or fails: %s%s", diff, texts(next.Diagnostics))
			}
			f.wantCalls(n / 100)
		})
	}
	t.Logf("allocations for each instance: %v", perInstance)
	if small, large := perInstance[2_000], perInstance[10_000]; large > small*3/2 {
		t.Errorf("an instance of 10,000 costs %d allocations, one of 2,000 costs %d: want about as many", large, small)
	}
}
