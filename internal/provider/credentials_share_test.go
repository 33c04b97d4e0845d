package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// many are resources that stop instances in three regions.
type many struct {
	*simulation

	row     simulator.Service
	configs []map[string]any
	plans   []*tfprotov6.PlanResourceChangeResponse
}

// resourceCount is how many resources share one cloud's keys in these tests.
const resourceCount = 200

// newMany plans the resources. Their apply belongs to another provider: Terraform
// starts one for each phase.
func newMany(s *simulation, row simulator.Service) *many {
	s.t.Helper()
	m := &many{simulation: s, row: row}
	planner := m.start()
	regions := s.server.Cloud(row.Cloud).Regions()[:3]
	for i := range resourceCount {
		region := regions[i%len(regions)]
		config := stopped(row, region, s.seed(row, region, i+1, 1)[0])
		plan := planner.plan(config, held{})
		if hasError(plan.Diagnostics) {
			s.t.Fatalf("plan: %s", texts(plan.Diagnostics))
		}
		m.configs, m.plans = append(m.configs, config), append(m.plans, plan)
	}
	return m
}

// start is a provider that exchanges the token of a run.
func (m *many) start() *rpc {
	m.t.Helper()
	token, err := m.row.Federation.Request("apply").Token(m.server.Issuer())
	if err != nil {
		m.t.Fatal(err)
	}
	f := m.row.Federation
	return m.provider(map[string]any{m.row.Cloud: m.here(m.row,
		webIdentity(m.row, f.ApplyRole, map[string]any{f.TokenArgument: token}))})
}

// apply applies all resources at once, each with its own context, and returns their
// diagnostics in order.
func (m *many) apply(r *rpc, ctxs func(i int) context.Context, meanwhile func()) [][]*tfprotov6.Diagnostic {
	type result struct {
		i     int
		diags []*tfprotov6.Diagnostic
	}
	results := make(chan result, resourceCount)
	for i := range resourceCount {
		go func() {
			_, diags := r.apply(ctxs(i), m.configs[i], held{}, m.plans[i])
			results <- result{i, diags}
		}()
		if i == 0 {
			synctest.Wait() // The first one begins the exchange.
		}
	}
	meanwhile()
	all := make([][]*tfprotov6.Diagnostic, resourceCount)
	for range resourceCount {
		r := <-results
		all[r.i] = r.diags
	}
	return all
}

func TestResourcesInThreeRegionsExchangeOnce(t *testing.T) {
	eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		inFakeTime(t, func(t *testing.T) {
			m := newMany(newSimulation(t), row)
			if got := m.issuedKeys(row); got != 1 {
				t.Errorf("the plan made %d exchanges, want 1", got)
			}
			diags := m.apply(m.start(), func(int) context.Context { return t.Context() }, func() {})
			for i, d := range diags {
				if len(d) > 0 {
					t.Fatalf("resource %d: %s", i, texts(d))
				}
			}
			if got := m.issuedKeys(row); got != 2 {
				t.Errorf("the plan and the apply made %d exchanges, want 2", got)
			}
			stops := map[string]int{}
			for _, call := range m.server.Cloud(row.Cloud).Calls(0) {
				if call.Op == simulator.OpStop {
					stops[call.Region] += len(call.Accepted)
				}
			}
			if len(stops) != 3 {
				t.Errorf("instances were stopped in %v, want three regions", slices.Sorted(maps.Keys(stops)))
			}
		})
	})
}

func TestTheCallerThatBeganAnExchangeIsCanceled(t *testing.T) {
	eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		inFakeTime(t, func(t *testing.T) {
			m := newMany(newSimulation(t), row)
			if _, err := m.server.Cloud(row.Cloud).AddTrouble(simulator.Trouble{
				Kind: simulator.Slow, Action: simulator.TokenService, Delay: simulator.Duration(3 * time.Second),
			}); err != nil {
				t.Fatal(err)
			}
			first, cancel := context.WithCancel(t.Context())
			defer cancel()
			diags := m.apply(m.start(), func(i int) context.Context {
				if i == 0 {
					return first
				}
				return t.Context()
			}, func() {
				time.Sleep(time.Second)
				cancel()
			})
			if got := texts(diags[0]); !strings.Contains(got, "canceled") && !strings.Contains(got, "interrupted") {
				t.Errorf("the caller that was canceled got %q", got)
			}
			for i, d := range diags[1:] {
				if len(d) > 0 {
					t.Fatalf("resource %d: %s", i+1, texts(d))
				}
			}
			if got := m.issuedKeys(row); got != 2 {
				t.Errorf("the plan and the apply made %d exchanges, want 2", got)
			}
		})
	})
}

// Terraform starts a provider for each alias.
func TestTwoAliasesWithTwoProfilesUseTwoAccounts(t *testing.T) {
	eachTokenService(t, func(t *testing.T, s *simulation, row simulator.Service) {
		n, folder := clouds[row.Cloud].account.Names(), t.TempDir()
		accounts := map[string][]string{}
		profiles := map[string]simulator.Credential{"production": row.Keys.Lasting, "staging": row.Keys.Second}
		for i, name := range slices.Sorted(maps.Keys(profiles)) {
			path, _ := writeProfile(t, row, folder, name, profiles[name])
			owned := row
			owned.Template.Account = profiles[name].Account
			id := s.seed(owned, row.Region, i+1, 1)[0]
			since := len(s.server.Cloud(row.Cloud).Calls(0))
			r := s.provider(map[string]any{row.Cloud: s.here(row, map[string]any{n.Profile.Name: name, n.File.Name: path})})
			if plan := r.plan(stopped(row, row.Region, id), held{}); hasError(plan.Diagnostics) {
				t.Errorf("%s: %s", name, texts(plan.Diagnostics))
			}
			for _, call := range s.server.Cloud(row.Cloud).Calls(since) {
				if !slices.Contains(accounts[name], call.Account) {
					accounts[name] = append(accounts[name], call.Account)
				}
			}
		}
		first, _ := s.server.Cloud(row.Cloud).Credential(row.Keys.Lasting.AccessKeyID)
		want := map[string][]string{
			"production": {row.New().Cloud().Words().Identity.Account}, "staging": {row.Keys.Second.Account},
		}
		if diff := cmp.Diff(accounts, want); diff != "" || first.Account == row.Keys.Second.Account {
			t.Errorf("accounts of the calls (-got +want):\n%s", diff)
		}
	})
}
