package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// The keys of private state by which the objects of a run are told apart.
const (
	tokenKey = "object"
	// leftKey holds the instances that a destroy, or an update, leaves as they are,
	// since its plan knew that another object declares them.
	leftKey = "left"
)

type privateState interface {
	privateData
	privateSetter
}

// object is one object of the run as its plan knows it.
type object struct {
	declarer
	// replaces is set in the second plan of a replacement, which the core makes without
	// the prior state. It comes with what the first plan left in the private state.
	replaces bool
}

// object tells which object a plan is of, and gives it a token where it has none. One
// that is created has one for this plan alone: nothing is kept of it until it exists.
func (d *providerData) object(ctx context.Context, private privateState, of surface, exists bool) (object, diag.Diagnostics) {
	o := object{declarer: declarer{resource: of.resource()}}
	known, diags := loadPrivate(ctx, private, tokenKey, "the token of the resource", &o.token)
	o.created = !exists
	if known {
		o.replaces = !exists
		return o, diags
	}
	o.token = newToken()
	if exists {
		diags.Append(savePrivate(ctx, private, tokenKey, "the token of the resource", o.token)...)
	}
	return o, diags
}

// created gives an object that was created the token that its plan had.
func (d *providerData) created(ctx context.Context, private privateState, of surface, at location, ids []string) diag.Diagnostics {
	token := d.registry.adopt(of.resource(), d.keys(at, ids))
	if token == "" {
		return nil
	}
	return savePrivate(ctx, private, tokenKey, "the token of the resource", token)
}

// newToken is a name that no other object has.
func newToken() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // It never fails.
	return hex.EncodeToString(random[:])
}

// resource is the type of the resource with this surface.
func (s surface) resource() string {
	if s.one() {
		return "instance_power_state"
	}
	return "instance_fleet_power_state"
}

// keys names instances in a place; there are none while that is not known.
func (d *providerData) keys(at location, ids []string) []instanceKey {
	if at.Cloud.ValueString() == "" || !d.scopeKnown(at.Cloud.ValueString(), at.Region) {
		return nil
	}
	scope := d.scope(at.Cloud.ValueString(), at.Region.ValueString())
	keys := make([]instanceKey, len(ids))
	for i, id := range ids {
		keys[i] = keyOf(at.Cloud.ValueString(), scope, id)
	}
	return keys
}

func idsOf(keys []instanceKey) []string {
	var ids []string
	for _, key := range keys {
		ids = append(ids, key.id)
	}
	return ids
}

// declare notes what an object declares of its instances, and refuses what another
// object declares differently.
func (d *providerData) declare(o object, at location, config declaration, of surface, ids []string, declaredOf func(id string) declaration) diag.Diagnostics {
	all := make(map[instanceKey]declared, len(ids))
	mode, _ := parseMode(config.StoppedMode.ValueString())
	for _, key := range d.keys(at, ids) {
		own := declaredOf(key.id)
		if !own.declares() {
			continue
		}
		one := declared{state: own.State.ValueString(), mode: mode}
		if !own.ForceStop.IsUnknown() {
			one.force = own.ForceStop.ValueBoolPointer()
		}
		all[key] = one
	}
	return contradictory(of, d.registry.declare(o.declarer, all))
}

// contradictory is the error about instances that two objects declare differently.
func contradictory(of surface, found []contradiction) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(found) == 0 {
		return diags
	}
	var lines, ids []string
	for _, c := range found {
		ids = append(ids, c.id)
		lines = append(lines, fmt.Sprintf("%s: %s here, and %s in %s", c.id, c.this, c.other, c.other.object))
	}
	slices.Sort(lines)
	ids, lines = slices.Compact(ids), slices.Compact(lines)
	summary := fmt.Sprintf("%s are declared twice", instances(len(ids)))
	if len(ids) == 1 {
		summary = fmt.Sprintf("Instance %q is declared twice", ids[0])
	}
	diags.AddAttributeError(path.Root(of.ids), summary,
		fmt.Sprintf("Two resources of this run declare different states for one instance:\n  - %s\n\nAn instance has one power state. Remove it from one of the two "+
			"resources, or give both the same `state`, `stopped_mode` and `force_stop`.", strings.Join(firstOf(lines), "\n  - ")))
	return diags
}

// String describes a declaration in an error.
func (d declared) String() string {
	text := d.state
	if text == "" {
		text = "not known yet"
	}
	if d.mode != backend.UnknownMode {
		text += fmt.Sprintf(" with `stopped_mode = %q`", d.mode)
	}
	if d.force != nil && *d.force {
		text += " with `force_stop = true`"
	}
	return text
}

// String names an object in an error, as far as the provider knows it.
func (d declarer) String() string {
	text := "another " + d.resource
	if d.members > 0 {
		text += " of " + instances(d.members)
	}
	if d.id != "" {
		text += fmt.Sprintf(" (id %q)", d.id)
	}
	return text
}

// hold notes what the state holds of an object, and what its destroy would do.
func (d *providerData) hold(o object, r releases, ids []string, destroyed bool) {
	d.registry.hold(o.token, heldObject{
		keys: d.keys(r.location, ids), onDestroy: r.OnDestroy.ValueString(), releases: r, planned: true, destroyed: destroyed,
	})
}

// holdRead notes what a refresh has read of an object.
func (d *providerData) holdRead(ctx context.Context, private privateState, r releases, ids []string) diag.Diagnostics {
	o, diags := d.object(ctx, private, r.of, true)
	d.registry.hold(o.token, heldObject{keys: d.keys(r.location, ids), onDestroy: r.OnDestroy.ValueString(), releases: r})
	return diags
}

// planCreate says what the destroys of this run may do to instances that an object is
// created for, and marks those that are to be left alone. The core hands the private
// state of this plan to the destroy of the object that it replaces.
func (d *providerData) planCreate(ctx context.Context, private privateState, o object, at location, ids []string) diag.Diagnostics {
	var diags diag.Diagnostics
	keys := d.keys(at, ids)
	if !o.replaces {
		found := d.registry.leaving(o.token, keys...)
		diags.Append(leave(ctx, private, idsOf(found.replaced))...)
		diags.Append(leftAlone(idsOf(found.replaced), ifReplaced)...)
		return append(diags, turnedOnTheWay(idsOf(found.destroyed))...)
	}
	former, ok := d.registry.heldWith(o.token)
	if !ok {
		return diags
	}
	d.hold(object{declarer: declarer{token: o.token}}, former.releases, idsOf(former.keys), true)
	left, gone := divide(former.keys, slices.Concat(keys, d.registry.declaredByOthers(o.token, former.keys...)))
	diags.Append(leave(ctx, private, left)...)
	diags.Append(leftAlone(former.changes(left), sinceReplaced)...)
	return append(diags, d.planRelease(ctx, former.releases, gone)...)
}

// planDestroy says what the destroy of an object will do to its instances.
func (d *providerData) planDestroy(ctx context.Context, private privateState, r releases, ids []string) diag.Diagnostics {
	o, diags := d.object(ctx, private, r.of, true)
	d.registry.forget(o.token)
	d.hold(o, r, ids, true)
	keys := d.keys(r.location, ids)
	declared, rest := divide(keys, d.registry.declaredByOthers(o.token, keys...))
	// One that does not change is not planned again in the apply: what this plan does
	// not tell, the destroy does not know. Of several that go, the last one acts.
	held, rest := divide(d.keys(r.location, rest), d.registry.heldByOthers(o.token, keys...))
	diags.Append(leave(ctx, private, slices.Concat(declared, held))...)
	diags.Append(leftAlone(r.changes(declared), sinceDeclared)...)
	diags.Append(leftAlone(r.changes(held), ifDeclared)...)
	return append(diags, d.planRelease(ctx, r, rest)...)
}

// planLeaving marks the instances that leave in an update and that another object
// declares, and returns the others.
func (d *providerData) planLeaving(ctx context.Context, private privateState, o object, r releases, ids []string) ([]string, diag.Diagnostics) {
	keys := d.keys(r.location, ids)
	left, rest := divide(keys, d.registry.declaredByOthers(o.token, keys...))
	diags := leave(ctx, private, left)
	return rest, append(diags, leftAlone(r.changes(left), sinceDeclared)...)
}

// divide returns the ids of the instances that are among others, and of the rest.
func divide(keys, others []instanceKey) (among, rest []string) {
	known := make(map[instanceKey]bool, len(others))
	for _, key := range others {
		known[key] = true
	}
	for _, key := range keys {
		if known[key] {
			among = append(among, key.id)
			continue
		}
		rest = append(rest, key.id)
	}
	return among, rest
}

// leave keeps the ids of instances that are to be left alone. What an earlier plan has
// kept means nothing any more.
func leave(ctx context.Context, private privateState, ids []string) diag.Diagnostics {
	var former []string
	known, diags := loadPrivate(ctx, private, leftKey, "the instances to leave alone", &former)
	if len(ids) == 0 && !known || diags.HasError() {
		return diags
	}
	return append(diags, savePrivate(ctx, private, leftKey, "the instances to leave alone", ids)...)
}

// declaredElsewhere returns what tells of an instance whether another object of this run
// declares it, as far as is known by then: the plan may have known it, or this process
// has planned that object.
func (d *providerData) declaredElsewhere(ctx context.Context, private privateData, at location) (func(id string) bool, diag.Diagnostics) {
	var (
		token string
		left  []string
	)
	_, diags := loadPrivate(ctx, private, tokenKey, "the token of the resource", &token)
	_, more := loadPrivate(ctx, private, leftKey, "the instances to leave alone", &left)
	diags.Append(more...)
	return func(id string) bool {
		return slices.Contains(left, id) || len(d.registry.declaredByOthers(token, d.keys(at, []string{id})...)) > 0
	}, diags
}

// Why on_destroy is not carried out, as the first words of a sentence.
const (
	sinceDeclared = "Another resource of this run declares"
	sinceReplaced = "The resource is replaced by one that declares"
	ifDeclared    = "Another resource of the state has not been planned yet, and may go on to declare"
	ifReplaced    = "This resource may replace one of the state that declares"
)

// leftAlone warns that on_destroy is not carried out for some instances.
func leftAlone(ids []string, since string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("`on_destroy` is not carried out for %s", nameOrNumber(ids)),
		fmt.Sprintf("%s the same %s, so the destroy does not change the power state.", since, nounOf(ids))+andListed(ids))}
}

// turnedOnTheWay warns that a destroy of this run may turn instances before the object
// that is created for them turns them back.
func turnedOnTheWay(ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s may change twice", upperFirst(nameOrNumber(ids))),
		"This run destroys another resource that has the same "+nounOf(ids)+" and an `on_destroy` that changes the power state. If the destroy comes first, "+
			"this resource changes it back. A `moved` block keeps the resource when only its name or key changes, and `on_destroy = \"leave\"` changes nothing."+andListed(ids))}
}

// nameOrNumber names one instance, or says how many there are.
func nameOrNumber(ids []string) string {
	if len(ids) == 1 {
		return fmt.Sprintf("instance %q", ids[0])
	}
	return instances(len(ids))
}

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
