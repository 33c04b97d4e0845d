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

// tokenKey is the key of private state by which the objects of a run are told apart.
const tokenKey = "object"

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
func (d *providerData) object(
	ctx context.Context, private privateState, of surface, exists bool,
) (object, diag.Diagnostics) {
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
func (d *providerData) created(
	ctx context.Context, private privateState, of surface, at location, ids []string,
) diag.Diagnostics {
	diags := keepTokens(ctx, private, leftKey, nil) // That was for an object that it might replace.
	if token := d.registry.adopt(of.resource(), d.keys(at, ids)); token != "" {
		diags.Append(savePrivate(ctx, private, tokenKey, "the token of the resource", token)...)
	}
	return diags
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
func (d *providerData) declare(
	o object, at location, config declaration, of surface, ids []string, declaredOf func(id string) declaration,
) diag.Diagnostics {
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
		fmt.Sprintf("Two resources of this run declare different states for one instance:\n  - %s\n\n"+
			"An instance has one power state. Remove it from one of the two resources, or give both the same `state`, "+
			"`stopped_mode` and `force_stop`.", strings.Join(firstOf(lines), "\n  - ")))
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
