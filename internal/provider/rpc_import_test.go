package provider

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestAfterAnImportTheFirstPlanIsEmpty(t *testing.T) {
	t.Parallel()
	released, plain := machine(backend.Stopped), machine(backend.Stopped)
	released.StoppedMode = backend.StopCharging
	flat := machine(backend.Running)
	flat.ID = "f-1"
	for name, test := range map[string]struct {
		instance backend.Instance
		id       string
		config   map[string]any
		origin   string
	}{
		"a running one": {machine(backend.Running), "here/r-1/h-1", resourceOf("running", nil), `"running/"`},
		"a stopped one": {plain, "here/r-1/h-1", resourceOf("stopped", nil), `"stopped/keep_charging"`},
		"a stopped one with its mode": {
			released, "here/r-1/h-1",
			resourceOf("stopped", map[string]any{"stopped_mode": "StopCharging"}),
			`"stopped/stop_charging"`,
		},
		"one in another region than the default": {
			machine(backend.Running), "here/r-9/h-1", resourceOf("running", map[string]any{"region": "r-9"}), `"running/"`,
		},
		"one on a cloud without regions": {
			flat, "flat/vm/f-1", map[string]any{"cloud": "flat", "instance_id": "f-1", "state": "running"}, `"running/"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, test.instance)
				imported, diags := s.importID(test.id)
				wantTexts(t, diags, "")
				s.wantCalls(0)
				prior := s.refresh(imported)
				s.wantValues(prior.state, map[string]any{
					"id": test.id, "cloud": test.config["cloud"], "state": test.config["state"], "instance_name": "web",
					"force_stop": false, "force_stop_after": nil, "allow_restart": false, "on_destroy": "leave", "timeouts": nil,
				})
				o, known := originIn(t, prior)
				if !known || o != test.origin {
					t.Errorf("the original state is %s, want %s", o, test.origin)
				}
				plan := s.plan(test.config, prior)
				wantTexts(t, plan.Diagnostics, "")
				wantNames(t, "changes", s.changes(prior, plan))
				s.wantCalls(1)
			})
		})
	}
}

func TestABadImportIsRefused(t *testing.T) {
	t.Parallel()
	const form = " Write it as cloud/region/instance_id, for example `flat/vm/f-1`, `here/region/h-1`."
	for id, want := range map[string]string{
		"h-1":           "The id \"h-1\" does not have three parts." + form,
		"":              "The id \"\" does not have three parts." + form,
		"r-1/h-1":       "The id \"r-1/h-1\" does not have three parts." + form,
		"here//h-1":     "The id \"here//h-1\" does not have three parts." + form,
		"here/r-1/":     "The id \"here/r-1/\" does not have three parts." + form,
		"/r-1/h-1":      "The id \"/r-1/h-1\" does not have three parts." + form,
		"here/r-1/h-1/": "The id \"here/r-1/h-1/\" does not have three parts." + form,
		"aws/us-east-1/i-123": "The id \"aws/us-east-1/i-123\" names the cloud \"aws\", which is none of `flat`, `here`." +
			form,
		"flat/zec/f-1": "The id \"flat/zec/f-1\" is of the service \"zec\", and the provider is configured for \"vm\". " +
			"Use a provider configuration with `flat { service = \"zec\" }`.",
		"here/r-1/ h-1": "`instance_id` must be the cloud's id of the instance and nothing else, such as \"h-1\"; " +
			"got \" h-1\".",
		"here/r 1/h-1": "`region` must be a region of here; got \"r 1\".",
		"here/r-1/f-1": "\"f-1\" is not in the form of an instance id of here, such as \"h-1\"; " +
			"it looks like one of `flat`. " +
			"Correct the id or the cloud.",
	} {
		t.Run("the id is "+strings.ReplaceAll(id, "/", " "), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t)
				_, diags := s.importID(id)
				wantTexts(t, diags, "error: Invalid import id\n\n"+want)
			})
		})
	}
}

// The original state is that at create or import, never one that Terraform
// made itself.
func TestTheOriginalStateIsNotGuessedLater(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		s.cloud.Behave("h-1", memory.Behavior{OddWord: "MIGRATING", OddWordFor: transition})
		prior := s.refresh(s.step(resourceOf("stopped", nil), held{}))
		if o, known := originIn(t, prior); known {
			t.Errorf("the original state is %s, want none: it could not be told", o)
		}
	})
}

func TestAnImportOfWhatIsGone(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t)
		imported, diags := s.importID("here/r-1/h-1")
		wantTexts(t, diags, "")
		after, _ := s.read(imported)
		if got := s.values(after.state); got != nil {
			t.Errorf("got the state %v, want none", got)
		}
	})
}
