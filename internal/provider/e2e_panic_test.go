package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// buggy is the driver of a cloud with a bug: it panics when it is told to stop one
// instance.
type buggy struct {
	backend.Driver

	id     string
	broken *atomic.Bool
}

func (d buggy) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	if d.broken.Load() && slices.Contains(ids, d.id) {
		var none []backend.Outcome
		return none[len(ids):][:1]
	}
	return d.Driver.Stop(ctx, ids, opts)
}

// buggyFactories serve the provider with a bug in the driver of one cloud. Calls
// are not joined, so that the bug is that of one resource.
func (h *harness) buggyFactories(id string, broken *atomic.Bool) map[string]func() (tfprotov6.ProviderServer, error) {
	all, one := maps.Clone(clouds), clouds[h.cloud]
	open := one.open
	one.open = func(v values, region string, opts openOptions) (backend.Driver, error) {
		driver, err := open(v, region, opts)
		return buggy{driver, id, broken}, err
	}
	all[h.cloud] = one
	return map[string]func() (tfprotov6.ProviderServer, error){
		"instance": func() (tfprotov6.ProviderServer, error) {
			return NewServer(newWith("test", all, powerstate.Options{}))(), nil
		},
	}
}

// TestEndToEndPanicHarmsOneResource: the provider is in the process of the test, which
// a panic that is not recovered would end.
func TestEndToEndPanicHarmsOneResource(t *testing.T) {
	t.Parallel()
	h := newHarness(t, services()[0])
	var broken atomic.Bool
	good, bad, fleet := h.running(), h.running(), []string{h.running(), h.running()}
	config := h.hclWith(`batch_window = "0s"`, named("good", good, "stopped")+named("bad", bad, "stopped")+
		fmt.Sprintf("resource \"instance_fleet_power_state\" \"all\" {\n instance_ids = [%q, %q]\n state = \"stopped\"\n}\n",
			fleet[0], fleet[1]))
	broken.Store(true)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: h.buggyFactories(bad, &broken), Steps: []resource.TestStep{
			{
				Config:      config,
				ExpectError: says("Bug in the provider"),
			},
			{
				PreConfig: func() {
					for id, want := range map[string]string{
						good: h.sim.Words().Stopped, fleet[0]: h.sim.Words().Stopped, fleet[1]: h.sim.Words().Stopped,
						bad: h.sim.Words().Running,
					} {
						h.is(id, want)()
					}
					broken.Store(false)
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("instance_power_state.good", plancheck.ResourceActionNoop),
					plancheck.ExpectResourceAction("instance_fleet_power_state.all", plancheck.ResourceActionNoop),
					plancheck.ExpectResourceAction("instance_power_state.bad", plancheck.ResourceActionCreate),
				}},
				PostApplyFunc: h.isStopped(bad),
			},
		},
	})
}

// TestEndToEndPanicOfABatchHarmsItsMembers: a joined call has several resources, and
// each of them gets the error; the state of a resource that exists is kept.
func TestEndToEndPanicOfABatchHarmsItsMembers(t *testing.T) {
	t.Parallel()
	h := newHarness(t, services()[0])
	var broken atomic.Bool
	one, two := h.running(), h.running()
	config := func(state string) string {
		return h.hclWith(`batch_window = "200ms"`, named("one", one, state)+named("two", two, state))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: h.buggyFactories(two, &broken), Steps: []resource.TestStep{
			{Config: config("running")},
			{
				PreConfig:   func() { broken.Store(true) },
				Config:      config("stopped"),
				ExpectError: says("Bug in the provider"),
			},
			{
				PreConfig: func() {
					h.is(one, h.sim.Words().Running)()
					broken.Store(false)
				},
				Config: config("stopped"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("instance_power_state.one", plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction("instance_power_state.two", plancheck.ResourceActionUpdate),
				}},
				PostApplyFunc: h.isStopped(one),
			},
		},
	})
}
