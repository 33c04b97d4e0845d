package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// sampling has values for arguments, by name. A collection has one element, for which
// there is another value, and a map one key. An argument of a type that needs no
// particular value has the sample of its type.
type sampling struct{ values, elements, keys map[string]any }

// inMemory are the samples for the clouds in memory.
var inMemory = sampling{
	values: map[string]any{
		"cloud":            "here",
		"region":           "r-1",
		"instance_id":      "h-000",
		"state":            "stopped",
		"stopped_mode":     "keep_charging",
		"force_stop_after": "1m",
		"max_failures":     "1",
		"on_destroy":       "leave",
		"timeout":          "5m",
		"create":           "5m",
		"read":             "5m",
		"update":           "5m",
		"delete":           "5m",
		"list":             "5m",
		"name":             "web-*",
		"preflight":        "describe",
		"batch_window":     "50ms",
	},
	elements: map[string]any{"instance_ids": "h-000", "states": "stopped", "charge_types": "prepaid"},
	keys:     map[string]any{"states": "h-000", "tags": "env"},
}

// of returns a value for an argument, and false where there is none.
func (s sampling) of(a leaf) (tftypes.Value, bool) {
	name := a.path[len(a.path)-1]
	text := func(from map[string]any, otherwise string) string {
		if word, ok := from[name].(string); ok {
			return word
		}
		return otherwise
	}
	element := tftypes.NewValue(tftypes.String, text(s.elements, "prod"))
	switch of := a.of.(type) {
	case tftypes.List:
		return tftypes.NewValue(of, []tftypes.Value{element}), of.ElementType.Is(tftypes.String)
	case tftypes.Set:
		return tftypes.NewValue(of, []tftypes.Value{element}), of.ElementType.Is(tftypes.String)
	case tftypes.Map:
		one := map[string]tftypes.Value{text(s.keys, "key"): element}
		return tftypes.NewValue(of, one), of.ElementType.Is(tftypes.String)
	default:
		word, known := s.values[name].(string)
		yes, set := s.values[name].(bool)
		switch {
		case of.Is(tftypes.String):
			return tftypes.NewValue(of, word), known
		case of.Is(tftypes.Bool):
			return tftypes.NewValue(of, yes || !set), true
		case of.Is(tftypes.Number), of.Is(tftypes.DynamicPseudoType):
			return tftypes.NewValue(tftypes.Number, 1), true
		}
	}
	return tftypes.Value{}, false
}

// schemaUse is a schema, and what checks and uses a configuration of it.
type schemaUse struct {
	name  string
	block *tfprotov6.SchemaBlock
	// least are the arguments of each minimal configuration.
	least [][]string
	// samples are the values of the arguments.
	samples sampling
	check   func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic
	// use calls what the core calls after the check. A configuration with an open
	// form is as in known once everything is known.
	use func(s *setup, a leaf, f form, known, config tftypes.Value)
}

// bases are the configurations in which one argument at a time gets another form:
// the minimal ones, and two to which every argument is added that the check
// accepts beside the others, in both orders.
func (m schemaUse) bases(t *testing.T, s *setup) []tftypes.Value {
	t.Helper()
	object, ok := m.block.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	all := argumentsOf(m.block)
	var bases []tftypes.Value
	for _, names := range m.least {
		base := eachOf(object, nil)
		for _, name := range names {
			at := slices.IndexFunc(all, func(a leaf) bool { return a.String() == name })
			if at < 0 {
				t.Fatalf("there is no argument %s", name)
			}
			sample, ok := m.samples.of(all[at])
			if !ok {
				t.Fatalf("the argument %s has no sample", name)
			}
			base = replaced(t, base, all[at].path, form{value: sample})
		}
		if diags := m.check(s, base); hasError(diags) {
			t.Fatalf("%v: %s", names, texts(diags))
		}
		forward, backward := base, base
		for i := range all {
			forward = m.added(t, s, forward, all[i])
			backward = m.added(t, s, backward, all[len(all)-1-i])
		}
		bases = append(bases, base, forward, backward)
	}
	return bases
}

// added is a configuration with a sample of an argument, if the check accepts it.
func (m schemaUse) added(t *testing.T, s *setup, base tftypes.Value, a leaf) tftypes.Value {
	t.Helper()
	if sample, ok := m.samples.of(a); ok && !a.block {
		if more := replaced(t, base, a.path, form{value: sample}); !hasError(m.check(s, more)) {
			return more
		}
	}
	return base
}

// known is a configuration once everything in it is known: an unknown value becomes
// that of the base, else a sample where the check accepts it, else null.
func (m schemaUse) known(t *testing.T, s *setup, a leaf, base, config tftypes.Value) tftypes.Value {
	t.Helper()
	if sample, ok := m.samples.of(a); ok && !a.block {
		filled := resolved(t, config, replaced(t, base, a.path, form{value: sample}))
		resolvedWithBase := resolved(t, config, base)
		if valueAt(t, resolvedWithBase, a.path).IsNull() && !hasError(m.check(s, filled)) {
			return filled
		}
	}
	return resolved(t, config, base)
}

// resolved is a value with those of another one for the unknown ones in it.
func resolved(t *testing.T, value, known tftypes.Value) tftypes.Value {
	t.Helper()
	of, ok := value.Type().(tftypes.Object)
	switch {
	case value.IsFullyKnown():
		return value
	case !ok || !value.IsKnown():
		return known
	}
	var members map[string]tftypes.Value
	if err := value.As(&members); err != nil {
		t.Fatal(err)
	}
	others := map[string]tftypes.Value{}
	if known.IsNull() {
		known = eachOf(of, nil)
	}
	if err := known.As(&others); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]tftypes.Value, len(members))
	for name, member := range members {
		out[name] = resolved(t, member, others[name])
	}
	return tftypes.NewValue(of, out)
}

// valueAt returns the value at a path of an object.
func valueAt(t testing.TB, object tftypes.Value, path []string) tftypes.Value {
	t.Helper()
	if len(path) == 0 || object.IsNull() {
		return object
	}
	var members map[string]tftypes.Value
	if err := object.As(&members); err != nil {
		t.Fatal(err)
	}
	return valueAt(t, members[path[0]], path[1:])
}

// matrixSetup is a setup with three running instances, h-000 and so on.
func matrixSetup(t *testing.T) *setup {
	t.Helper()
	s := newSetup(t)
	s.startAll()
	return s
}

// startAll makes the instances of the matrix as they were.
func (s *setup) startAll() {
	s.cloud.AddN(3, backend.Instance{
		ID: "h", Name: "web-1", State: backend.Running, Tags: map[string]string{"env": "prod"},
	})
}
