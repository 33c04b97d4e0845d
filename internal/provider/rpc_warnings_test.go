package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// The warnings of a plan, as texts renders them.
const (
	forcedWarning = "warning at AttributeName(\"force_stop\"): Forced stop planned\n\n" +
		"Instance \"h-1\" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop."
	alwaysForcedWarning = "warning at AttributeName(\"state\"): Forced stop planned\n\n" +
		"The cloud stops \"h-1\" by cutting the power, whatever it is asked: unsaved data can be lost."
	escalationWarning = "warning at AttributeName(\"force_stop_after\"): Forced stop possible\n\n" +
		"Instance \"h-1\" will lose power when a graceful stop has not ended after 5m: unsaved data can then be lost."
	releaseWarning = "warning at AttributeName(\"stopped_mode\"): Stop-charging planned\n\n" +
		"Instance \"h-1\" will release CPU and memory: a later start may find no stock"
	restartWarning = "warning at AttributeName(\"allow_restart\"): Restart planned\n\n" +
		"Instance \"h-1\" is stopped in another mode. It will be started and stopped again, since nothing else changes the mode."
)

func TestThePlanWarnsOfTheConsequencesOfAStop(t *testing.T) {
	t.Parallel()
	running, stopped := machine(backend.Running), machine(backend.Stopped)
	kept, none, dedicated, released := running, running, running, stopped
	kept.PublicIPKept, none.PublicIP, dedicated.AlwaysForced = true, "", true
	released.StoppedMode = backend.StopCharging
	force, later := map[string]any{"force_stop": true}, map[string]any{"force_stop_after": "5m"}
	release := map[string]any{"stopped_mode": "StopCharging"}
	change := map[string]any{"stopped_mode": "keep_charging", "allow_restart": true, "force_stop": true}
	for name, test := range map[string]struct {
		provider map[string]any
		instance backend.Instance
		config   map[string]any
		want     string
	}{
		"a graceful stop":                          {nil, running, resourceOf("stopped", nil), ""},
		"a forced stop":                            {nil, running, resourceOf("stopped", force), forcedWarning},
		"a stop that may become forced":            {nil, running, resourceOf("stopped", later), escalationWarning},
		"a type that is always forced":             {nil, dedicated, resourceOf("stopped", nil), alwaysForcedWarning},
		"a type that is always forced, some time":  {nil, dedicated, resourceOf("stopped", later), alwaysForcedWarning},
		"a type that is always forced, and asked":  {nil, dedicated, resourceOf("stopped", force), forcedWarning},
		"a public address that can be released":    {nil, running, resourceOf("stopped", release), releaseWarning + ", and public addresses can be released: 203.0.113.5 (h-1)."},
		"a public address that is kept":            {nil, kept, resourceOf("stopped", release), releaseWarning + "."},
		"no public address":                        {nil, none, resourceOf("stopped", release), releaseWarning + "."},
		"a mode that charges on":                   {nil, running, resourceOf("stopped", map[string]any{"stopped_mode": "keep_charging"}), ""},
		"a mode that is not known yet":             {nil, running, resourceOf("stopped", map[string]any{"stopped_mode": tftypes.UnknownValue}), ""},
		"a restart":                                {nil, released, resourceOf("stopped", change), forcedWarning + "\n---\n" + restartWarning},
		"a start":                                  {nil, stopped, resourceOf("running", force), ""},
		"a forced stop of what is stopped already": {nil, stopped, resourceOf("stopped", force), ""},
		"a release of what is released already":    {nil, released, resourceOf("stopped", release), ""},
		"a start of what runs already":             {nil, running, resourceOf("running", force), ""},
		"two consequences": {
			nil, running, resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging", "force_stop": true}),
			forcedWarning + "\n---\n" + releaseWarning + ", and public addresses can be released: 203.0.113.5 (h-1).",
		},
		"without a look": {
			map[string]any{"preflight": "off"},
			running, resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging", "force_stop": true}),
			forcedWarning + "\n---\n" + releaseWarning + ", and an assigned public address can be released.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := sceneWith(t, test.provider, test.instance)
				wantTexts(t, s.plan(test.config, held{}).Diagnostics, test.want)
				s.wantWrites()
			})
		})
	}
}

func TestThePlanSaysWhatADestroyDoes(t *testing.T) {
	t.Parallel()
	warning := func(what, onDestroy string) string {
		return "warning: Destroy changes the power state\n\nInstance \"h-1\" " + what + " (`on_destroy = \"" + onDestroy + "\"`). No instance is deleted."
	}
	for name, test := range map[string]struct {
		more map[string]any
		want string
	}{
		"nothing at all, unless asked": {nil, ""},
		"nothing":                      {map[string]any{"on_destroy": "leave", "force_stop": true}, ""},
		"a start":                      {map[string]any{"on_destroy": "running", "force_stop": true}, warning("will be started, unless already running", "running")},
		"a stop":                       {map[string]any{"on_destroy": "stopped"}, warning("will be stopped, unless already stopped", "stopped")},
		"a forced stop": {
			map[string]any{"on_destroy": "stopped", "force_stop": true}, warning("will be stopped, unless already stopped, and a stop cuts the power: unsaved data can be lost", "stopped"),
		},
		"a restoration": {
			map[string]any{"on_destroy": "restore"}, warning("will be brought back to the original state", "restore"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := newScene(t, machine(backend.Running))
				config := resourceOf("running", test.more)
				prior := s.step(config, held{})
				s.cloud.ForgetCalls()
				wantTexts(t, s.plan(nil, prior).Diagnostics, test.want)
				s.wantCalls(0)
			})
		})
	}
}

// A replacement destroys too, and the core does not plan that by itself.
func TestThePlanOfAReplacementSaysWhatBecomesOfTheOldInstance(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		other := machine(backend.Running)
		other.ID = "h-2"
		s := newScene(t, machine(backend.Running), other)
		config := resourceOf("running", map[string]any{"on_destroy": "stopped"})
		prior := s.step(config, held{})
		config["instance_id"] = "h-2"
		wantTexts(t, s.plan(config, prior).Diagnostics, `
warning: Destroy changes the power state

Instance "h-1" will be stopped, unless already stopped (`+"`on_destroy = \"stopped\"`). No instance is deleted.")
	})
}

func TestAMoveToAnotherRegionWarnsOfTheDestroyToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScene(t, machine(backend.Running))
		before := s.reach(resourceWith(map[string]any{"on_destroy": "running"}), held{})
		plan := s.plan(resourceWith(map[string]any{"on_destroy": "running", "region": "r-2"}), before)
		if text := texts(plan.Diagnostics); !strings.Contains(text, "Destroy changes the power state") {
			t.Errorf("the plan of a replacement does not say what happens to the instance that it leaves:\n%s", text)
		}
	})
}
