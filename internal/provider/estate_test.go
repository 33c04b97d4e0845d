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
)

var (
	estateSeed = flag.Uint64("estates.seed", 0, "play the one history of TestRandomEstates and "+
		"TestEndToEndRandomEstates with this seed, and print it; with -estates.histories, the first of them")
	estateHistories = flag.Int("estates.histories", 0, "how many histories TestRandomEstates and "+
		"TestEndToEndRandomEstates play")
)

// eachEstate plays histories, each with its seed: so many as the flags say, or usual.
func eachEstate(t *testing.T, usual int, play func(t *testing.T, seed uint64)) {
	t.Helper()
	first, n := uint64(1), usual
	if *estateSeed != 0 {
		first, n = *estateSeed, 1
	}
	if *estateHistories != 0 {
		n = *estateHistories
	}
	for seed := first; seed < first+uint64(n); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { play(t, seed) })
	}
}

// seeded is a source of random numbers; what differs in use has a stream of its own.
func seeded(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // Seeded, so that a history can be played again.
}

// printsEstate is set where one history is to be printed, whatever it comes to.
func printsEstate() bool { return *estateSeed != 0 && *estateHistories == 0 }

// standing is how an instance is.
type standing struct {
	state string
	mode  backend.StoppedMode // of one that is stopped
}

// estate makes random configurations of singles and fleets over a few instances, of which
// several may have the same one. It knows neither what runs them nor what came of them, so
// that a seed makes the same history everywhere.
type estate struct {
	random *rand.Rand
	ids    []string
	wanted map[string]string // the declared state of each instance, whoever declares it
	// more are arguments that all objects have: what differs would contradict. They are
	// one of mores.
	more  map[string]any
	mores []map[string]any
	// blocks are what is declared, by address, and applied those of the last run.
	blocks, applied map[string]resourceBlock
	// createsFirst are the resources with for_each or count that have create_before_destroy.
	createsFirst map[string]bool

	// Before the next run, objects move, from the address by the new one, and somebody else
	// turns instances.
	moves  map[string]string
	turned map[string]standing
	// forgotten are objects that the next run takes out of the state without a destroy.
	forgotten map[string]bool

	// found are the states in which an object may have found an instance, by address and
	// id: what restores restores one of them.
	found map[string]map[string][]string
}

// newEstate begins with a few objects.
func newEstate(random *rand.Rand, ids []string, mores ...map[string]any) *estate {
	e := &estate{
		random: random, ids: ids, mores: mores, wanted: map[string]string{}, blocks: map[string]resourceBlock{},
		applied: map[string]resourceBlock{}, createsFirst: map[string]bool{}, found: map[string]map[string][]string{},
	}
	e.more = mores[e.some(len(mores))]
	for _, id := range ids {
		e.wanted[id] = e.oneOf("running", "stopped")
	}
	for _, name := range []string{"each", "list", "fleets"} {
		e.createsFirst[name] = e.some(3) == 0
	}
	for range 3 {
		e.put(e.oneOf(singleAddresses...), e.single())
	}
	e.put(e.oneOf(fleetAddresses...), e.fleet())
	return e
}

// The addresses of objects. Those of fleets begin with "fleet". Of a name with brackets all
// are one resource, with for_each or, if it is the list, with count: "list" alone stands
// for its end.
var (
	singleAddresses = []string{
		"single0", "single1", "single2", "single3", `each["a"]`, `each["b"]`, `each["c"]`, "list",
	}
	fleetAddresses = []string{"fleet0", "fleet1", `fleets["a"]`, `fleets["b"]`}
	onDestroys     = []string{onDestroyLeave, onDestroyRestore, onDestroyRunning, onDestroyStopped}
)

func isFleet(address string) bool { return strings.HasPrefix(address, "fleet") }

// resourceName is an address without the key.
func resourceName(address string) string {
	name, _, _ := strings.Cut(address, "[")
	return name
}

// inList is the address of an element of the list.
func inList(i int) string { return fmt.Sprintf("list[%d]", i) }

// listed is how many elements the list has.
func (e *estate) listed() int {
	n := 0
	for address := range e.blocks {
		if resourceName(address) == "list" {
			n++
		}
	}
	return n
}

func (e *estate) some(n int) int { return e.random.IntN(n) }

func (e *estate) oneOf(words ...string) string { return words[e.some(len(words))] }

// put declares an object, at the end of the list where that is its address.
func (e *estate) put(address string, block resourceBlock) {
	if address == "list" {
		address = inList(e.listed())
	}
	if name := resourceName(address); name != address {
		block.createFirst = e.createsFirst[name]
	}
	e.blocks[address] = block
}

// remove removes an object. The others in the list move up.
func (e *estate) remove(address string) {
	if resourceName(address) != "list" {
		delete(e.blocks, address)
		return
	}
	n, i := e.listed(), 0
	for address != inList(i) {
		i++
	}
	for ; i < n-1; i++ {
		e.blocks[inList(i)] = e.blocks[inList(i+1)]
	}
	delete(e.blocks, inList(n-1))
}

// stays reports whether one of the addresses has to do with a move of the next run: then
// nothing else changes there.
func (e *estate) stays(addresses ...string) bool {
	for to, from := range e.moves {
		for _, address := range addresses {
			lists := resourceName(address) == "list" && (resourceName(to) == "list" || resourceName(from) == "list")
			if address == to || address == from || lists {
				return true
			}
		}
	}
	return false
}

func (e *estate) single() resourceBlock {
	config := resourceOf("", map[string]any{"instance_id": e.oneOf(e.ids...), "on_destroy": e.oneOf(onDestroys...)})
	return resourceBlock{config: config, createFirst: e.some(3) == 0}
}

func (e *estate) fleet() resourceBlock {
	states := map[string]any{}
	for range e.some(len(e.ids) + 2) {
		states[e.oneOf(e.ids...)] = ""
	}
	config := fleetBy(states, map[string]any{"on_destroy": e.oneOf(onDestroys...)})
	if e.some(2) == 0 {
		delete(config, "states")
		config["instance_ids"] = slices.Sorted(maps.Keys(states))
	}
	return resourceBlock{config: config, createFirst: e.some(3) == 0}
}

// next makes the configuration of the next run out of the last one.
func (e *estate) next() {
	e.moves, e.turned, e.forgotten = map[string]string{}, map[string]standing{}, map[string]bool{}
	for range 1 + e.some(3) {
		e.edit()
	}
	for _, address := range slices.Sorted(maps.Keys(e.blocks)) {
		block := e.blocks[address]
		config := e.declare(block.config)
		was, exists := e.applied[address]
		block.replace = block.replace && exists
		block.config, block.notYet = config, nil
		for _, name := range append([]string{"state", "on_destroy"}, identifying...) {
			if _, ok := config[name]; ok && e.some(8) == 0 {
				block.notYet = append(block.notYet, name)
			}
		}
		// The core does not tell which object a tainted one was, so that nothing is known
		// of another instance that it had.
		block.tainted = block.tainted && exists && block.knowsIDs() &&
			slices.Equal(declaredIDs(was.config), declaredIDs(config))
		e.blocks[address] = block
	}
}

// rest leaves the configuration as it is, before all is destroyed.
func (e *estate) rest() {
	e.moves, e.turned, e.forgotten = map[string]string{}, map[string]standing{}, map[string]bool{}
	if e.some(3) == 0 {
		e.turned[e.oneOf(e.ids...)] = standing{state: "running"}
	}
}

// declare gives a configuration the states of its instances: what is declared of one is the
// same everywhere.
func (e *estate) declare(block map[string]any) map[string]any {
	config := map[string]any{}
	for _, name := range append([]string{"cloud", "state", "on_destroy"}, identifying...) {
		if value, ok := block[name]; ok {
			config[name] = value
		}
	}
	if id, ok := config["instance_id"].(string); ok {
		config["state"] = e.wanted[id]
	}
	if states, ok := config["states"].(map[string]any); ok {
		states = maps.Clone(states)
		for id := range states {
			states[id] = e.wanted[id]
		}
		config["states"] = states
	}
	if ids, ok := config["instance_ids"].([]string); ok { // They share a state: those that differ leave.
		config["state"] = "stopped"
		if len(ids) > 0 {
			config["state"] = e.wanted[ids[0]]
		}
		config["instance_ids"] = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			return e.wanted[id] != config["state"]
		})
	}
	maps.Copy(config, e.more)
	return config
}

// edit changes one thing.
func (e *estate) edit() {
	address := ""
	if len(e.blocks) > 0 {
		address = e.oneOf(slices.Sorted(maps.Keys(e.blocks))...)
	}
	block := e.blocks[address]
	single, fleet := e.oneOf(singleAddresses...), e.oneOf(fleetAddresses...)
	to := single
	if isFleet(address) {
		to = fleet
	}
	switch n := e.some(15); {
	case n < 2 || address == "":
		e.change(single, func() { e.put(single, e.single()) })
	case n == 2:
		e.change(fleet, func() { e.put(fleet, e.fleet()) })
	case n == 3: // It goes.
		e.change(address, func() { e.remove(address) })
	case n == 4: // It is renamed.
		if !e.stays(address, to) {
			e.remove(address)
			e.put(to, block)
		}
	case n == 5:
		e.move(address, to)
	case n == 6:
		e.reconfigure(address, "on_destroy", e.oneOf(onDestroys...))
	case n == 7:
		id := e.oneOf(e.ids...)
		e.wanted[id] = map[string]string{"running": "stopped", "stopped": "running"}[e.wanted[id]]
	case n == 8: // Somebody else turns an instance.
		e.turned[e.oneOf(e.ids...)] = []standing{
			{state: "running"}, {"stopped", backend.KeepCharging}, {"stopped", backend.StopCharging},
		}[e.some(3)]
	case n == 9 && e.some(3) == 0:
		e.more = e.mores[e.some(len(e.mores))]
	case n == 10: // The first element of the list goes, and the others move up.
		if e.listed() > 0 {
			e.change("list", func() { e.remove(inList(0)) })
		}
	case n == 11:
		block.tainted = e.some(2) == 0
		block.replace = !block.tainted
		e.change(address, func() { e.blocks[address] = block })
	case !isFleet(address): // It is about another instance.
		e.reconfigure(address, "instance_id", e.oneOf(e.ids...))
	default: // Instances join the fleet, and leave it.
		e.change(address, func() { e.put(address, e.fleet()) })
	}
}

// change does something about an address, unless an object moves from it or to it.
func (e *estate) change(address string, do func()) {
	if !e.stays(address) {
		do()
	}
}

func (e *estate) reconfigure(address, name string, value any) {
	e.change(address, func() {
		block := e.blocks[address]
		block.config = maps.Clone(block.config)
		block.config[name] = value
		e.blocks[address] = block
	})
}

// move moves an object to an address at which there is none. Of a list it can be the last
// element alone.
func (e *estate) move(from, to string) {
	if resourceName(from) == "list" && (from != inList(e.listed()-1) || to == "list") {
		return
	}
	if to == "list" {
		to = inList(e.listed())
	}
	_, exists := e.applied[from]
	_, declared := e.blocks[to]
	_, taken := e.applied[to]
	if !exists || declared || taken || e.stays(from, to) {
		return
	}
	block := e.blocks[from]
	block.replace, block.tainted = false, false
	delete(e.blocks, from)
	e.put(to, block)
	e.moves[to] = from
	e.found[to] = e.found[from]
	delete(e.found, from)
}

// mayKeep reports whether a plan without a refresh can know everything: nothing has changed
// elsewhere, and no instance leaves what the apply plans once more, a fleet or what is
// replaced by create_before_destroy. The apply knows nothing then of an object that has the
// instance too, and does not change.
func (e *estate) mayKeep() bool {
	for address, was := range e.applied {
		block, stays := e.blocks[address]
		again := isFleet(address) || block.createFirst
		if again && stays && len(without(declaredIDs(was.config), declaredIDs(block.config))) > 0 {
			return false
		}
	}
	return len(e.turned) == 0
}

// ran notes that the run has come to its end as it was to.
func (e *estate) ran() {
	for address, block := range e.blocks {
		block.replace, block.tainted, block.notYet = false, false, nil
		e.blocks[address] = block
	}
	e.applied = maps.Clone(e.blocks)
}

// identifying are the arguments that name instances.
var identifying = []string{"instance_id", "instance_ids", "states"}

// knowsIDs reports whether the plan knows which instances an object declares.
func (b resourceBlock) knowsIDs() bool {
	return !slices.ContainsFunc(b.notYet, func(name string) bool { return slices.Contains(identifying, name) })
}

// declaredIDs returns the ids that a configuration, or a state, declares.
func declaredIDs(values map[string]any) []string {
	if id, ok := values["instance_id"].(string); ok {
		return []string{id}
	}
	switch ids := values["instance_ids"].(type) {
	case []string:
		return slices.Sorted(slices.Values(ids))
	case []any: // Of a state.
		var all []string
		for _, id := range ids {
			if id, ok := id.(string); ok {
				all = append(all, id)
			}
		}
		slices.Sort(all)
		return all
	}
	states, _ := values["states"].(map[string]any)
	return slices.Sorted(maps.Keys(states))
}
