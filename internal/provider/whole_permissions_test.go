package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// guidePolicy is a policy of the page about permissions, as users copy it. A cloud
// without policies gets what stands for it in the simulator.
func (w *world) guidePolicy(purpose string) *simulator.Policy {
	w.t.Helper()
	if w.NoPolicies {
		actions := []string{w.Permission(w.reads)}
		if purpose == "apply" {
			actions = append(actions, w.Permission(w.start), w.Permission(w.stop))
		}
		return simulator.AllowOnly(actions...)
	}
	name := filepath.Join("..", "..", "examples", "guides", "permissions", w.cloud+"-"+purpose+".json")
	text, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	var policy *simulator.Policy
	if err := json.Unmarshal(text, &policy); err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return policy
}

// as is a configuration in which the provider has a key with a policy of the page.
func (w *world) as(purpose, resources string) string {
	w.t.Helper()
	key := simulator.Credential{
		AccessKeyID: w.Keys.Lasting.AccessKeyID + "-" + purpose, Secret: "s-" + purpose, Policy: w.guidePolicy(purpose),
	}
	w.sim.Accept(key)
	return w.with(key, resources)
}

// with is a configuration in which the provider has a key.
func (w *world) with(key simulator.Credential, resources string) string {
	return fmt.Sprintf("provider \"instance\" {\n%s {\n%s\n endpoint = %q\n}\n}\n%s",
		w.cloud, w.Configuration(key), w.server.URL(), resources)
}

// TestWholePermissions shows that the policies of the page are enough: those for
// plans, which allow nothing but describes, for a refresh, a plan, and to notice
// drift; those for applies for an apply.
func TestWholePermissions(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		for _, statement := range w.guidePolicy("plan").Statement {
			for _, action := range statement.Action {
				if !strings.HasPrefix(action, w.Prefix+":Describe") {
					t.Errorf("a plan is to need %s", action)
				}
			}
		}
		id := w.running()
		c := w.here(w.as("apply", power(id, "stopped")))
		c.do("apply").succeeded(t)
		w.isStopped(id)()

		c.configure(w.as("plan", power(id, "stopped")))
		o := c.do("plan")
		o.succeeded(t)
		if len(o.planned) > 0 {
			t.Errorf("a plan of what is so plans %v", o.planned)
		}
		w.change(id, func(in *simulator.Instance) { in.Status, in.StoppedMode = w.sim.Words().Running, "" })
		o = c.do("plan")
		o.succeeded(t)
		if got := o.planned[web]; got != "update" {
			t.Errorf("a plan over drift plans %q, want an update", got)
		}
		c.do("apply").hasError(t, web, "Code: "+deniedCode(w), "Request id:")
		w.isRunning(id)()

		c.configure(w.as("apply", power(id, "stopped")))
		c.do("apply").succeeded(t)
		w.isStopped(id)()
	})
}

// TestWholePlanPermissionsTellThatAnInstanceIsGone: the refresh drops it from the
// state. A key that may do nothing cannot tell, and the state stays as it is.
func TestWholePlanPermissionsTellThatAnInstanceIsGone(t *testing.T) {
	eachService(t, func(t *testing.T, w *world) {
		id := w.running()
		c := w.here(w.as("apply", power(id, "stopped")))
		c.do("apply").succeeded(t)
		w.sim.Remove(id)

		c.configure(w.with(w.Keys.Denied, power(id, "stopped")))
		c.do("apply", "-refresh-only").hasError(t, web, "Code: "+deniedCode(w), "Request id:")
		if state := c.attributes(); state[web] == nil {
			t.Error("an instance was forgotten for want of permission")
		}

		c.configure(w.as("plan", power(id, "stopped")))
		c.do("apply", "-refresh-only").succeeded(t)
		if state := c.attributes(); state[web] != nil {
			t.Errorf("the state still has %v", state[web])
		}
		if got := w.writes(); got != 1 {
			t.Errorf("got %d writes, want the stop of the apply alone", got)
		}
	})
}
