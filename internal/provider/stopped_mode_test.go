package provider

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// ifSupported declares the mode that is only preferred.
var ifSupported = map[string]any{"stopped_mode": "stop_charging_if_supported"}

// cannotStopCharging is an instance of which the cloud shows that it cannot.
func cannotStopCharging(state backend.State) backend.Instance {
	in := machine(state)
	in.ChargeType, in.StopChargingBar = backend.Prepaid, "it is prepaid"
	return in
}

func TestStopChargingIfSupportedOfOneInstance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		instance backend.Instance
		behavior memory.Behavior
		warned   string
		charging any
		writes   []string
	}{
		"that can": {
			instance: machine(backend.Running), charging: false, writes: []string{"stop graceful stop_charging"},
			warned: `
warning at AttributeName("stopped_mode"): Stop-charging of instance "h-1" can release its address

Instance "h-1" will release CPU and memory: a later start may find no stock, and public addresses can be released: ` +
				`203.0.113.5 (h-1).`,
		},
		"that cannot": {
			instance: cannotStopCharging(backend.Running), charging: true, writes: []string{"stop graceful keep_charging"},
		},
		"whose mode the cloud refuses": {
			instance: machine(backend.Running), behavior: memory.Behavior{RefuseMode: true}, charging: true,
			writes: []string{"stop graceful stop_charging", "stop graceful keep_charging"},
			warned: `
warning at AttributeName("stopped_mode"): Stop-charging of instance "h-1" can release its address

Instance "h-1" will release CPU and memory: a later start may find no stock, and public addresses can be released: ` +
				`203.0.113.5 (h-1).`,
		},
		"whose mode the cloud ignores": {
			instance: machine(backend.Running), behavior: memory.Behavior{IgnoreMode: true}, charging: true,
			writes: []string{"stop graceful stop_charging"},
			warned: `
warning at AttributeName("stopped_mode"): Stop-charging of instance "h-1" can release its address

Instance "h-1" will release CPU and memory: a later start may find no stock, and public addresses can be released: ` +
				`203.0.113.5 (h-1).`,
		},
		"that is stopped and charged": {
			instance: backend.Instance{ID: "h-1", State: backend.Stopped, StoppedMode: backend.KeepCharging}, charging: true,
		},
		"that is stopped and not charged": {
			instance: backend.Instance{ID: "h-1", State: backend.Stopped, StoppedMode: backend.StopCharging}, charging: false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, test.instance)
				s.cloud.Behave("h-1", test.behavior)
				config := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging_if_supported", "allow_restart": true})
				wantTexts(t, s.validate(config), "")
				plan := s.plan(config, held{})
				wantTexts(t, plan.Diagnostics, test.warned)
				after := s.step(config, held{})
				want := map[string]any{"state": "stopped", "stopped_mode": "stop_charging_if_supported", "charging": test.charging}
				s.wantValues(after.state, want)
				s.wantWrites(test.writes...)
				after = s.refresh(after)
				s.wantValues(after.state, want)
				wantNames(t, "changes of the next plan", s.changes(after, s.plan(config, after)))
			})
		})
	}
}

// TestStopChargingIfSupportedIsSatisfiedByEither: no plan and no restart follows from the
// mode in which a stopped instance is, whoever stopped it.
func TestStopChargingIfSupportedIsSatisfiedByEither(t *testing.T) {
	t.Parallel()
	for _, mode := range []backend.StoppedMode{
		backend.KeepCharging, backend.StopCharging, backend.NotApplicable, backend.UnknownMode,
	} {
		stoppedIn := func(in *backend.Instance) { in.State, in.Raw, in.StoppedMode = backend.Stopped, "STOPPED", mode }
		config := resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging_if_supported", "allow_restart": true})
		t.Run(fmt.Sprintf("after a drift to %q", mode), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				after := s.step(config, held{})
				s.cloud.ForgetCalls()
				s.cloud.Change("h-1", stoppedIn)
				after = s.refresh(after)
				wantNames(t, "changes", s.changes(after, s.plan(config, after)))
				s.wantWrites()
			})
		})
		t.Run(fmt.Sprintf("after an import in %q", mode), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.cloud.Change("h-1", stoppedIn)
				imported, diags := s.importID("here/r-1/h-1")
				wantTexts(t, diags, "")
				imported = s.refresh(imported)
				plan := s.plan(resourceOf("stopped", ifSupported), imported)
				wantTexts(t, plan.Diagnostics, "")
				changes := []string{}
				if mode == backend.UnknownMode {
					changes = []string{"stopped_mode"} // There is nothing that could stay.
				}
				wantNames(t, "changes", s.changes(imported, plan), changes...)
				s.step(resourceOf("stopped", ifSupported), imported)
				s.wantWrites()
			})
		})
		t.Run(fmt.Sprintf("after another declaration of %q", mode), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.cloud.Change("h-1", stoppedIn)
				before := s.step(resourceOf("stopped", nil), held{})
				s.cloud.ForgetCalls()
				s.step(config, before)
				s.wantCalls(0)
			})
		})
	}
}

func TestChangesToAndFromStopChargingIfSupported(t *testing.T) {
	t.Parallel()
	release := map[string]any{"stopped_mode": "stop_charging"}
	for name, test := range map[string]struct {
		before, after map[string]any
		changes       []string
		writes        []string
		mode          any // held afterwards
	}{
		"a stop can release the address": {
			resourceOf("running", ifSupported), resourceOf("stopped", ifSupported),
			[]string{"charging", "public_ip", "state", "status"},
			[]string{"stop graceful stop_charging"},
			"stop_charging_if_supported",
		},
		"a start can bring another one": {
			resourceOf("stopped", ifSupported), resourceOf("running", ifSupported),
			[]string{"charging", "public_ip", "state", "status"},
			[]string{"start"},
			"stop_charging_if_supported",
		},
		"one that stopped charging satisfies it": {
			resourceOf("stopped", release), resourceOf("stopped", ifSupported), nil, nil, "stop_charging",
		},
		"the mode is no longer preferred but required": {
			resourceOf("stopped", ifSupported), resourceOf("stopped", release),
			[]string{"charging", "public_ip", "status", "stopped_mode"},
			nil, "stop_charging",
		},
		"the mode is no longer declared": {
			resourceOf("stopped", ifSupported), resourceOf("stopped", nil), []string{"stopped_mode"}, nil, "stop_charging",
		},
		"a running one prefers another mode": {
			resourceOf("running", release), resourceOf("running", ifSupported),
			[]string{"stopped_mode"},
			nil,
			"stop_charging_if_supported",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				before := s.step(test.before, held{})
				s.cloud.ForgetCalls()
				plan := s.plan(test.after, before)
				wantNames(t, "changes", s.changes(before, plan), test.changes...)
				after := s.step(test.after, before)
				s.wantWrites(test.writes...)
				s.wantValues(after.state, map[string]any{"stopped_mode": test.mode})
				after = s.refresh(after)
				wantNames(t, "changes of the next plan", s.changes(after, s.plan(test.after, after)))
			})
		})
	}
}

func TestStopChargingIfSupportedOnACloudThatCannot(t *testing.T) {
	t.Parallel()
	without := memory.AllCapabilities()
	without.StopCharging = false
	inFakeTime(t, func(t *testing.T) {
		flat := machine(backend.Running)
		flat.ID, flat.StopChargingBar = "f-1", "this cloud bills stopped instances like running ones"
		s := setupOf(t, memory.Options{Capabilities: &without}, plainDriver,
			map[string]any{"flat": map[string]any{"service": "vm"}}, flat)
		config := map[string]any{
			"cloud": "flat", "instance_id": "f-1", "state": "stopped", "stopped_mode": "stop_charging_if_supported",
		}
		wantTexts(t, s.validate(config), "")
		wantTexts(t, s.plan(config, held{}).Diagnostics, "")
		after := s.step(config, held{})
		s.wantValues(after.state, map[string]any{"stopped_mode": "stop_charging_if_supported", "charging": true})
		s.wantWrites("stop graceful keep_charging")
	})
}

// TestDestroyInAPreferredMode: on_destroy stops in the mode that is declared.
func TestDestroyInAPreferredMode(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, cannotStopCharging(backend.Running))
		config := resourceOf("running", map[string]any{"stopped_mode": "stop_charging_if_supported", "on_destroy": "stopped"})
		after := s.step(config, held{})
		_, diags := s.apply(t.Context(), nil, after, s.plan(nil, after))
		wantTexts(t, diags, "")
		s.wantWrites("stop graceful keep_charging")
	})
}

// TestAFleetThatStopsChargingWhereItCan has instances of every kind in one fleet.
func TestAFleetThatStopsChargingWhereItCan(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 5, backend.Running)
		f.cloud.Change(ids[1],
			func(in *backend.Instance) { in.StopChargingBar, in.ChargeType = "it is prepaid", backend.Prepaid })
		f.cloud.Behave(ids[2], memory.Behavior{RefuseMode: true})
		f.cloud.Behave(ids[3], memory.Behavior{IgnoreMode: true})
		config := fleetOf("stopped", ids, map[string]any{"stopped_mode": "stop_charging_if_supported", "allow_restart": true})
		plan := f.plan(config, held{})
		got := texts(plan.Diagnostics)
		const warning = "will release CPU and memory where they can stop charging: a later start may find no stock."
		if !says(warning).MatchString(got) {
			t.Errorf("the plan does not warn of what stops charging: %s", got)
		}
		after := f.step(config, held{})
		all, _ := f.values(after.state)["instances"].(map[string]any)
		for i, want := range []bool{false, true, true, true, false} {
			one, _ := all[ids[i]].(map[string]any)
			if one["charging"] != want || one["state"] != "stopped" || one["error"] != nil {
				t.Errorf("%s is %v, want it stopped with charging %v", ids[i], one, want)
			}
		}
		f.cloud.ForgetCalls()
		after, diags := f.read(after)
		wantTexts(t, diags, "")
		if got := f.values(after.state)["stopped_mode"]; got != "stop_charging_if_supported" {
			t.Errorf("the mode is %v after a refresh, want it as declared", got)
		}
		wantTexts(t, f.plan(config, after).Diagnostics, "")
		f.step(config, after)
		f.wantWrites()
	})
}

// TestAFleetThatNoLongerPrefersAMode makes no call, then or in the next plan.
func TestAFleetThatNoLongerPrefersAMode(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 2, backend.Running)
		before := f.step(fleetOf("stopped", ids, ifSupported), held{})
		f.cloud.ForgetCalls()
		after := f.step(fleetOf("stopped", ids, nil), before)
		f.wantCalls(0)
		if mode := f.values(after.state)["stopped_mode"]; mode != "stop_charging" {
			t.Errorf("the state has the mode %v, want the one that the refresh will observe", mode)
		}
		after = f.refresh(after)
		if mode := f.values(after.state)["stopped_mode"]; mode != "stop_charging" {
			t.Errorf("after a refresh the state has the mode %v, want the observed one", mode)
		}
		wantNames(t, "changes of the next plan", f.changes(after, f.plan(fleetOf("stopped", ids, nil), after)))
	})
}

func TestAnActionThatStopsChargingWhereItCan(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		a, ids := newAction(t, stopAction, 3, backend.Running)
		a.cloud.Change(ids[1], func(in *backend.Instance) { in.StopChargingBar = "it is prepaid" })
		config := acting(ids, "stopped_mode", "stop_charging_if_supported")
		wantTexts(t, a.check(config), "")
		_, diags := a.invoke(t.Context(), config)
		wantTexts(t, diags, "")
		wantNames(t, "writes", sorted(a.writes()), "stop graceful keep_charging", "stop graceful stop_charging")
		for i, want := range []backend.StoppedMode{backend.StopCharging, backend.NotApplicable, backend.StopCharging} {
			if in, _ := a.cloud.Instance(ids[i]); in.StoppedMode != want {
				t.Errorf("%s is in the mode %q, want %q", ids[i], in.StoppedMode, want)
			}
		}
	})
}
