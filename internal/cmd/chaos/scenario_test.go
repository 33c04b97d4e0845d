package main

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/gate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

func TestASeedMakesTheSameScenario(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		if one, other := newScenario(seed), newScenario(seed); !reflect.DeepEqual(one, other) {
			t.Errorf("seed %d makes %+v and %+v", seed, one, other)
		}
	}
}

// What the scenarios are for must be among 300 of them.
func TestTheScenariosDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	note := func(what string, is bool) {
		if is {
			seen[what]++
		}
	}
	const n = 300
	for seed := uint64(1); seed <= n; seed++ {
		s := newScenario(seed)
		seen[s.kind.String()]++
		note("at a time", s.request == 0)
		note("before a request has an effect", s.request > 0 && s.moment == gate.Arrived)
		note("before its answer", s.request > 0 && s.moment == gate.Served)
		note("an instance that is not managed", len(s.states) < singles)
		note("a fleet that is smaller", len(s.fleetMembers) < members)
		note("a fleet that runs", s.fleet == running)
		note("a fleet that is stopped", s.fleet == stopped)
		note("drift", len(s.drift) > 0)
	}
	if want := int(kinds) + 8; len(seen) != want {
		t.Errorf("%d things happen, want %d: %v", len(seen), want, seen)
	}
	for what, times := range seen {
		if times < n/20 {
			t.Errorf("%s: %d times in %d, want more", what, times, n)
		}
	}
}

// A fleet whose members were drawn one by one would have none in one of 15,000 scenarios.
func TestAFleetHasAMember(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150_000) {
		if len(newScenario(seed).fleetMembers) == 0 {
			t.Fatalf("seed %d makes a fleet without a member", seed)
		}
	}
}

func TestTargetsAndVariablesAgree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		s := newScenario(seed)
		for _, service := range localcloud.Services() {
			data, err := s.variables(service)
			if err != nil {
				t.Fatal(err)
			}
			var variables struct {
				States  map[string]string
				Fleet   string
				Members []string
			}
			if err := json.Unmarshal(data, &variables); err != nil {
				t.Fatal(err)
			}
			got := variables.States
			for _, id := range variables.Members {
				got[id] = variables.Fleet
			}
			if want := s.targets(service); !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: the variables ask for %v, want %v", seed, got, want)
			}
		}
	}
}
