package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// samples are values for arguments, by name, for the clouds in memory. An argument
// of another type, or that is not here, has the sample of its type.
var samples = map[string]any{
	"cloud":            "here",
	"region":           "r-1",
	"instance_id":      "h-000",
	"state":            "stopped",
	"stopped_mode":     "keep_charging",
	"force_stop_after": "1m",
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
}

// elements are the elements of the samples that are collections.
var elements = map[string]string{"instance_ids": "h-000", "states": "stopped", "charge_types": "prepaid"}

// sampleOf returns a value for an argument, and false where there is none.
func sampleOf(a leaf) (tftypes.Value, bool) {
	name := a.path[len(a.path)-1]
	element := tftypes.NewValue(tftypes.String, "prod")
	if text, ok := elements[name]; ok {
		element = tftypes.NewValue(tftypes.String, text)
	}
	switch of := a.of.(type) {
	case tftypes.List:
		return tftypes.NewValue(of, []tftypes.Value{element}), of.ElementType.Is(tftypes.String)
	case tftypes.Set:
		return tftypes.NewValue(of, []tftypes.Value{element}), of.ElementType.Is(tftypes.String)
	case tftypes.Map:
		return tftypes.NewValue(of, map[string]tftypes.Value{"h-000": element}), of.ElementType.Is(tftypes.String)
	default:
		text, known := samples[name].(string)
		switch {
		case of.Is(tftypes.String):
			return tftypes.NewValue(of, text), known
		case of.Is(tftypes.Bool):
			return tftypes.NewValue(of, true), true
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
	check func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic
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
			sample, ok := sampleOf(all[at])
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
	if sample, ok := sampleOf(a); ok && !a.block {
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
	if sample, ok := sampleOf(a); ok && !a.block {
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
