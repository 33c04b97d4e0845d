package provider

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// readIdentity reads a resource of which no identity is stored, as in a state
// that an older Terraform wrote.
func (r *rpc) readIdentity(prior held) (map[string]any, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.ReadResource(r.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: powerStateType, CurrentState: prior.state, Private: prior.private,
	})
	r.must(err)
	return r.identity(resp.NewIdentity), resp.Diagnostics
}

func TestAStateOfAnOlderTerraformGetsAnIdentity(t *testing.T) {
	t.Parallel()
	want := map[string]any{"cloud": "here", "region": "r-1", "instance_id": "h-1"}
	for name, gone := range map[string]bool{"at a refresh": false, "at a refresh that finds nothing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Stopped))
				prior := s.step(resourceOf("stopped", nil), held{})
				if gone {
					s.cloud.Remove("h-1")
				}
				got, diags := s.readIdentity(prior)
				if hasError(diags) {
					t.Fatal(texts(diags))
				}
				if diff := cmp.Diff(got, want); diff != "" {
					t.Errorf("identity (-got +want):\n%s", diff)
				}
			})
		})
	}
	t.Run("while the provider is not known", func(t *testing.T) {
		t.Parallel()
		inFakeTime(t, func(t *testing.T) {
			s := newSetup(t, machine(backend.Stopped))
			prior := s.step(resourceOf("stopped", nil), held{})
			config := maps.Clone(configured)
			config["here"] = map[string]any{"region": "r-1", "access_key": tftypes.UnknownValue, "secret_key": "secret"}
			later := &setup{rpc: newRPC(t, s.cloud, config), cloud: s.cloud}
			got, diags := later.readIdentity(prior)
			if hasError(diags) {
				t.Fatal(texts(diags))
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("identity (-got +want):\n%s", diff)
			}
		})
	})
}

// An update returns the identity, whether it succeeds or not.
func TestAnUpdateKeepsTheIdentity(t *testing.T) {
	t.Parallel()
	want := map[string]any{"cloud": "here", "region": "r-1", "instance_id": "h-1"}
	for name, fails := range map[string]bool{"that succeeds": false, "that fails": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Stopped))
				prior := s.step(resourceOf("stopped", nil), held{})
				plan := s.plan(resourceOf("running", nil), prior)
				if fails {
					s.cloud.Fail(memory.Trouble{Op: memory.Start, Fault: backend.Fault{Kind: backend.KindDenied, Code: "NoRights"}})
				}
				resp, err := s.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
					TypeName:       powerStateType,
					PriorState:     prior.state,
					PlannedState:   plan.PlannedState,
					PlannedPrivate: plan.PlannedPrivate,
					Config:         s.dynamic(s.resourceType(), resourceOf("running", nil)),
				})
				s.must(err)
				if got := hasError(resp.Diagnostics); got != fails || len(resp.Diagnostics) > 1 {
					t.Errorf("got %q, want errors: %v, and no more than one", texts(resp.Diagnostics), fails)
				}
				if diff := cmp.Diff(s.identity(resp.NewIdentity), want); diff != "" {
					t.Errorf("identity (-got +want):\n%s", diff)
				}
			})
		})
	}
}
