package provider

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// TestWhereAnInstanceIsMissing wants the same sentence about a missing instance wherever
// it is said, with the words of the cloud and of the attribute that names it.
func TestWhereAnInstanceIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cloud, prefix   string
		happened, check string
		configured      map[string]any
	}{
		"on a cloud with regions": {
			cloud: "here", prefix: "h", happened: "There is no such instance in that region.", check: "`region`,",
		},
		"on a cloud without regions": {
			cloud:      "flat",
			prefix:     "f",
			happened:   "There is no such instance in the service that the provider is configured for.",
			check:      "the `service` of the provider's `flat` block,",
			configured: map[string]any{"flat": map[string]any{"service": "vm"}},
		},
	} {
		here, gone := test.prefix+"-1", test.prefix+"-2"
		both := []string{here, gone}
		at := map[string]any{"cloud": test.cloud}
		remedy := func(ids string) string {
			return test.happened + "|Check `" + ids + "`, " + test.check +
				" and that the credentials belong to the account of the instance."
		}
		wantSaidOf := func(t *testing.T, got, want string) {
			t.Helper()
			for _, part := range strings.Split(want, "|") {
				if !strings.Contains(got, part) {
					t.Errorf("got %q, want %q in it", got, part)
				}
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupWith(t, test.configured, backend.Instance{ID: here, State: backend.Running},
					backend.Instance{ID: gone, State: backend.Running})
				f, _ := fleetIn(t, s, 0, backend.Running)
				before := f.step(fleetOf("running", both, at), held{})
				s.cloud.Remove(gone)
				refreshed, _ := f.read(before)
				f.wantMembers(refreshed, map[string]string{here: "running", gone: "absent: " + test.happened})
				wantSaidOf(t, texts(f.plan(fleetOf("stopped", both, at), refreshed).Diagnostics), remedy("instance_ids"))

				one := resourceOf("stopped", at)
				one["instance_id"] = gone
				wantSaidOf(t, texts(s.plan(one, held{}).Diagnostics), remedy("instance_id"))

				a, _ := actionIn(t, s, stopAction, 0, backend.Running)
				wantSaidOf(t, texts(a.plan(acting(both, "cloud", test.cloud))), remedy("instance_ids"))
			})
		})
	}
}
