package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// guidePolicy is a policy of the page about permissions, as users copy it. A cloud
// without policies gets what stands for it in the simulator.
func (h *harness) guidePolicy(purpose string) *simulator.Policy {
	h.t.Helper()
	if h.NoPolicies {
		actions := []string{h.Permission(h.reads)}
		if purpose == "apply" {
			actions = append(actions, h.Permission(h.start), h.Permission(h.stop))
		}
		return simulator.AllowOnly(actions...)
	}
	name := filepath.Join("..", "..", "examples", "guides", "permissions", h.cloud+"-"+purpose+".json")
	text, err := os.ReadFile(name)
	if err != nil {
		h.t.Fatal(err)
	}
	var policy *simulator.Policy
	if err := json.Unmarshal(text, &policy); err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	return policy
}

// as is a configuration in which the provider has a key with a policy of the page.
func (h *harness) as(purpose, resources string) string {
	h.t.Helper()
	key := simulator.Credential{
		AccessKeyID: h.Keys.Lasting.AccessKeyID + "-" + purpose, Secret: "s-" + purpose, Policy: h.guidePolicy(purpose),
	}
	h.sim.Accept(key)
	return h.with(key, resources)
}

// with is a configuration in which the provider has a key.
func (h *harness) with(key simulator.Credential, resources string) string {
	return fmt.Sprintf("provider \"instance\" {\n%s {\n%s\n endpoint = %q\n}\n}\n%s",
		h.cloud, h.Configuration(key), h.server.URL(), resources)
}

// TestEndToEndPermissions shows that the policies of the page are enough: those for
// plans, which allow nothing but describes, for a refresh, a plan, and to notice
// drift; those for applies for an apply.
func TestEndToEndPermissions(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		for _, statement := range h.guidePolicy("plan").Statement {
			for _, action := range statement.Action {
				if !strings.HasPrefix(action, h.Prefix+":Describe") {
					t.Errorf("a plan is to need %s", action)
				}
			}
		}
		id, member := h.running(), h.running()
		resources := power(id, "stopped") + fleetHCL([]string{member, h.stopped()}, "stopped") +
			"data \"instance_power_states\" \"all\" {}\n"
		c := h.here(h.as("apply", resources))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, id, member)()

		c.configure(h.as("plan", resources))
		o := c.do("plan")
		o.succeeded(t)
		if len(o.planned) > 0 {
			t.Errorf("a plan of what is so plans %v", o.planned)
		}
		for _, drifted := range []string{id, member} {
			h.change(drifted, func(in *simulator.Instance) { in.Status, in.StoppedMode = h.sim.Words().Running, "" })
		}
		o = c.do("plan")
		o.succeeded(t)
		if want := map[string]string{web: "update", workers: "update"}; !maps.Equal(o.planned, want) {
			t.Errorf("a plan over drift plans %v, want %v", o.planned, want)
		}
		o = c.do("apply")
		o.hasError(t, web, "Code: "+deniedCode(h), "Request id:")
		o.hasError(t, workers, "Unable to stop 1 of 2 instances", member)
		h.are(h.sim.Words().Running, id, member)()

		c.configure(h.as("apply", resources))
		c.do("apply").succeeded(t)
		h.are(h.sim.Words().Stopped, id, member)()
	})
}

// TestEndToEndPlanPermissionsTellThatAnInstanceIsGone: the refresh drops it from the
// state. A key that may do nothing cannot tell, and the state stays as it is.
func TestEndToEndPlanPermissionsTellThatAnInstanceIsGone(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id, member := h.running(), h.stopped()
		resources := power(id, "stopped") + fleetHCL([]string{member, h.stopped()}, "stopped")
		stateOfMember := func(c *cli) any {
			all, _ := c.attributes()[workers]["instances"].(map[string]any)
			one, _ := all[member].(map[string]any)
			return one["state"]
		}
		c := h.here(h.as("apply", resources))
		c.do("apply").succeeded(t)
		h.sim.Remove(id)
		h.sim.Remove(member)

		c.configure(h.with(h.Keys.Denied, resources))
		o := c.do("apply", "-refresh-only")
		o.hasError(t, web, "Code: "+deniedCode(h), "Request id:")
		o.hasError(t, workers, deniedCode(h))
		if state := c.attributes(); state[web] == nil || stateOfMember(c) != "stopped" {
			t.Error("an instance that the key may not read was removed from the state")
		}

		c.configure(h.as("plan", resources))
		c.do("apply", "-refresh-only").succeeded(t)
		if state := c.attributes(); state[web] != nil || stateOfMember(c) != "absent" {
			t.Errorf("the state still has %v, and %q of the fleet is %v", state[web], member, stateOfMember(c))
		}
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want the stop of the apply alone", got)
		}
	})
}
