package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// functions adds an output for each function, which has its result for arguments from
// each source, and one that tells whether it takes arguments that are null or empty. It
// returns the names of the functions.
func (v *givenValues) functions() []string {
	v.t.Helper()
	schema := rpcOf(v.t, clouds).schema
	names := slices.Sorted(maps.Keys(schema.Functions))
	for _, name := range names {
		parameters := schema.Functions[name].Parameters
		given := map[string]any{}
		for _, parameter := range parameters {
			value, ok := functionSamples[parameter.Name]
			if !ok {
				v.t.Fatalf("the parameter %s of %s has no sample", parameter.Name, name)
			}
			given[parameter.Name] = value
		}
		v.more[name] = given
		call := func(source, odd, instead string) string {
			variable := name
			if source == "sensitive" {
				variable += "_secret"
			}
			var arguments []string
			for _, parameter := range parameters {
				argument := expressionOf(source, variable, fmt.Sprintf("[%q]", parameter.Name), given[parameter.Name])
				if parameter.Name == odd {
					argument = instead
				}
				arguments = append(arguments, argument)
			}
			return fmt.Sprintf("provider::instance::%s(%s)", name, strings.Join(arguments, ", "))
		}
		fmt.Fprintf(&v.further, "output %q {\nsensitive = true\nvalue = {\n", name)
		for _, source := range sources {
			fmt.Fprintf(&v.further, "%s = %s\n", source, call(source, "", ""))
		}
		fmt.Fprintf(&v.further, "}\n}\noutput \"%s_takes\" {\nvalue = {\n", name)
		for _, parameter := range parameters {
			for _, odd := range []string{"nothing", "empty"} {
				fmt.Fprintf(&v.further, "%s_%s = can(%s)\n", odd, parameter.Name, call("variable", parameter.Name, "var."+odd))
			}
		}
		v.further.WriteString("}\n}\n")
	}
	return names
}

// cli is a folder with the configuration. In a validation no variable is known, whatever
// its default is.
func (v *givenValues) cli() *cli {
	v.t.Helper()
	var config, lists strings.Builder
	values := map[string]any{"endpoint": v.all[0].server.URL()}
	give := func(name string, value any, sources ...string) {
		values[name] = value
		sensitive := slices.Contains(sources, "sensitive")
		fmt.Fprintf(&config, "variable %q {\ntype = any\nsensitive = %t\n}\n", name, sensitive)
		if slices.Contains(sources, "output") || slices.Contains(sources, "element") {
			fmt.Fprintf(&config, "resource \"terraform_data\" \"of_%s\" {\ninput = var.%s\n}\n", name, name)
		}
	}
	for _, o := range v.objects {
		give(o.name, o.values, o.source)
		if o.kind == "list" {
			lists.WriteString(o.hcl())
		} else {
			config.WriteString(o.hcl())
		}
	}
	for name, arguments := range v.more {
		give(name, arguments, "output")
		give(name+"_secret", arguments, "sensitive")
	}
	c := newCLI(v.t, v.providers+config.String()+v.further.String()+`
variable "endpoint" {
  type      = string
  sensitive = true
}
variable "yes" {
  type    = bool
  default = true
}
variable "nothing" {
  type    = any
  default = null
}
variable "empty" {
  type    = string
  default = ""
}
`)
	text, err := json.Marshal(values)
	if err != nil {
		v.t.Fatal(err)
	}
	c.write("terraform.tfvars.json", string(text))
	if lists.Len() > 0 {
		c.write("find.tfquery.hcl", lists.String())
	}
	return c
}
