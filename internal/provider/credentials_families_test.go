package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/credentials"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// foreignToken is one that no request may carry.
const foreignToken = "a-token-of-other-keys-0123456789"

// keysOfFamily sets the variables of a family to a key that the cloud accepts, with
// or without the token that belongs to it.
func (s *simulation) keysOfFamily(
	row simulator.Service, family credentials.Family, mark string, withToken bool,
) simulator.Credential {
	s.t.Helper()
	var key simulator.Credential
	if len(family.ID) > 0 {
		key.AccessKeyID, key.Secret = "id-of-family-"+mark, "secret-of-family-"+mark
		s.t.Setenv(family.ID[0], key.AccessKeyID)
		s.t.Setenv(family.Secret[0], key.Secret)
	}
	if withToken || len(family.ID) == 0 {
		key.Token = "token-of-family-" + mark
		s.t.Setenv(family.Token[0], key.Token)
	}
	if err := s.server.Cloud(row.Cloud).SeedCredentials(key); err != nil {
		s.t.Fatal(err)
	}
	return key
}

// wantObserved plans a stop, which the keys must suffice for.
func (s *simulation) wantObserved(row simulator.Service, block map[string]any) {
	s.t.Helper()
	id := s.seed(row, row.Region, 1, 1)[0]
	plan := s.provider(map[string]any{row.Cloud: s.here(row, block)}).plan(stopped(row, row.Region, id), held{})
	if hasError(plan.Diagnostics) {
		s.t.Errorf("plan: %s", texts(plan.Diagnostics))
	}
	if len(s.requests()) == 0 {
		s.t.Error("no request was sent")
	}
}

// wantSent checks whether a request carried a value.
func (s *simulation) wantSent(value string, want bool) {
	s.t.Helper()
	got := found(strings.Join(s.requests(), "\n"), value)
	if (got != "") != want {
		s.t.Errorf("%q is sent: %t, want %t: %s", value, got != "", want, got)
	}
}

func TestKeysOfOneFamilyAreSentWithoutTheTokenOfAnother(t *testing.T) {
	eachSimulation(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		families := clouds[row.Cloud].account.Families()
		for i, family := range families {
			if len(family.ID) == 0 {
				continue // A token alone is a whole set.
			}
			for j, other := range families {
				if i == j || len(other.Token) == 0 || len(other.ID) == 0 {
					continue
				}
				t.Run(family.ID[0]+" with a leftover "+other.Token[0], func(t *testing.T) {
					clearEnvironment(t)
					s := newSimulation(t)
					key := s.keysOfFamily(row, family, "own", false)
					t.Setenv(other.Token[0], foreignToken)
					s.wantObserved(row, nil)
					s.wantSent(key.AccessKeyID, true)
					s.wantSent(foreignToken, false)
				})
				t.Run(fmt.Sprintf("both of %s and %s whole", family.ID[0], other.ID[0]), func(t *testing.T) {
					clearEnvironment(t)
					s := newSimulation(t)
					keys := [2]simulator.Credential{}
					keys[0] = s.keysOfFamily(row, family, "one", len(family.Token) > 0)
					keys[1] = s.keysOfFamily(row, other, "two", true)
					wins := min(i, j)
					if wins == j {
						keys[0], keys[1] = keys[1], keys[0]
					}
					s.wantObserved(row, nil)
					s.wantSent(keys[0].AccessKeyID, true)
					s.wantSent(keys[0].Token, true)
					s.wantSent(keys[1].AccessKeyID, false)
					s.wantSent(keys[1].Token, false)
				})
			}
		}
	})
}

// Zenlayer's token is a family by itself, between the two pairs.
func TestATokenThatStandsAloneIsNotSentWithAPair(t *testing.T) {
	eachSimulation(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		families := clouds[row.Cloud].account.Families()
		for i, family := range families {
			if len(family.ID) > 0 {
				continue
			}
			for j, pair := range families {
				if i == j {
					continue
				}
				t.Run(family.Token[0]+" and "+pair.ID[0], func(t *testing.T) {
					clearEnvironment(t)
					s := newSimulation(t)
					token, key := s.keysOfFamily(row, family, "token", true), s.keysOfFamily(row, pair, "pair", false)
					s.wantObserved(row, nil)
					s.wantSent(token.Token, i < j)
					s.wantSent(key.AccessKeyID, j < i)
				})
			}
		}
	})
}

func TestConfiguredKeysTakeNothingFromTheEnvironment(t *testing.T) {
	eachSimulation(t, func(t *testing.T, _ *simulation, row simulator.Service) {
		n, key := clouds[row.Cloud].account.Names(), row.Keys.Lasting
		for _, family := range clouds[row.Cloud].account.Families() {
			beside := slices.Concat(family.ID[:min(1, len(family.ID))], family.Token)
			t.Run("a whole set beside "+strings.Join(beside, " and "), func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				for _, name := range family.Token {
					t.Setenv(name, foreignToken)
				}
				if len(family.ID) > 0 {
					t.Setenv(family.ID[0], "id-of-the-environment")
					t.Setenv(family.Secret[0], "secret-of-the-environment")
				}
				s.wantObserved(row, map[string]any{n.ID.Name: key.AccessKeyID, n.Secret.Name: key.Secret})
				s.wantSent(key.AccessKeyID, true)
				s.wantSent(foreignToken, false)
				s.wantSent("id-of-the-environment", false)
			})
			if len(family.ID) == 0 {
				continue
			}
			t.Run("an id with "+family.Secret[0], func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				t.Setenv(family.Secret[0], key.Secret)
				block := s.here(row, map[string]any{n.ID.Name: key.AccessKeyID})
				got := s.unconfigured().configure(map[string]any{row.Cloud: block})
				wantTexts(t, got, "error at AttributeName(\""+row.Cloud+"\"): Invalid configuration of "+row.Cloud+"\n\n"+
					"`"+n.ID.Name+"` is set in the provider's `"+row.Cloud+"` block and `"+n.Secret.Name+"` is not. "+
					"A set of keys is taken whole from one source, and the environment does not complete it: "+
					"set them all there, or none.")
				if sent := s.requests(); len(sent) > 0 {
					t.Errorf("got %d requests, want none", len(sent))
				}
			})
		}
	})
}
