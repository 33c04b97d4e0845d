package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// givenValues is a configuration that is made from the schemas, so that it has a new
// argument as soon as there is one. The objects of a schema and service share a variable:
// the CLI takes time for each variable, and for each reference to a large one.
type givenValues struct {
	t         *testing.T
	all       []*harness
	providers string
	// objects are those that work, refused those of which an argument may not be empty.
	objects, refused []givenObject
	// further are the parts of the configuration that are no objects, and more their
	// values.
	further strings.Builder
	more    map[string]any
}

// newVariables has the objects of all schemas of these kinds.
func newVariables(t *testing.T, kinds ...string) *givenValues {
	t.Helper()
	all, providers := newTogether(t, "")
	v := &givenValues{t: t, all: all, more: map[string]any{}}
	v.providers = strings.ReplaceAll(providers, fmt.Sprintf("%q", all[0].server.URL()), "var.endpoint")
	own := &setup{rpc: rpcOf(t, clouds)}
	given := map[string]bool{}
	for _, use := range schemaUses(t) {
		if kind, _ := use.kind(); !slices.Contains(kinds, kind) {
			continue
		}
		for i, h := range all {
			// The arguments that exclude others have two sources on each service; in short
			// mode all have.
			v.add(h, own, use, []string{sources[2*i%len(sources)], sources[(2*i+1)%len(sources)]}, given)
		}
		for _, a := range argumentsOf(use.block) {
			for _, source := range sources {
				if !a.block && possible(use, a, source) && !given[use.name+"."+a.String()+" of a "+source] {
					t.Errorf("%s: %s of a %s is in no object: add a sample", use.name, a, source)
				}
			}
		}
	}
	return v
}

// possible reports whether an argument can be from a source. What acts has no values to
// compare with, and a collection alone has elements.
func possible(use schemaUse, a leaf, source string) bool {
	kind, _ := use.kind()
	switch source {
	case "literal":
		return kind == "data" || kind == "list"
	case "element":
		return a.of.Is(tftypes.List{}) || a.of.Is(tftypes.Map{})
	}
	return true
}

// kind tells what the schema is of, and the name of its type.
func (m schemaUse) kind() (kind, typ string) {
	kind, typ, ok := strings.Cut(m.name, " ")
	if !ok {
		return "resource", m.name
	}
	return kind, typ
}

// samplesOf are samples for an instance that there is.
func (h *harness) samplesOf(id, state string) sampling {
	in, _ := h.sim.Instance(id)
	own := sampling{
		values: maps.Clone(inMemory.values), elements: maps.Clone(inMemory.elements), keys: maps.Clone(inMemory.keys),
	}
	maps.Copy(own.values, map[string]any{
		"cloud": h.cloud, "region": h.scope, "instance_id": id, "dry_run": false, "can_stop_charging": h.stopCharging,
	})
	if !h.regional() {
		delete(own.values, "region")
	}
	maps.Copy(own.elements, map[string]any{
		"instance_ids": id, "states": state, "charge_types": "pay_as_you_go", "instance_types": in.Type, "zones": in.Zone,
	})
	own.keys["states"] = id
	return own
}

// add makes the objects of one schema: with all arguments that go together, from each
// source, and with the least of them, all others null or one of them empty. few are the
// sources of those that have arguments which exclude others.
func (v *givenValues) add(h *harness, own *setup, use schemaUse, few []string, given map[string]bool) {
	v.t.Helper()
	like := givenObject{h: h, leaves: argumentsOf(use.block)}
	like.kind, like.typ = use.kind()
	like.group = fmt.Sprintf("%s_%s_%s", h.key(), like.kind, strings.TrimPrefix(like.typ, "instance_"))
	state := "stopped"
	if !like.acts() {
		state = "running"
	}
	use.samples = h.samplesOf(h.tagged("prod", false), state)
	bases := use.bases(v.t, own)
	for i, base := range bases {
		like.of = fmt.Sprintf("%s_%d", like.group, i)
		switch {
		case i%3 == 0: // The least, which the next two add to.
			least := replaced(v.t, base, []string{"cloud"}, form{value: tftypes.NewValue(tftypes.String, h.cloud)})
			v.put(like, "null", least)
			v.addEmpty(like, use, own, least)
			continue
		case i%3 == 2 && base.Equal(bases[i-1]):
			continue
		}
		narrow := i%3 == 2 || testing.Short()
		for _, source := range sources {
			written := func(a leaf) bool {
				return !a.block && !valueAt(v.t, base, a.path).IsNull() && possible(use, a, source)
			}
			if narrow && !slices.Contains(few, source) || !slices.ContainsFunc(like.leaves, written) {
				continue
			}
			v.put(like, source, base)
			for _, a := range like.leaves {
				if written(a) {
					given[use.name+"."+a.String()+" of a "+source] = true
				}
			}
		}
		if !like.acts() && narrow && !slices.Contains(few, "literal") {
			v.put(like, "literal", base)
		}
	}
}

// addEmpty adds objects of which one argument is an empty text or collection. One that is
// refused is so before the cloud matters: each service has some of these.
func (v *givenValues) addEmpty(like givenObject, use schemaUse, own *setup, least tftypes.Value) {
	v.t.Helper()
	for i, a := range like.leaves {
		for _, f := range formsOf(a) {
			if f.name != "empty" {
				continue
			}
			one, config := like, replaced(v.t, least, a.path, f)
			one.argument = a.path[len(a.path)-1]
			one.of = like.of + "_" + strings.Join(a.path, "_")
			v.put(one, "empty", config)
			if last := len(v.objects) - 1; hasError(use.check(own, config)) {
				if v.all[i%len(v.all)] == like.h {
					v.refused = append(v.refused, v.objects[last])
				}
				v.objects = v.objects[:last]
			}
		}
	}
}

// put adds an object. One that acts has an instance of its own.
func (v *givenValues) put(o givenObject, source string, config tftypes.Value) {
	v.t.Helper()
	o.source, o.name = source, o.of+"_"+source
	o.values, _ = goValue(v.t, config).(map[string]any)
	if o.acts() {
		shared := o.idOf()
		o.id = o.h.running()
		if o.typ == startAction {
			o.h.change(o.id, halted(o.h, o.h.sim.Words().KeepCharging))
		}
		if o.values["force_stop"] == true || o.values["force_stop_after"] != nil {
			for _, h := range v.all { // Each audits the log of its cloud, which it may share.
				h.mayForce(o.id)
			}
		}
		for name, value := range o.values {
			if shared != "" {
				o.values[name] = exchanged(value, shared, o.id)
			}
		}
	}
	v.objects = append(v.objects, o)
}

// idOf is the id of the instance that the values name.
func (o givenObject) idOf() string {
	if id, ok := o.values["instance_id"].(string); ok {
		return id
	}
	if ids, ok := o.values["instance_ids"].([]any); ok && len(ids) > 0 {
		id, _ := ids[0].(string)
		return id
	}
	states, _ := o.values["states"].(map[string]any)
	for id := range states {
		return id
	}
	return ""
}

// exchanged is a value with another id for one that is in it.
func exchanged(value any, from, to string) any {
	switch value := value.(type) {
	case string:
		if value == from {
			return to
		}
	case []any:
		for i := range value {
			value[i] = exchanged(value[i], from, to)
		}
	case map[string]any:
		if member, ok := value[from]; ok {
			delete(value, from)
			value[to] = member
		}
	}
	return value
}

// goValue is a value as JSON has it.
func goValue(t *testing.T, value tftypes.Value) any {
	t.Helper()
	var list []tftypes.Value
	var object map[string]tftypes.Value
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.Number):
		return float64(1) // That of the sample.
	case value.As(&list) == nil:
		all := []any{}
		for _, one := range list {
			all = append(all, goValue(t, one))
		}
		return all
	case value.As(&object) == nil:
		all := map[string]any{}
		for name, one := range object {
			all[name] = goValue(t, one)
		}
		return all
	}
	return plain(value)
}

// wantStopped checks that each instance of an object is as that says, after one call.
func (v *givenValues) wantStopped() {
	v.t.Helper()
	for _, o := range v.objects {
		if o.id == "" {
			continue
		}
		words := o.h.sim.Words()
		want, op := words.Stopped, simulator.OpStop
		switch o.typ {
		case startAction:
			want, op = words.Running, simulator.OpStart
		case rebootAction:
			want, op = words.Running, simulator.OpReboot
		}
		writes := o.h.writesOf(o.id)
		if o.idOf() == "" { // It is of no instance.
			if len(writes) != 0 {
				v.t.Errorf("%s: got the writes%s", o.address(), describeCalls(writes))
			}
			continue
		}
		o.h.is(o.id, want)()
		if len(writes) != 1 || writes[0].Op != op {
			v.t.Errorf("%s: got the writes%s\nwant one %s", o.address(), describeCalls(writes), op)
		}
	}
}
