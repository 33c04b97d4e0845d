package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	simalicloud "github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	simtencentcloud "github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	simvolcengine "github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	simzenlayercloud "github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// TestEndToEndStopsThatGoWrong is about stops that were accepted.
func TestEndToEndStopsThatGoWrong(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		stopping := fmt.Sprintf("Last seen: stopping (%s), for", h.sim.Words().Stopping)
		h.applyRows([]row{
			{
				name:     "the guest ignores it: the time limit ends the wait, and the next apply the stop",
				troubles: one(simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Hang}),
				lines:    []string{short},
				says: []string{
					tookTooLong, stopping, "if the guest does not shut down, `force_stop_after` cuts the power after a while",
				},
				writes: 1,
			},
			{
				name: "the guest refuses it: the instance runs again, and the error gives the cloud's reason",
				troubles: []simulator.Trouble{
					{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback, Message: "The guest did not answer."},
					untilSeen,
				},
				says: []string{
					"The cloud accepted the stop, but the instance is running again.",
					fmt.Sprintf("Last seen: running (%s)", h.sim.Words().Running),
					"The guest may have ignored the request to shut down.",
				},
				clouds: all([]string{"The cloud's reason: The guest did not answer."}, "tencentcloud"), writes: 2,
			},
			{
				name:     "the guest ignores it, and the power is cut at once",
				troubles: one(simulator.Trouble{Kind: simulator.SoftStopIgnored}), lines: []string{"force_stop = true"},
				forced: true, writes: 1, check: func(t *testing.T, h *harness, id string) {
					t.Helper()
					if call := h.writesOf(id)[0]; call.Force != simulator.Forced || !call.ForceExplicit {
						t.Errorf("got a stop that is %s, and says so: %v; want one that is forced and says so", call.Force,
							call.ForceExplicit)
					}
				},
			},
			{
				name:     "it never ends",
				troubles: one(simulator.Trouble{Kind: simulator.Stuck}), lines: []string{short},
				says: []string{tookTooLong, stopping}, writes: 1,
			},
			{
				name:     "it never ends, though the power was cut",
				troubles: one(simulator.Trouble{Kind: simulator.Stuck}), lines: []string{short, "force_stop = true"},
				says: []string{tookTooLong, stopping}, forced: true, writes: 1,
			},
			{
				name:     "a start never ends",
				starts:   true,
				troubles: one(simulator.Trouble{Kind: simulator.Stuck}), lines: []string{short},
				says: []string{tookTooLongToStart, fmt.Sprintf("Last seen: starting (%s), for", h.sim.Words().Starting)}, writes: 1,
			},
			{
				name:     "descriptions lag behind it",
				troubles: one(simulator.Trouble{Kind: simulator.Lag, Delay: 2 * second}), writes: 1,
			},
			{
				name:     "descriptions lag behind a start",
				starts:   true,
				troubles: one(simulator.Trouble{Kind: simulator.Lag, Delay: 2 * second}), writes: 1,
			},
		})
	})
}

// TestEndToEndTimeLimitHolds: whatever hangs, an apply ends within a second of its
// limit.
func TestEndToEndTimeLimitHolds(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const limit = 3 * time.Second
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		c := h.here(h.hcl(named("row", h.running(), "stopped", "timeouts {\n create = \"3s\"\n}")))
		plan := c.do("plan")
		plan.succeeded(t)
		o := c.do("apply")
		o.hasError(t, "instance_power_state.row", "The time limit of 3s (`timeouts.create`) passed")
		// An apply begins with a plan, and this machine may be busy.
		if most := limit + time.Second + 2*plan.took; o.took < limit || o.took > most {
			t.Errorf("the apply took %s, want from %s to %s", o.took, limit, most)
		}
	})
}

// durations is the same duration for every transition.
func durations(d simulator.Duration) *simulator.Durations {
	return &simulator.Durations{Start: d, Stop: d, ForcedStop: d, Reboot: d, Grace: d}
}

// cuts is the switch for whether a cloud takes a forced stop of an instance
// that is stopping, and its two answers.
type cuts struct{ name, accepted, refused string }

func cutsOf(h *harness) cuts {
	return map[string]cuts{
		"tencentcloud":  {simtencentcloud.ForceWhileStopping, simtencentcloud.Accepted, simtencentcloud.Refused},
		"alicloud":      {simalicloud.ForceWhileStopping, simalicloud.Accepted, simalicloud.Refused},
		"volcengine":    {simvolcengine.ForceWhileStopping, simvolcengine.Accepted, simvolcengine.Refused},
		"zenlayercloud": {simzenlayercloud.ForceWhileStopping, simzenlayercloud.Accepted, simzenlayercloud.Refused},
	}[h.cloud]
}

func (h *harness) setting(name, value string) {
	h.t.Helper()
	if err := h.sim.SetSetting(name, value); err != nil {
		h.t.Fatal(err)
	}
}

// TestEndToEndForceStopAfter: a stop that hangs is cut short where the cloud takes
// a forced stop then, and is an error at the end of the time where it does not.
func TestEndToEndForceStopAfter(t *testing.T) {
	const escalates = "force_stop_after = \"1s\""
	eachService(t, func(t *testing.T, h *harness) {
		patient := func(in *simulator.Instance) {
			// Tencent Cloud cuts the power by itself: here later than this asks for.
			in.Durations = durations(second / 2)
			in.Durations.Grace = simulator.Duration(time.Minute)
		}
		hang := one(simulator.Trouble{Kind: simulator.SoftStopIgnored})
		t.Run("accepted", func(t *testing.T) {
			if h.name == "zenlayercloud vm" {
				t.Log("vm never takes a stop of what is stopping")
				return
			}
			cut := cutsOf(h)
			h.setting(cut.name, cut.accepted)
			h.applyRows([]row{
				{
					name:     "a guest that ignores it loses power",
					troubles: hang,
					edit:     patient,
					forced:   true,
					lines:    []string{escalates},
					writes:   2,
					check: func(t *testing.T, h *harness, id string) {
						t.Helper()
						calls := h.writesOf(id)
						if got := calls[len(calls)-1].Force; got != simulator.Forced {
							t.Errorf("the last stop is %s, want forced", got)
						}
						if apart := calls[1].Time.Sub(calls[0].Time); apart < time.Second {
							t.Errorf("the forced stop came %s after the graceful one, want at least 1s", apart)
						}
					},
				},
				{
					name: "one that obeys does not", lines: []string{"force_stop_after = \"30s\""}, forced: true, writes: 1,
					check: func(t *testing.T, h *harness, id string) {
						t.Helper()
						if got := h.writesOf(id)[0].Force; got == simulator.Forced {
							t.Error("the first stop is forced")
						}
					},
				},
			})
		})
		t.Run("refused", func(_ *testing.T) {
			cut := cutsOf(h)
			h.setting(cut.name, cut.refused)
			h.applyRows([]row{{
				name: "a guest that ignores it keeps power", troubles: hang, edit: patient, forced: true,
				lines: []string{escalates, short},
				says: []string{
					tookTooLong, "The cloud refused the forced stop until then:",
					fmt.Sprintf("Last seen: stopping (%s)", h.sim.Words().Stopping),
				},
				code: map[string]string{
					"tencentcloud": "UnsupportedOperation.InstanceStateStopping", "alicloud": "IncorrectInstanceStatus",
					"volcengine": "InvalidInstanceStatus", "zenlayercloud vm": zenlayerNotRunning,
				},
				clouds: all([]string{zecNoReason}, "zenlayercloud zec"), writes: anyNumber, lasting: h.cloud == "tencentcloud",
			}})
		})
		t.Run("the cloud's own", func(_ *testing.T) {
			if h.cloud != "tencentcloud" {
				t.Log("only Tencent Cloud cuts the power by itself")
				return
			}
			h.applyRows([]row{{
				name:     "a guest that ignores it loses power by one call",
				troubles: hang,
				forced:   true,
				lines:    []string{"force_stop_after = \"5s\""},
				writes:   1,
				check: func(t *testing.T, h *harness, id string) {
					t.Helper()
					if got := h.writesOf(id)[0].Force; got != simulator.FirstGraceful {
						t.Errorf("the stop is %s, want graceful first", got)
					}
				},
			}})
		})
	})
}
