package provider

import "slices"

// heldObject is an object of the state.
type heldObject struct {
	keys      []instanceKey
	onDestroy string
	// planned is set when the object was planned by itself, be it as a change or as a
	// destroy. One that is not planned yet may go on to declare its instances, or be
	// what a create with the same instance replaces.
	planned bool
}

// effect is what on_destroy does to an instance that an object lets go.
type effect int

const (
	// effectNone leaves the instance as it is.
	effectNone effect = iota + 1
	// effectPlanned is a change of the power state in the plan.
	effectPlanned
	// effectMade is one that the apply has made, or is about to make.
	effectMade
)

// hold notes an object of the state.
func (d *registry) hold(token string, object heldObject) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held == nil {
		d.held = make(map[string]heldObject)
		d.holders = make(map[instanceKey][]string)
	}
	object.planned = object.planned || d.held[token].planned
	if !slices.Equal(object.keys, d.held[token].keys) {
		d.unhold(token)
		for _, key := range object.keys {
			d.holders[key] = append(d.holders[key], token)
		}
	}
	d.held[token] = object
}

// drop forgets an object that a refresh removes from the state.
func (d *registry) drop(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unhold(token)
	delete(d.held, token)
}

// unhold forgets which instances an object has. The lock is held.
func (d *registry) unhold(token string) {
	for _, key := range d.held[token].keys {
		d.holders[key] = slices.DeleteFunc(d.holders[key], func(holder string) bool { return holder == token })
	}
}

// heldWith returns the instances that the object of the state with a token has.
func (d *registry) heldWith(token string) []instanceKey {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[token].keys
}

// undecided are the other objects of the state that have an instance and are not planned
// yet. The lock is held.
func (d *registry) undecided(token string, key instanceKey) []string {
	var tokens []string
	for _, holder := range d.holders[key] {
		if holder != token && !d.held[holder].planned {
			tokens = append(tokens, holder)
		}
	}
	return tokens
}

// replaced returns those of the instances, for which an object is created, that an
// undecided object has whose destroy would act: the create may replace it, and if not,
// its own plan is to come.
func (d *registry) replaced(token string, keys ...instanceKey) []instanceKey {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(keys), func(key instanceKey) bool {
		return !slices.ContainsFunc(d.undecided(token, key), func(holder string) bool {
			return d.held[holder].onDestroy != onDestroyLeave
		})
	})
}

// others returns the tokens of the other objects that declare each of the instances, or
// may go on to declare it, by the instance's id.
func (d *registry) others(token string, keys ...instanceKey) map[string][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := make(map[string][]string)
	for _, key := range keys {
		tokens := d.undecided(token, key)
		for other := range d.planned[key] {
			if other != token {
				tokens = append(tokens, other)
			}
		}
		if len(tokens) > 0 {
			slices.Sort(tokens)
			found[key.id] = tokens
		}
	}
	return found
}

// departure is what an object lets go in its plan.
type departure struct {
	keys []instanceKey
	// changes are the ids of those whose power state on_destroy changes.
	changes []string
	// noted are the other objects that a refresh knew to have an instance, by its id.
	noted map[string][]string
	again planAgain
}

// planAgain tells whether the apply plans a departure once more. Of the objects that it
// does not plan, it knows those alone that a refresh has noted.
type planAgain int

const (
	planOnce        planAgain = iota
	mayPlanAgain              // a replacement, if it creates first
	surelyPlanAgain           // an update
)

// letGo notes a departure, and returns the instances that are left as they are: those
// that another object declares, and those that others may go on to declare, with their
// tokens. An object that is planned later finds what is changed.
func (d *registry) letGo(token string, what departure) (declared []string, held map[string][]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	changes := make(map[string]bool, len(what.changes))
	for _, id := range what.changes {
		changes[id] = true
	}
	held = make(map[string][]string)
	for _, key := range what.keys {
		// What another object does that is planned already is known better than by the note.
		noted := slices.DeleteFunc(slices.Clone(what.noted[key.id]), func(other string) bool {
			return d.effects[key][other] != 0 || d.held[other].planned
		})
		others := noted
		if what.again != surelyPlanAgain {
			others = append(slices.Clone(noted), d.undecided(token, key)...)
			slices.Sort(others)
			others = slices.Compact(others)
		}
		effect := effectNone
		switch {
		case d.declaredBeside(token, key):
			declared = append(declared, key.id)
		case len(others) > 0:
			held[key.id] = others
			if changes[key.id] && what.again == mayPlanAgain && len(noted) == 0 {
				effect = effectPlanned // The others are to be in the apply.
			}
		case changes[key.id]:
			effect = effectPlanned
		}
		d.noteEffect(token, key, effect)
	}
	return declared, held
}

// noteEffect notes that an object lets an instance go. The lock is held.
func (d *registry) noteEffect(token string, key instanceKey, what effect) {
	if d.effects == nil {
		d.effects = make(map[instanceKey]map[string]effect)
	}
	if d.effects[key] == nil {
		d.effects[key] = make(map[string]effect, 1)
	}
	d.effects[key][token] = what
}

// changedByOthers returns the ids of those of the instances that another object lets go,
// and whose power state it changes then.
func (d *registry) changedByOthers(token string, keys ...instanceKey) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var changed []string
	for _, key := range keys {
		for other, what := range d.effects[key] {
			if other != token && what != effectNone {
				changed = append(changed, key.id)
				break
			}
		}
	}
	return changed
}

// madeByOthers returns the ids of those of the instances that another object has let go in
// this apply, and whose power state it has changed then.
func (d *registry) madeByOthers(token string, keys ...instanceKey) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return idsOf(slices.DeleteFunc(slices.Clone(keys), func(key instanceKey) bool { return !d.madeBeside(token, key) }))
}

// madeBeside reports whether another object has changed an instance. The lock is held.
func (d *registry) madeBeside(token string, key instanceKey) bool {
	for other, what := range d.effects[key] {
		if other != token && what == effectMade {
			return true
		}
	}
	return false
}

// release lets go of an instance in the apply, and reports whether on_destroy is carried
// out: no other object declares it, each of those that may have gone on to declare it has
// let it go, and none has changed it. changes is set where that changes the power state.
func (d *registry) release(token string, key instanceKey, others []string, changes bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	acts := !d.declaredBeside(token, key) && !d.madeBeside(token, key)
	for _, other := range others {
		acts = acts && d.effects[key][other] != 0
	}
	what := effectNone
	if acts && changes {
		what = effectMade
	}
	d.noteEffect(token, key, what)
	return acts
}
