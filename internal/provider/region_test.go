package provider

import (
	"sync/atomic"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// TestARegionIsTheSameInCapitals: it has the same limits and the same instances.
func TestARegionIsTheSameInCapitals(t *testing.T) {
	t.Parallel()
	driver := memory.New(memory.Options{})
	driver.Add(machine(backend.Running))
	var opened atomic.Int32
	all := memoryClouds(driver)
	here := all["here"]
	here.open = func(values, string, openOptions) (backend.Driver, error) {
		opened.Add(1)
		return driver, nil
	}
	all["here"] = here
	r := rpcOf(t, all)
	wantTexts(t, r.configure(configured), "")

	plan := r.plan(resourceOf("running", map[string]any{"region": "r-1"}), held{})
	wantTexts(t, plan.Diagnostics, "")
	plan = r.plan(resourceOf("stopped", map[string]any{"region": "R-1"}), held{})
	if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Summary != `Instance "h-1" is declared twice` {
		t.Errorf("got %s, want the contradiction", texts(plan.Diagnostics))
	}
	_, diags := r.readData("instance_power_state", map[string]any{"region": "R-1", "instance_id": "h-1"})
	wantTexts(t, diags, "")
	if got := opened.Load(); got != 1 {
		t.Errorf("the region was opened %d times, want once", got)
	}
}
