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
			var arguments []string
			for _, parameter := range parameters {
				argument := expressionOf(source, name, fmt.Sprintf("[%q]", parameter.Name), given[parameter.Name])
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
	groups, outputs := map[string]any{}, map[string][]string{}
	for _, o := range v.objects {
		if o.source == "output" || o.source == "element" {
			outputs[o.group] = append(outputs[o.group], fmt.Sprintf("%s = var.%s[%q]", o.name, o.group, o.name))
		}
		if groups[o.group] == nil {
			groups[o.group] = map[string]any{}
		}
		if group, ok := groups[o.group].(map[string]any); ok {
			group[o.name] = o.values
		}
		if o.kind == "list" {
			lists.WriteString(o.hcl())
		} else {
			config.WriteString(o.hcl())
		}
	}
	maps.Copy(groups, v.more)
	for name, given := range v.more {
		arguments, _ := given.(map[string]any)
		for argument := range arguments {
			outputs[name] = append(outputs[name], fmt.Sprintf("%s = var.%s[%q]", argument, name, argument))
		}
	}
	for name, group := range groups {
		values[name], values[name+"_secret"] = group, group
		fmt.Fprintf(&config, "variable %[1]q {\ntype = any\n}\n"+
			"variable \"%[1]s_secret\" {\ntype = any\nsensitive = true\n}\n"+
			"resource \"terraform_data\" %[1]q {\ninput = {\n%[2]s\n}\n}\n", name, strings.Join(outputs[name], "\n"))
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
