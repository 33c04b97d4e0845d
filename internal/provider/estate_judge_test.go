package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// beginning is what the judge of a run has to know of the time before it.
type beginning struct {
	// before is how each instance was: in two ways where a first run failed, and another one
	// followed.
	before map[string][]standing
	// had are the instances of each object, and onDestroy what it was to do when it lets
	// them go.
	had, onDestroy map[string][]string
}

// beginning is taken of the state by address, in which the objects have moved already.
func (e *estate) beginning(state map[string]map[string]any, is func(id string) standing) beginning {
	b := beginning{before: map[string][]standing{}, had: map[string][]string{}, onDestroy: map[string][]string{}}
	for _, id := range e.ids {
		b.before[id] = []standing{is(id)}
	}
	for address, values := range state {
		b.had[address] = declaredIDs(values)
		if word, ok := values["on_destroy"].(string); ok {
			b.onDestroy[address] = []string{word}
		}
	}
	return b
}

// and adds the beginning of another run that follows.
func (b beginning) and(other beginning) beginning {
	sum := beginning{before: maps.Clone(b.before), had: maps.Clone(b.had), onDestroy: maps.Clone(b.onDestroy)}
	for id, more := range other.before {
		sum.before[id] = slices.Concat(sum.before[id], more)
	}
	for address, more := range other.had {
		sum.had[address] = slices.Concat(sum.had[address], more)
	}
	for address, more := range other.onDestroy {
		sum.onDestroy[address] = slices.Concat(sum.onDestroy[address], more)
	}
	return sum
}

// result is what a run came to.
type result struct {
	is func(id string) standing
	// writes is how many calls changed an instance.
	writes   func(id string) int
	replaced func(address string) bool
	// disturbed is set where a run failed on the way: then the writes have no limit.
	disturbed bool
	// kept is set for a run with -refresh=false: what an earlier refresh has noted of other
	// objects may be out of date, so that an instance is left as it is.
	kept bool
}

// letsGo is an object that lets an instance go.
type letsGo struct {
	address string
	words   []string // what on_destroy may have been
}

// judge tells by the specification alone what is wrong with a run that has succeeded.
func (e *estate) judge(b beginning, r result) []string {
	var wrong []string
	found := map[string]map[string][]string{}
	for _, id := range e.ids {
		leaving, mayTurn := e.leaving(b, r, id)
		declared := e.declaring(id)
		now := r.is(id)
		if len(declared) > 0 {
			if now.state != e.wanted[id] || !e.hasMode(now) {
				wrong = append(wrong, fmt.Sprintf("%s is %v, and declared as %s with %v", id, now, e.wanted[id], e.more))
			}
		} else if may := e.mayBe(b, leaving, id); !may[now.state] && (!r.kept || now != b.before[id][0]) {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want one of %v", id, now, slices.Sorted(maps.Keys(may))))
		}
		if most := e.mostWrites(b, id, len(declared) > 0, mayTurn); !r.disturbed && r.writes(id) > most {
			wrong = append(wrong, fmt.Sprintf("%s was %v, is %v, and is turned %d times, want %d at most", id, b.before[id],
				now, r.writes(id), most))
		}
		for _, address := range declared {
			if found[address] == nil {
				found[address] = map[string][]string{}
			}
			found[address][id] = e.foundAs(b, r, address, id, mayTurn || len(declared) > 1)
		}
	}
	e.found = found
	return wrong
}

// declaring are the objects that declare an instance.
func (e *estate) declaring(id string) []string {
	var all []string
	for address, block := range e.blocks {
		if slices.Contains(declaredIDs(block.config), id) {
			all = append(all, address)
		}
	}
	return all
}

// leaving are the objects that let an instance go; mayTurn is set where one of them may
// change it on the way, since what declares it comes too late. An object that is replaced
// and goes on to declare it does not, if the plan knows that.
func (e *estate) leaving(b beginning, r result, id string) (leaving []letsGo, mayTurn bool) {
	for address, ids := range b.had {
		if !slices.Contains(ids, id) || e.forgotten[address] {
			continue
		}
		block, declared := e.blocks[address]
		has := declared && slices.Contains(declaredIDs(block.config), id)
		if has && !r.replaced(address) {
			continue
		}
		words := b.onDestroy[address]
		if declared && isFleet(address) && !r.replaced(address) {
			words = []string{fmt.Sprint(block.config["on_destroy"])} // What is declared now decides.
		}
		leaving = append(leaving, letsGo{address, words})
		acts := slices.ContainsFunc(words, func(word string) bool { return word != onDestroyLeave })
		mayTurn = mayTurn || acts && (!has || !block.knowsIDs())
	}
	return leaving, mayTurn
}

// mayBe are the states of an instance that nothing declares any more.
func (e *estate) mayBe(b beginning, leaving []letsGo, id string) map[string]bool {
	may := map[string]bool{}
	for _, object := range leaving {
		for _, word := range object.words {
			switch word {
			case onDestroyLeave:
				for _, was := range b.before[id] {
					may[was.state] = true
				}
			case onDestroyRestore:
				for _, state := range e.found[object.address][id] {
					may[state] = true
				}
				if len(b.before[id]) > 1 { // A run that failed may have found it in any state.
					may["running"], may["stopped"] = true, true
				}
			default:
				may[word] = true
			}
		}
	}
	if len(may) == 0 || len(b.before[id]) > 1 { // A run that fails may leave it as it was.
		for _, was := range b.before[id] {
			may[was.state] = true
		}
	}
	return may
}

// mode is the mode that is declared, if it is one that a stopped instance must have.
func (e *estate) mode() backend.StoppedMode {
	word, _ := e.more["stopped_mode"].(string)
	mode, _ := parseMode(word)
	if mode == powerstate.StopChargingIfSupported {
		return backend.UnknownMode
	}
	return mode
}

func (e *estate) hasMode(now standing) bool {
	return now.state != "stopped" || e.mode() == backend.UnknownMode || e.mode() == now.mode
}

// mostWrites is how many calls an instance may need.
func (e *estate) mostWrites(b beginning, id string, declared, mayTurn bool) int {
	modes := 0
	if e.more["stopped_mode"] != nil {
		modes = 1 // To restore a mode takes a restart.
	}
	before := b.before[id][0]
	switch {
	case !declared && mayTurn:
		return 1 + modes
	case !declared:
		return 0
	case mayTurn:
		return 2 + modes
	case before.state != e.wanted[id]:
		return 1
	case !e.hasMode(before):
		return 2
	}
	return 0
}

// foundAs are the states in which an object may have found an instance: as it was before
// the run in which it was first declared there, but for what others did on the way.
func (e *estate) foundAs(b beginning, r result, address, id string, turned bool) []string {
	known := e.found[address][id]
	if slices.Contains(b.had[address], id) && !r.replaced(address) && len(known) > 0 && !r.disturbed {
		return known
	}
	if turned || r.disturbed {
		return []string{"running", "stopped"}
	}
	return []string{b.before[id][0].state}
}

// untruths tells what the state says that is not true.
func untruths(address string, values map[string]any, is func(id string) string) []string {
	var wrong []string
	said := map[string]any{}
	if id, ok := values["instance_id"].(string); ok {
		said[id] = values["state"]
	}
	members, _ := values["instances"].(map[string]any)
	for id, member := range members {
		one, _ := member.(map[string]any)
		said[id] = one["state"]
	}
	for id, state := range said {
		if state != is(id) {
			wrong = append(wrong, fmt.Sprintf("%s says that %s is %v, and it is %s", address, id, state, is(id)))
		}
	}
	return wrong
}
