package provider

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestACloudThatDoesNotOpenIsNamed by everything that needs it, and nothing else goes wrong.
func TestACloudThatDoesNotOpenIsNamed(t *testing.T) {
	t.Parallel()
	const want = "error at AttributeName(\"cloud\"): Unable to set up here\n\n" +
		"The provider's `here` block does not work: region \"r_1\" is malformed."
	inFakeTime(t, func(t *testing.T) {
		clouds := memoryClouds(newMemory())
		here := clouds["here"]
		here.open = func(values, string, openOptions) (backend.Driver, error) {
			return nil, fmt.Errorf("region %q is malformed", "r_1")
		}
		clouds["here"] = here
		s := &setup{rpc: rpcOf(t, clouds), cloud: newMemory()}
		wantTexts(t, s.configure(configured), "")
		f, _ := fleetIn(t, s, 0, backend.Running)
		a, _ := actionIn(t, s, stopAction, 0, backend.Running)
		before := newSetup(t, machine(backend.Running)).step(resourceOf("running", nil), held{})
		all, ids := newFleet(t, 2, backend.Running)
		fleet := all.step(fleetOf("running", ids, nil), held{})

		_, read := s.read(before)
		_, readFleet := f.read(fleet)
		_, one := s.readData(powerStateType, map[string]any{"instance_id": "h-1"})
		_, many := s.readData(powerStatesType, nil)
		_, byIDs := s.readData(powerStatesType, map[string]any{"instance_ids": words("h-1")})
		_, list := s.results(t.Context(), s.listRequest(nil))
		_, invoked := a.invoke(t.Context(), acting([]string{"h-1"}))
		for what, got := range map[string][]*tfprotov6.Diagnostic{
			"the plan of a resource":      s.plan(resourceOf("stopped", nil), held{}).Diagnostics,
			"the refresh of a resource":   read,
			"the plan of a fleet":         f.plan(fleetOf("stopped", []string{"h-1"}, nil), held{}).Diagnostics,
			"the refresh of a fleet":      readFleet,
			"the data source of one":      one,
			"the data source of a search": many,
			"the data source of some ids": byIDs,
			"a query":                     list,
			"the plan of an action":       a.plan(acting([]string{"h-1"})),
			"the invocation of an action": invoked,
		} {
			if diff := cmp.Diff(texts(got), want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", what, diff)
			}
		}
	})
}
