package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEndToEndVariablesEverywhere gives every argument of every resource, data source and
// function a value from each source, on all clouds. What comes of it does not depend on
// the source, and what is sensitive is not shown.
func TestEndToEndVariablesEverywhere(t *testing.T) {
	t.Parallel()
	v := newVariables(t, "resource", "data")
	functions := v.functions()
	c := v.cli()
	for _, args := range [][]string{
		{"validate", "-no-color"},
		{"plan", "-no-color", "-parallelism=250"},
		{"apply", "-auto-approve", "-no-color", "-parallelism=250"},
		{"plan", "-detailed-exitcode", "-no-color", "-parallelism=250"},
	} {
		out, err := c.run(args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
		if strings.Contains(out, v.all[0].server.URL()) {
			t.Errorf("%s: the output has the sensitive endpoint:\n%s", args[0], out)
		}
		if args[0] == "validate" {
			for _, h := range v.all {
				h.quiet(t, "validate")
			}
		}
	}
	held, outputs := c.values()
	for _, o := range v.objects {
		o.wantHeld(t, held[o.address()], held[o.literal().address()])
	}
	for _, name := range functions {
		results, _ := outputs[name].(map[string]any)
		for source, got := range results {
			if want := results["literal"]; got != want || want == nil {
				t.Errorf("%s of a %s: got %v, want %v", name, source, got, want)
			}
		}
		takes, _ := outputs[name+"_takes"].(map[string]any)
		for what, taken := range takes {
			if taken != false {
				t.Errorf("%s takes an argument that is %s", name, what)
			}
		}
	}
	v.wantStopped()
}

// TestEndToEndVariablesOfActionsAndQueries is the same for what not every CLI has.
func TestEndToEndVariablesOfActionsAndQueries(t *testing.T) {
	t.Parallel()
	v := newVariables(t, "action", "list")
	c := v.cli()
	c.needs(14)
	for _, h := range v.all {
		h.trouble(untilSeen) // A reboot that is not seen is waited for much longer.
		// Its SDK has no field that says how hard to reboot; the default is graceful.
		h.audit.ExplicitForce = h.audit.ExplicitForce && h.cloud != "zenlayercloud"
	}
	for _, args := range [][]string{
		{"validate", "-no-color"},
		{"validate", "-query", "-no-color"},
		{"apply", "-auto-approve", "-no-color", "-parallelism=250"},
	} {
		if out, err := c.run(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	results := c.query()
	for _, o := range v.objects {
		if o.kind != "list" {
			continue
		}
		got := slices.Sorted(maps.Keys(results[o.address()]))
		want := slices.Sorted(maps.Keys(results[o.literal().address()]))
		if o.source != "null" && o.source != "empty" && !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v as with literal values", o.address(), got, want)
		}
		if len(got) == 0 && o.h.reportsChargeTypes() {
			t.Errorf("%s finds nothing", o.address())
		}
	}
	v.wantStopped()
}

// TestEndToEndVariablesThatAreRefused gives each argument an empty value from a variable,
// where that is none that it takes. The plan has an error of each, which names the
// argument, and nothing is written.
func TestEndToEndVariablesThatAreRefused(t *testing.T) {
	t.Parallel()
	v := newVariables(t, "resource", "data")
	v.objects = v.refused
	o := v.cli().do("plan")
	for _, one := range v.objects {
		got := o.errors(one.address())
		if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), one.argument) {
			t.Errorf("%s: the empty %s gives the errors %q, want one that names it", one.address(), one.argument, got)
		}
	}
	if len(v.objects) < 10*len(v.all) {
		t.Errorf("got %d refusals", len(v.objects))
	}
	for _, h := range v.all {
		if got := h.writes(); got != 0 {
			t.Errorf("%s: got %d writes, want none", h.name, got)
		}
	}
}

// sources are where an expression can take a value from. "element" is a collection that
// is known but for its elements; "null" and "empty" are values of a variable.
var sources = []string{"literal", "variable", "output", "conditional", "sensitive", "element"}

// givenObject is a resource, a data source, an action or a list, with values from one source.
type givenObject struct {
	h            *harness
	kind, typ    string
	name, source string
	// of is the name that it shares with the objects of the other sources.
	of     string
	leaves []leaf
	values map[string]any
	// argument is the one that is empty, where that is refused.
	argument string
	id       string
}

// acts reports whether it starts or stops an instance.
func (o givenObject) acts() bool { return o.kind == "resource" || o.kind == "action" }

func (o givenObject) address() string {
	prefix := map[string]string{"resource": "", "data": "data.", "action": "action.", "list": "list."}[o.kind]
	return prefix + o.typ + "." + o.name
}

// literal is the object with the same values, written as they are.
func (o givenObject) literal() givenObject {
	o.name = o.of + "_literal"
	return o
}

// hcl is the block of the object.
func (o givenObject) hcl() string {
	var own, nested strings.Builder
	for _, a := range o.leaves {
		value := o.at(a)
		switch {
		case a.block, value == nil && (o.source != "null" || a.required || a.path[0] == "cloud"):
		case len(a.path) > 1:
			fmt.Fprintf(&nested, "%s = %s\n", a.path[1], o.expression(a, value))
		default:
			fmt.Fprintf(&own, "%s = %s\n", a.path[0], o.expression(a, value))
		}
	}
	body := own.String()
	if nested.Len() > 0 {
		body += "timeouts {\n" + nested.String() + "}\n"
	}
	if o.kind == "action" || o.kind == "list" {
		body = "config {\n" + body + "}\n"
	}
	text := fmt.Sprintf("%s %q %q {\nprovider = %s\n%s}\n", o.kind, o.typ, o.name, o.h.provider(), body)
	if o.kind == "action" {
		text += fmt.Sprintf("resource \"terraform_data\" %q {\nlifecycle {\naction_trigger {\nevents = [after_create]\n"+
			"actions = [%s]\n}\n}\n}\n", o.name, o.address())
	}
	return text
}

// at is the value of an argument, or nil.
func (o givenObject) at(a leaf) any {
	value, within := o.values[a.path[0]], a.path[1:]
	for _, name := range within {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

// expression gives an argument its value from the source of the object.
func (o givenObject) expression(a leaf, value any) string {
	if o.source == "null" && value == nil {
		return "var.nothing"
	}
	at := ""
	for _, name := range a.path {
		at += fmt.Sprintf("[%q]", name)
	}
	return expressionOf(o.source, o.name, at, value)
}

// expressionOf is a value within a variable, from a source that derives from it.
func expressionOf(source, variable, at string, value any) string {
	output := fmt.Sprintf("terraform_data.of_%s.output%s", variable, at)
	switch source {
	case "literal":
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return string(text)
	case "output":
		return output
	case "conditional":
		return "var.yes ? var." + variable + at + " : null"
	case "element":
		var elements []string
		switch value := value.(type) {
		case []any:
			for i := range value {
				elements = append(elements, fmt.Sprintf("%s[%d]", output, i))
			}
			return "[" + strings.Join(elements, ", ") + "]"
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				elements = append(elements, fmt.Sprintf("%q = %s[%q]", key, output, key))
			}
			return "{" + strings.Join(elements, ", ") + "}"
		}
	}
	return "var." + variable + at
}

// wantHeld compares what the state has of an object with what it was given, and what a
// search finds with what it finds for literal values.
func (o givenObject) wantHeld(t *testing.T, got, literal map[string]any) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is not in the state", o.address())
		return
	}
	for _, a := range o.leaves {
		if value := o.at(a); value != nil && len(a.path) == 1 {
			if diff := cmp.Diff(value, got[a.path[0]]); diff != "" {
				t.Errorf("%s: %s (-given +held):\n%s", o.address(), a, diff)
			}
		}
	}
	if o.kind != "data" || o.source == "null" {
		return
	}
	ids := "id"
	if o.typ == powerStatesType {
		ids = "ids"
	}
	if o.source != "empty" && !cmp.Equal(got[ids], literal[ids]) {
		t.Errorf("%s finds %v, want %v as with literal values", o.address(), got[ids], literal[ids])
	}
	none := cmp.Equal(got[ids], []any{}) || got[ids] == nil
	want := o.source == "empty" && o.argument == "instance_ids" ||
		!o.h.reportsChargeTypes() && o.values["charge_types"] != nil
	if none != want {
		t.Errorf("%s finds %v, want nothing: %v", o.address(), got[ids], want)
	}
}
