package provider

import (
	"fmt"
	"strings"
	"testing"
)

// TestEndToEndProviderThatIsNotKnownYet has a provider block with a value that another
// resource of the run makes. A plan goes on without the cloud for resources and data
// sources alike, and the second run has read everything.
func TestEndToEndProviderThatIsNotKnownYet(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.running()
		config := fmt.Sprintf(`
resource "terraform_data" "endpoint" { input = %[1]q }
provider "instance" {
  %[2]s {
    %[3]s
    endpoint = terraform_data.endpoint.output
  }
}
data "instance_power_state" "one" { instance_id = %[4]q }
data "instance_power_states" "all" {}
resource "instance_power_state" "web" {
  instance_id = %[4]q
  state       = "running"
}
output "state" { value = data.instance_power_state.one.state }
output "ids" { value = data.instance_power_states.all.ids }
`, h.server.URL(), h.cloud, h.config, id)
		c := newCLI(t, config)
		out, err := c.run("apply", "-auto-approve", "-no-color")
		if err != nil {
			t.Fatalf("the first apply: %v\n%s", err, out)
		}
		want := fmt.Sprintf("The provider's `%s` block is not known yet, so instance %q was not read", h.cloud, id)
		if !says(want).MatchString(out) {
			t.Errorf("the first apply does not say %q:\n%s", want, out)
		}
		if out, err = c.run("apply", "-auto-approve", "-no-color"); err != nil || strings.Contains(out, "not known yet") {
			t.Fatalf("the second apply: %v\n%s", err, out)
		}
		if out, err = c.run("output", "-no-color"); err != nil || !says(`state = "running"`).MatchString(out) ||
			!strings.Contains(out, id) {
			t.Errorf("the outputs of the second apply: %v\n%s", err, out)
		}
		if out, err = c.run("plan", "-detailed-exitcode", "-no-color"); err != nil {
			t.Errorf("the plan after it is not empty: %v\n%s", err, out)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want none", got)
		}
	})
}
