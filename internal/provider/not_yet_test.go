package provider

import (
	"fmt"
	"maps"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestAStateThatIsNotKnownYet: whatever the state turns out to be, the plan within the apply
// keeps to the first one, and a refresh shows what the apply has left.
func TestAStateThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	modes := map[string]map[string]any{
		"no mode": nil, "a preferred mode": {"stopped_mode": "stop_charging_if_supported"},
		"one that keeps charging": {"stopped_mode": "keep_charging", "allow_restart": true},
		"one that stops charging": {"stopped_mode": "stop_charging", "allow_restart": true},
	}
	was := map[string]backend.Instance{
		"running": {State: backend.Running}, "stopped": {State: backend.Stopped, StoppedMode: backend.KeepCharging},
		"stopped without charging": {State: backend.Stopped, StoppedMode: backend.StopCharging},
	}
	for name, in := range was {
		for mode, more := range modes {
			for before := range modes {
				t.Run(fmt.Sprintf("%s, with %s after %s", name, mode, before), func(t *testing.T) {
					t.Parallel()
					for _, state := range []string{"running", "stopped"} {
						inFakeTime(t, func(t *testing.T) { stateNotYet(t, in, modes[before], more, state) })
					}
				})
			}
		}
	}
}

func stateNotYet(t *testing.T, in backend.Instance, before, more map[string]any, state string) {
	t.Helper()
	s := newSetup(t)
	fleets, ids := fleetIn(t, s, 2, backend.Running)
	for _, id := range ids {
		s.cloud.Change(id, func(one *backend.Instance) { one.State, one.StoppedMode = in.State, in.StoppedMode })
	}
	single := func(state string) map[string]any { return map[string]any{"instance_id": ids[0], "state": state} }
	list := func(state string) map[string]any { return fleetOf(state, ids, nil) }
	byState := func(state string) map[string]any { return fleetBy(map[string]any{ids[0]: state, ids[1]: state}, nil) }
	for what, of := range map[string]struct {
		kind   kind
		config func(state string) map[string]any
		notYet string
	}{
		"a resource": {s.rpc, single, "state"}, "a fleet": {fleets, list, "state"},
		"a fleet by state": {fleets, byState, "states"},
	} {
		for _, id := range ids {
			s.cloud.Change(id, func(one *backend.Instance) { one.State, one.StoppedMode = in.State, in.StoppedMode })
		}
		c := &core{
			setup: s, fleets: fleets, random: seeded(1, 1), state: map[string]held{}, refreshes: true, parallelism: 1,
		}
		address := map[kind]string{s.rpc: "single", fleets: "fleet"}[of.kind]
		run := func(config, more map[string]any, notYet ...string) {
			config = maps.Clone(config)
			maps.Copy(config, more)
			blocks := map[string]resourceBlock{address: {config: config, notYet: notYet}}
			if changes := c.planAll(blocks); changes != nil {
				c.applyAll(blocks, changes)
			}
		}
		found := "running"
		if in.State == backend.Stopped {
			found = "stopped"
		}
		run(of.config(found), before)
		run(of.config(state), more, of.notYet)
		for _, id := range ids {
			if now, _ := s.cloud.Instance(id); now.State.String() != state && (what != "a resource" || id == ids[0]) {
				t.Errorf("%s: %s is %v, want %s", what, id, now.State, state)
			}
		}
		after := c.planAll(map[string]resourceBlock{address: {config: merged(of.config(state), more)}})
		if after[address].action != "no-op" {
			t.Errorf("%s that is %s: the next plan has an %s of %v", what, state, after[address].action,
				of.kind.values(after[address].plan.PlannedState))
		}
	}
}

func merged(config, more map[string]any) map[string]any {
	config = maps.Clone(config)
	maps.Copy(config, more)
	return config
}

// TestIDsThatAreNotKnownYet: any instance of a fleet may leave it then, so what another
// resource goes on to declare is left, or brought back, whichever is planned and applied
// first.
func TestIDsThatAreNotKnownYet(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		config func(ids []string) map[string]any
		notYet string
	}{
		"by a list": {func(ids []string) map[string]any {
			return fleetOf("stopped", ids, map[string]any{"on_destroy": "running"})
		}, "instance_ids"},
		"by a map": {func(ids []string) map[string]any {
			states := map[string]any{}
			for _, id := range ids {
				states[id] = "stopped"
			}
			return fleetBy(states, map[string]any{"on_destroy": "running"})
		}, "states"},
	} {
		for _, replace := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, replaced=%v", name, replace), func(t *testing.T) {
				t.Parallel()
				for seed := range uint64(6) { // It makes the order.
					inFakeTime(t, func(t *testing.T) {
						s := newSetup(t)
						fleets, ids := fleetIn(t, s, 2, backend.Running)
						c := &core{
							setup: s, fleets: fleets, random: seeded(seed, 1), state: map[string]held{}, refreshes: true, parallelism: 1,
						}
						stays := resourceBlock{config: map[string]any{"instance_id": ids[1], "state": "stopped"}}
						run := func(fleet resourceBlock) {
							blocks := map[string]resourceBlock{"fleet": fleet, "stays": stays}
							if changes := c.planAll(blocks); changes != nil {
								c.applyAll(blocks, changes)
							}
						}
						run(resourceBlock{config: of.config(ids)})
						run(resourceBlock{config: of.config(ids[:1]), notYet: []string{of.notYet}, replace: replace})
						if in, _ := s.cloud.Instance(ids[1]); in.State != backend.Stopped {
							t.Errorf("seed %d: %s is %v, want it stopped as another resource declares", seed, ids[1], in.State)
						}
					})
				}
			})
		}
	}
}
