package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func (f *fleetSetup) identityType() tftypes.Type {
	f.t.Helper()
	resp, err := f.server.GetResourceIdentitySchemas(f.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	f.must(err)
	return resp.IdentitySchemas[fleetType].ValueType()
}

func (f *fleetSetup) wantIdentity(got *tfprotov6.ResourceIdentityData, ids ...string) {
	f.t.Helper()
	value, err := got.IdentityData.Unmarshal(f.identityType())
	f.must(err)
	want := map[string]any{"cloud": "here", "region": "r-1", "instance_ids": append([]string{}, ids...)}
	if diff := cmp.Diff(fromValue(f.t, value), any(want)); diff != "" {
		f.t.Errorf("identity (-got +want):\n%s", diff)
	}
}

func TestAFleetHasAnIdentityThatFollowsItsInstances(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(ids []string) map[string]any{
		"by a list": func(ids []string) map[string]any { return fleetOf("stopped", ids, nil) },
		"by a map":  func(ids []string) map[string]any { return fleetBy(statesOf(ids, len(ids)), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 3, backend.Running)
				var prior held
				var identity *tfprotov6.ResourceIdentityData
				for _, now := range [][]string{ids[:2], ids, ids[2:], {}} {
					config := of(now)
					plan := f.plan(config, prior)
					resp, err := f.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
						TypeName: fleetType, PriorState: f.prior(prior), PlannedState: plan.PlannedState, Config: f.dynamic(config),
						PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: identity,
					})
					f.must(err)
					if hasError(resp.Diagnostics) {
						t.Fatal(texts(resp.Diagnostics))
					}
					f.wantIdentity(resp.NewIdentity, now...)
					prior, identity = held{state: resp.NewState, private: resp.Private}, resp.NewIdentity
					read, err := f.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
						TypeName: fleetType, CurrentState: prior.state, Private: prior.private, CurrentIdentity: identity,
					})
					f.must(err)
					f.wantIdentity(read.NewIdentity, now...)
				}
			})
		})
	}
}

func TestAFleetIsImportedByItsIdentity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		identity map[string]any
		want     string
	}{
		"with a region": {
			map[string]any{"cloud": "here", "region": "r-1", "instance_ids": []string{"h-002", "h-000", "h-001"}}, "",
		},
		"without a region": {map[string]any{"cloud": "here", "instance_ids": []string{"h-000", "h-001", "h-002"}}, ""},
		"of no instances":  {map[string]any{"cloud": "here", "instance_ids": []string{}}, "`instance_ids` is empty."},
		"of another cloud": {
			map[string]any{"cloud": "here", "instance_ids": []string{"h-000", "f-1"}}, "looks like one of `flat`",
		},
		"of no cloud": {map[string]any{"cloud": "there", "instance_ids": []string{"h-000"}}, "which is none of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 3, backend.Stopped)
				data, err := tfprotov6.NewDynamicValue(f.identityType(), toValue(t, f.identityType(), test.identity))
				f.must(err)
				resp, err := f.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
					TypeName: fleetType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &data},
				})
				f.must(err)
				if test.want != "" {
					if got := texts(resp.Diagnostics); !hasError(resp.Diagnostics) || !strings.Contains(got, test.want) {
						t.Errorf("got %s, want an error with %q", got, test.want)
					}
					return
				}
				wantTexts(t, resp.Diagnostics, "")
				one := resp.ImportedResources[0]
				f.wantIdentity(one.Identity, ids...)
				state := f.refresh(held{state: one.State, private: one.Private})
				wantNames(t, "changes", f.changes(state, f.plan(fleetOf("stopped", ids, nil), state)))
			})
		})
	}
}

func TestAFleetMovesFromAnotherAddressOfThisProvider(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		config := fleetBy(statesOf(ids, 2), map[string]any{
			"on_destroy": "restore", "max_failures": "10%", "max_in_transition": 2,
		})
		before := f.step(config, held{})
		text, err := json.Marshal(f.values(before.state))
		if err != nil {
			t.Fatal(err)
		}
		move := func(address, typeName string) *tfprotov6.MoveResourceStateResponse {
			resp, err := f.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: address, SourceTypeName: typeName, SourceState: &tfprotov6.RawState{JSON: text},
				SourcePrivate: before.private, TargetTypeName: fleetType,
			})
			f.must(err)
			return resp
		}
		var moved held
		for _, address := range []string{
			"registry.opentofu.org/instance-power/instance", "app.terraform.io/example/instance", "instance",
		} {
			resp := move(address, fleetType)
			wantTexts(t, resp.Diagnostics, "")
			f.wantState(held{state: resp.TargetState}, f.values(before.state))
			after := f.refresh(held{state: resp.TargetState, private: resp.TargetPrivate})
			wantNames(t, "changes", f.changes(after, f.plan(config, after)))
			moved = after
		}
		for address, typeName := range map[string]string{
			"registry.terraform.io/instance-power/instance": powerStateType, "hashicorp/null": "null_resource",
		} {
			resp := move(address, typeName)
			got := texts(resp.Diagnostics)
			if !strings.Contains(got, "Remove the `moved` block, and use a `removed` block for the former resource") {
				t.Errorf("a move from %s says %s", typeName, got)
			}
		}
		f.cloud.ForgetCalls()
		_, diags := f.destroy(moved)
		wantTexts(t, diags, "")
		wantNames(t, "started by a destroy after the move", f.written(), ids[:2]...)
	})
}
