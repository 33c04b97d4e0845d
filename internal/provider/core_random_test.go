package provider

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

var (
	estateSeed = flag.Uint64("estates.seed", 0, "play the one history of TestRandomEstates with this seed, and "+
		"print it")
	estateHistories = flag.Int("estates.histories", 60, "how many histories TestRandomEstates plays")
)

// estate makes random configurations of singles and fleets over a few instances, of which
// several may have the same one.
type estate struct {
	*core

	ids    []string
	wanted map[string]string // the declared state of each instance, whoever declares it
	blocks map[string]resourceBlock
	// more are arguments that all objects have: what differs would contradict.
	more map[string]any
	// found is how each object found an instance, by address and id: what restores restores.
	found map[string]map[string]string
}

var onDestroys = []string{onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped}

func (e *estate) some(n int) int { return e.random.IntN(n) }

func (e *estate) oneOf(words ...string) string { return words[e.some(len(words))] }

func (e *estate) single(address string) {
	id := e.oneOf(e.ids...)
	config := resourceOf("", map[string]any{"instance_id": id, "on_destroy": e.oneOf(onDestroys...)})
	e.blocks[address] = resourceBlock{config: config, createFirst: e.some(3) == 0}
}

func (e *estate) fleet(address string) {
	states := map[string]any{}
	for range 1 + e.some(len(e.ids)) {
		states[e.oneOf(e.ids...)] = ""
	}
	config := fleetBy(states, map[string]any{"on_destroy": e.oneOf(onDestroys...)})
	if e.some(2) == 0 {
		delete(config, "states")
		config["instance_ids"] = slices.Sorted(maps.Keys(states))
	}
	e.blocks[address] = resourceBlock{config: config}
}

// next makes the configuration of the next run out of the last one.
func (e *estate) next() {
	for range 1 + e.some(3) {
		e.edit()
	}
	// What is declared of an instance is the same everywhere.
	for address, block := range e.blocks {
		config := maps.Clone(block.config)
		if id, ok := config["instance_id"].(string); ok {
			config["state"] = e.wanted[id]
			// The core does not tell which object a tainted one was, so that nothing is known
			// of another instance that it had.
			was := e.kind(address).values(e.state[address].state)["instance_id"]
			block.tainted = block.tainted && was == id
		}
		if states, ok := config["states"].(map[string]any); ok {
			states = maps.Clone(states)
			for id := range states {
				states[id] = e.wanted[id]
			}
			config["states"] = states
		}
		if ids, ok := config["instance_ids"].([]string); ok { // They share a state: those that differ leave.
			config["state"] = e.wanted[ids[0]]
			config["instance_ids"] = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
				return e.wanted[id] != config["state"]
			})
		}
		maps.Copy(config, e.more)
		block.config, block.notYet = config, nil
		for _, name := range []string{"state", "instance_id", "instance_ids", "states", "on_destroy"} {
			if _, ok := config[name]; ok && e.some(8) == 0 {
				block.notYet = append(block.notYet, name)
			}
		}
		e.blocks[address] = block
	}
}

func (e *estate) edit() {
	addresses := slices.Sorted(maps.Keys(e.blocks))
	address := ""
	if len(addresses) > 0 {
		address = e.oneOf(addresses...)
	}
	block := e.blocks[address]
	single := fmt.Sprintf("single%d", e.some(4))
	fleet := fmt.Sprintf("fleet%d", e.some(3))
	switch n := e.some(12); {
	case n < 2 || address == "":
		e.single(single)
	case n == 2:
		e.fleet(fleet)
	case n == 3: // It goes.
		delete(e.blocks, address)
	case n == 4: // It is renamed.
		delete(e.blocks, address)
		if strings.HasPrefix(address, "single") {
			e.blocks[single] = block
		} else {
			e.blocks[fleet] = block
		}
	case n == 5: // It is moved.
		to := single
		if strings.HasPrefix(address, "fleet") {
			to = fleet
		}
		if _, taken := e.blocks[to]; !taken && e.state[to].state == nil {
			delete(e.blocks, address)
			e.blocks[to] = block
			if held, ok := e.state[address]; ok {
				e.state[to] = held
				e.found[to] = e.found[address]
				delete(e.state, address)
			}
		}
	case n == 6:
		block.config = maps.Clone(block.config)
		block.config["on_destroy"] = e.oneOf(onDestroys...)
		e.blocks[address] = block
	case n == 7:
		id := e.oneOf(e.ids...)
		e.wanted[id] = map[string]string{"running": "stopped", "stopped": "running"}[e.wanted[id]]
	case n == 8: // Somebody else turns an instance.
		id := e.oneOf(e.ids...)
		e.cloud.Change(id, func(in *backend.Instance) {
			if in.State == backend.Running {
				in.State, in.StoppedMode = backend.Stopped, backend.KeepCharging
				return
			}
			in.State, in.StoppedMode = backend.Running, ""
		})
	case strings.HasPrefix(address, "single") && n == 9:
		block.tainted = e.some(2) == 0
		block.replace = !block.tainted
		e.blocks[address] = block
	case strings.HasPrefix(address, "single"): // It is about another instance.
		block.config = maps.Clone(block.config)
		block.config["instance_id"] = e.oneOf(e.ids...)
		e.blocks[address] = block
	default: // Instances join the fleet, and leave it.
		e.fleet(address)
	}
}

// declares returns the ids that a configuration declares.
func declaredIDs(config map[string]any) []string {
	if id, ok := config["instance_id"].(string); ok {
		return []string{id}
	}
	switch ids := config["instance_ids"].(type) {
	case []string:
		return ids
	case []any: // Of a state.
		var all []string
		for _, id := range ids {
			if id, ok := id.(string); ok {
				all = append(all, id)
			}
		}
		return all
	}
	states, _ := config["states"].(map[string]any)
	return slices.Sorted(maps.Keys(states))
}

// run plans and applies, and judges what came of it by the specification alone.
func (e *estate) run() {
	e.t.Helper()
	before := map[string]string{}
	for _, id := range e.ids {
		before[id] = e.is(id)
	}
	had, onDestroy := map[string][]string{}, map[string]string{}
	for address, held := range e.state {
		values := e.kind(address).values(held.state)
		had[address] = declaredIDs(values)
		onDestroy[address], _ = values["on_destroy"].(string)
	}
	e.cloud.ForgetCalls()
	changes := e.planAll(e.blocks)
	if e.cloud.Count(memory.Start, memory.Stop) > 0 {
		e.t.Error("a plan writes")
	}
	if changes == nil || !e.applyAll(e.blocks, changes) {
		return
	}
	declared := map[string]bool{}
	for address, block := range e.blocks {
		for _, id := range declaredIDs(block.config) {
			declared[id] = true
			if e.found[address] == nil {
				e.found[address] = map[string]string{}
			}
			if !slices.Contains(had[address], id) || changes[address].action == "replace" {
				delete(e.found[address], id) // It was found anew.
			}
		}
	}
	for _, id := range e.ids {
		may := map[string]bool{}
		if declared[id] {
			may[e.wanted[id]] = true
		} else {
			for address, ids := range had {
				if !slices.Contains(ids, id) {
					continue
				}
				word := onDestroy[address]
				if block, ok := e.blocks[address]; ok && strings.HasPrefix(address, "fleet") {
					word, _ = block.config["on_destroy"].(string) // What is declared now decides.
				}
				switch word {
				case onDestroyLeave:
					may[before[id]] = true
				case onDestroyRestore:
					may["running"], may["stopped"] = true, true
				default:
					may[word] = true
				}
			}
			if len(may) == 0 {
				may[before[id]] = true
			}
		}
		if got := e.is(id); !may[got] {
			e.t.Errorf("%s is %s, want one of %v", id, got, slices.Sorted(maps.Keys(may)))
		}
		writes := 0
		for _, call := range e.cloud.Calls(memory.Start, memory.Stop) {
			if slices.Contains(call.IDs, id) {
				writes++
			}
		}
		if writes > 2 {
			e.t.Errorf("%s is turned %d times", id, writes)
		}
	}
	e.wantTruth()
	for address, block := range e.blocks {
		block.replace, block.tainted, block.notYet = false, false, nil
		e.blocks[address] = block
	}
	again := e.planAll(e.blocks)
	for address, ch := range again {
		if ch.action != "no-op" {
			e.t.Errorf("the next plan has an %s of %s: %v, want %v", ch.action, address,
				e.kind(address).values(ch.plan.PlannedState), e.kind(address).values(ch.prior.state))
		}
	}
}

func (e *estate) is(id string) string {
	in, _ := e.cloud.Instance(id)
	return in.State.String()
}

// wantTruth compares the state with the instances.
func (e *estate) wantTruth() {
	e.t.Helper()
	for address, held := range e.state {
		values := e.kind(address).values(held.state)
		if id, ok := values["instance_id"].(string); ok && values["state"] != e.is(id) {
			e.t.Errorf("%s says that %s is %v, and it is %s", address, id, values["state"], e.is(id))
		}
		members, _ := values["instances"].(map[string]any)
		for id, member := range members {
			if one, _ := member.(map[string]any); one["state"] != e.is(id) {
				e.t.Errorf("%s says that %s is %v, and it is %s", address, id, one["state"], e.is(id))
			}
		}
	}
}

// TestRandomEstates plays random runs of several objects that share instances.
func TestRandomEstates(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), *estateHistories
	if *estateSeed != 0 {
		first, n = *estateSeed, 1
	}
	for seed := first; seed < first+uint64(n); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) { playEstate(t, seed) })
		})
	}
}

func playEstate(t *testing.T, seed uint64) {
	t.Helper()
	s := newSetup(t)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // Seeded, so that a history can be played again.
	e := &estate{
		core: &core{
			setup: s, random: random, state: map[string]held{}, refreshes: true,
			parallelism: []int{1, 2, 10}[random.IntN(3)],
		},
		wanted: map[string]string{}, blocks: map[string]resourceBlock{}, found: map[string]map[string]string{},
	}
	e.more = []map[string]any{
		nil, {"stopped_mode": "keep_charging"}, ifSupported, {"force_stop": true},
	}[random.IntN(4)]
	e.fleets, e.ids = fleetIn(t, s, 3, backend.Running)
	for _, id := range e.ids {
		e.wanted[id] = e.oneOf("running", "stopped")
	}
	for i := range 8 {
		e.next()
		e.log = nil
		for _, address := range slices.Sorted(maps.Keys(e.blocks)) {
			block := e.blocks[address]
			e.note("config: %s %v of %v, on_destroy %v, createFirst=%v replace=%v tainted=%v, not yet %v",
				address, declaredIDs(block.config),
				block.config["state"], block.config["on_destroy"], block.createFirst, block.replace, block.tainted, block.notYet)
		}
		e.run()
		if t.Failed() || *estateSeed != 0 {
			t.Logf("run %d at a parallelism of %d:\n%s", i, e.parallelism, strings.Join(e.log, "\n"))
		}
		if t.Failed() {
			t.Fatalf("play it again with -estates.seed=%d", seed)
		}
	}
}
