package provider

import (
	"slices"
	"strings"
	"sync"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// registry is what the objects of one run declare: those that one configured
// provider has planned so far, and those that it has read from the state. The
// zero value is ready. It is safe for concurrent use.
//
// An object is a single resource or a fleet. The protocol does not tell its
// address, so it is known by a token in its private state, and one that is
// created by a token that lives as long as the plan.
type registry struct {
	mu sync.Mutex
	// planned are the declarations of each instance, by the token of the object. A map has
	// room for eight values, so these are pointers: mostly there is one.
	planned map[instanceKey]map[string]*declared
	// objects are the instances of each object that was planned.
	objects map[string][]instanceKey
	// held are the objects of the state, as they were read, and holders the tokens of
	// those that have an instance.
	held    map[string]heldObject
	holders map[instanceKey][]string
	// effects are what on_destroy does to an instance, by the tokens of the objects that
	// let it go.
	effects map[instanceKey]map[string]effect
}

// instanceKey names an instance within one configured provider.
type instanceKey struct{ cloud, scope, id string }

func keyOf(cloudName, scope, id string) instanceKey {
	return instanceKey{cloudName, scope, id}
}

// declared is what one object declares about one instance. What is empty, or
// nil, is not configured or not known yet, and contradicts nothing.
type declared struct {
	object declarer
	state  string
	mode   backend.StoppedMode
	force  *bool
}

// declarer is an object as far as the provider knows it.
type declarer struct {
	token    string
	resource string // its type
	id       string // empty while it is not known
	members  int    // how many instances a fleet has
	created  bool   // it does not exist yet
}

// contradiction is an instance that two objects declare differently.
type contradiction struct {
	id          string
	this, other declared
}

// contradicts reports whether no state of an instance satisfies both.
func (d declared) contradicts(other declared) bool {
	return d.state != "" && other.state != "" && d.state != other.state ||
		contradictingModes(d.mode, other.mode) ||
		d.force != nil && other.force != nil && *d.force != *other.force
}

// contradictingModes reports whether two configured modes exclude each other. A
// mode that is used only where the instance supports it excludes its opposite.
func contradictingModes(a, b backend.StoppedMode) bool {
	switch {
	case a == backend.UnknownMode || b == backend.UnknownMode || a == b:
		return false
	case a == powerstate.StopChargingIfSupported:
		return b == backend.KeepCharging
	case b == powerstate.StopChargingIfSupported:
		return a == backend.KeepCharging
	}
	return true
}

// declare notes what an object declares, in the place of what it declared before,
// and returns where other objects declare something else, by instance id. The
// first of two objects that contradict each other is not told.
func (d *registry) declare(object declarer, all map[instanceKey]declared) []contradiction {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.withdraw(object.token)
	if d.planned == nil {
		d.planned = make(map[instanceKey]map[string]*declared)
		d.objects = make(map[string][]instanceKey)
	}
	var found []contradiction
	keys := make([]instanceKey, 0, len(all))
	for key, own := range all {
		own.object = object
		keys = append(keys, key)
		delete(d.effects[key], object.token)
		others := d.planned[key]
		for _, other := range others {
			if own.contradicts(*other) {
				found = append(found, contradiction{id: key.id, this: own, other: *other})
			}
		}
		if others == nil {
			others = make(map[string]*declared, 1)
			d.planned[key] = others
		}
		others[object.token] = &own
	}
	d.objects[object.token] = keys
	slices.SortFunc(found, func(a, b contradiction) int {
		if by := strings.Compare(a.id, b.id); by != 0 {
			return by
		}
		return strings.Compare(a.other.object.token, b.other.object.token)
	})
	return found
}

// forget forgets what an object declared, since it is to be destroyed: one process can
// serve several runs, as those of "terraform test".
func (d *registry) forget(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.withdraw(token)
}

// withdraw forgets what an object declared. The lock is held.
func (d *registry) withdraw(token string) {
	for _, key := range d.objects[token] {
		delete(d.planned[key], token)
	}
	delete(d.objects, token)
}

// adopt returns the token with which an object was planned that has been created since,
// and that has these instances; it is empty where there is none. Of several that were
// planned alike, it forgets the others: what they declare is declared by this one.
func (d *registry) adopt(resource string, keys []instanceKey) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(keys) == 0 {
		return ""
	}
	var alike []string
	for token, first := range d.planned[keys[0]] {
		if first.object.created && first.object.resource == resource && len(d.objects[token]) == len(keys) {
			alike = append(alike, token)
		}
	}
	if len(alike) == 0 {
		return ""
	}
	slices.Sort(alike)
	for _, token := range alike[1:] {
		d.withdraw(token)
	}
	for _, key := range keys {
		if own, ok := d.planned[key][alike[0]]; ok {
			own.object.created = false
		}
	}
	return alike[0]
}

// declaredBeside reports whether another object of this run declares an instance. The
// lock is held.
func (d *registry) declaredBeside(token string, key instanceKey) bool {
	others := len(d.planned[key])
	if _, own := d.planned[key][token]; own {
		others--
	}
	return others > 0
}
