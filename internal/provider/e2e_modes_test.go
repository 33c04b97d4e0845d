package provider

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

const stopCharging = "stopped_mode = \"stop_charging\""

// noStopCharging is why Zenlayer is not in a row.
var noStopCharging = map[string]string{"zenlayercloud": "it has one mode"}

// halted makes an instance that is stopped in a mode of the cloud's spelling.
func halted(h *harness, mode string) func(*simulator.Instance) {
	return func(in *simulator.Instance) { in.Status, in.StoppedMode = h.sim.Words().Stopped, mode }
}

// TestEndToEndModes creates resources that stop without charging.
func TestEndToEndModes(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		if !h.stopCharging {
			t.Log("TestEndToEndModesThatCannotBe is about this cloud")
			return
		}
		words := h.sim.Words()
		held := func(mode string) func(*testing.T, *harness, string) {
			return func(t *testing.T, h *harness, id string) {
				t.Helper()
				if in, _ := h.sim.Instance(id); in.StoppedMode != mode {
					t.Errorf("the instance is stopped in the mode %q, want %q", in.StoppedMode, mode)
				}
			}
		}
		h.applyRows([]row{
			{name: "it stops without charging", lines: []string{stopCharging}, writes: 1, check: held(words.StopCharging)},
			{
				name:  "the cloud's own spelling means the same",
				lines: []string{fmt.Sprintf("stopped_mode = %q", words.StopCharging)}, writes: 1, check: held(words.StopCharging),
			},
			{
				name:   "it keeps charging when asked",
				lines:  []string{"stopped_mode = \"keep_charging\""},
				writes: 1,
				check:  held(words.KeepCharging),
			},
			{
				name:     "the mode is read back late, within the grace",
				troubles: one(simulator.Trouble{Kind: simulator.ModeLag, Delay: 2 * second}), lines: []string{stopCharging},
				writes: 1, check: held(words.StopCharging),
			},
			{
				name:     "the cloud ignores the mode",
				troubles: one(simulator.Trouble{Kind: simulator.IgnoreMode}), lines: []string{stopCharging, "allow_restart = true"},
				says: []string{
					"The instance stopped, but not in the mode \"stop_charging\": the cloud reports \"keep_charging\".",
					"Wanted: stopped, stop_charging", fmt.Sprintf("Last seen: stopped (%s), keep_charging", words.Stopped),
				},
				writes: 3, // The next apply starts it, and stops it again.
			},
			{
				name:     "the cloud refuses the mode",
				troubles: one(simulator.Trouble{Kind: simulator.RefuseMode, Action: string(simulator.OpStop)}),
				lines:    []string{stopCharging},
				code: map[string]string{
					"tencentcloud": "UnsupportedOperation.StoppedModeStopCharging", "alicloud": "InvalidInstanceId.NotSupport",
					"volcengine": "InvalidStoppedMode.InstanceTypeMismatch",
				},
				clouds: map[string][]string{
					"tencentcloud": {"Set `stopped_mode = \"keep_charging\"`, or leave it out."},
					"alicloud":     {"use \"keep_charging\"."},
					"volcengine":   {"set `stopped_mode` to \"keep_charging\", or leave it out."},
				},
				writes: 2,
			},
			{
				name:  "another mode of a stopped instance costs one start and one stop",
				edit:  halted(h, words.KeepCharging),
				lines: []string{stopCharging, "allow_restart = true"}, writes: 2, check: held(words.StopCharging),
			},
			{
				name:   "and back",
				edit:   halted(h, words.StopCharging),
				lines:  []string{"stopped_mode = \"keep_charging\"", "allow_restart = true"},
				writes: 2,
				check:  held(words.KeepCharging),
			},
			{
				name:     "another mode of a stopped instance, and no stock to start it",
				edit:     halted(h, words.StopCharging),
				troubles: one(simulator.Trouble{Kind: simulator.NoStock}),
				lines:    []string{"stopped_mode = \"keep_charging\"", "allow_restart = true"},
				code:     noStockCodes, writes: 3,
			},
			{
				name:  "no mode is asked for: the one that it has is kept",
				edit:  halted(h, words.StopCharging),
				lines: nil, writes: 0, check: held(words.StopCharging),
			},
		})
	})
}

var noStockCodes = map[string]string{
	"tencentcloud": "ResourceInsufficient.SpecifiedInstanceType", "alicloud": "OperationDenied.NoStock",
	"volcengine": "Insufficient.InstanceCapacity", "zenlayercloud vm": "RESOURCES_SOLDOUT_INSTANCE_TYPE",
}

// TestEndToEndNoStock starts instances for which there is no stock.
func TestEndToEndNoStock(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		edit := func(in *simulator.Instance) {
			if h.stopCharging {
				in.StoppedMode = h.sim.Words().StopCharging
			}
		}
		h.applyRows([]row{
			{
				name: "at the call", starts: true, edit: edit, lines: []string{short},
				troubles: one(simulator.Trouble{Kind: simulator.NoStock}),
				code:     noStockCodes,
				clouds: map[string][]string{
					"tencentcloud": {"no stock of this instance type now"}, "alicloud": {"no stock of this instance type now"},
					"volcengine": {"no stock of this instance type"}, "zenlayercloud vm": {"is sold out"},
					"zenlayercloud zec": {tookTooLongToStart, zecNoReason},
				},
				writes: 2, writesOn: all(anyNumber, "zenlayercloud zec"),
			},
			{
				name: "after the call", starts: true, edit: edit,
				troubles: []simulator.Trouble{{Kind: simulator.NoStock, Late: true, Message: "Sold out."}, untilSeen},
				says: []string{
					"The cloud accepted the start, but the instance is stopped again.",
					"The cloud may have no stock of this instance type in the zone at the moment: " +
						"apply again later, or change the type.",
				},
				clouds: all([]string{"The cloud's reason: Sold out."}, "tencentcloud"), writes: 2,
			},
		})
	})
}

// TestEndToEndModesThatCannotBe: what a description shows is refused in the plan.
func TestEndToEndModesThatCannotBe(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		words := h.sim.Words()
		onlyZenlayer := all("it has stop_charging", "tencentcloud", "alicloud", "volcengine")
		const cannot = "The instance cannot stop charging:"
		const oneMode = "A stopped instance of Zenlayer VM and ZEC is billed like a running one."
		const remedy = "Set `stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out."
		h.refuseInPlan([]row{
			{
				name: "a prepaid instance", not: noStopCharging, edit: h.barred, lines: []string{stopCharging},
				says: []string{cannot + " it is prepaid", remedy},
			},
			{
				name: "an instance with a local disk", not: noStopCharging, lines: []string{stopCharging},
				edit: func(in *simulator.Instance) { in.LocalDisk = true },
				says: []string{cannot, "local", remedy},
			},
			{
				name:  "a prepaid instance that is stopped already",
				not:   noStopCharging,
				lines: []string{stopCharging, "allow_restart = true"},
				edit: func(in *simulator.Instance) {
					if h.stopCharging {
						h.barred(in)
					}
					halted(h, words.KeepCharging)(in)
				},
				says: []string{cannot + " it is prepaid", remedy},
			},
			{
				name:  "another mode of a stopped instance, without leave to restart it",
				not:   noStopCharging,
				lines: []string{stopCharging},
				edit:  halted(h, words.KeepCharging),
				says: []string{
					"The instance is already stopped, in a mode other than \"stop_charging\", " +
						"and no call changes the mode of a stopped instance.",
					"Set `allow_restart = true` to let the provider start it and stop it again",
				},
			},
			{
				name:  "any running instance of Zenlayer",
				not:   onlyZenlayer,
				lines: []string{stopCharging},
				says:  []string{oneMode, remedy},
			},
			{
				name:  "in any spelling",
				not:   onlyZenlayer,
				lines: []string{"stopped_mode = \"StopCharging\""},
				says:  []string{oneMode, remedy},
			},
			{
				name: "any stopped instance of Zenlayer", not: onlyZenlayer, lines: []string{stopCharging},
				edit: func(in *simulator.Instance) { in.Status = words.Stopped }, says: []string{oneMode, remedy},
			},
			{
				name: "one that shall run", starts: true, not: onlyZenlayer, lines: []string{stopCharging},
				says: []string{oneMode, remedy},
			},
		})
	})
}

// TestEndToEndModeLifecycle follows the modes of instances over several runs.
func TestEndToEndModeLifecycle(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		if !h.stopCharging {
			t.Log("it has one mode")
			return
		}
		words := h.sim.Words()
		plain, spelled, drifting := h.running(), h.running(), h.running()
		config := h.apart(named("plain", plain, "stopped", stopCharging) +
			named("spelled", spelled, "stopped", fmt.Sprintf("stopped_mode = %q", words.StopCharging)) +
			named("drifting", drifting, "stopped", stopCharging, "allow_restart = true"))
		c := h.here(config)
		plan := c.do("plan")
		c.do("apply").succeeded(t)
		for _, name := range []string{"plain", "spelled", "drifting"} {
			if warnings := plan.warnings("instance_power_state." + name); len(warnings) != 1 ||
				!says("a later start may find no stock").MatchString(warnings[0]) {
				t.Errorf("%s: the plan does not warn of what stop_charging means: %q", name, warnings)
			}
		}
		state := c.attributes()
		for name, mode := range map[string]string{
			"plain": "stop_charging", "spelled": words.StopCharging, "drifting": "stop_charging",
		} {
			got := state["instance_power_state."+name]
			if got["stopped_mode"] != mode || got["charging"] != false || got["state"] != "stopped" {
				t.Errorf("%s: got state %v, mode %v, charging %v; want stopped, %s, false", name, got["state"], got["stopped_mode"],
					got["charging"], mode)
			}
		}
		wantNoChange := func(when string) {
			t.Helper()
			plan := c.do("plan")
			plan.succeeded(t)
			if len(plan.planned) != 0 {
				t.Errorf("%s: the plan has changes: %v", when, plan.planned)
			}
		}
		wantNoChange("after the create")

		// The other spelling of each is no change either.
		c.configure(h.apart(named("plain", plain, "stopped", fmt.Sprintf("stopped_mode = %q", words.StopCharging)) +
			named("spelled", spelled, "stopped", stopCharging) +
			named("drifting", drifting, "stopped", stopCharging, "allow_restart = true")))
		wantNoChange("in the other spelling")
		c.configure(config)

		h.change(drifting, halted(h, words.KeepCharging))
		plan = c.do("plan")
		plan.succeeded(t)
		if got, want := fmt.Sprint(plan.planned), "map[instance_power_state.drifting:update]"; got != want {
			t.Errorf("after a drift of the mode got changes %s, want %s", got, want)
		}
		if warnings := plan.warnings("instance_power_state.drifting"); len(warnings) != 2 {
			t.Errorf("got the warnings %q, want one of the restart and one of stop_charging", warnings)
		}
		c.do("apply").succeeded(t)
		wantNoChange("after the apply that repairs the drift")
		if got, want := h.writes(), 5; got != want {
			t.Errorf("got %d writes, want %d: three stops, and a start and a stop for the drift", got, want)
		}
	})
}
