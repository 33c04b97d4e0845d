package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// IdentityWords are what a cloud calls its accounts, users and roles. A cloud
// without roles has none of them.
type IdentityWords struct {
	// Account is the account of keys, roles and instances that name none.
	Account string
	// KeyPrefix begins the id of a key that the token service hands out.
	KeyPrefix string
	// PrincipalKey is the name under which a trust policy lists accounts, users
	// and roles: RAM, qcs or IAM.
	PrincipalKey string
	// Equals and Like are the operators of conditions, without wildcards and with.
	Equals, Like string
	// AssumeAction and FederatedAction are what a trust policy allows.
	AssumeAction, FederatedAction string
	// Names of the five kinds of identity. An account's own is its root.
	Root                 func(account string) string
	User, Role, Provider func(account, name string) string
	Session              func(account, role, session string) string
	// RoleID is the number or text that the cloud gives a role beside its name.
	RoleID func(account, name string) string
}

// Role is an identity that callers can assume for a while. Its account is the
// cloud's first one unless it names another.
type Role struct {
	Account string `json:"account,omitempty"`
	Name    string `json:"name"`
	// TrustPolicy defines which callers may assume the role, in the cloud's own
	// language.
	TrustPolicy json.RawMessage `json:"trust_policy,omitempty"`
	// MaxSession is the longest life of its keys; 12 hours when it is not set.
	MaxSession Duration `json:"max_session,omitempty"`
	// Policy is what its keys may do; nil permits everything.
	Policy *Policy `json:"policy,omitempty"`
}

// maxSession is the longest life that any of the clouds lets a role have.
const maxSession = 12 * time.Hour

func (r Role) maxSession() time.Duration {
	if r.MaxSession > 0 {
		return r.MaxSession.Std()
	}
	return maxSession
}

// OIDCProvider is an identity provider whose tokens a cloud takes.
type OIDCProvider struct {
	Account string `json:"account,omitempty"`
	Name    string `json:"name"`
	// Issuer is what the tokens must name as iss, Audiences what they may name
	// as aud.
	Issuer    string   `json:"issuer"`
	Audiences []string `json:"audiences"`
	// KeySet are the keys that sign the tokens. Without it they are those of the
	// issuer of that URL that the server has, or that AddIssuer was given.
	KeySet *oidc.KeySet `json:"key_set,omitempty"`
	// Unreachable makes the cloud fail to fetch the keys.
	Unreachable bool `json:"unreachable,omitempty"`

	generation int // of the issuer's keys when the provider was put
}

// Machine is the machine that the metadata service serves. Without a role there are
// no keys.
type Machine struct {
	Account string `json:"account,omitempty"`
	Role    string `json:"role,omitempty"`
	// KeyLife is how long its keys live; six hours when it is not set.
	KeyLife Duration `json:"key_life,omitempty"`
}

// identities are the accounts, roles and keys of a cloud beside those that
// Accept was given.
type identities struct {
	offset    time.Duration // of the cloud's clock
	life      time.Duration // of all keys, when set
	roles     []Role
	providers []OIDCProvider
	machine   Machine
	issuers   []*oidc.Issuer

	issued         []Credential // by the token and metadata services
	machineKeys    *Grant
	metadataTokens map[string]time.Time // with their ends
}

// identityBaseline is the part of identities that Reset returns to.
type identityBaseline struct {
	roles     []Role
	providers []OIDCProvider
	machine   Machine
}

func (i *identities) baseline() identityBaseline {
	return identityBaseline{slices.Clone(i.roles), slices.Clone(i.providers), i.machine}
}

// reset goes back to a baseline and forgets all keys and the clock's offset.
func (i *identities) reset(b identityBaseline) {
	*i = identities{
		roles: slices.Clone(b.roles), providers: slices.Clone(b.providers), machine: b.machine, issuers: i.issuers,
	}
}

// account returns the account of a name that may be empty.
func (c *Cloud) account(name string) string { return cmp.Or(name, c.words.Identity.Account) }

// SeedRoles puts roles, in place of those of the same account and name.
func (c *Cloud) SeedRoles(roles ...Role) error {
	roles = slices.Clone(roles)
	for i, r := range roles {
		if r.Name == "" {
			return errors.New("a role needs a name")
		}
		if len(r.TrustPolicy) > 0 {
			if _, err := c.words.Identity.parseTrustPolicy(r.TrustPolicy); err != nil {
				return fmt.Errorf("trust policy of role %q: %w", r.Name, err)
			}
		}
		roles[i].Account = c.account(r.Account)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range roles {
		c.identities.roles = replace(c.identities.roles, r, func(o Role) bool {
			return o.Account == r.Account && o.Name == r.Name
		})
	}
	return nil
}

// Roles returns the roles in the order of seeding.
func (c *Cloud) Roles() []Role {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.identities.roles)
}

// SeedProviders puts identity providers, in place of those of the same account
// and name. A provider that is put again stores the issuer's present keys.
func (c *Cloud) SeedProviders(providers ...OIDCProvider) error {
	for _, p := range providers {
		if p.Name == "" || p.Issuer == "" {
			return errors.New("a provider needs a name and an issuer")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range providers {
		p.Account = c.account(p.Account)
		if issuer := c.identities.issuer(p.Issuer); issuer != nil {
			p.generation = issuer.Generation()
		}
		c.identities.providers = replace(c.identities.providers, p, func(o OIDCProvider) bool {
			return o.Account == p.Account && o.Name == p.Name
		})
	}
	return nil
}

// Providers returns the identity providers in the order of seeding.
func (c *Cloud) Providers() []OIDCProvider {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.identities.providers)
}

// MustSeed puts what a cloud has from the start and makes it the baseline. It
// panics on a mistake, as regexp.MustCompile does, since all of it is constant.
func (c *Cloud) MustSeed(providers []OIDCProvider, roles []Role) {
	if err := errors.Join(c.SeedProviders(providers...), c.SeedRoles(roles...)); err != nil {
		panic(err)
	}
	c.Baseline()
}

// AddIssuer lets providers of the issuer's URL take its keys from it.
func (c *Cloud) AddIssuer(issuer *oidc.Issuer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.identities.issuers = append(c.identities.issuers, issuer)
}

// issuer returns the issuer of a URL that was added last, or nil.
func (i *identities) issuer(url string) *oidc.Issuer {
	for _, issuer := range slices.Backward(i.issuers) {
		if issuer.URL() == url {
			return issuer
		}
	}
	return nil
}

// SetMachine sets the role whose keys the metadata service returns. An empty role
// removes it.
func (c *Cloud) SetMachine(m Machine) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.Account = c.account(m.Account)
	if m.Role != "" && c.identities.role(m.Account, m.Role) == nil {
		return fmt.Errorf("account %s has no role %q", m.Account, m.Role)
	}
	c.identities.machine = m
	c.identities.machineKeys = nil
	return nil
}

// Machine returns what SetMachine was given last.
func (c *Cloud) Machine() Machine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.identities.machine
}

func (i *identities) role(account, name string) *Role {
	at := slices.IndexFunc(i.roles, func(r Role) bool { return r.Account == account && r.Name == name })
	if at < 0 {
		return nil
	}
	return &i.roles[at]
}

// replace puts a value in the place of the one that is the same, or at the end.
func replace[T any](all []T, v T, same func(T) bool) []T {
	if at := slices.IndexFunc(all, same); at >= 0 {
		all[at] = v
		return all
	}
	return append(all, v)
}
