package provider

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

func declarerOf(token string) declarer {
	return declarer{token: token, resource: "instance_power_state"}
}

func declares(id string, d declared) map[instanceKey]declared {
	return map[instanceKey]declared{keyOf("here", "r-1", id): d}
}

func TestDeclarationsThatContradict(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	mode := func(m backend.StoppedMode) declared { return declared{state: "stopped", mode: m} }
	for name, test := range map[string]struct {
		a, b declared
		want bool
	}{
		"nothing is known":                   {declared{}, declared{}, false},
		"the same state":                     {declared{state: "running"}, declared{state: "running"}, false},
		"two states":                         {declared{state: "running"}, declared{state: "stopped"}, true},
		"a state that is not known yet":      {declared{state: "running"}, declared{}, false},
		"two modes":                          {mode(backend.KeepCharging), mode(backend.StopCharging), true},
		"the same mode":                      {mode(backend.StopCharging), mode(backend.StopCharging), false},
		"a mode that is not configured":      {mode(backend.KeepCharging), mode(backend.UnknownMode), false},
		"a mode if supported, and its kind":  {mode(powerstate.StopChargingIfSupported), mode(backend.StopCharging), false},
		"a mode if supported, and the other": {mode(powerstate.StopChargingIfSupported), mode(backend.KeepCharging), true},
		"a mode if supported, twice": {
			mode(powerstate.StopChargingIfSupported), mode(powerstate.StopChargingIfSupported), false,
		},
		"force and none":              {declared{force: &yes}, declared{force: &no}, true},
		"force twice":                 {declared{force: &yes}, declared{force: &yes}, false},
		"force that is not known yet": {declared{force: &yes}, declared{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]declared{{test.a, test.b}, {test.b, test.a}} {
				var d registry
				if got := d.declare(declarerOf("a"), declares("h-1", pair[0])); len(got) != 0 {
					t.Fatalf("the first declaration contradicts %v", got)
				}
				got := d.declare(declarerOf("b"), declares("h-1", pair[1]))
				if len(got) > 0 != test.want {
					t.Errorf("got %v, want a contradiction: %v", got, test.want)
				}
				if test.want && (got[0].id != "h-1" || got[0].other.object.token != "a" || got[0].this.object.token != "b") {
					t.Errorf("got %+v, want h-1 and both objects", got[0])
				}
			}
		})
	}
}

func TestDeclarationsOfTheSameObjectReplaceEachOther(t *testing.T) {
	t.Parallel()
	var d registry
	d.declare(declarerOf("a"), declares("h-1", declared{state: "running"}))
	if got := d.declare(declarerOf("a"), declares("h-1", declared{state: "stopped"})); len(got) != 0 {
		t.Errorf("an object contradicts itself: %v", got)
	}
	d.declare(declarerOf("a"), declares("h-2", declared{state: "stopped"}))
	if got := d.declare(declarerOf("b"), declares("h-1", declared{state: "running"})); len(got) != 0 {
		t.Errorf("what an object no longer declares contradicts: %v", got)
	}
	keys := []instanceKey{keyOf("here", "r-1", "h-1"), keyOf("here", "r-1", "h-2"), keyOf("here", "r-2", "h-1")}
	for token, want := range map[string][]bool{
		"a": {true, false, false}, "b": {false, true, false}, "c": {true, true, false},
	} {
		for i, key := range keys {
			if got := d.declaredBeside(token, key); got != want[i] {
				t.Errorf("%v is declared by others than %s: %v, want %v", key, token, got, want[i])
			}
		}
	}
}

// TestACreatedObjectKeepsTheTokenOfItsPlan, and others that were planned like it are
// forgotten, so that it can declare something else then.
func TestACreatedObjectKeepsTheTokenOfItsPlan(t *testing.T) {
	t.Parallel()
	var d registry
	keys := []instanceKey{keyOf("here", "r-1", "h-1")}
	for _, token := range []string{"a", "b"} {
		object := declarerOf(token)
		object.created = true
		d.declare(object, declares("h-1", declared{state: "running"}))
	}
	if got := d.adopt("instance_fleet_power_state", keys); got != "" {
		t.Errorf("got the token %q of an object of another type", got)
	}
	got := d.adopt("instance_power_state", keys)
	if got != "a" || d.adopt("instance_power_state", keys) != "" {
		t.Errorf("got the token %q, want a, and none after it", got)
	}
	if found := d.declare(declarerOf(got), declares("h-1", declared{state: "stopped"})); len(found) > 0 {
		t.Errorf("it contradicts %v", found)
	}
}

func TestDeclarationsOfPlacesApart(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]instanceKey{
		"another region":   keyOf("here", "r-2", "h-1"),
		"another cloud":    keyOf("there", "r-1", "h-1"),
		"another instance": keyOf("here", "r-1", "h-2"),
	} {
		var d registry
		d.declare(declarerOf("a"), declares("h-1", declared{state: "running"}))
		if got := d.declare(declarerOf("b"), map[instanceKey]declared{key: {state: "stopped"}}); len(got) != 0 {
			t.Errorf("%s contradicts: %v", name, got)
		}
	}
}

func TestContradictionsAreInTheOrderOfTheIDs(t *testing.T) {
	t.Parallel()
	var d registry
	all, others := map[instanceKey]declared{}, map[instanceKey]declared{}
	var want []string
	for i := range 50 {
		id := fmt.Sprintf("h-%02d", i)
		all[keyOf("here", "r-1", id)] = declared{state: "running"}
		others[keyOf("here", "r-1", id)] = declared{state: "stopped"}
		want = append(want, id)
	}
	d.declare(declarerOf("a"), all)
	var got []string
	for _, c := range d.declare(declarerOf("b"), others) {
		got = append(got, c.id)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("ids (-got +want):\n%s", diff)
	}
}

func TestDeclarationsOfManyAtOnce(t *testing.T) {
	t.Parallel()
	var (
		d     registry
		all   sync.WaitGroup
		mu    sync.Mutex
		found int
	)
	for i := range 100 {
		all.Go(func() {
			token, state := fmt.Sprint(i), []string{"running", "stopped"}[i%2]
			d.hold(token, heldObject{keys: []instanceKey{keyOf("here", "r-1", "h-1")}, onDestroy: onDestroyStopped})
			got := d.declare(declarerOf(token), declares("h-1", declared{state: state}))
			d.letGo(token, departure{keys: []instanceKey{keyOf("here", "r-1", "h-9")}})
			d.others(token, keyOf("here", "r-1", "h-1"))
			mu.Lock()
			defer mu.Unlock()
			found += len(got)
		})
	}
	all.Wait()
	// Each pair of different states is found once, by the second of the two.
	if want := 50 * 50; found != want {
		t.Errorf("got %d contradictions, want %d", found, want)
	}
}
