package provider

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// cliEstate is an estate on one service under a real CLI, as a configuration that a person
// can run.
type cliEstate struct {
	*estate

	h      *harness
	prefix string // of the names of its resources
	step   int
	// counted are the resources of one object that have count = 1, and was those that had it
	// before: the CLI moves an object when that changes.
	counted, was map[string]bool
	// triggers replace a resource when they change, and flags are of the next run.
	triggers map[string]int
	flags    []string
	// moved are the moved blocks of the next configuration, and imports are the addresses of objects that are imported.
	moved, imports []string
	// dependent are resources that create first because of another one that depends on them,
	// as long as they exist: the core makes cycles when that changes.
	dependent map[string]bool
	// late are the resources whose output the plan of one run did not know. They stay: the
	// core makes cycles of what is destroyed with others that create first.
	late map[string]string
	// hadMore are the arguments that all objects had in the last run.
	hadMore map[string]any
	story   []string
}

func newCLIEstate(h *harness, prefix string, e *estate) *cliEstate {
	return &cliEstate{
		estate: e, h: h, prefix: prefix, counted: map[string]bool{}, triggers: map[string]int{}, dependent: map[string]bool{},
		late: map[string]string{},
	}
}

// grouped reports whether an address is one of several objects of a resource.
func grouped(address string) bool { return resourceName(address) != address }

func typeOf(address string) string {
	if isFleet(address) {
		return fleetType
	}
	return powerStateType
}

// resource is a resource in the CLI's words.
func (e *cliEstate) resource(address string) string {
	return typeOf(address) + "." + e.prefix + resourceName(address)
}

// at is an object in the CLI's words; counted are the resources with count = 1.
func (e *cliEstate) at(address string, counted map[string]bool) string {
	switch {
	case grouped(address):
		return e.resource(address) + strings.TrimPrefix(address, resourceName(address))
	case counted[address]:
		return e.resource(address) + "[0]"
	}
	return e.resource(address)
}

// resources are the names of the resources that the blocks make up, with the addresses of
// their objects in order.
func resourcesOf(blocks map[string]resourceBlock) map[string][]string {
	all := map[string][]string{}
	for _, address := range slices.Sorted(maps.Keys(blocks)) {
		all[resourceName(address)] = append(all[resourceName(address)], address)
	}
	return all
}

// prepare decides what the next configuration is like beyond what it declares.
func (e *cliEstate) prepare() {
	e.step++
	e.flags, e.moved, e.imports = nil, nil, nil
	e.was = maps.Clone(e.counted)
	now, before := resourcesOf(e.blocks), resourcesOf(e.applied)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if !grouped(now[name][0]) && e.some(4) == 0 {
			e.counted[name] = !e.counted[name]
		}
		e.dependent[name] = e.dependent[name] || !grouped(now[name][0]) && e.blocks[name].createFirst && e.some(3) == 0
		if e.dependent[name] {
			block := e.blocks[name]
			block.createFirst = true
			e.blocks[name] = block
		}
		for _, address := range now[name] {
			_, exists := e.applied[address]
			switch block := e.blocks[address]; {
			case block.replace && e.some(2) == 0:
				e.triggers[name]++
			case block.replace:
				e.flags = append(e.flags, "-replace="+e.at(address, e.counted))
			case !exists && e.moves[address] == "" && block.knowsIDs() && len(declaredIDs(block.config)) > 0 && e.some(4) == 0:
				e.imports = append(e.imports, address)
			}
		}
	}
	for name := range e.dependent {
		if len(now[name]) == 0 {
			delete(e.dependent, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		left := slices.ContainsFunc(slices.Collect(maps.Values(e.moves)), func(from string) bool {
			return resourceName(from) == name
		})
		if len(now[name]) == 0 && !left && e.some(3) == 0 {
			for _, address := range before[name] {
				e.forgotten[address] = true
			}
		}
	}
	for _, to := range slices.Sorted(maps.Keys(e.moves)) {
		e.moved = append(e.moved, fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", e.at(e.moves[to], e.was),
			e.at(to, e.counted)))
	}
}

// hcl is the configuration.
func (e *cliEstate) hcl() string {
	var text strings.Builder
	all := resourcesOf(e.blocks)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text.WriteString(e.resourceHCL(name, all[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(e.late)) {
		fmt.Fprintf(&text, "resource \"terraform_data\" %q {\n  input = %s\n}\n", name, e.late[name])
	}
	text.WriteString(strings.Join(e.moved, ""))
	for _, address := range e.imports {
		fmt.Fprintf(&text, "import {\n  to = %s\n  id = %q\n}\n", e.at(address, e.counted), strings.Join([]string{
			e.h.cloud, e.h.scope, strings.Join(declaredIDs(e.blocks[address].config), ","),
		}, "/"))
	}
	forgotten := map[string]bool{}
	for address := range e.forgotten {
		forgotten[e.resource(address)] = true
	}
	for _, what := range slices.Sorted(maps.Keys(forgotten)) {
		fmt.Fprintf(&text, "removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", what)
	}
	return text.String()
}

// resourceHCL is one resource, with what triggers its replacement and what depends on it.
func (e *cliEstate) resourceHCL(name string, addresses []string) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf("  "+format, args...)) }
	of, first := e.resource(name), addresses[0]
	objects := map[string]map[string]string{}
	for _, address := range addresses {
		objects[address] = e.arguments(address)
	}
	var before string
	switch {
	case name == "list":
		var elements []string
		for i := range addresses {
			elements = append(elements, braced(objects[inList(i)], "    "))
		}
		before = fmt.Sprintf("locals {\n  %slist = [\n    %s,\n  ]\n}\n", e.prefix, strings.Join(elements, ",\n    "))
		add("count = length(local.%slist)", e.prefix)
		e.refer(objects[first], fmt.Sprintf("local.%slist[count.index]", e.prefix), add)
	case grouped(first):
		each := map[string]string{}
		for _, address := range addresses {
			each[strings.Trim(strings.TrimPrefix(address, name), `[]"`)] = braced(objects[address], "    ")
		}
		add("for_each = %s", braced(each, "  "))
		e.refer(objects[first], "each.value", add)
	default:
		if e.counted[name] {
			add("count = 1")
		}
		for _, argument := range slices.Sorted(maps.Keys(objects[first])) {
			add("%s = %s", argument, objects[first][argument])
		}
	}
	add("cloud = %q", e.h.cloud)
	for _, argument := range slices.Sorted(maps.Keys(e.more)) {
		add("%s = %s", argument, literal(e.more[argument]))
	}
	add("timeouts {\n    create = \"5m\"\n    read   = \"5m\"\n    update = \"5m\"\n    delete = \"5m\"\n  }")
	byAnother := e.dependent[name]
	createsFirst := e.blocks[first].createFirst && !byAnother
	add("lifecycle {\n    create_before_destroy = %v\n    replace_triggered_by  = [terraform_data.%strigger_%s]\n  }",
		createsFirst, e.prefix, name)
	if !createsFirst { // It is inherited only where it is not set.
		lines[len(lines)-1] = strings.Replace(lines[len(lines)-1], "    create_before_destroy = false\n", "", 1)
	}
	text := before + fmt.Sprintf("resource %q %q {\n%s\n}\n", typeOf(name), e.prefix+name, strings.Join(lines, "\n")) +
		fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %d\n}\n", e.prefix+"trigger_"+name, e.triggers[name])
	if byAnother {
		text += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = [%s]\n  lifecycle {\n"+
			"    create_before_destroy = true\n  }\n}\n", e.prefix+"after_"+name, of)
	}
	return text
}

// refer takes the arguments of one of several objects.
func (e *cliEstate) refer(arguments map[string]string, from string, add func(format string, args ...any)) {
	for _, argument := range slices.Sorted(maps.Keys(arguments)) {
		add("%s = %s.%s", argument, from, argument)
	}
}

// arguments are those of an object that differ from others, as expressions. Those that the
// plan does not know come from another resource, which is new.
func (e *cliEstate) arguments(address string) map[string]string {
	block := e.blocks[address]
	names := []string{"state", "on_destroy", "instance_id"}
	if isFleet(address) {
		names = []string{"state", "on_destroy", "instance_ids", "states"}
	}
	all := map[string]string{}
	for _, name := range names {
		all[name] = literal(block.config[name])
		if slices.Contains(block.notYet, name) {
			key := strings.Trim(strings.NewReplacer(`["`, "_", `"]`, "", "[", "_", "]", "").Replace(address), "_")
			key = fmt.Sprintf("%slate_%s_%s_%d", e.prefix, key, name, e.step)
			e.late[key] = all[name]
			all[name] = fmt.Sprintf("terraform_data.%s.output", key)
		}
	}
	return all
}

// literal is a value as an expression.
func literal(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(value)
	case []string:
		return hclList(value)
	case map[string]any:
		all := map[string]string{}
		for name, one := range value {
			all[strconv.Quote(name)] = literal(one)
		}
		return braced(all, "    ")
	}
	return fmt.Sprint(value)
}

// braced is an object as an expression; indent is that of the line that it ends on.
func braced(values map[string]string, indent string) string {
	if len(values) == 0 {
		return "{}"
	}
	var text strings.Builder
	text.WriteString("{\n")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&text, "%s  %s = %s\n", indent, name, values[name])
	}
	return text.String() + indent + "}"
}
