package provider

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// Terraform works on ten resources at a time; what they ask at about the same
// time is asked once.
func TestResourcesShareTheirCalls(t *testing.T) {
	t.Parallel()
	const resources = 10
	for name, test := range map[string]struct {
		window        string
		plans, writes int
	}{
		"within the batch window":              {"50ms", 1, 1},
		"not when the batch window is nothing": {"0s", resources, resources},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := sceneWith(t, map[string]any{"batch_window": test.window})
				configs, plans := make([]map[string]any, resources), make([]*tfprotov6.PlanResourceChangeResponse, resources)
				for i := range resources {
					id := fmt.Sprintf("h-%d", i)
					s.cloud.Add(backend.Instance{ID: id, State: backend.Running})
					configs[i] = resourceOf("stopped", map[string]any{"instance_id": id})
				}
				each := func(do func(i int)) {
					var all sync.WaitGroup
					for i := range resources {
						all.Go(func() { do(i) })
					}
					all.Wait()
				}
				each(func(i int) { plans[i] = s.plan(configs[i], held{}) })
				s.wantCalls(test.plans, memory.Describe)
				each(func(i int) {
					after, diags := s.apply(t.Context(), configs[i], held{}, plans[i])
					wantTexts(t, diags, "")
					s.wantValues(after.state, map[string]any{"id": fmt.Sprintf("here/r-1/h-%d", i), "state": "stopped"})
				})
				s.wantCalls(test.writes, memory.Stop)
			})
		})
	}
}

func TestACloudThatDoesNotOpenIsNamed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		clouds := memoryClouds(newMemory())
		here := clouds["here"]
		here.open = func(values, string, openOptions) (backend.Driver, error) {
			return nil, fmt.Errorf("region %q is malformed", "r_1")
		}
		clouds["here"] = here
		r := rpcOf(t, clouds)
		wantTexts(t, r.configure(configured), "")
		wantTexts(t, r.plan(resourceOf("stopped", nil), held{}).Diagnostics, `
error at AttributeName("cloud"): Unable to set up here

The provider's `+"`here` object does not work: region \"r_1\" is malformed.")
	})
}

// A second plan in the same process, after a while, looks again.
func TestAReadingServesAPreflightOnlyForAWhile(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]int{10 * time.Second: 1, 20 * time.Second: 2} {
		t.Run(fmt.Sprintf("after %v there were %d looks", pause, want), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := newScene(t, machine(backend.Running))
				s.plan(resourceOf("stopped", nil), held{})
				<-time.After(pause)
				s.plan(resourceOf("stopped", nil), held{})
				s.wantCalls(want)
			})
		})
	}
}
