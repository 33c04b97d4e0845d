package provider

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

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
func (h *harness) buggyFactories(id string, broken *atomic.Bool) providers {
	all, one := maps.Clone(clouds), clouds[h.cloud]
	open := one.open
	one.open = func(v values, region string, opts openOptions) (backend.Driver, error) {
		driver, err := open(v, region, opts)
		return buggy{driver, id, broken}, err
	}
	all[h.cloud] = one
	return providers{
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
	broken.Store(true)
	c := h.hereWith(h.buggyFactories(bad, &broken),
		h.apart(named("good", good, "stopped")+named("bad", bad, "stopped")+fleetHCL(fleet, "stopped")))
	o := c.do("apply")
	o.hasError(t, "instance_power_state.bad", "Bug in the provider")
	h.are(h.sim.Words().Stopped, append(fleet, good)...)()
	h.isRunning(bad)()

	broken.Store(false)
	o = c.do("apply")
	o.succeeded(t)
	if want := map[string]string{"instance_power_state.bad": "create"}; !maps.Equal(o.planned, want) {
		t.Errorf("the next apply does %v, want %v", o.planned, want)
	}
	h.isStopped(bad)()
	for _, id := range append(fleet, good, bad) {
		oneEffect(t, h, id)
	}
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
	c := h.hereWith(h.buggyFactories(two, &broken), config("running"))
	c.do("apply").succeeded(t)

	broken.Store(true)
	c.configure(config("stopped"))
	o := c.do("apply")
	for _, address := range []string{"instance_power_state.one", "instance_power_state.two"} {
		o.hasError(t, address, "Bug in the provider")
	}
	h.are(h.sim.Words().Running, one, two)()

	broken.Store(false)
	o = c.do("apply")
	o.succeeded(t)
	want := map[string]string{"instance_power_state.one": "update", "instance_power_state.two": "update"}
	if !maps.Equal(o.planned, want) {
		t.Errorf("the next apply does %v, want %v", o.planned, want)
	}
	h.are(h.sim.Words().Stopped, one, two)()
	if got := h.writes(); got != 1 {
		t.Errorf("got %d writes, want one stop of both%s", got, describeCalls(h.sim.Calls(0)))
	}
}
