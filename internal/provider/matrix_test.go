package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The matrix gives every argument of every schema each form that a value can have
// in a configuration: not known yet, null, empty, and for a collection an element
// that is unknown or null. It is made from the schemas, so that it has a new
// argument as soon as there is one. The values that the other arguments have
// meanwhile are in matrix_bases_test.go, and what is called with them in
// matrix_calls_test.go.

// leaf is a place in a schema that a configuration can set.
type leaf struct {
	path     []string // names of blocks and attributes
	of       tftypes.Type
	required bool
	block    bool
}

func (a leaf) String() string { return strings.Join(a.path, ".") }

// argumentsOf lists the arguments of a block and of the blocks in it.
func argumentsOf(block *tfprotov6.SchemaBlock, path ...string) []leaf {
	var all []leaf
	at := func(name string) []string { return append(slices.Clone(path), name) }
	for _, a := range block.Attributes {
		if !a.Optional && !a.Required {
			continue
		}
		all = append(all, leaf{path: at(a.Name), of: a.ValueType(), required: a.Required})
	}
	for _, b := range block.BlockTypes {
		all = append(all, leaf{path: at(b.TypeName), of: b.ValueType(), block: true})
		if b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			all = append(all, argumentsOf(b.Block, at(b.TypeName)...)...)
		}
	}
	return all
}

// form is a form of a value. An open one is not known, or not as a whole.
type form struct {
	name  string
	value tftypes.Value
	open  bool
}

// formsOf lists the forms of an argument.
func formsOf(a leaf) []form {
	if a.block {
		// The arguments of a block are unknown in a dynamic block, but not the
		// block itself.
		if object, ok := a.of.(tftypes.Object); ok {
			return []form{
				{name: "a block of unknown values", value: eachOf(object, tftypes.UnknownValue), open: true},
				{name: "an empty block", value: eachOf(object, nil)},
			}
		}
		return nil
	}
	unknown := func(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, tftypes.UnknownValue) }
	null := func(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, nil) }
	forms := []form{{"unknown", unknown(a.of), true}, {"null", null(a.of), false}}
	collection := func(element tftypes.Type, of func(...tftypes.Value) any) {
		forms = append(forms,
			form{"empty", tftypes.NewValue(a.of, of()), false},
			form{"with an unknown element", tftypes.NewValue(a.of, of(unknown(element))), true},
			form{"with a null element", tftypes.NewValue(a.of, of(null(element))), false},
		)
	}
	inList := func(values ...tftypes.Value) any { return values }
	switch of := a.of.(type) {
	case tftypes.List:
		collection(of.ElementType, inList)
	case tftypes.Set:
		collection(of.ElementType, inList)
	case tftypes.Map:
		collection(of.ElementType, func(values ...tftypes.Value) any {
			all := map[string]tftypes.Value{}
			for _, value := range values {
				all["h-000"] = value
			}
			return all
		})
	default:
		switch {
		case of.Is(tftypes.String):
			forms = append(forms, form{"empty", tftypes.NewValue(of, ""), false})
		case of.Is(tftypes.DynamicPseudoType):
			forms = append(forms, form{"empty", tftypes.NewValue(tftypes.String, ""), false},
				form{"an unknown string", unknown(tftypes.String), true},
				form{"an unknown number", unknown(tftypes.Number), true}, form{"a null string", null(tftypes.String), false})
		}
	}
	return append(forms, hostileForms(a.of)...)
}

// eachOf is an object whose attributes are all unknown, or all null. It has no
// blocks.
func eachOf(object tftypes.Object, value any) tftypes.Value {
	attributes := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, of := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(of, value)
		if of.Is(tftypes.Object{}) {
			attributes[name] = tftypes.NewValue(of, nil)
		}
	}
	return tftypes.NewValue(object, attributes)
}

// replaced returns an object with another value at a path. A block on the way to it that
// is not written is made; with an open form, the other arguments of that block are
// unknown, so that none of them is missing.
func replaced(t *testing.T, object tftypes.Value, path []string, f form) tftypes.Value {
	t.Helper()
	if len(path) == 0 {
		return f.value
	}
	of, ok := object.Type().(tftypes.Object)
	if !ok {
		t.Fatalf("%s is in no object", path[0])
	}
	attributes := map[string]tftypes.Value{}
	if object.IsNull() {
		object = eachOf(of, nil)
		if f.open {
			object = eachOf(of, tftypes.UnknownValue)
		}
	}
	if err := object.As(&attributes); err != nil {
		t.Fatal(err)
	}
	attributes = maps.Clone(attributes)
	attributes[path[0]] = replaced(t, attributes[path[0]], path[1:], f)
	return tftypes.NewValue(of, attributes)
}

// permits checks the diagnostics of a call: no form is a bug, an open one is no
// error, and the error of another names the argument.
func permits(t testing.TB, call string, a leaf, f form, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	harmless(t, diags)
	for _, d := range diags {
		where := fmt.Sprintf("%s: %s is %s", call, a, f.name)
		said := texts([]*tfprotov6.Diagnostic{d})
		switch {
		case strings.Contains(said, "Value Conversion Error") || strings.Contains(said, "report this issue"):
			t.Errorf("%s: got an error of the framework:\n%s", where, texts(diags))
		case d.Severity != tfprotov6.DiagnosticSeverityError:
		case f.open:
			t.Errorf("%s: got an error:\n%s", where, texts(diags))
		case !slices.ContainsFunc(a.path, func(name string) bool { return strings.Contains(said, name) }):
			t.Errorf("%s: the error names another argument:\n%s", where, texts(diags))
		}
	}
}

// unkept lists the attributes of an object that are not what a plan promised.
func unkept(promised, got tftypes.Value) string {
	var members, gotMembers map[string]tftypes.Value
	if promised.As(&members) != nil || got.As(&gotMembers) != nil {
		return fmt.Sprintf("promised %s, got %s", promised, got)
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !compatible(members[name], gotMembers[name]) {
			all = append(all, fmt.Sprintf("%s: promised %s, got %s", name, members[name], gotMembers[name]))
		}
	}
	return strings.Join(all, "\n")
}

// compatible reports whether a value is what a plan promised: equal where the plan
// knew it.
func compatible(promised, got tftypes.Value) bool {
	switch {
	case !promised.IsKnown():
		return true
	case promised.IsNull() || got.IsNull() || !got.IsKnown():
		return promised.Equal(got)
	}
	var members, gotMembers map[string]tftypes.Value
	if promised.As(&members) == nil && got.As(&gotMembers) == nil {
		for name, member := range members {
			if other, ok := gotMembers[name]; !ok || !compatible(member, other) {
				return false
			}
		}
		return len(members) == len(gotMembers)
	}
	return promised.Equal(got) || !promised.IsFullyKnown()
}
