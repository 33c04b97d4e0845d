package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/gate"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The states of the provider.
const (
	running = "running"
	stopped = "stopped"
)

// kind is what happens to an apply.
type kind int

const (
	killCLI kind = iota
	killProvider
	killBoth
	interrupt
	interruptTwice
	cutBriefly
	cutToTheEnd
	kinds // how many there are
)

func (k kind) String() string {
	return [...]string{
		"the CLI is killed", "the provider is killed", "both are killed", "the CLI is interrupted",
		"the CLI is interrupted twice", "the cloud cannot be reached for a while",
		"the cloud cannot be reached until the apply ends",
	}[k]
}

const (
	// singles and members are how many instances single resources have, and the
	// fleet.
	singles, members = 4, 6
	// transition is how long a start and a stop take.
	transition = 500 * time.Millisecond
	// latest is the last moment of an apply at which something happens to it by
	// time, and mostRequests the last request by which it does.
	latest       = 2 * time.Second
	mostRequests = 10
	// longestCut is how long the cloud cannot be reached for a while.
	longestCut = 3 * time.Second
	// limit is the time limit of each resource.
	limit = "20s"
)

// scenario is one run, made by its seed alone.
type scenario struct {
	seed uint64
	// states are those that single resources ask for, by the number of the
	// instance; an instance without one is not managed. fleet is what the fleet
	// asks for, and fleetMembers are the numbers of its instances.
	states       map[int]string
	fleet        string
	fleetMembers []int
	// drift are the instances that somebody else has changed before.
	drift map[int]string

	kind kind
	// request and moment say when it happens; where request is 0 it happens after
	// a time.
	request int
	moment  gate.Moment
	after   time.Duration
	cut     time.Duration
}

// newScenario makes the scenario of a seed. The kinds follow each other, so that
// there are equally many of each.
func newScenario(seed uint64) scenario {
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // A seed must make the same run again.
	state := func() string { return [...]string{running, stopped}[r.IntN(2)] }
	s := scenario{seed: seed, states: map[int]string{}, drift: map[int]string{}, fleet: state()}
	for i := range singles {
		if r.IntN(5) > 0 {
			s.states[i] = state()
		}
	}
	for i := singles; i < singles+members; i++ {
		if len(s.fleetMembers) == 0 || r.IntN(5) > 0 {
			s.fleetMembers = append(s.fleetMembers, i)
		}
	}
	for i := range singles + members {
		if r.IntN(5) == 0 {
			s.drift[i] = state()
		}
	}
	s.kind = kind(seed % uint64(kinds))
	if r.IntN(4) > 0 {
		s.request = 1 + r.IntN(mostRequests)
		s.moment = [...]gate.Moment{gate.Arrived, gate.Served}[r.IntN(2)]
	}
	s.after = time.Duration(r.Int64N(int64(latest)))
	s.cut = time.Duration(r.Int64N(int64(longestCut)))
	return s
}

// targets returns the state that each managed instance shall have.
func (s scenario) targets(service simulator.Service) map[string]string {
	all := map[string]string{}
	for i, state := range s.states {
		all[service.ID(i)] = state
	}
	for _, i := range s.fleetMembers {
		all[service.ID(i)] = s.fleet
	}
	return all
}

// configuration is the same for all scenarios of a service.
func configuration(service simulator.Service, endpoint string) string {
	return terraform.Head([]simulator.Service{service}, endpoint) + fmt.Sprintf(`
variable "states" { type = map(string) }
variable "fleet" { type = string }
variable "members" { type = list(string) }

resource "instance_power_state" "one" {
  for_each    = var.states
  instance_id = each.key
  state       = each.value
  timeouts {
    create = %[1]q
    read   = %[1]q
    update = %[1]q
    delete = %[1]q
  }
}

resource "instance_fleet_power_state" "all" {
  instance_ids = var.members
  state        = var.fleet
  timeouts {
    create = %[1]q
    read   = %[1]q
    update = %[1]q
    delete = %[1]q
  }
}
`, limit)
}

// variables are the values of the scenario for the configuration.
func (s scenario) variables(service simulator.Service) ([]byte, error) {
	states := map[string]string{}
	for i, state := range s.states {
		states[service.ID(i)] = state
	}
	ids := make([]string, len(s.fleetMembers))
	for n, i := range s.fleetMembers {
		ids[n] = service.ID(i)
	}
	return json.Marshal(map[string]any{"states": states, "fleet": s.fleet, "members": ids})
}
