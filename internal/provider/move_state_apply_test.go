package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// movedSetup is a setup whose cloud is named volcengine; region is that of the
// provider's configuration.
func movedSetup(t *testing.T, region any, instances ...backend.Instance) *setup {
	t.Helper()
	driver := memory.New(memory.Options{StartTime: transition, StopTime: transition})
	driver.Add(instances...)
	clouds := memoryClouds(driver)
	volcengine := clouds["here"]
	volcengine.validID = func(id string) bool { return strings.HasPrefix(id, "i-y") }
	clouds["volcengine"] = volcengine
	r := rpcOf(t, clouds)
	config := map[string]any{"volcengine": map[string]any{"region": region, "access_key": "id", "secret_key": "secret"}}
	if got := r.configure(config); len(got) > 0 {
		t.Fatalf("configure: %s", texts(got))
	}
	return &setup{rpc: r, cloud: driver}
}

func movedMachine(state backend.State, mode backend.StoppedMode) backend.Instance {
	return backend.Instance{ID: "i-y1", Name: "web", State: state, StoppedMode: mode, PrivateIP: "10.0.0.5"}
}

func TestAfterAMoveNothingIsSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		instance backend.Instance
		source   *tfprotov6.MoveResourceStateRequest
		config   map[string]any
		changes  []string
	}{
		"one that runs": {
			movedMachine(backend.Running, backend.UnknownMode), formerly("Start", `"KeepCharging"`),
			map[string]any{"state": "running"},
			nil,
		},
		"one that is stopped": {
			movedMachine(backend.Stopped, backend.KeepCharging), formerly("Stop", `"KeepCharging"`),
			map[string]any{"state": "stopped"},
			nil,
		},
		"one whose charging is stopped, spelled in the other way": {
			movedMachine(backend.Stopped, backend.StopCharging), formerly("Stop", `"StopCharging"`),
			map[string]any{"state": "stopped", "stopped_mode": "stop_charging"},
			nil,
		},
		"one that names its region": {
			movedMachine(backend.Stopped, backend.KeepCharging), formerly("Stop", `null`),
			map[string]any{"state": "stopped", "cloud": "volcengine", "region": "r-1"},
			nil,
		},
		"one that goes on being forced": {
			movedMachine(backend.Stopped, backend.KeepCharging), formerly("ForceStop", `null`),
			map[string]any{"state": "stopped", "force_stop": true},
			nil,
		},
		"one that is no longer forced": {
			movedMachine(backend.Stopped, backend.KeepCharging), formerly("ForceStop", `null`),
			map[string]any{"state": "stopped"},
			[]string{"force_stop"},
		},
		"one with other settings": {
			movedMachine(backend.Running, backend.UnknownMode), formerly("Start", `""`),
			map[string]any{
				"state":        "running",
				"stopped_mode": "stop_charging",
				"on_destroy":   "stopped",
				"timeouts":     map[string]any{"update": "10m"},
			},
			[]string{"on_destroy", "stopped_mode", "timeouts"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := movedSetup(t, "r-1", test.instance)
				config := map[string]any{"instance_id": "i-y1"}
				maps.Copy(config, test.config)
				moved, _ := s.move(test.source)
				s.wantCalls(0)
				prior := s.refresh(moved)
				s.wantValues(prior.state, map[string]any{
					"id": "volcengine/r-1/i-y1", "region": "r-1", "state": test.config["state"], "instance_name": "web",
				})
				plan := s.plan(config, prior)
				wantTexts(t, plan.Diagnostics, "")
				wantNames(t, "changes", s.changes(prior, plan), test.changes...)
				wantNames(t, "replaced by", replacing(plan))
				s.step(config, prior)
				s.wantWrites()
			})
		})
	}
}

// What was moved is a resource like any other: drift is repaired, gracefully.
func TestAfterAMoveDriftIsRepaired(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := movedSetup(t, "r-1", movedMachine(backend.Running, backend.UnknownMode))
		moved, _ := s.move(formerly("Stop", `"StopCharging"`))
		prior := s.refresh(moved)
		s.wantValues(prior.state, map[string]any{"state": "running", "stopped_mode": "StopCharging"})
		config := map[string]any{"instance_id": "i-y1", "state": "stopped", "stopped_mode": "StopCharging"}
		after := s.step(config, prior)
		s.wantValues(after.state, map[string]any{"state": "stopped", "stopped_mode": "StopCharging", "charging": false})
		s.wantWrites("stop graceful stop_charging")
	})
}

func TestAMoveWithoutARefresh(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := movedSetup(t, "r-1", movedMachine(backend.Stopped, backend.KeepCharging))
		prior, _ := s.move(formerly("Stop", `"KeepCharging"`))
		config := map[string]any{"instance_id": "i-y1", "state": "stopped"}
		plan := s.plan(config, prior)
		wantTexts(t, plan.Diagnostics, "")
		wantNames(t, "changes", s.changes(prior, plan), "id", "region")
		s.wantValues(s.refresh(s.step(config, prior)).state, map[string]any{
			"id": "volcengine/r-1/i-y1", "region": "r-1", "status": "STOPPED",
		})
		s.wantWrites()
	})
}

func TestAMoveNeedsTheProvidersRegion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		region any
		want   string
	}{
		"none is set": {
			nil, `error at AttributeName("region"): Region of a moved instance is not known` + "\n\n" +
				"A `moved` block took over instance \"i-y1\", and the former resource does not store its region. " +
				"Set `region` in the provider's `volcengine` block, or the environment variable HERE_REGION. " +
				"An instance in another region than the others needs a provider configuration of its own (`alias`).",
		},
		"it is not known yet": {
			tftypes.UnknownValue, `error at AttributeName("region"): Region of a moved instance is not known yet` + "\n\n" +
				"A `moved` block took over instance \"i-y1\", whose region is that of the provider's `volcengine` block. " +
				"That block holds values that are known only after another resource was applied. " +
				"Apply that resource first (`-target`), or give the values as variables.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := movedSetup(t, test.region, movedMachine(backend.Stopped, backend.KeepCharging))
				moved, diags := s.move(formerly("Stop", `null`))
				wantTexts(t, diags, "")
				_, diags = s.read(moved)
				wantTexts(t, diags, test.want)
				s.wantCalls(0)
			})
		})
	}
}

// TestAMoveOfWhatIsNotThere keeps the resource: the former one knew no region, so
// that the instance may be in another.
func TestAMoveOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := movedSetup(t, "r-1")
		moved, _ := s.move(formerly("Stop", `null`))
		after, diags := s.read(moved)
		if got := s.values(after.state); got == nil {
			t.Error("got no state, want what was moved")
		}
		if got := texts(diags); !strings.Contains(got, `Moved instance "i-y1" not found`) ||
			!strings.Contains(got, "If it is in another region, use a provider configuration of that region") {
			t.Errorf("got %s, want an error that names the region", got)
		}
	})
}

// The state at the move may be what the former resource made.
func TestAMoveDoesNotKnowTheOriginalState(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := movedSetup(t, "r-1", movedMachine(backend.Stopped, backend.KeepCharging))
		moved, _ := s.move(formerly("Stop", `null`))
		prior := s.refresh(moved)
		if o, known := originIn(t, prior); known {
			t.Errorf("the original state is %s, want none", o)
		}
	})
}
