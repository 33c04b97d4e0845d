package provider

import (
	"bufio"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// hosts are the hosts that requests were sent to.
func (s *simulation) hosts() []string {
	s.t.Helper()
	all := map[string]bool{}
	for _, text := range s.requests() {
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			s.t.Fatal(err)
		}
		all[req.Host] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// wantHosts compares the hosts that requests were sent to.
func (s *simulation) wantHosts(want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(s.hosts(), want); diff != "" {
		s.t.Errorf("hosts (-got +want):\n%s", diff)
	}
}

// stop plans and applies a stop, and returns the diagnostics of the one that failed.
func (s *simulation) stop(r *rpc, row simulator.Service, region, id string) string {
	s.t.Helper()
	config := stopped(row, region, id)
	plan := r.plan(config, held{})
	if hasError(plan.Diagnostics) {
		return texts(plan.Diagnostics)
	}
	_, diags := r.apply(s.t.Context(), config, held{}, plan)
	if hasError(diags) {
		return texts(diags)
	}
	return ""
}

// Every request of the provider reaches the simulation, whatever its host, so that a
// call to a token service or a metadata service at its own address is seen too.
func TestKeysThatLastCallTheAPIAlone(t *testing.T) {
	eachSimulation(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		kinds := []string{"keys", "a token", "a profile"}
		for _, family := range clouds[row.Cloud].account.Families() {
			kinds = append(kinds, slices.Concat(family.ID, family.Token)[0])
		}
		for _, name := range kinds {
			t.Run(name, func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				k := s.kind(t, row, name)
				for variable, value := range k.env {
					t.Setenv(variable, value)
				}
				inFakeTime(t, func(t *testing.T) {
					s.t = t
					owned := row
					owned.Template.Account = k.account
					id := s.seed(owned, row.Region, 1, 1)[0]
					block := s.here(row, k.block)
					delete(block, "sts_endpoint")
					delete(block, "metadata_endpoint")
					if got := s.stop(s.provider(map[string]any{row.Cloud: block}), row, row.Region, id); got != "" {
						t.Errorf("stop: %s", got)
					}
					s.wantHosts(strings.TrimPrefix(simulatedURL, "http://"))
					if got := serviceCalls(s.server.Cloud(row.Cloud)); got != 0 {
						t.Errorf("got %d calls to a token service or a metadata service, want none", got)
					}
				})
			})
		}
		if !row.Federation.Tokens() {
			return
		}
		t.Run("a role calls its service", func(t *testing.T) { // Such a call would be seen.
			clearEnvironment(t)
			s := newSimulation(t)
			block := s.here(row, s.kind(t, row, "a role").block)
			delete(block, "sts_endpoint")
			inFakeTime(t, func(t *testing.T) {
				s.t = t
				s.stop(s.provider(map[string]any{row.Cloud: block}), row, row.Region, s.seed(row, row.Region, 1, 1)[0])
				if got := s.hosts(); len(got) != 2 || !strings.Contains(strings.Join(got, " "), "sts.") {
					t.Errorf("requests were sent to %q, want the API and the token service", got)
				}
				for _, text := range s.requests() {
					if strings.Contains(text, "\r\nHost: sts.") && !strings.Contains(text, "terraform-provider-instance/test") {
						t.Errorf("the token service does not learn who calls:\n%s", text)
					}
				}
			})
		})
	})
}

// kind returns one kind of credentials by its name.
func (s *simulation) kind(t *testing.T, row simulator.Service, name string) credentialKind {
	t.Helper()
	for _, k := range kindsOf(t, s.server, row, t.TempDir()) {
		if k.name == name {
			return k
		}
	}
	t.Fatalf("there is no kind %q of %s", name, row.Name())
	return credentialKind{}
}

// The files that the blocks name do not exist: whoever reads them fails.
func TestValidateCallsNothingAndReadsNoFile(t *testing.T) {
	eachSimulation(t, func(t *testing.T, s *simulation, row simulator.Service) {
		n := clouds[row.Cloud].account.Names()
		missing := filepath.Join(t.TempDir(), "no-such-file")
		blocks := map[string]map[string]any{
			"nothing":   nil,
			"a profile": {n.Profile.Name: "ops", n.File.Name: missing},
		}
		if row.Federation.Tokens() {
			blocks["a web identity"] = webIdentity(row, row.Federation.ApplyRole,
				map[string]any{n.WebIdentity.TokenFile.Name: missing})
			blocks["the role of the machine"] = map[string]any{n.MachineRole.Name: "machine"}
			blocks["allowed accounts"] = map[string]any{
				n.ID.Name: row.Keys.Lasting.AccessKeyID, n.Secret.Name: row.Keys.Lasting.Secret,
				"allowed_account_ids": []tftypes.Value{tftypes.NewValue(tftypes.String, "1")},
			}
		}
		for name, block := range blocks {
			t.Run(name, func(t *testing.T) {
				s.t = t
				r := s.provider(map[string]any{row.Cloud: s.here(row, block)}) // configure validates first.
				wantTexts(t, r.validate(stopped(row, row.Region, clouds[row.Cloud].example)), "")
				if got := s.requests(); len(got) > 0 {
					t.Errorf("%d requests, the first one is\n%s", len(got), got[0])
				}
			})
		}
	})
}

func TestTheRegionIsPutIntoEndpoints(t *testing.T) {
	eachTokenService(t, func(t *testing.T, s *simulation, row simulator.Service) {
		block := s.here(row, s.kind(t, row, "a role").block)
		block["endpoint"], block["sts_endpoint"] = "https://api.{region}.example.com", "https://sts.{region}.example.com"
		regions := s.server.Cloud(row.Cloud).Regions()[:2]
		block["region"] = regions[0]
		inFakeTime(t, func(t *testing.T) {
			s.t = t
			r := s.provider(map[string]any{row.Cloud: block})
			for i, region := range regions {
				if got := s.stop(r, row, region, s.seed(row, region, i+1, 1)[0]); got != "" {
					t.Errorf("stop in %s: %s", region, got)
				}
			}
			want := []string{
				"api." + regions[0] + ".example.com", "api." + regions[1] + ".example.com", "sts." + regions[0] + ".example.com",
			}
			slices.Sort(want)
			s.wantHosts(want...)
		})
	})
}

func TestAllowedAccountsFailBeforeAnyCallOfTheAPI(t *testing.T) {
	eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		for _, name := range []string{"keys", "a profile", "a web identity by value", "the role of the machine", "a role"} {
			t.Run(name, func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				k := s.kind(t, row, name)
				cloud := s.server.Cloud(row.Cloud)
				own := k.account
				if own == "" {
					own = cloud.Words().Identity.Account
				}
				inFakeTime(t, func(t *testing.T) {
					s.t = t
					owned := row
					owned.Template.Account = k.account
					id := s.seed(owned, row.Region, 1, 1)[0]
					allowing := func(account string) *rpc {
						block := s.here(row, k.block)
						block["allowed_account_ids"] = []tftypes.Value{tftypes.NewValue(tftypes.String, account)}
						return s.provider(map[string]any{row.Cloud: block})
					}
					api := func() (n int) {
						for _, call := range cloud.Calls(0) {
							if call.Op != simulator.OpOther {
								n++
							}
						}
						return n
					}
					config := stopped(row, row.Region, id)
					plan := allowing(own).plan(config, held{})
					if hasError(plan.Diagnostics) {
						t.Fatalf("the own account is refused: %s", texts(plan.Diagnostics))
					}
					before := api()
					want := "the keys belong to the account \"" + own + "\", and `allowed_account_ids` allows only \"1\""
					refused := allowing("1")
					if got := texts(refused.plan(config, held{}).Diagnostics); !strings.Contains(got, want) {
						t.Errorf("plan: got %q, want an error with %q", got, want)
					}
					_, diags := allowing("1").apply(t.Context(), config, held{}, plan)
					if got := texts(diags); !strings.Contains(got, want) {
						t.Errorf("apply: got %q, want an error with %q", got, want)
					}
					if got := api(); before == 0 || got != before {
						t.Errorf("the API got %d calls, and %d before: want some before, and none after", got, before)
					}
				})
			})
		}
	})
}

// The cloud refuses a call with keys that have ended before it acts, so that a write
// is repeated too.
func TestKeysThatTheAPICallsExpiredAreRenewedOnce(t *testing.T) {
	eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		for _, name := range []string{"a web identity by value", "the role of the machine", "a role"} {
			t.Run(name, func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				k := s.kind(t, row, name)
				inFakeTime(t, func(t *testing.T) {
					s.t = t
					cloud := s.server.Cloud(row.Cloud)
					r := s.provider(map[string]any{row.Cloud: s.here(row, k.block)})
					id := s.seed(row, row.Region, 1, 1)[0]
					config := stopped(row, row.Region, id)
					plan := r.plan(config, held{})
					time.Sleep(time.Minute)
					if got := cloud.ExpireIssued(); got != 1 {
						t.Errorf("%d keys were issued, want 1", got)
					}
					if _, diags := r.apply(t.Context(), config, held{}, plan); len(diags) > 0 {
						t.Errorf("apply: %s", texts(diags))
					}
					if got := len(cloud.Issued()); got != 2 {
						t.Errorf("%d keys were issued, want 2", got)
					}
				})
			})
		}
	})
}
