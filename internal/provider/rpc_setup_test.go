package provider

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// inFakeTime runs a test in fake time. It ends only when no goroutine is left.
func inFakeTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// setup is a cloud in memory with a provider over it.
type setup struct {
	*rpc
	cloud *memory.Driver
}

// transition is how long a start or a stop takes in a setup.
const transition = 10 * time.Second

// machine is the instance of most setups.
func machine(state backend.State) backend.Instance {
	return backend.Instance{ID: "h-1", Name: "web", State: state, PublicIP: "203.0.113.5", PrivateIP: "10.0.0.5"}
}

// newSetup is a setup with some instances and the usual configuration.
func newSetup(t *testing.T, instances ...backend.Instance) *setup {
	t.Helper()
	return setupWith(t, nil, instances...)
}

// setupWith adds to the usual configuration of the provider.
func setupWith(t *testing.T, more map[string]any, instances ...backend.Instance) *setup {
	t.Helper()
	return setupOf(t, memory.Options{}, plainDriver, more, instances...)
}

// setupOf is a setup of another kind of cloud, seen through what wrap returns.
func setupOf(
	t *testing.T, opts memory.Options, wrap func(*memory.Driver) backend.Driver, more map[string]any,
	instances ...backend.Instance,
) *setup {
	t.Helper()
	opts.StartTime, opts.StopTime = transition, transition
	driver := memory.New(opts)
	driver.Add(instances...)
	config := maps.Clone(configured)
	maps.Copy(config, more)
	return &setup{rpc: newRPC(t, wrap(driver), config), cloud: driver}
}

// resourceOf is a minimal resource, in a state, with further attributes.
func resourceOf(state string, more map[string]any) map[string]any {
	config := resourceWith(more)
	config["state"] = state
	return config
}

// step plans and applies as the core does: it refuses what the core refuses of
// a plan and of a result.
func (s *setup) step(config map[string]any, prior held) held {
	s.t.Helper()
	plan := s.plan(config, prior)
	if hasError(plan.Diagnostics) {
		s.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	s.wantValidPlan(config, prior, plan)
	after, diags := s.apply(s.t.Context(), config, prior, plan)
	if hasError(diags) {
		s.t.Fatalf("apply: %s", texts(diags))
	}
	s.wantConsistent(plan, after)
	return after
}

// refresh reads and fails the test on any diagnostic.
func (s *setup) refresh(prior held) held {
	s.t.Helper()
	after, diags := s.read(prior)
	if len(diags) > 0 {
		s.t.Fatalf("read: %s", texts(diags))
	}
	return after
}

// wantValidPlan checks what the core checks: that a plan keeps to what is
// configured, or to the prior value where that says the same.
func (r *rpc) wantValidPlan(config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse) {
	r.t.Helper()
	was, planned := r.values(prior.state), r.values(plan.PlannedState)
	for name, set := range config {
		got := planned[name]
		if !cmp.Equal(got, encoded(set)) && (was[name] == nil || !cmp.Equal(got, was[name])) {
			r.t.Errorf("the plan has %s = %v, want %v as configured", name, got, set)
		}
	}
}

// encoded is a configured value as values returns it.
func encoded(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	all := map[string]any{"create": nil, "read": nil, "update": nil, "delete": nil}
	maps.Copy(all, object)
	return all
}

// wantConsistent checks what the core checks: that a result has every value
// that the plan promised, and none that is unknown.
func (r *rpc) wantConsistent(plan *tfprotov6.PlanResourceChangeResponse, after held) {
	r.t.Helper()
	planned, got := r.values(plan.PlannedState), r.values(after.state)
	for name, value := range planned {
		if got[name] == tftypes.UnknownValue {
			r.t.Errorf("%s is unknown after the apply", name)
		}
		if value != tftypes.UnknownValue && !cmp.Equal(got[name], value) {
			r.t.Errorf("%s is %v after the apply, want %v as planned", name, got[name], value)
		}
	}
}

// unknowns names the attributes that a plan leaves unknown.
func (r *rpc) unknowns(plan *tfprotov6.PlanResourceChangeResponse) []string {
	r.t.Helper()
	names := []string{}
	for name, value := range r.values(plan.PlannedState) {
		if value == tftypes.UnknownValue {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// changes names the attributes that a plan changes or leaves unknown.
func (r *rpc) changes(prior held, plan *tfprotov6.PlanResourceChangeResponse) []string {
	r.t.Helper()
	names := []string{}
	was := r.values(prior.state)
	for name, value := range r.values(plan.PlannedState) {
		if !cmp.Equal(was[name], value) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// replacing names the attributes whose change makes a plan a replacement.
func replacing(plan *tfprotov6.PlanResourceChangeResponse) []string {
	names := []string{}
	for _, path := range plan.RequiresReplace {
		names = append(names, path.String())
	}
	slices.Sort(names)
	return names
}

// writes are the calls that change an instance.
func (s *setup) writes() []string {
	names := []string{}
	for _, call := range s.cloud.Calls(memory.Start, memory.Stop, memory.Reboot) {
		name := string(call.Op)
		if call.Op == memory.Stop {
			name += " " + call.Options.Force.String()
			if call.Options.Mode != backend.UnknownMode {
				name += " " + string(call.Options.Mode)
			}
		}
		names = append(names, name)
	}
	return names
}

func (s *setup) wantWrites(want ...string) {
	s.t.Helper()
	wantNames(s.t, "writes", s.writes(), want...)
}

func (s *setup) wantCalls(want int, ops ...memory.Op) {
	s.t.Helper()
	if got := s.cloud.Count(ops...); got != want {
		s.t.Errorf("%v: got %d calls, want %d", ops, got, want)
	}
}

func wantNames(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// wantValues checks some attributes of a state.
func (r *rpc) wantValues(state *tfprotov6.DynamicValue, want map[string]any) {
	r.t.Helper()
	all, got := r.values(state), map[string]any{}
	for name := range want {
		got[name] = all[name]
	}
	if diff := cmp.Diff(got, want); diff != "" {
		r.t.Errorf("values (-got +want):\n%s", diff)
	}
}

// wantElapsed checks fake time, within a second.
func wantElapsed(t *testing.T, since time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(since); got < want || got > want+time.Second {
		t.Errorf("it took %v, want %v and at most a second more", got, want)
	}
}

// plainDriver is the driver of a cloud without options.
func plainDriver(d *memory.Driver) backend.Driver { return d }

// sorted joins lists of names in order.
func sorted(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return all
}

// originIn reads the original state out of the private state.
func originIn(t *testing.T, h held) (origin string, known bool) {
	t.Helper()
	if len(h.private) == 0 {
		return "", false
	}
	var all map[string][]byte
	if err := json.Unmarshal(h.private, &all); err != nil {
		t.Fatal(err)
	}
	raw, known := all[originKey]
	return string(raw), known
}
