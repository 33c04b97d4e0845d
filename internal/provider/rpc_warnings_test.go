package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// The warnings of a plan, as texts renders them.
const (
	forcedWarning = "warning at AttributeName(\"force_stop\"): Forced stop planned\n\n" +
		"Instance \"h-1\" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop."
	alwaysForcedWarning = "warning at AttributeName(\"state\"): Forced stop of instance \"h-1\" planned\n\n" +
		"The cloud stops h-1 by cutting the power, whatever the request says: unsaved data can be lost."
	escalationWarning = "warning at AttributeName(\"force_stop_after\"): Forced stop possible\n\n" +
		"Instance \"h-1\" will lose power if a graceful stop has not finished after 5m: unsaved data can then be lost."
	releaseWarning = "warning at AttributeName(\"stopped_mode\"): Stop-charging planned\n\n" +
		"Instance \"h-1\" will release CPU and memory: a later start may find no stock"
	addressWarning = "warning at AttributeName(\"stopped_mode\"): " +
		"Stop-charging of instance \"h-1\" can release its address\n\n" +
		"Instance \"h-1\" will release CPU and memory: " +
		"a later start may find no stock, and public addresses can be released: 203.0.113.5 (h-1)."
	restartWarning = "warning at AttributeName(\"allow_restart\"): Restart of instance \"h-1\" planned\n\n" +
		"Stopped in another mode: h-1. A start and a stop will change the mode, since nothing else can."
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
		"a graceful stop":                            {nil, running, resourceOf("stopped", nil), ""},
		"a forced stop":                              {nil, running, resourceOf("stopped", force), forcedWarning},
		"a stop that may become forced":              {nil, running, resourceOf("stopped", later), escalationWarning},
		"a type that is always forced":               {nil, dedicated, resourceOf("stopped", nil), alwaysForcedWarning},
		"a type that is always forced, some time":    {nil, dedicated, resourceOf("stopped", later), alwaysForcedWarning},
		"a type that is always forced, and by force": {nil, dedicated, resourceOf("stopped", force), forcedWarning},
		"a public address that can be released":      {nil, running, resourceOf("stopped", release), addressWarning},
		"a public address that is kept":              {nil, kept, resourceOf("stopped", release), releaseWarning + "."},
		"no public address":                          {nil, none, resourceOf("stopped", release), releaseWarning + "."},
		"a mode that charges on": {
			nil, running, resourceOf("stopped", map[string]any{"stopped_mode": "keep_charging"}), "",
		},
		"a mode that is not known yet": {
			nil, running, resourceOf("stopped", map[string]any{"stopped_mode": tftypes.UnknownValue}), "",
		},
		"a restart": {nil, released, resourceOf("stopped", change), forcedWarning + "\n---\n" + restartWarning},
		"a start":   {nil, stopped, resourceOf("running", force), ""},
		"a forced stop of what is stopped already": {nil, stopped, resourceOf("stopped", force), ""},
		"a release of what is released already":    {nil, released, resourceOf("stopped", release), ""},
		"a start of what runs already":             {nil, running, resourceOf("running", force), ""},
		"two consequences": {
			nil, running, resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging", "force_stop": true}),
			forcedWarning + "\n---\n" + addressWarning,
		},
		"without a read": {
			map[string]any{"preflight": "off"},
			running, resourceOf("stopped", map[string]any{"stopped_mode": "stop_charging", "force_stop": true}),
			forcedWarning + "\n---\n" + releaseWarning + ", and an assigned public address can be released.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupWith(t, test.provider, test.instance)
				wantTexts(t, s.plan(test.config, held{}).Diagnostics, test.want)
				s.wantWrites()
			})
		})
	}
}

func destroyWarning(what, onDestroy string) string {
	return "warning: Destroy changes the power state of instance \"h-1\"\n\n" +
		"Instance \"h-1\" " + what + ". This is `on_destroy = \"" + onDestroy + "\"`. No instance is deleted."
}

func TestThePlanSaysWhatADestroyDoes(t *testing.T) {
	t.Parallel()
	const cut = ", and a stop cuts the power: unsaved data can be lost"
	forced := map[string]any{"on_destroy": "stopped", "force_stop": true}
	for name, test := range map[string]struct {
		found, state string
		more         map[string]any
		want         string
	}{
		"nothing at all, unless asked": {"running", "running", nil, ""},
		"nothing": {
			"running", "running", map[string]any{"on_destroy": "leave", "force_stop": true}, "",
		},
		"a start": {
			"running", "stopped",
			map[string]any{"on_destroy": "running"},
			destroyWarning("will be started, unless already running", "running"),
		},
		"no start of what runs": {"running", "running", map[string]any{"on_destroy": "running"}, ""},
		"a stop": {
			"running", "running",
			map[string]any{"on_destroy": "stopped"},
			destroyWarning("will be stopped, unless already stopped", "stopped"),
		},
		"no stop of what is stopped": {"running", "stopped", map[string]any{"on_destroy": "stopped"}, ""},
		"a forced stop": {
			"running", "running", forced, destroyWarning("will be stopped, unless already stopped"+cut, "stopped"),
		},
		"no forced stop of what is so": {"running", "stopped", forced, ""},
		"what is restored, by its state": {
			"running", "stopped",
			map[string]any{"on_destroy": "restore"},
			destroyWarning("will be started again, as it was found (running), unless already running", "restore"),
		},
		"what is restored, to a stop": {
			"stopped", "running",
			map[string]any{"on_destroy": "restore"},
			destroyWarning("will be stopped again, as it was found (stopped), unless already stopped", "restore"),
		},
		"nothing of what is as it was":    {"stopped", "stopped", map[string]any{"on_destroy": "restore"}, ""},
		"nothing of what is still so too": {"running", "running", map[string]any{"on_destroy": "restore"}, ""},
	} {
		for _, preflight := range []string{"describe", "off"} {
			t.Run(name+", preflight "+preflight, func(t *testing.T) {
				t.Parallel()
				inFakeTime(t, func(t *testing.T) {
					found := backend.Running
					if test.found == "stopped" {
						found = backend.Stopped
					}
					s := setupWith(t, map[string]any{"preflight": preflight}, machine(found))
					prior := s.step(resourceOf(test.state, test.more), held{})
					s.nextRun()
					s.cloud.ForgetCalls()
					wantTexts(t, s.plan(nil, prior).Diagnostics, test.want)
					reads := 0
					remode := test.found == "stopped" && test.state == "stopped" // It may be in another mode.
					if (test.want != "" || remode) && preflight == "describe" {
						reads = 1
					}
					s.wantCalls(reads, memory.Describe)
					s.wantCalls(reads)
				})
			})
		}
	}
}

// TestThePlanOfADestroyReadsTheInstance, so that it says what would fail, and says
// nothing of what is so by now.
func TestThePlanOfADestroyReadsTheInstance(t *testing.T) {
	t.Parallel()
	const lock = "it is locked for security reasons"
	released := machine(backend.Stopped)
	released.StoppedMode = backend.StopCharging
	mode := map[string]any{"on_destroy": "restore", "stopped_mode": "keep_charging", "allow_restart": true}
	for name, test := range map[string]struct {
		instance backend.Instance
		config   map[string]any
		then     map[string]any // a change of settings before the destroy
		meet     func(*memory.Driver)
		want     string
	}{
		"it is so by now": {
			machine(backend.Running),
			resourceOf("running", map[string]any{"on_destroy": "stopped"}),
			nil,
			func(d *memory.Driver) { d.Change("h-1", func(in *backend.Instance) { in.State = backend.Stopped }) },
			"",
		},
		"it is gone": {
			machine(backend.Running),
			resourceOf("running", map[string]any{"on_destroy": "stopped"}),
			nil, func(d *memory.Driver) { d.Remove("h-1") }, "",
		},
		"it is locked": {
			machine(backend.Running), resourceOf("running", map[string]any{"on_destroy": "stopped"}), nil,
			func(d *memory.Driver) { d.Change("h-1", func(in *backend.Instance) { in.Blocked = lock }) },
			"warning at AttributeName(\"instance_id\"): Destroy will fail for instance \"h-1\"\n\n" +
				"The instance cannot be operated: " + lock + ".\n\n" +
				"  Cloud:       here, r-1\n  Wanted:      stopped\n  Last seen:   running (RUNNING)\n\n" +
				"Remove the cause in the cloud's console, then plan again.\n\n" +
				"The destroy goes on with the other instances. " + strictHint,
		},
		"the mode needs a restart": {
			released, resourceOf("stopped", mode), nil, nil,
			destroyWarning("will be stopped again, as it was found (stopped), unless already stopped", "restore") + "\n---\n" +
				restartWarning,
		},
		"the mode needs a restart that is not permitted": {
			released, resourceOf("stopped", mode),
			map[string]any{"on_destroy": "restore", "stopped_mode": "keep_charging"},
			nil, "warning: Stopped mode of instance \"h-1\" is not restored\n\n" +
				"Instance \"h-1\" will stay stopped in another mode than found: " +
				"only a start and a stop change it, and `allow_restart` does not permit them.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, test.instance)
				prior := s.step(test.config, held{})
				if test.then != nil {
					prior = s.step(resourceOf("stopped", test.then), prior)
				}
				if test.meet != nil {
					test.meet(s.cloud)
				}
				s.nextRun()
				s.cloud.ForgetCalls()
				wantTexts(t, s.plan(nil, prior).Diagnostics, test.want)
				s.wantWrites()
			})
		})
	}
}

// A replacement destroys too, and the core does not plan that by itself.
func TestThePlanOfAReplacementSaysWhatBecomesOfTheOldInstance(t *testing.T) {
	t.Parallel()
	other := machine(backend.Running)
	other.ID = "h-2"
	for name, test := range map[string]struct {
		change map[string]any
		want   string
	}{
		"of another instance": {
			map[string]any{"instance_id": "h-2"}, destroyWarning("will be stopped, unless already stopped", "stopped"),
		},
		"of another region": {
			map[string]any{"region": "r-2"}, destroyWarning("will be stopped, unless already stopped", "stopped"),
		},
		"that the core forces": {nil, ""}, // It leaves the instance as it is.
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running), other)
				config := resourceOf("running", map[string]any{"on_destroy": "stopped"})
				prior := s.step(config, held{})
				maps.Copy(config, test.change)
				s.nextRun()
				wantTexts(t, s.planReplacement(config, prior).Diagnostics, test.want)
			})
		})
	}
}
