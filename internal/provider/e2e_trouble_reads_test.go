package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	simalicloud "github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

// TestEndToEndReadsThatFail: a description that does not get through is asked for
// again, in the plan as in a wait.
func TestEndToEndReadsThatFail(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		var rows []row
		for _, when := range []struct {
			name string
			skip int
		}{{"in the plan", 0}, {"in the wait", readsBeforeACall}} {
			for _, trouble := range []simulator.Trouble{
				{Kind: simulator.ServerError},
				{Kind: simulator.ServerError, Status: http.StatusServiceUnavailable},
				{Kind: simulator.Error},
				{Kind: simulator.ResetBefore},
				{Kind: simulator.LostAnswer, Delay: second},
				{Kind: simulator.Slow, Delay: second},
			} {
				trouble.Action, trouble.Count, trouble.Skip = string(simulator.OpDescribe), 1, when.skip
				name := fmt.Sprintf("%s %d %s", trouble.Kind, trouble.Status, when.name)
				rows = append(rows, row{name: name, troubles: one(trouble), writes: 1})
			}
		}
		h.applyRows(rows)
	})
}

// TestEndToEndReadsThatAreRefused are errors of the plan.
func TestEndToEndReadsThatAreRefused(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		describe := string(simulator.OpDescribe)
		h.refuseInPlan([]row{
			{
				name:     "by a gateway",
				troubles: one(simulator.Trouble{Kind: simulator.GatewayPage, Action: describe}),
				says: []string{
					"HTTP status 403", "A gateway in front of the API refused the request, not the API itself", "HTTP status: 403",
				},
			},
			{
				name: "by the cloud",
				troubles: one(simulator.Trouble{
					Kind:    simulator.Error,
					Action:  describe,
					Code:    deniedCode(h),
					Status:  http.StatusForbidden,
					Message: "No.",
				}),
				says: []string{"The cloud answered: No.", "Code: " + deniedCode(h), "Request id:"},
			},
			{
				name:     "by no answer at all",
				troubles: one(simulator.Trouble{Kind: simulator.ServerError, Action: describe}),
				lines:    []string{"timeouts {\n read = \"3s\"\n}"},
				says:     []string{"The time limit of 3s (`timeouts.read`) passed before", "HTTP status 502"},
			},
		})
	})
}

// TestEndToEndEmptyList: a key that may not read an instance gets an empty list. The
// instance does not count as gone where the cloud can tell the two apart.
func TestEndToEndEmptyList(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const address = "instance_power_state.row"
		id := h.running()
		c := h.here(h.hcl(named("row", id, "stopped")))
		c.do("apply").succeeded(t)
		h.trouble(simulator.Trouble{Kind: simulator.EmptyList})
		if h.cloud != "alicloud" {
			// It has no such answer: what is not listed is gone.
			o := c.do("apply")
			if warnings := o.warnings(address); len(warnings) == 0 || !strings.Contains(warnings[0], "is gone") {
				t.Errorf("got the warnings %q, want one that the instance is gone", warnings)
			}
			o.hasError(t, address, "There is no such instance")
			return
		}
		for _, answer := range []struct {
			setting string
			wants   []string
		}{
			{simalicloud.Forbidden, []string{"Code: Forbidden.RAM", "Request id:", "ecs:DescribeInstances"}},
			{
				simalicloud.Allowed,
				[]string{
					id + " exists, but DescribeInstances does not show it", "grant the RAM identity ecs:DescribeInstances on it",
				},
			},
		} {
			h.setting(simalicloud.HiddenAttribute, answer.setting)
			o := c.do("apply")
			if texts := o.errors(""); len(texts) != 1 {
				t.Errorf("%s: got the errors %q, want one", answer.setting, texts)
			} else {
				for _, want := range answer.wants {
					if !says(want).MatchString(texts[0]) {
						t.Errorf("%s: the error does not say %q:\n%s", answer.setting, want, texts[0])
					}
				}
			}
			if c.attributes()[address] == nil {
				t.Errorf("%s: the resource is not in the state any more", answer.setting)
			}
		}
		h.sim.ClearTroubles()
		c.do("apply").succeeded(t)
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want the first stop alone", got)
		}
	})
}

// TestEndToEndNewInstance: an instance that is made in the same run may be listed
// a little later; its id is not known in the plan.
func TestEndToEndNewInstance(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		lagging, never := h.running(), h.running()
		h.trouble(simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{lagging}, Count: 1})
		h.sim.Remove(never)
		made := func(name, id string) string {
			return fmt.Sprintf("resource \"terraform_data\" %q {\n input = %q\n}\n", name, id) +
				fmt.Sprintf("resource \"instance_power_state\" %q {\n instance_id = terraform_data.%s.output\n"+
					" state = \"stopped\"\n}\n", name, name)
		}
		h.sim.LimitRates(false)
		// Without the preflight, which would read at once when the apply plans again,
		// with the id known.
		c := h.here(h.fast("preflight = \"off\"", made("lagging", lagging)+made("never", never)))
		o := c.do("apply")
		for _, text := range o.errors("instance_power_state.lagging") {
			t.Errorf("an instance that is listed late fails:\n%s", text)
		}
		h.isStopped(lagging)()
		o.hasError(t, "instance_power_state.never", fmt.Sprintf("instance %q", never), "There is no such instance")
	})
}

// TestEndToEndBecomesUnavailable: an instance that can no longer be operated ends
// the wait for it.
func TestEndToEndBecomesUnavailable(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		word := map[string]string{"tencentcloud": "SHUTDOWN", "volcengine": "ERROR", "zenlayercloud": "RECYCLE"}[h.cloud]
		if word == "" {
			t.Log("it has no word for it: an instance that cannot be operated reads back as stopped")
			return
		}
		id := h.running()
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		changed := make(chan error, 1)
		go func() {
			for h.count(h.stop) == 0 && t.Context().Err() == nil {
				time.Sleep(50 * time.Millisecond)
			}
			changed <- h.sim.Change(id, func(in *simulator.Instance) error { in.Status = word; return nil })
		}()
		o := h.here(h.hcl(named("row", id, "stopped"))).do("apply")
		if err := <-changed; err != nil {
			t.Error(err)
		}
		o.hasError(t, "instance_power_state.row", "The instance can no longer be operated:",
			fmt.Sprintf("Last seen: unavailable (%s)", word))
	})
}
