package provider

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// TestARegionIsTheSameInCapitals: it has the same limits and the same instances.
func TestARegionIsTheSameInCapitals(t *testing.T) {
	t.Parallel()
	driver := memory.New(memory.Options{})
	driver.Add(machine(backend.Running))
	var opened atomic.Int32
	all := memoryClouds(driver)
	here := all["here"]
	here.open = func(values, string, openOptions) (backend.Driver, error) {
		opened.Add(1)
		return driver, nil
	}
	all["here"] = here
	r := rpcOf(t, all)
	wantTexts(t, r.configure(configured), "")

	plan := r.plan(resourceOf("running", map[string]any{"region": "r-1"}), held{})
	wantTexts(t, plan.Diagnostics, "")
	plan = r.plan(resourceOf("stopped", map[string]any{"region": "R-1"}), held{})
	if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Summary != `Instance "h-1" is declared twice` {
		t.Errorf("got %s, want the contradiction", texts(plan.Diagnostics))
	}
	_, diags := r.readData("instance_power_state", map[string]any{"region": "R-1", "instance_id": "h-1"})
	wantTexts(t, diags, "")
	_, diags = r.results(t.Context(), r.listRequest(map[string]any{"region": "R-1"}))
	wantTexts(t, diags, "")
	fleet := &fleetSetup{setup: &setup{rpc: r, cloud: driver}}
	_, diags = actionOver(t, fleet, startAction).invoke(t.Context(), acting([]string{"h-1"}, "region", "R-1"))
	wantTexts(t, diags, "")
	if got := opened.Load(); got != 1 {
		t.Errorf("the region was opened %d times, want once", got)
	}
}

// placed is a single resource or a fleet, which are the same for what follows.
type placed interface {
	plan(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse
	step(config map[string]any, prior held) held
	refresh(prior held) held
	importID(id string) (held, []*tfprotov6.Diagnostic)
	values(state *tfprotov6.DynamicValue) map[string]any
	changes(prior held, plan *tfprotov6.PlanResourceChangeResponse) []string
}

// eachRegional runs f for each service with regions, with a provider whose own region is
// in these letters, and with the ids of two instances.
func eachRegional(
	t *testing.T, letters func(string) string,
	f func(t *testing.T, s *simulation, r *rpc, row simulator.Service, ids []string),
) {
	t.Helper()
	eachSimulation(t, func(t *testing.T, s *simulation, row simulator.Service) {
		if row.Region == "" {
			return
		}
		inFakeTime(t, func(t *testing.T) {
			s.t = t
			ids := s.seed(row, row.Region, 1, 2)
			r := s.provider(map[string]any{row.Cloud: s.here(row, map[string]any{
				"region":         letters(row.Region),
				row.Arguments.ID: row.Keys.Lasting.AccessKeyID, row.Arguments.Secret: row.Keys.Lasting.Secret,
			})})
			f(t, s, r, row, ids)
		})
	})
}

// eachForm runs f for a single resource and a fleet. config is a configuration that
// declares the instances stopped, in a region, or in that of the provider where it is
// empty; importID is the id of their import.
func eachForm(
	t *testing.T, r *rpc, row simulator.Service, ids []string,
	f func(t *testing.T, p placed, config func(region string) map[string]any, importID func(region string) string),
) {
	t.Helper()
	single := &setup{rpc: r}
	fleet := &fleetSetup{setup: single, typ: listsInside(t, r.schema.ResourceSchemas[fleetType].ValueType())}
	importID := func(ids ...string) func(string) string {
		return func(region string) string { return formatID(row.Cloud, region, strings.Join(ids, ",")) }
	}
	f(t, single, func(region string) map[string]any { return stopped(row, region, ids[0]) }, importID(ids[0]))
	f(t, fleet, func(region string) map[string]any {
		config := stopped(row, region, ids[0])
		delete(config, "instance_id")
		config["instance_ids"] = ids
		return config
	}, importID(ids...))
}

// wantNoChange plans a configuration, which makes no request.
func (s *simulation) wantNoChange(what string, p placed, config map[string]any, prior held) {
	s.t.Helper()
	before := len(s.requests())
	plan := p.plan(config, prior)
	wantTexts(s.t, plan.Diagnostics, "")
	wantNames(s.t, what+": replaced by", replacing(plan))
	wantNames(s.t, what+": changes", p.changes(prior, plan))
	if got := len(s.requests()) - before; got != 0 {
		s.t.Errorf("%s: got %d requests, want none", what, got)
	}
}

// wantPlace checks the place in a state, whose id has the region in small letters.
func (s *simulation) wantPlace(p placed, h held, row simulator.Service, region string) {
	s.t.Helper()
	got := p.values(h.state)
	if got["region"] != region {
		s.t.Errorf("got the region %v, want %s", got["region"], region)
	}
	if id, want := fmt.Sprint(got["id"]), row.Cloud+"/"+row.Region+"/"; !strings.HasPrefix(id, want) {
		s.t.Errorf("got the id %s, want one that begins with %s", id, want)
	}
}

// TestARegionInOtherLettersIsNoChange: the state keeps the letters that it has, also where
// something else is changed.
func TestARegionInOtherLettersIsNoChange(t *testing.T) {
	eachRegional(t, strings.ToUpper, func(
		t *testing.T, s *simulation, r *rpc, row simulator.Service, ids []string,
	) {
		small, capitals := row.Region, strings.ToUpper(row.Region)
		eachForm(t, r, row, ids, func(
			t *testing.T, p placed, config func(string) map[string]any, importID func(string) string,
		) {
			for was, now := range map[string]string{small: capitals, capitals: small} {
				prior := p.refresh(p.step(config(was), held{}))
				s.wantPlace(p, prior, row, was)
				s.wantNoChange(was+" becomes "+now, p, config(now), prior)
				s.wantNoChange("the region is left out", p, config(""), prior)

				before := len(s.requests())
				more := config(now)
				more["allow_restart"] = true
				after := p.step(more, prior)
				s.wantPlace(p, after, row, was)
				if got := len(s.requests()) - before; got != 0 {
					t.Errorf("a change of settings makes %d requests, want none", got)
				}

				imported, diags := p.importID(importID(was))
				wantTexts(t, diags, "")
				imported = p.refresh(imported)
				s.wantPlace(p, imported, row, was)
				s.wantNoChange("after an import of "+was, p, config(now), imported)
			}
			prior := p.refresh(p.step(config(""), held{}))
			s.wantPlace(p, prior, row, small)
			s.wantNoChange("the region is named", p, config(capitals), prior)

			other := p.plan(config(small+"-2"), prior)
			wantNames(t, "another region: replaced by", replacing(other), `AttributeName("region")`)
		})
	})
}

// TestWhatIsFoundInARegionInCapitals is what is found in the same region, with the same ids.
func TestWhatIsFoundInARegionInCapitals(t *testing.T) {
	eachRegional(t, strings.ToLower, func(
		t *testing.T, _ *simulation, r *rpc, row simulator.Service, ids []string,
	) {
		in := func(region string, more map[string]any) map[string]any {
			config := map[string]any{"cloud": row.Cloud, "region": region}
			for name, value := range more {
				config[name] = value
			}
			return config
		}
		found := func(region string) (all []any) {
			for _, source := range []struct {
				typeName string
				more     map[string]any
			}{
				{"instance_power_state", map[string]any{"instance_id": ids[0]}}, {"instance_power_states", nil},
			} {
				got, diags := r.readData(source.typeName, in(region, source.more))
				wantTexts(t, diags, "")
				if got["region"] != region {
					t.Errorf("%s: got the region %v, want %s as configured", source.typeName, got["region"], region)
				}
				delete(got, "region")
				all = append(all, got)
			}
			listed, diags := r.results(t.Context(), r.listRequest(in(region, nil)))
			wantTexts(t, diags, "")
			for _, one := range listed {
				all = append(all, one.DisplayName, r.identity(one.Identity))
			}
			return all
		}
		small, capitals := found(row.Region), found(strings.ToUpper(row.Region))
		if diff := cmp.Diff(capitals, small); diff != "" || len(small) != 2+2*len(ids) {
			t.Errorf("found in capitals and in small letters (-capitals +small):\n%s", diff)
		}
	})
}

// TestAnIdentityKeepsItsLetters: a new one has small letters. One that was stored with
// others is kept, also by a fleet, whose identity may change.
func TestAnIdentityKeepsItsLetters(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		f, ids := newFleet(t, 1, backend.Stopped)
		for typeName, of := range map[string]struct {
			config func(region, state string) map[string]any
			named  map[string]any
			typ    tftypes.Type
		}{
			powerStateType: {func(region, state string) map[string]any {
				return map[string]any{"instance_id": ids[0], "region": region, "state": state}
			}, map[string]any{"instance_id": ids[0]}, f.resourceType()},
			fleetType: {func(region, state string) map[string]any {
				return fleetOf(state, ids, map[string]any{"region": region})
			}, map[string]any{"instance_ids": ids}, f.typ},
		} {
			schemas, err := f.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
			f.must(err)
			identityType := schemas.IdentitySchemas[typeName].ValueType()
			dynamic := func(typ tftypes.Type, value any) *tfprotov6.DynamicValue {
				out, err := tfprotov6.NewDynamicValue(typ, toValue(t, typ, value))
				f.must(err)
				return &out
			}
			identityIn := func(region string) *tfprotov6.ResourceIdentityData {
				all := maps.Clone(of.named)
				all["cloud"], all["region"] = "here", region
				return &tfprotov6.ResourceIdentityData{IdentityData: dynamic(identityType, all)}
			}
			wantIdentity := func(what string, got *tfprotov6.ResourceIdentityData, region string) {
				t.Helper()
				if got == nil {
					t.Fatalf("%s %s: got no identity", typeName, what)
				}
				value, err := got.IdentityData.Unmarshal(identityType)
				f.must(err)
				if all, _ := fromValue(t, value).(map[string]any); all["region"] != region {
					t.Errorf("%s %s: got the identity %v, want the region %s", typeName, what, all, region)
				}
			}
			change := func(config map[string]any, prior *tfprotov6.DynamicValue, private []byte,
				identity *tfprotov6.ResourceIdentityData,
			) *tfprotov6.ApplyResourceChangeResponse {
				t.Helper()
				plan, err := f.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: typeName, PriorState: prior, ProposedNewState: dynamic(of.typ, config), Config: dynamic(of.typ, config),
					PriorPrivate: private, PriorIdentity: identity,
				})
				f.must(err)
				wantNames(t, "replaced by", replacing(plan))
				resp, err := f.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
					TypeName: typeName, PriorState: prior, PlannedState: plan.PlannedState, Config: dynamic(of.typ, config),
					PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
				})
				f.must(err)
				if hasError(resp.Diagnostics) {
					t.Fatal(texts(resp.Diagnostics))
				}
				return resp
			}
			created := change(of.config("R-1", "stopped"), dynamic(of.typ, nil), nil, nil)
			wantIdentity("created", created.NewIdentity, "r-1")
			imported, err := f.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: typeName, Identity: identityIn("R-1"),
			})
			f.must(err)
			wantTexts(t, imported.Diagnostics, "")
			wantIdentity("imported", imported.ImportedResources[0].Identity, "r-1")

			value, err := created.NewState.Unmarshal(of.typ)
			f.must(err)
			former, _ := fromValue(t, value).(map[string]any)
			former["id"] = strings.Replace(fmt.Sprint(former["id"]), "r-1", "R-1", 1)
			for region, state := range map[string]*tfprotov6.DynamicValue{
				"r-1": created.NewState, "R-1": dynamic(of.typ, former),
			} {
				read, err := f.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
					TypeName: typeName, CurrentState: state, Private: created.Private, CurrentIdentity: identityIn(region),
				})
				f.must(err)
				wantTexts(t, read.Diagnostics, "")
				wantIdentity("refreshed", read.NewIdentity, region)
				for _, state := range []string{"running", "stopped"} {
					after := change(of.config("r-1", state), read.NewState, read.Private, read.NewIdentity)
					wantIdentity("then "+state, after.NewIdentity, region)
				}
			}
			f.nextRun()
		}
	})
}

// TestAMoveIntoARegionInCapitals plans no replacement.
func TestAMoveIntoARegionInCapitals(t *testing.T) {
	t.Parallel()
	for _, of := range [][2]string{{"R-1", "r-1"}, {"r-1", "R-1"}} {
		t.Run(of[0]+" and "+of[1], func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := movedSetup(t, of[0], movedMachine(backend.Stopped, backend.KeepCharging))
				prior, diags := s.move(formerly("Stop", `"KeepCharging"`))
				wantTexts(t, diags, "")
				prior = s.refresh(prior)
				s.wantValues(prior.state, map[string]any{"id": "volcengine/r-1/i-y1", "region": "r-1"})
				plan := s.plan(map[string]any{"instance_id": "i-y1", "state": "stopped", "region": of[1]}, prior)
				wantTexts(t, plan.Diagnostics, "")
				wantNames(t, "replaced by", replacing(plan))
				wantNames(t, "changes", s.changes(prior, plan))
			})
		})
	}
}
