package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// identityType is the type of an identity, as the provider's schema has it.
func (r *rpc) identityType() tftypes.Type {
	r.t.Helper()
	resp, err := r.server.GetResourceIdentitySchemas(r.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	r.must(err)
	return resp.IdentitySchemas[powerStateType].ValueType()
}

// identity reads an identity as a map.
func (r *rpc) identity(data *tfprotov6.ResourceIdentityData) map[string]any {
	r.t.Helper()
	if data == nil || data.IdentityData == nil {
		return nil
	}
	value, err := data.IdentityData.Unmarshal(r.identityType())
	r.must(err)
	all, _ := plain(value).(map[string]any)
	return all
}

func (r *rpc) importIdentity(values map[string]any) (held, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.ImportResourceState(r.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: powerStateType,
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: r.dynamic(r.identityType(), values)},
	})
	r.must(err)
	if len(resp.ImportedResources) == 0 {
		return held{}, resp.Diagnostics
	}
	one := resp.ImportedResources[0]
	return held{state: one.State, private: one.Private}, resp.Diagnostics
}

func TestAnInstanceHasAnIdentity(t *testing.T) {
	t.Parallel()
	flat := machine(backend.Running)
	flat.ID = "f-1"
	for name, test := range map[string]struct{ config, want map[string]any }{
		"with a region": {
			resourceOf("running", nil), map[string]any{"cloud": "here", "region": "r-1", "instance_id": "h-1"},
		},
		"without one": {
			map[string]any{"cloud": "flat", "instance_id": "f-1", "state": "running"},
			map[string]any{"cloud": "flat", "region": nil, "instance_id": "f-1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running), flat)
				plan := s.plan(test.config, held{})
				created, err := s.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
					TypeName:        powerStateType,
					PriorState:      s.dynamic(s.resourceType(), nil),
					PlannedState:    plan.PlannedState,
					Config:          s.dynamic(s.resourceType(), test.config),
					PlannedPrivate:  plan.PlannedPrivate,
					PlannedIdentity: plan.PlannedIdentity,
				})
				s.must(err)
				read, err := s.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
					TypeName:        powerStateType,
					CurrentState:    created.NewState,
					Private:         created.Private,
					CurrentIdentity: created.NewIdentity,
				})
				s.must(err)
				for when, got := range map[string]*tfprotov6.ResourceIdentityData{
					"create": created.NewIdentity, "read": read.NewIdentity,
				} {
					if diff := cmp.Diff(s.identity(got), test.want); diff != "" {
						t.Errorf("identity after the %s (-got +want):\n%s", when, diff)
					}
				}
			})
		})
	}
}

func TestAnImportByIdentityIsAsOneByID(t *testing.T) {
	t.Parallel()
	flat := machine(backend.Running)
	flat.ID = "f-1"
	for name, test := range map[string]struct {
		identity map[string]any
		id       string
	}{
		"with a region":           {map[string]any{"cloud": "here", "region": "r-9", "instance_id": "h-1"}, "here/r-9/h-1"},
		"with the default region": {map[string]any{"cloud": "here", "instance_id": "h-1"}, "here/r-1/h-1"},
		"without a region":        {map[string]any{"cloud": "flat", "instance_id": "f-1"}, "flat/vm/f-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running), flat)
				byIdentity, diags := s.importIdentity(test.identity)
				wantTexts(t, diags, "")
				byID, diags := s.importID(test.id)
				wantTexts(t, diags, "")
				s.wantValues(byIdentity.state, s.values(byID.state))
				s.wantValues(s.refresh(byIdentity).state, map[string]any{"id": test.id, "state": "running"})
			})
		})
	}
}

func TestABadIdentityIsRefused(t *testing.T) {
	t.Parallel()
	withoutRegion := map[string]any{"here": map[string]any{"access_key": "id", "secret_key": "secret"}}
	for name, test := range map[string]struct {
		provider, identity map[string]any
		want               string
	}{
		"a cloud that is none": {
			configured,
			map[string]any{"cloud": "aws", "instance_id": "h-1"},
			"`cloud` is \"aws\", which is none of `flat`, `here`.",
		},
		"an id with more in it": {
			configured,
			map[string]any{"cloud": "here", "instance_id": "here/r-1/h-1"},
			"`instance_id` must be the cloud's id of the instance and nothing else, such as \"h-1\"; got \"here/r-1/h-1\".",
		},
		"a region where there is none": {
			configured,
			map[string]any{"cloud": "flat", "region": "r-1", "instance_id": "f-1"},
			"Flat Cloud has no regions: remove `region` from the identity.",
		},
		"a region that is none": {
			configured,
			map[string]any{"cloud": "here", "region": "r 1", "instance_id": "h-1"},
			"`region` must be a region of here; got \"r 1\".",
		},
		"an id of another cloud": {
			configured,
			map[string]any{"cloud": "here", "instance_id": "f-1"},
			"\"f-1\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
				"Correct the id or the cloud.",
		},
		"no region at all": {
			withoutRegion,
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			"`region` is not set, and there is no default region for here. " +
				"Set `region` in the identity, or in the provider's `here` block.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := newRPC(t, newMemory(), test.provider).importIdentity(test.identity)
			wantTexts(t, diags, "error: Invalid import identity\n\n"+test.want)
		})
	}
}
