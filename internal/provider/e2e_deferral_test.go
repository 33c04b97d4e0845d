package provider

import (
	"fmt"
	"strings"
	"testing"
)

// TestEndToEndProviderThatIsNotKnownYet has provider blocks with a value that another
// resource of the run makes. A plan goes on without the clouds for resources and data
// sources alike, and makes no call; the second run has read everything. No released
// client of the protocol allows a deferral yet: deferral_test.go has one that does.
func TestEndToEndProviderThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	all, blocks := newTogether(t, "")
	endpoint := fmt.Sprintf("%q", all[0].server.URL())
	config := strings.ReplaceAll(blocks, endpoint, "terraform_data.endpoint.output") +
		"resource \"terraform_data\" \"endpoint\" {\n input = " + endpoint + "\n}\n"
	one, fleet := map[*harness]string{}, map[*harness][]string{}
	for _, h := range all {
		one[h], fleet[h] = h.running(), h.seedMany(2, "running")
		name := fmt.Sprintf("%q", h.key())
		config += fmt.Sprintf("data \"instance_power_state\" %s {\n%s\n instance_id = %q\n}\n", name, h.via(), one[h]) +
			fmt.Sprintf("data \"instance_power_states\" %s {\n%s\n}\n", name, h.via()) +
			named(h.key(), one[h], "running", h.via()) +
			strings.Replace(fleetHCL(fleet[h], "running", h.via()), `"workers"`, name, 1) +
			fmt.Sprintf("output %s {\n value = [data.instance_power_state.%s.state,"+
				" data.instance_power_states.%s.ids]\n}\n", name, h.key(), h.key())
	}
	c := newCLI(t, config)
	for _, command := range []string{"plan", "apply"} {
		o := c.do(command)
		o.succeeded(t)
		for _, h := range all {
			for address, what := range map[string]string{
				"data.instance_power_state.":  fmt.Sprintf("instance %q was", one[h]),
				"data.instance_power_states.": "the instances were",
			} {
				want := fmt.Sprintf("The provider's `%s` block is not known yet, so %s not read", h.cloud, what)
				if got := strings.Join(o.warnings(address+h.key()), "\n"); !says(want).MatchString(got) {
					t.Errorf("the %s warns of %s%s %q, and does not say %q", command, address, h.key(), got, want)
				}
			}
			if command == "plan" {
				h.quiet(t, "a plan of "+h.name)
			}
		}
	}
	o := c.do("apply")
	o.succeeded(t)
	if strings.Contains(o.text, "not known yet") {
		t.Errorf("the second apply: %s", o.text)
	}
	_, outputs := c.values()
	for _, h := range all {
		ids := []any{}
		for _, id := range append([]string{one[h]}, fleet[h]...) {
			ids = append(ids, id)
		}
		if got, want := fmt.Sprint(outputs[h.key()]), fmt.Sprint([]any{"running", ids}); got != want {
			t.Errorf("%s: the second apply has the output %s, want %s", h.name, got, want)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("%s: got %d writes, want none", h.name, got)
		}
	}
	if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
		t.Errorf("the plan after it is not empty: %v\n%s", o.planned, o.text)
	}

	// What is in the state stays as it is while the provider is not known again.
	forgetCalls(all)
	o = c.do("plan", "-replace=terraform_data.endpoint")
	o.succeeded(t)
	for _, h := range all {
		h.quiet(t, "a plan of "+h.name)
		for address, what := range map[string]string{
			"instance_power_state.": fmt.Sprintf("instance %q", one[h]), "instance_fleet_power_state.": "the fleet",
		} {
			want := fmt.Sprintf("The provider's `%s` block is not known yet, so %s was not read", h.cloud, what)
			got := strings.Join(o.warnings(address+h.key()), "\n")
			if !says(want).MatchString(got) || o.planned[address+h.key()] != "" {
				t.Errorf("%s%s is planned as %q, with the warnings %q", address, h.key(), o.planned[address+h.key()], got)
			}
		}
	}
}
