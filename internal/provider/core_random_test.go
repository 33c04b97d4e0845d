package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// coreEstate is an estate under the core in small.
type coreEstate struct {
	*core
	*estate

	destroys bool // in this run
}

func (e *coreEstate) standing(id string) standing {
	in, _ := e.cloud.Instance(id)
	return standing{state: in.State.String(), mode: in.StoppedMode}
}

// values are the states by address.
func (e *coreEstate) values() map[string]map[string]any {
	all := map[string]map[string]any{}
	for address, held := range e.state {
		all[address] = e.kind(address).values(held.state)
	}
	return all
}

// prepare does what happens before the run.
func (e *coreEstate) prepare() {
	moved := map[string]held{}
	for to, from := range e.moves {
		moved[to] = e.state[from]
		delete(e.state, from)
	}
	maps.Copy(e.state, moved)
	for id, now := range e.turned {
		e.cloud.Change(id, func(in *backend.Instance) {
			in.State, in.StoppedMode = backend.Running, now.mode
			if now.state == "stopped" {
				in.State = backend.Stopped
			}
		})
	}
}

// run plans and applies, and judges what came of it.
func (e *coreEstate) run() {
	e.t.Helper()
	e.prepare()
	e.refreshes = e.destroys || !e.mayKeep() || e.some(2) == 0
	defer func() { e.refreshes = true }()
	began := e.beginning(e.values(), e.standing)
	e.cloud.ForgetCalls()
	blocks := e.blocks
	var changes map[string]change
	if e.destroys {
		changes = e.planDestroy(blocks)
		e.blocks = map[string]resourceBlock{}
	} else {
		changes = e.planAll(blocks)
	}
	if e.cloud.Count(memory.Start, memory.Stop) > 0 {
		e.t.Error("a plan writes")
	}
	if changes == nil || !e.applyAll(e.blocks, changes) {
		return
	}
	wrong := e.judge(began, result{
		is: e.standing, writes: e.written,
		replaced: func(address string) bool { return changes[address].action == "replace" },
		kept:     !e.refreshes,
	})
	for address, values := range e.values() {
		wrong = append(wrong, untruths(address, values, func(id string) string { return e.standing(id).state })...)
	}
	for _, what := range wrong {
		e.t.Error(what)
	}
	e.ran()
	if e.destroys {
		e.blocks = blocks
		return
	}
	applied := e.values()
	e.refreshes = true
	for address, ch := range e.planAll(e.blocks) {
		// Others can refer to what a refresh changes.
		diff := cmp.Diff(e.kind(address).values(ch.prior.state), applied[address])
		if diff != "" && !e.showsItsMode(address) {
			e.t.Errorf("a refresh changes what the apply has left of %s (-refreshed +applied):\n%s", address, diff)
		}
		if ch.action != "no-op" {
			e.t.Errorf("the next plan has an %s of %s: %v, want %v", ch.action, address,
				e.kind(address).values(ch.plan.PlannedState), e.kind(address).values(ch.prior.state))
		}
	}
}

// showsItsMode reports whether a refresh shows the declared mode where the apply has left
// the former one.
func (e *coreEstate) showsItsMode(address string) bool {
	return e.more["stopped_mode"] == ifSupported["stopped_mode"] && e.blocks[address].config["state"] != "stopped"
}

// written counts the calls that changed an instance.
func (e *coreEstate) written(id string) int {
	n := 0
	for _, call := range e.cloud.Calls(memory.Start, memory.Stop) {
		if slices.Contains(call.IDs, id) {
			n++
		}
	}
	return n
}

// TestRandomEstates plays random runs of several objects that share instances.
func TestRandomEstates(t *testing.T) {
	t.Parallel()
	eachEstate(t, 60, func(t *testing.T, seed uint64) {
		t.Helper()
		inFakeTime(t, func(t *testing.T) { playEstate(t, seed) })
	})
}

func playEstate(t *testing.T, seed uint64) {
	t.Helper()
	s, random := newSetup(t), seeded(seed, 0)
	fleets, ids := fleetIn(t, s, 3, backend.Running)
	e := &coreEstate{
		core: &core{
			setup: s, fleets: fleets, random: seeded(seed, 1), state: map[string]held{}, refreshes: true,
			parallelism: []int{1, 2, 10}[random.IntN(3)],
		},
		estate: newEstate(random, ids, nil, map[string]any{"stopped_mode": "keep_charging", "allow_restart": true},
			ifSupported, map[string]any{"force_stop": true}),
	}
	for i := range 8 {
		if e.destroys = e.some(8) == 0; e.destroys {
			e.rest()
		} else {
			e.next()
		}
		e.log = nil
		for _, address := range slices.Sorted(maps.Keys(e.blocks)) {
			block := e.blocks[address]
			e.note("config: %s %v of %v, on_destroy %v, createFirst=%v replace=%v tainted=%v, not yet %v",
				address, declaredIDs(block.config),
				block.config["state"], block.config["on_destroy"], block.createFirst, block.replace, block.tainted, block.notYet)
		}
		e.note("destroys=%v, may keep=%v, moves %v, turned %v, all have %v", e.destroys, e.mayKeep(), e.moves, e.turned,
			e.more)
		e.run()
		if t.Failed() || printsEstate() {
			t.Logf("run %d at a parallelism of %d:\n%s", i, e.parallelism, strings.Join(e.log, "\n"))
		}
		if t.Failed() {
			t.Fatalf("play it again with -estates.seed=%d", seed)
		}
	}
}
