package provider

import (
	"encoding/json"
	"fmt"
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

func (f *fleetSetup) importIdentity(identity map[string]any) *tfprotov6.ImportResourceStateResponse {
	f.t.Helper()
	data, err := tfprotov6.NewDynamicValue(f.identityType(), toValue(f.t, f.identityType(), identity))
	f.must(err)
	resp, err := f.server.ImportResourceState(f.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fleetType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &data},
	})
	f.must(err)
	return resp
}

func TestAFleetIsImportedByItsIdentity(t *testing.T) {
	t.Parallel()
	for name, identity := range map[string]map[string]any{
		"with a region":    {"cloud": "here", "region": "r-1", "instance_ids": []string{"h-002", "h-000", "h-001"}},
		"without a region": {"cloud": "here", "instance_ids": []string{"h-000", "h-001", "h-002", "h-000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, ids := newFleet(t, 3, backend.Stopped)
				resp := f.importIdentity(identity)
				wantTexts(t, resp.Diagnostics, "")
				one := resp.ImportedResources[0]
				f.wantIdentity(one.Identity, ids...)
				state := f.refresh(held{state: one.State, private: one.Private})
				wantNames(t, "changes", f.changes(state, f.plan(fleetOf("stopped", ids, nil), state)))
			})
		})
	}
}

// TestABadImportOfAFleetIsRefused gives what an import cannot name by id and by identity.
func TestABadImportOfAFleetIsRefused(t *testing.T) {
	t.Parallel()
	const form = " Write it as cloud/region/instance_id, for example `flat/vm/f-1`, `here/region/h-1`."
	const plain = " must be the cloud's id of the instance and nothing else, such as \"h-1\"; got "
	const other = "\"f-1\" is not in the form of an instance id of here, such as \"h-1\"; it looks like one of `flat`. " +
		"Correct the id or the cloud."
	const many = "It names 10001 instances, and a fleet has at most 10000. Divide them among several fleets."
	const noRegion = "`region` must be a region of here; got \"r 1\"."
	const byComma, inList = "Each id between the commas", "Each of `instance_ids`"
	tooMany := make([]string, maxFleet+1)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("h-%05d", i)
	}
	ids := func(ids ...string) []string { return ids }
	for name, test := range map[string]struct {
		id       string // None where only an identity can say this.
		wantID   string
		identity map[string]any
		want     string
	}{
		"of no instances": {
			"here/r-1", "The id \"here/r-1\" does not have three parts." + form,
			map[string]any{"cloud": "here", "instance_ids": ids()},
			"`instance_ids` is empty. Name the instances of the fleet; one without instances need not be imported.",
		},
		"of no cloud": {
			"there/r-1/h-1", "The id \"there/r-1/h-1\" names the cloud \"there\", which is none of `flat`, `here`." + form,
			map[string]any{"cloud": "there", "instance_ids": ids("h-1")},
			"`cloud` is \"there\", which is none of `flat`, `here`.",
		},
		"of a region that is none": {
			"here/r 1/h-1,h-2", noRegion,
			map[string]any{"cloud": "here", "region": "r 1", "instance_ids": ids("h-1", "h-2")},
			noRegion,
		},
		"of a region where there is none": {
			"", "",
			map[string]any{"cloud": "flat", "region": "r-1", "instance_ids": ids("f-1")},
			"Flat Cloud has no regions: remove `region` from the identity.",
		},
		"of another service": {
			"flat/zec/f-1,f-2", "The id \"flat/zec/f-1,f-2\" is of the service \"zec\", and the provider is configured for " +
				"\"vm\". Use a provider configuration with `flat { service = \"zec\" }`.",
			nil, "",
		},
		"of an id that is empty": {
			"here/r-1/h-1,", byComma + plain + `"".`,
			map[string]any{"cloud": "here", "instance_ids": ids("h-1", "")},
			inList + plain + `"".`,
		},
		"of an id with a space": {
			"here/r-1/h-1, h2", byComma + plain + `" h2".`,
			map[string]any{"cloud": "here", "instance_ids": ids("h-1", " h2")},
			inList + plain + `" h2".`,
		},
		"of an id of another cloud": {
			"here/r-1/h-1,f-1", other, map[string]any{"cloud": "here", "instance_ids": ids("h-1", "f-1")}, other,
		},
		"of too many": {
			"here/r-1/" + strings.Join(tooMany, ","), many, map[string]any{"cloud": "here", "instance_ids": tooMany}, many,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFleet(t, 0, backend.Running)
				if test.id != "" {
					_, diags := f.importID(test.id)
					wantTexts(t, diags, "error: Invalid import id\n\n"+test.wantID)
				}
				if test.identity != nil {
					wantTexts(t, f.importIdentity(test.identity).Diagnostics, "error: Invalid import identity\n\n"+test.want)
				}
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
