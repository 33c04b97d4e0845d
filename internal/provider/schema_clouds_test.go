package provider

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// plainDriverOf is a driver without optional interfaces and with no capabilities.
type plainDriverOf struct{ backend.Driver }

// Capabilities implements backend.Driver.
func (plainDriverOf) Capabilities() backend.Capabilities { return backend.Capabilities{} }

// ableDriver has those about which the sentences are.
type ableDriver struct {
	plainDriverOf
	backend.DryRunner
}

// Capabilities implements backend.Driver.
func (ableDriver) Capabilities() backend.Capabilities {
	return backend.Capabilities{NativeEscalation: true}
}

func TestTheSchemaNamesTheCloudsThatItIsAbout(t *testing.T) {
	t.Parallel()
	const (
		guide = "[Force and data safety](https://registry.terraform.io/providers/instance-power/instance/latest/docs/" +
			"guides/force-and-data-safety)."
		earlier = " the cloud may cut it earlier; see " + guide
	)
	plain := cloud{zero: plainDriverOf{}, regionEnv: []string{"PLAIN_REGION"}}
	able := cloud{zero: ableDriver{}}
	for name, test := range map[string]struct {
		clouds                     map[string]cloud
		region, dryRun, escalation string
	}{
		"no cloud is special": {map[string]cloud{"plain": plain}, "", "(on no cloud yet)", "See " + guide},
		"one is": {
			map[string]cloud{"plain": plain, "able": able},
			"; leave it out for clouds without regions (`able`)", "(`able`)", "On `able`" + earlier,
		},
		"two are": {
			map[string]cloud{"plain": plain, "able": able, "baker": able},
			"; leave it out for clouds without regions (`able`, `baker`)", "(`able`, `baker`)", "On `able`, `baker`" + earlier,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, texts := range map[string][2]string{
				"region": {noRegions(test.clouds), test.region}, "dry run": {dryRunClouds(test.clouds), test.dryRun},
				"escalation": {escalationSentence(test.clouds), test.escalation},
			} {
				if texts[0] != texts[1] {
					t.Errorf("%s: got %q, want %q", what, texts[0], texts[1])
				}
			}
		})
	}
}

// The driver without an account is what the schema asks, so it must answer as one
// that can be used.
func TestTheDriverWithoutAnAccountAnswersAsAnyOther(t *testing.T) {
	t.Parallel()
	for name, c := range clouds {
		for _, o := range openAll(t, c) {
			_, wantDry := o.driver.(backend.DryRunner)
			_, gotDry := c.zero.(backend.DryRunner)
			want, got := o.driver.Capabilities(), c.zero.Capabilities()
			if gotDry != wantDry || got.NativeEscalation != want.NativeEscalation || got.StopCharging != want.StopCharging {
				t.Errorf("%s %s: got %+v, dry run %v, want %+v, %v", name, o.scope, got, gotDry, want, wantDry)
			}
			if c.alwaysCharges == want.StopCharging {
				t.Errorf("%s %s: StopCharging is %v, and alwaysCharges too", name, o.scope, want.StopCharging)
			}
		}
	}
}
