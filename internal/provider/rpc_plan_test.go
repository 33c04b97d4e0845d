package provider

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAPlanLeavesUnknownOnlyWhatItCanChange(t *testing.T) {
	t.Parallel()
	everything := []string{"charging", "instance_name", "private_ip", "public_ip", "status"}
	transition := []string{"charging", "status"}
	address := []string{"charging", "public_ip", "status"}
	keep := map[string]any{"stopped_mode": "keep_charging"}
	release := map[string]any{"stopped_mode": "stop_charging"}
	for name, test := range map[string]struct {
		before, after map[string]any // nil before is a create
		unknown       []string
		changed       []string // besides what is unknown
	}{
		"a create that starts": {
			nil, resourceOf("running", nil), everything,
			[]string{
				"allow_restart", "cloud", "force_stop", "found_state", "id", "instance_id", "on_destroy", "region", "state",
			},
		},
		"a create that stops in a mode": {
			nil, resourceOf("stopped", keep), everything,
			[]string{
				"allow_restart", "cloud", "force_stop", "found_state", "id", "instance_id", "on_destroy", "region", "state",
				"stopped_mode",
			},
		},
		"a create that stops and leaves the mode to the cloud": {
			nil, resourceOf("stopped", nil), append([]string{"stopped_mode"}, everything...),
			[]string{
				"allow_restart", "cloud", "force_stop", "found_state", "id", "instance_id", "on_destroy", "region", "state",
			},
		},
		"no change of what runs":     {resourceOf("running", nil), resourceOf("running", nil), nil, nil},
		"no change of what stopped":  {resourceOf("stopped", nil), resourceOf("stopped", nil), nil, nil},
		"no change of a stopped one": {resourceOf("stopped", release), resourceOf("stopped", release), nil, nil},
		"a stop that keeps charging leaves the addresses known": {
			resourceOf("running", keep), resourceOf("stopped", keep), transition, []string{"state"},
		},
		"a stop that stops charging can release the public address": {
			resourceOf("running", release), resourceOf("stopped", release), address, []string{"state"},
		},
		"a stop whose mode the cloud chooses can release it too": {
			resourceOf("running", nil), resourceOf("stopped", nil), append([]string{"stopped_mode"}, address...),
			[]string{"state"},
		},
		"a start after a stop that kept charging leaves the addresses known": {
			resourceOf("stopped", keep), resourceOf("running", keep), transition, []string{"state"},
		},
		"a start after a stop that stopped charging can give another public address": {
			resourceOf("stopped", release), resourceOf("running", release), address, []string{"state"},
		},
		"a start forgets a mode that is not configured": {
			resourceOf("stopped", nil), resourceOf("running", nil), transition, []string{"state", "stopped_mode"},
		},
		"a change of the mode of a stopped one": {
			resourceOf("stopped", keep),
			resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging", "allow_restart": true}), address,
			[]string{"allow_restart", "stopped_mode"},
		},
		"a mode that is no longer configured stays as it was": {
			resourceOf("stopped", release), resourceOf("stopped", nil), nil, nil,
		},
		"settings alone": {
			resourceOf("stopped", nil),
			resourceOf("stopped", map[string]any{
				"force_stop": true, "on_destroy": "restore", "timeouts": map[string]any{"update": "1m"},
			}),
			nil,
			[]string{"force_stop", "on_destroy", "timeouts"},
		},
		"an escalation alone": {
			resourceOf("running", nil),
			resourceOf("running", map[string]any{"force_stop_after": "5m"}),
			nil,
			[]string{"force_stop_after"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				var prior held
				if test.before != nil {
					prior = s.step(test.before, held{})
				}
				plan := s.plan(test.after, prior)
				if hasError(plan.Diagnostics) {
					t.Fatal(texts(plan.Diagnostics))
				}
				s.wantValidPlan(test.after, prior, plan)
				wantNames(t, "replaces", replacing(plan))
				wantNames(t, "unknown", s.unknowns(plan), sorted(test.unknown)...)
				wantNames(t, "changes", s.changes(prior, plan), sorted(test.unknown, test.changed)...)
				after, diags := s.apply(t.Context(), test.after, prior, plan)
				wantTexts(t, diags, "")
				s.wantConsistent(plan, after)
				after = s.refresh(after)
				again := s.plan(test.after, after)
				wantTexts(t, again.Diagnostics, "")
				wantNames(t, "changes of the next plan", s.changes(after, again))
			})
		})
	}
}

func TestAPlanWithoutAChangeMakesNoCallAndWarnsOfNothing(t *testing.T) {
	t.Parallel()
	risky := map[string]any{"force_stop": true, "stopped_mode": "stop_charging", "on_destroy": "stopped"}
	for name, test := range map[string]struct{ before, after map[string]any }{
		"a forced stop that was done":       {resourceOf("stopped", risky), resourceOf("stopped", risky)},
		"a forced stop that is not planned": {resourceOf("running", risky), resourceOf("running", risky)},
		"other settings of a stopped one": {
			resourceOf("stopped", nil), resourceOf("stopped", map[string]any{"force_stop": true}),
		},
		"other settings of a running one": {
			resourceOf("running", nil),
			resourceOf("running", map[string]any{"stopped_mode": "stop_charging", "force_stop_after": "1m"}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				prior := s.step(test.before, held{})
				s.cloud.ForgetCalls()
				plan := s.plan(test.after, prior)
				wantTexts(t, plan.Diagnostics, "")
				s.wantCalls(0)
				after, diags := s.apply(t.Context(), test.after, prior, plan)
				wantTexts(t, diags, "")
				s.wantConsistent(plan, after)
				s.wantWrites()
			})
		})
	}
}

func TestSpellingsOfAModeAreEqual(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"keep_charging", "KeepCharging"},
		{"KeepCharging", "KEEP_CHARGING"},
		{"KEEP_CHARGING", "keep_charging"},
		{"StopCharging", "stop_charging"},
		{"stop_charging", "STOP_CHARGING"},
	} {
		for _, direction := range [][2]string{pair, {pair[1], pair[0]}} {
			for _, state := range []string{"running", "stopped"} {
				t.Run(direction[0]+" becomes "+direction[1]+" while "+state, func(t *testing.T) {
					t.Parallel()
					inFakeTime(t, func(t *testing.T) {
						s := newSetup(t, machine(backend.Running))
						prior := s.step(resourceOf(state, map[string]any{"stopped_mode": direction[0]}), held{})
						s.wantValues(prior.state, map[string]any{"stopped_mode": direction[0]})
						prior = s.refresh(prior)
						s.cloud.ForgetCalls()
						config := resourceOf(state, map[string]any{"stopped_mode": direction[1]})
						plan := s.plan(config, prior)
						wantTexts(t, plan.Diagnostics, "")
						s.wantValidPlan(config, prior, plan)
						wantNames(t, "changes", s.changes(prior, plan))
						s.wantCalls(0)
					})
				})
			}
		}
	}
}

func TestAModeThatTheCloudChoseIsReadBack(t *testing.T) {
	t.Parallel()
	for _, mode := range []backend.StoppedMode{backend.KeepCharging, backend.StopCharging} {
		t.Run("the account's default is "+string(mode), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupOf(t, memory.Options{DefaultMode: mode}, plainDriver, nil, machine(backend.Running))
				after := s.step(resourceOf("stopped", nil), held{})
				s.wantValues(after.state, map[string]any{"stopped_mode": string(mode), "charging": mode == backend.KeepCharging})
				s.wantWrites("stop graceful")
				plan := s.plan(resourceOf("stopped", nil), after)
				wantNames(t, "changes", s.changes(after, plan))
			})
		})
	}
}
