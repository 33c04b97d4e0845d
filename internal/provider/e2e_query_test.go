package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// listed is one result of a query.
type listed struct {
	Address     string
	DisplayName string `json:"display_name"`
	Identity    map[string]any
	Resource    map[string]any `json:"resource_object"`
}

// query runs the lists of the folder. It returns the results by the address of the list
// and the id of the instance.
func (c *cli) query() map[string]map[string]listed {
	c.t.Helper()
	out, err := c.run("query", "-json")
	if err != nil {
		c.t.Fatalf("query: %v\n%s", err, out)
	}
	all := map[string]map[string]listed{}
	for line := range strings.Lines(out) {
		var message struct {
			Found *listed `json:"list_resource_found"`
		}
		if json.Unmarshal([]byte(line), &message) != nil || message.Found == nil {
			continue
		}
		one := *message.Found
		if all[one.Address] == nil {
			all[one.Address] = map[string]listed{}
		}
		id, _ := one.Identity["instance_id"].(string)
		all[one.Address][id] = one
	}
	return all
}

// list is a list block of a service, whose search has these lines.
func (h *harness) list(name string, search []string, lines ...string) string {
	return fmt.Sprintf("list \"instance_power_state\" \"%s_%s\" {\n provider = %s\n%s\n"+
		" config {\n cloud = %q\n%s\n }\n}\n",
		h.key(), name, h.provider(), strings.Join(lines, "\n"), h.cloud, strings.Join(search, "\n"))
}

// TestEndToEndQuery searches all clouds with every argument. The names of the results
// show the state, and whether the instance is billed.
func TestEndToEndQuery(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	c := newCLI(t, config)
	c.needs(14)
	seeded := map[*harness]searched{}
	var lists strings.Builder
	for _, h := range all {
		seeded[h] = h.searched()
		for _, row := range h.finds(seeded[h]) {
			lists.WriteString(h.list(row.name, row.lines, "include_resource = true", "limit = 500"))
		}
		lists.WriteString(h.list("two", []string{`name = "web-*"`, "charging = true"}, "limit = 2"))
		lists.WriteString(h.list("identities", []string{`tags = { env = "prod" }`}))
	}
	c.write("find.tfquery.hcl", lists.String())
	results := c.query()
	for _, h := range all {
		s := seeded[h]
		for _, row := range h.finds(s) {
			at := "list.instance_power_state." + h.key() + "_" + row.name
			want := slices.Sorted(slices.Values(row.want))
			if got := slices.Sorted(maps.Keys(results[at])); !slices.Equal(got, want) {
				t.Errorf("%s found %v, want %v", at, got, want)
				continue
			}
			for id, one := range results[at] {
				h.wantListed(at, id, one)
			}
		}
		if got := results["list.instance_power_state."+h.key()+"_two"]; len(got) != 2 {
			t.Errorf("%s: the limit of 2 gives %d results", h.name, len(got))
		}
		for id, one := range results["list.instance_power_state."+h.key()+"_identities"] {
			if one.Resource != nil || id != s.on && id != s.off {
				t.Errorf("%s: got %v of %s, want the identities of two", h.name, one.Resource, id)
			}
		}
		if got := h.writes(); got != 0 {
			t.Errorf("%s: got %d writes, want none", h.name, got)
		}
		// A search takes at most two pages.
		if got, most := readsOf(h.own()), 2*(len(h.finds(s))+2); got > most {
			t.Errorf("%s: got %d reads, want at most %d%s", h.name, got, most, describeCalls(h.own()))
		}
	}
}

// wantListed compares a result with the truth: its name, its identity, and the resource
// as an import of it begins.
func (h *harness) wantListed(at, id string, got listed) {
	h.t.Helper()
	truth := h.truth(id)
	billed := "charging"
	if truth["charging"] == false {
		billed = "not charging"
	}
	name := fmt.Sprintf("%s (%s): %s, %s", truth["instance_name"], id, truth["state"], billed)
	if got.DisplayName != name {
		h.t.Errorf("%s: got the name %q, want %q", at, got.DisplayName, name)
	}
	want := map[string]any{"cloud": h.cloud, "instance_id": id}
	if h.regional() {
		want["region"] = h.scope
	}
	for name, value := range want {
		if got.Identity[name] != value {
			h.t.Errorf("%s: got the identity %v, want %v", at, got.Identity, want)
		}
	}
	want["id"], want["state"], want["charging"] = truth["id"], truth["state"], truth["charging"]
	want["status"], want["found_state"] = truth["status"], truth["state"]
	want["force_stop"], want["on_destroy"] = false, "leave"
	for name, value := range want {
		if got.Resource[name] != value {
			h.t.Errorf("%s: %s: got %s = %v, want %v", at, id, name, got.Resource[name], value)
		}
	}
}

func TestEndToEndQueryOfAThousandTakesTenReads(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	c := newCLI(t, config)
	c.needs(14)
	var lists strings.Builder
	for _, h := range all {
		h.many(1000)
		lists.WriteString(h.list("all", nil, "limit = 1000"))
	}
	c.write("find.tfquery.hcl", lists.String())
	results := c.query()
	for _, h := range all {
		if got := len(results["list.instance_power_state."+h.key()+"_all"]); got != 1000 {
			t.Errorf("%s: got %d results, want 1000", h.name, got)
		}
		if got := len(h.own()); got > 10 {
			t.Errorf("%s: got %d reads for 1,000 instances, want at most 10", h.name, got)
		}
	}
}
