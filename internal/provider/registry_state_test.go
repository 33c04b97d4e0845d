package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatACreateMayReplace(t *testing.T) {
	t.Parallel()
	key := keyOf("here", "r-1", "h-1")
	for name, test := range map[string]struct {
		held []heldObject
		want []string
	}{
		"nothing":                      {nil, nil},
		"an object that leaves it":     {[]heldObject{{onDestroy: onDestroyLeave}}, nil},
		"an object that was only read": {[]heldObject{{onDestroy: onDestroyStopped}}, []string{"h-1"}},
		"an object that is planned": {
			[]heldObject{{onDestroy: onDestroyStopped}, {onDestroy: onDestroyStopped, planned: true}}, nil,
		},
		"what was planned stays planned": {
			[]heldObject{{onDestroy: onDestroyStopped, planned: true}, {onDestroy: onDestroyStopped}}, nil,
		},
		"what is read later takes effect": {[]heldObject{{onDestroy: onDestroyStopped}, {onDestroy: onDestroyLeave}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d registry
			for _, object := range test.held {
				object.keys = []instanceKey{key, keyOf("here", "r-1", "h-9")}
				d.hold("a", object)
			}
			got := d.replaced("b", keyOf("here", "r-1", "h-0"), key)
			wantNames(t, "replaced", append([]string{}, idsOf(got)...), test.want...)
			if own := d.replaced("a", key); len(own) > 0 {
				t.Errorf("an object replaces itself: %v", own)
			}
			d.drop("a")
			if got := d.replaced("b", key); len(got) > 0 {
				t.Errorf("what is dropped is replaced: %v", got)
			}
		})
	}
}

// TestAnInstanceThatIsLetGo: who keeps it from being changed, and who is told that it will be.
func TestAnInstanceThatIsLetGo(t *testing.T) {
	t.Parallel()
	key, other := keyOf("here", "r-1", "h-1"), keyOf("here", "r-1", "h-2")
	keys := []instanceKey{key}
	all := departure{keys: keys, changes: []string{"h-1"}}
	noted, onlyNoted := all, all
	noted.noted = map[string][]string{"h-1": {"c"}, "h-2": {"d"}}
	onlyNoted.again = surelyPlanAgain
	replaced := all
	replaced.again = mayPlanAgain
	for name, test := range map[string]struct {
		before   func(d *registry)
		what     departure
		declared []string
		held     map[string][]string
		changed  bool
	}{
		"by the only one that has it": {func(*registry) {}, all, nil, nil, true},
		"and is as it is to be":       {func(*registry) {}, departure{keys: keys}, nil, nil, false},
		"and another one declares it": {func(d *registry) {
			d.declare(declarerOf("b"), declares("h-1", declared{state: "stopped"}))
		}, all, []string{"h-1"}, nil, false},
		"and another one has another": {func(d *registry) {
			d.declare(declarerOf("b"), declares("h-2", declared{state: "stopped"}))
			d.hold("c", heldObject{keys: []instanceKey{other}})
		}, all, nil, nil, true},
		"and another one was read": {func(d *registry) {
			d.hold("b", heldObject{keys: keys})
		}, all, nil, map[string][]string{"h-1": {"b"}}, false},
		"and another one was read, and is planned without it": {func(d *registry) {
			d.hold("b", heldObject{keys: keys})
			d.hold("b", heldObject{keys: keys, planned: true})
		}, all, nil, nil, true},
		"and another one has let it go by then": {func(d *registry) {
			d.hold("b", heldObject{keys: keys, planned: true})
			d.letGo("b", all)
		}, all, nil, nil, true},
		"and a refresh has noted another one": {
			func(*registry) {}, noted, nil, map[string][]string{"h-1": {"c"}}, false,
		},
		"and the one that a refresh has noted has let it go": {func(d *registry) {
			d.letGo("c", departure{keys: keys})
		}, noted, nil, nil, true},
		"and the apply will not know of the one that was read": {func(d *registry) {
			d.hold("b", heldObject{keys: keys})
		}, onlyNoted, nil, nil, true},
		"and the apply may not know of the one that was read": {func(d *registry) {
			d.hold("b", heldObject{keys: keys})
		}, replaced, nil, map[string][]string{"h-1": {"b"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d registry
			test.before(&d)
			declared, held := d.letGo("a", test.what)
			if test.held == nil {
				test.held = map[string][]string{}
			}
			if !slices.Equal(declared, test.declared) || !cmp.Equal(held, test.held) {
				t.Errorf("got %v and %v, want %v and %v", declared, held, test.declared, test.held)
			}
			if got := d.changedByOthers("z", key, other); len(got) > 0 != test.changed {
				t.Errorf("changed: %v, want it to be: %v", got, test.changed)
			}
			if got := d.changedByOthers("a", key); test.changed && name == "by the only one that has it" && len(got) > 0 {
				t.Errorf("an object is told of itself: %v", got)
			}
		})
	}
}

// TestTheApplyOfWhatIsLetGo: of several that have an instance the last one acts, and none
// does while another one declares it.
func TestTheApplyOfWhatIsLetGo(t *testing.T) {
	t.Parallel()
	key := keyOf("here", "r-1", "h-1")
	var d registry
	if !d.release("a", key, nil, true) {
		t.Error("the only one that has it does not act")
	}
	wantNames(t, "changed", d.changedByOthers("b", key), "h-1")
	for _, known := range [][]string{{"a"}, nil} { // In a destroy of all, one of two knows of the other.
		if d.release("b", key, known, true) {
			t.Errorf("it is changed again by one that knows of %v", known)
		}
	}
	wantNames(t, "changed before", d.madeByOthers("b", key), "h-1")
	wantNames(t, "changed before by others", append([]string{}, d.madeByOthers("a", key)...))

	d = registry{}
	acted := []string{}
	for i, others := range [][]string{{"b", "c"}, {"a", "c"}, {"a", "b"}} {
		if token := fmt.Sprintf("%c", 'a'+i); d.release(token, key, others, true) {
			acted = append(acted, token)
		}
	}
	wantNames(t, "acted", acted, "c")

	d = registry{}
	d.declare(declarerOf("b"), declares("h-1", declared{state: "stopped"}))
	if d.release("a", key, nil, true) {
		t.Error("it is changed although another one declares it")
	}
	if got := d.changedByOthers("b", key); len(got) > 0 {
		t.Errorf("it counts as changed: %v", got)
	}
	d.declare(declarerOf("a"), declares("h-1", declared{state: "stopped"}))
	if got := d.others("b", key); !cmp.Equal(got, map[string][]string{"h-1": {"a"}}) {
		t.Errorf("the others are %v, want a", got)
	}
}
