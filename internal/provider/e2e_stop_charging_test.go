package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// billed is an instance that is stopped with stop_charging_if_supported.
type billed struct {
	name, id string
	// charging is whether it is billed then.
	charging bool
	// most is how many stops may name it.
	most int
}

// billings are instances of every kind: one that can stop charging, where the cloud has
// the mode, and three that do not.
func (h *harness) billings() []billed {
	h.t.Helper()
	able := billed{"able", h.running(), !h.stopCharging, 2} // The batch that it is in may be refused for another.
	barred := billed{"barred", h.running(), true, 1}        // It is prepaid.
	refused := billed{"refused", h.running(), true, 3}      // Alone, and in a batch, and then in the other mode.
	idle := billed{"idle", h.stopped(), true, 0}            // It is stopped already.
	if h.stopCharging {
		h.change(barred.id, h.barred)
		h.trouble(simulator.Trouble{Kind: simulator.RefuseMode, Action: h.stop, InstanceIDs: []string{refused.id}})
	}
	return []billed{able, barred, refused, idle}
}

// wantBilled checks what an instance came to in truth, and what that took: the cloud
// accepts one stop of what ran, and nothing is started.
func (h *harness) wantBilled(all []billed) {
	h.t.Helper()
	words := h.sim.Words()
	for _, b := range all {
		in, _ := h.sim.Instance(b.id)
		charging := words.StopCharging == "" || in.StoppedMode != words.StopCharging
		if in.Status != words.Stopped || charging != b.charging {
			h.t.Errorf("%s: %s is %s in the mode %q, want it stopped and billed: %v", h.name, b.name, in.Status,
				in.StoppedMode, b.charging)
		}
		writes := h.writesOf(b.id)
		if len(writes) > b.most {
			h.t.Errorf("%s: %s is named by %d writes, want at most %d%s", h.name, b.name, len(writes), b.most,
				describeCalls(writes))
		}
		if b.most > 0 {
			oneEffect(h.t, h, b.id)
		}
		for _, call := range writes {
			if call.Op != simulator.OpStop || call.Force != simulator.Graceful {
				h.t.Errorf("%s: got a %s of %s that is %s, want a graceful stop", h.name, call.Op, b.name, call.Force)
			}
		}
	}
}

func billedIDs(all []billed) []string {
	ids := make([]string, len(all))
	for i, b := range all {
		ids[i] = b.id
	}
	return ids
}

// TestEndToEndStopChargingIfSupported declares one mode for instances of every kind of
// all clouds, one by one and in a fleet.
func TestEndToEndStopChargingIfSupported(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	singles, fleets := map[*harness][]billed{}, map[*harness][]billed{}
	for _, h := range all {
		singles[h], fleets[h] = h.billings(), h.billings()
		for _, b := range singles[h] {
			config += named(h.key()+"_"+b.name, b.id, "stopped", h.via(), ifSupportedLine, "allow_restart = true")
		}
		config += strings.Replace(fleetHCL(billedIDs(fleets[h]), "stopped", h.via(), ifSupportedLine, "allow_restart = true"),
			"\"workers\"", "\""+h.key()+"\"", 1)
	}
	c := newCLI(t, config)
	c.do("apply").succeeded(t)
	held := c.attributes()
	for _, h := range all {
		for _, b := range singles[h] {
			at := "instance_power_state." + h.key() + "_" + b.name
			if got := held[at]; got["charging"] != b.charging || got["stopped_mode"] != "stop_charging_if_supported" {
				t.Errorf("%s: got charging %v and the mode %v, want %v and the declared one", at, got["charging"],
					got["stopped_mode"], b.charging)
			}
		}
		members, _ := held["instance_fleet_power_state."+h.key()]["instances"].(map[string]any)
		for _, b := range fleets[h] {
			if one, _ := members[b.id].(map[string]any); one["charging"] != b.charging || one["error"] != nil {
				t.Errorf("the fleet of %s: %s is %v, want charging %v and no error", h.name, b.name, one, b.charging)
			}
		}
		h.wantBilled(append(singles[h], fleets[h]...))
	}
	forgetCalls(all)
	if o := c.do("plan", "-detailed-exitcode"); o.err != nil {
		t.Errorf("the next plan is not empty: %v\n%s", o.err, o.text)
	}
	for _, h := range all {
		if got := h.writes(); got != 0 {
			t.Errorf("%s: got %d writes of a plan", h.name, got)
		}
	}
}

// TestEndToEndActionStopsChargingWhereItCan stops instances of every kind of all clouds
// by actions. A data source shows what each came to.
func TestEndToEndActionStopsChargingWhereItCan(t *testing.T) {
	t.Parallel()
	all, config := newTogether(t, "")
	kinds := map[*harness][]billed{}
	for _, h := range all {
		kinds[h] = h.billings()
		ids := hclList(billedIDs(kinds[h]))
		config += fmt.Sprintf(`
action "instance_stop" %[1]q {
  provider = %[2]s
  config {
    cloud        = %[3]q
    instance_ids = %[4]s
    %[5]s
  }
}
resource "terraform_data" %[1]q {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.instance_stop.%[1]s]
    }
  }
}
data "instance_power_states" %[1]q {
%[6]s
  instance_ids = %[4]s
}
`, h.key(), h.provider(), h.cloud, ids, ifSupportedLine, h.via())
	}
	c := newCLI(t, config)
	c.needs(14)
	c.do("apply").succeeded(t)
	c.do("apply").succeeded(t)
	held := c.attributes()
	for _, h := range all {
		found, _ := held["data.instance_power_states."+h.key()]["instances"].(map[string]any)
		for _, b := range kinds[h] {
			one, _ := found[b.id].(map[string]any)
			able := h.stopCharging && b.name != "barred"
			if one["state"] != "stopped" || one["charging"] != b.charging || one["can_stop_charging"] != able {
				t.Errorf("%s: %s is %v, want it stopped, charging %v and able to stop charging %v", h.name, b.name, one,
					b.charging, able)
			}
		}
		h.wantBilled(kinds[h])
	}
}
