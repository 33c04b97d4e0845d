package provider

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// halfKnown is a provider configuration of which one block is not known yet.
func halfKnown() map[string]any {
	config := maps.Clone(configured)
	config["here"] = map[string]any{"access_key": tftypes.UnknownValue, "secret_key": "secret"}
	config["flat"] = map[string]any{"service": "vm"}
	return config
}

// later is how a response says that it was deferred.
var later = &tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}

func wantDeferred(t *testing.T, got *tfprotov6.Deferred, want bool) {
	t.Helper()
	if expected := map[bool]*tfprotov6.Deferred{true: later}[want]; !cmp.Equal(got, expected) {
		t.Errorf("got the deferral %v, want %v", got, expected)
	}
}

// TestADataSourceWhileTheProviderIsNotKnown: it goes on without the cloud, as a resource
// does, and with a client that allows it the read is deferred.
func TestADataSourceWhileTheProviderIsNotKnown(t *testing.T) {
	t.Parallel()
	flat := machine(backend.Running)
	flat.ID = "f-1"
	for name, test := range map[string]struct {
		of       string
		config   map[string]any
		results  []string // what is not read
		what     string
		deferred bool
	}{
		"one instance": {
			powerStateType,
			map[string]any{"cloud": "here", "instance_id": "h-1"},
			[]string{
				"id", "state", "status", "stopped_mode", "charging", "instance_name", "public_ip", "private_ip", "tags",
				"charge_type", "instance_type", "zone", "can_stop_charging",
			},
			`instance "h-1" was`, true,
		},
		"many by a search": {
			powerStatesType,
			map[string]any{"cloud": "here", "name": "web-*"},
			[]string{"ids", "instances"},
			"the instances were", true,
		},
		"many by ids": {
			powerStatesType,
			map[string]any{"cloud": "here", "region": "r-1", "instance_ids": words("h-1")},
			[]string{"ids", "instances"},
			"the instances were", true,
		},
		"one of a cloud that is known":  {of: powerStateType, config: map[string]any{"cloud": "flat", "instance_id": "f-1"}},
		"many of a cloud that is known": {of: powerStatesType, config: map[string]any{"cloud": "flat"}},
	} {
		for _, allowed := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", where deferral is allowed"}[allowed], func(t *testing.T) {
				t.Parallel()
				inFakeTime(t, func(t *testing.T) {
					s := setupWith(t, halfKnown(), flat)
					typ := s.schema.DataSourceSchemas[test.of].ValueType()
					req := &tfprotov6.ReadDataSourceRequest{TypeName: test.of, Config: s.dynamic(typ, test.config)}
					if allowed {
						req.ClientCapabilities = &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true}
					}
					resp, err := s.server.ReadDataSource(t.Context(), req)
					s.must(err)
					wantDeferred(t, resp.Deferred, test.deferred && allowed)
					warned := ""
					if test.deferred && !allowed {
						warned = `
warning: Data source not read

The provider's ` + "`here` block is not known yet, so " +
							test.what + " not read: what the data source would return is null in this run. " +
							"The next run reads it. What depends on it must allow for null, " +
							"or the block's values must be given as variables."
					}
					wantTexts(t, resp.Diagnostics, warned)
					s.wantCalls(map[bool]int{false: 1}[test.deferred])
					state, err := resp.State.Unmarshal(typ)
					s.must(err)
					if !allowed && !state.IsFullyKnown() {
						t.Errorf("the result is not known, which the core refuses: %s", state)
					}
					var values map[string]tftypes.Value
					s.must(state.As(&values))
					for _, result := range test.results {
						if got := values[result]; got.IsKnown() == allowed || !allowed && !got.IsNull() {
							t.Errorf("%s is %s, want it null, or unknown where it is read later", result, got)
						}
					}
				})
			})
		}
	}
}

// TestAResourceWhileTheProviderIsNotKnownIsDeferred where the client allows it, and as it
// was planned before where it does not.
func TestAResourceWhileTheProviderIsNotKnownIsDeferred(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		known := newSetup(t, machine(backend.Running))
		flat := machine(backend.Running)
		flat.ID = "f-1"
		leave := known.step(resourceOf("stopped", nil), held{})
		restore := known.step(resourceOf("stopped", map[string]any{"on_destroy": "restore"}), leave)
		s := setupWith(t, halfKnown(), flat)
		elsewhere := map[string]any{"cloud": "flat", "instance_id": "f-1", "state": "running"}
		for _, allowed := range []bool{false, true} {
			capable := &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed}
			plan := func(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse {
				t.Helper()
				was := prior.state
				if was == nil {
					was = s.dynamic(s.resourceType(), nil)
				}
				resp, err := s.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName:           powerStateType,
					PriorState:         was,
					PriorPrivate:       prior.private,
					Config:             s.dynamic(s.resourceType(), config),
					ProposedNewState:   s.propose(config, prior),
					ClientCapabilities: capable,
				})
				s.must(err)
				if hasError(resp.Diagnostics) {
					t.Fatal(texts(resp.Diagnostics))
				}
				return resp
			}
			config := resourceOf("running", map[string]any{"cloud": "here"})
			wantDeferred(t, plan(config, held{}).Deferred, allowed)
			wantDeferred(t, plan(config, leave).Deferred, allowed)
			wantDeferred(t, plan(nil, restore).Deferred, allowed)
			wantDeferred(t, plan(nil, leave).Deferred, false) // It needs no cloud.
			wantDeferred(t, plan(elsewhere, held{}).Deferred, false)

			read, err := s.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: powerStateType, CurrentState: leave.state, Private: leave.private,
				ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: allowed},
			})
			s.must(err)
			wantDeferred(t, read.Deferred, allowed)
			if got := len(read.Diagnostics); got != map[bool]int{false: 1}[allowed] {
				t.Errorf("with deferral allowed: %v, the read says %q", allowed, texts(read.Diagnostics))
			}
			s.wantValues(read.NewState, map[string]any{"state": "stopped", "instance_id": "h-1"})
		}
	})
}

// TestAMovedResourceWhileTheProviderIsNotKnownIsDeferred: its region is the provider's.
func TestAMovedResourceWhileTheProviderIsNotKnownIsDeferred(t *testing.T) {
	t.Parallel()
	r := newRPC(t, newMemory(),
		map[string]any{"here": map[string]any{"region": tftypes.UnknownValue, "access_key": "id", "secret_key": "secret"}})
	state := resourceOf("stopped", map[string]any{"cloud": "here"})
	state["instance_id"] = "h-1"
	resp, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: powerStateType, CurrentState: r.dynamic(r.resourceType(), state),
		ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: true},
	})
	r.must(err)
	wantTexts(t, resp.Diagnostics, "")
	wantDeferred(t, resp.Deferred, true)
}

func TestAFleetWhileTheProviderIsNotKnownIsDeferred(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 3, backend.Running)
		prior := f.step(fleetOf("stopped", ids, map[string]any{"on_destroy": "running"}), held{})
		s := setupWith(t, halfKnown())
		blind, _ := fleetIn(t, s, 0, backend.Running)
		for _, allowed := range []bool{false, true} {
			for _, config := range []map[string]any{fleetOf("running", ids, map[string]any{"cloud": "here"}), nil} {
				resp, err := blind.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName:           fleetType,
					PriorState:         prior.state,
					PriorPrivate:       prior.private,
					Config:             blind.dynamic(config),
					ProposedNewState:   blind.propose(config, prior),
					ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
				})
				blind.must(err)
				wantDeferred(t, resp.Deferred, allowed)
			}
			read, err := blind.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: fleetType, CurrentState: prior.state, Private: prior.private,
				ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: allowed},
			})
			blind.must(err)
			wantDeferred(t, read.Deferred, allowed)
		}
	})
}
