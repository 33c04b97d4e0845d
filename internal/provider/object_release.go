package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The keys of private state by which an apply knows of objects that it does not plan.
// Both hold tokens of objects by instance.
const (
	// othersKey holds the other objects that a refresh knew to have an instance. The apply
	// plans an update once more, in a process that knows of no object that does not change,
	// and this is what reaches it.
	othersKey = "others"
	// leftKey holds the instances that a destroy, or an update, leaves as they are, and the
	// objects that may go on to declare each; none where one is known to declare it.
	leftKey = "leaves"
)

// hold notes what the state holds of an object that is planned.
func (d *providerData) hold(o object, r releases, ids []string) {
	d.registry.hold(o.token, heldObject{
		keys: d.keys(r.location, ids), onDestroy: r.OnDestroy.ValueString(), planned: true,
	})
}

// holdRead notes what the state holds of an object that is about to be read: of two that
// are read at the same time, each knows of the other when it has been.
func (d *providerData) holdRead(
	ctx context.Context, private privateState, of surface, state declaration, ids []string,
) (object, diag.Diagnostics) {
	o, diags := d.object(ctx, private, of, true)
	d.registry.hold(o.token, heldObject{keys: d.keys(state.location, ids), onDestroy: state.OnDestroy.ValueString()})
	return o, diags
}

// noteOthers keeps which other objects have the instances of one that was read.
func (d *providerData) noteOthers(
	ctx context.Context, private privateState, o object, at location, ids []string,
) diag.Diagnostics {
	return keepTokens(ctx, private, othersKey, d.registry.others(o.token, d.keys(at, ids)...))
}

// keepTokens keeps tokens of objects by instance in the place of those that were kept.
func keepTokens(ctx context.Context, private privateState, key string, tokens map[string][]string) diag.Diagnostics {
	former, diags := keptTokens(ctx, private, key)
	if len(tokens)+len(former) == 0 || diags.HasError() {
		return diags
	}
	return append(diags, savePrivate(ctx, private, key, "the other resources that have the instances", tokens)...)
}

func keptTokens(ctx context.Context, private privateData, key string) (map[string][]string, diag.Diagnostics) {
	var kept map[string][]string
	_, diags := loadPrivate(ctx, private, key, "the other resources that have the instances", &kept)
	return kept, diags
}

// planCreate says what other objects of this run may do to instances that an object is
// created for, and marks its instances as those that are to be left alone: the core hands
// the private state of this plan to the destroy of the object that it replaces, and drops
// it where there is none. It plans the replacement of a tainted object as a create.
func (d *providerData) planCreate(
	ctx context.Context, private privateState, o object, at location, ids []string,
) diag.Diagnostics {
	keys := d.keys(at, ids)
	left, diags := keptTokens(ctx, private, leftKey)
	if left == nil {
		left = make(map[string][]string)
	}
	marked := keys
	if o.replaces { // The first plan has said what becomes of the instances that are not the same.
		marked = inCommon(d.registry.heldWith(o.token), keys)
	}
	for _, key := range marked {
		left[key.id] = nil
	}
	diags.Append(keepTokens(ctx, private, leftKey, left)...)
	if o.replaces {
		return diags // The core shows no warning of this plan.
	}
	diags.Append(leftAlone(idsOf(d.registry.replaced(o.token, keys...)), ifReplaced)...)
	return append(diags, turnedOnTheWay(d.registry.changedByOthers(o.token, keys...))...)
}

// planDestroy says what the destroy of an object will do to its instances.
func (d *providerData) planDestroy(
	ctx context.Context, private privateState, r releases, ids []string,
) diag.Diagnostics {
	o, diags := d.object(ctx, private, r.of, true)
	d.registry.forget(o.token)
	d.hold(o, r, ids)
	return append(diags, d.planDeparture(ctx, private, o, r, ids, planOnce)...)
}

// planDeparture says what becomes of instances that an object lets go, and marks those
// that it leaves to others. Of several objects that let an instance go, the last one
// carries out on_destroy.
func (d *providerData) planDeparture(
	ctx context.Context, private privateState, o object, r releases, ids []string, again planAgain,
) diag.Diagnostics {
	if len(d.keys(r.location, ids)) < len(ids) { // The place is not known yet.
		return append(keepTokens(ctx, private, leftKey, nil), d.planRelease(ctx, r, ids)...)
	}
	left, diags := d.noteDeparture(ctx, private, o, r, ids, again)
	var declared, held, rest []string
	for _, id := range ids {
		switch others, stays := left[id]; {
		case !stays:
			rest = append(rest, id)
		case len(others) == 0:
			declared = append(declared, id)
		default:
			held = append(held, id)
		}
	}
	diags.Append(leftAlone(r.changes(declared), sinceDeclared)...)
	diags.Append(leftAlone(r.changes(held), sinceHeld)...)
	return append(diags, d.planRelease(ctx, r, rest)...)
}

// noteDeparture notes instances that an object lets go, or may let go: which ones can be
// known in the apply alone. It marks those that are left to others, and returns them: with
// the tokens of the objects that may go on to declare them, or none where one does.
func (d *providerData) noteDeparture(
	ctx context.Context, private privateState, o object, r releases, ids []string, again planAgain,
) (map[string][]string, diag.Diagnostics) {
	noted, diags := keptTokens(ctx, private, othersKey)
	declared, left := d.registry.letGo(o.token, departure{
		keys: d.keys(r.location, ids), changes: r.changes(ids), noted: noted, again: again,
	})
	for _, id := range declared {
		left[id] = nil
	}
	return left, append(diags, keepTokens(ctx, private, leftKey, left)...)
}

// inCommon returns the instances that are in both lists.
func inCommon(a, b []instanceKey) []instanceKey {
	in := make(map[instanceKey]bool, len(b))
	for _, key := range b {
		in[key] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(key instanceKey) bool { return !in[key] })
}

// departing is an object that lets instances go in an apply.
type departing struct {
	data  *providerData
	at    location
	token string
	left  map[string][]string
	// changes are the ids of those whose power state on_destroy changes.
	changes map[string]bool
}

// departing reads what the plan of an object left in the private state.
func (d *providerData) departing(
	ctx context.Context, private privateData, r releases, ids []string,
) (departing, diag.Diagnostics) {
	e := departing{data: d, at: r.location, changes: make(map[string]bool)}
	for _, id := range r.changes(ids) {
		e.changes[id] = true
	}
	_, diags := loadPrivate(ctx, private, tokenKey, "the token of the resource", &e.token)
	left, more := keptTokens(ctx, private, leftKey)
	e.left = left
	return e, append(diags, more...)
}

// leaves reports whether on_destroy is not carried out for an instance, since another
// object has it, as far as is known by now: the plan may have known it, or this process
// has planned that object.
func (e departing) leaves(id string) bool {
	others, planned := e.left[id]
	if planned && len(others) == 0 {
		return true
	}
	keys := e.data.keys(e.at, []string{id})
	return len(keys) == 1 && !e.data.registry.release(e.token, keys[0], others, e.changes[id])
}

// leaveAll notes that the object leaves instances as they are.
func (e departing) leaveAll(ids ...string) {
	e.data.registry.letGo(e.token, departure{keys: e.data.keys(e.at, ids)})
}

// leftAlone warns of those that are left.
func (e departing) leftAlone(ids ...string) diag.Diagnostics {
	var declared, held, changed []string
	for _, id := range ids {
		switch made := e.data.registry.madeByOthers(e.token, e.data.keys(e.at, []string{id})...); {
		case len(made) > 0:
			changed = append(changed, id)
		case len(e.left[id]) > 0:
			held = append(held, id)
		default:
			declared = append(declared, id)
		}
	}
	return slices.Concat(leftAlone(declared, sinceDeclared), leftAlone(held, sinceHeld), leftAlone(changed, sinceChanged))
}

// Why on_destroy is not carried out, as the first words of a sentence.
const (
	sinceDeclared = "Another resource of this run declares"
	sinceHeld     = "Another resource of the state may go on to declare"
	sinceChanged  = "Another resource of this run has carried out its `on_destroy` for"
	ifReplaced    = "This resource may replace one of the state that declares"
)

// leftAlone warns that on_destroy is not carried out for some instances.
func leftAlone(ids []string, since string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("`on_destroy` is not carried out for %s", instanceAndMore(ids)),
		fmt.Sprintf("%s the same %s, so the destroy does not change the power state.", since, nounOf(ids))+andListed(ids),
	)}
}

// turnedOnTheWay warns of instances whose power state another object of the run may
// change before this one changes it back.
func turnedOnTheWay(ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	noun := nounOf(ids)
	return diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("%s may change twice", upperFirst(instanceAndMore(ids))),
		"This run destroys another resource that has the same "+noun+", or may take the "+noun+" out of it, and its "+
			"`on_destroy` changes the power state. If that comes first, this resource changes it back. A `moved` block "+
			"keeps the resource when only its name or key changes, and `on_destroy = \"leave\"` changes nothing."+
			andListed(ids),
	)}
}

// firstAndMore names the first instance, and says how many more there are. It makes the
// summary of a warning the resource's own: of several with equal summaries the CLI shows
// one.
func firstAndMore(ids []string) string {
	if len(ids) == 1 {
		return fmt.Sprintf("%q", ids[0])
	}
	return fmt.Sprintf("%q and %d more", ids[0], len(ids)-1)
}

// instanceAndMore is firstAndMore within a sentence.
func instanceAndMore(ids []string) string { return "instance " + firstAndMore(ids) }

func nounOf(ids []string) string {
	if len(ids) == 1 {
		return "instance"
	}
	return "instances"
}

// andListed is a list of several instances at the end of a text.
func andListed(ids []string) string {
	if len(ids) < 2 {
		return ""
	}
	return "\n\nInstances: " + strings.Join(firstOf(ids), ", ")
}
