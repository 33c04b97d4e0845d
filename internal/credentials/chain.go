package credentials

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Chain finds the keys of one cloud, in one configuration of the provider, and
// keeps them renewed. All regions and resources share it. Its methods may be
// called concurrently. Make it with New.
type Chain struct {
	cloud *Cloud
	cache *cache
	guard *guard
}

// New returns the chain of a cloud. It reads nothing and makes no call: both
// begin with the first call of Keys.
func New(cloud *Cloud, config Config, system System) *Chain {
	system = system.withDefaults()
	r := &resolver{cloud: cloud, config: config, system: system}
	g := &guard{resolver: r, allowed: config.AllowedAccountIDs}
	return &Chain{cloud: cloud, cache: newCache(g, system.Now), guard: g}
}

// Keys returns keys that have not ended. It waits for an exchange no longer
// than ctx lasts; the exchange itself goes on for the other callers. Where
// AllowedAccountIDs is set, the account of the keys is one of them. The error
// is an *Error, or wraps the one of ctx.
func (c *Chain) Keys(ctx context.Context) (Set, error) { return c.cache.keys(ctx) }

// Invalidate is for keys that an API of the cloud has called expired: where set
// is still the current one, the next call of Keys gets new ones.
func (c *Chain) Invalidate(set Set) { c.cache.invalidate(set) }

// Account returns the id of the account that the keys belong to. It makes a call
// only where the source does not have it, and once for each key. A cloud without a
// token service has no such call: the id is then empty.
func (c *Chain) Account(ctx context.Context) (string, error) {
	set, err := c.Keys(ctx)
	if err != nil {
		return "", err
	}
	return c.guard.account(ctx, set)
}

// guard is the outermost source of a chain: it chooses the source at the first
// use, and checks the account of its keys.
type guard struct {
	resolver *resolver
	allowed  []string

	mu     sync.Mutex
	chosen source
	// accounts are the accounts of keys, by id.
	accounts map[string]string
}

// String names the chosen source.
func (g *guard) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.chosen == nil {
		return "`" + g.resolver.cloud.names.Block + "`"
	}
	return g.chosen.String()
}

// keys gets keys from the source that wins, which stays the same from then on.
func (g *guard) keys(ctx context.Context) (Set, error) {
	s, err := g.choose(ctx)
	if err != nil {
		return Set{}, err
	}
	set, err := s.keys(ctx)
	if err != nil {
		return Set{}, err
	}
	if len(g.allowed) == 0 {
		return set, nil
	}
	if g.resolver.cloud.sts == nil {
		return Set{}, invalid("%s has no call for the account of a key: remove `allowed_account_ids`",
			g.resolver.cloud.title).of(set.Source)
	}
	if set.Account, err = g.account(ctx, set); err != nil {
		return Set{}, err
	}
	if slices.Contains(g.allowed, set.Account) {
		return set, nil
	}
	return Set{}, (&Error{
		Kind: Denied,
		Problem: fmt.Sprintf("the keys belong to the account %s, and `allowed_account_ids` allows only %s",
			quote(set.Account), names(g.allowed)),
	}).of(set.Source)
}

// choose resolves the source once. Only one flight at a time calls it.
func (g *guard) choose(ctx context.Context) (source, error) {
	g.mu.Lock()
	chosen := g.chosen
	g.mu.Unlock()
	if chosen != nil {
		return chosen, nil
	}
	r := *g.resolver // Each attempt has a list of its own.
	s, err := r.resolve(ctx)
	if err != nil {
		return nil, named(err, "")
	}
	r.system.Log(ctx, "source of credentials chosen", map[string]any{"cloud": r.cloud.names.Block, "source": s.String()})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.chosen = s
	return s, nil
}

// account returns the account of keys.
func (g *guard) account(ctx context.Context, set Set) (string, error) {
	sts := g.resolver.cloud.sts
	if set.Account != "" || sts == nil {
		return set.Account, nil
	}
	g.mu.Lock()
	known := g.accounts[set.ID]
	g.mu.Unlock()
	if known != "" {
		return known, nil
	}
	e, err := g.resolver.endpoint("", "")()
	if err != nil {
		return "", named(err, set.Source)
	}
	account, err := attempt(ctx, func(ctx context.Context) (string, error) { return sts.callerIdentity(ctx, e, set) })
	if err != nil {
		failed, ok := named(err, set.Source).(*Error) //nolint:errorlint // named returns nothing else.
		if ok {
			failed.Problem = "GetCallerIdentity failed: " + failed.Problem
			return "", failed
		}
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.accounts == nil {
		g.accounts = make(map[string]string)
	}
	g.accounts[set.ID] = account
	return account, nil
}

// Sources returns one line for each source that a cloud has, in the order of
// their precedence, for the documentation. A role is assumed on top of each.
func (c *Cloud) Sources() []string {
	n := c.names
	lines := []string{c.arguments() + " in the `" + n.Block + "` block", c.familyNames()}
	for _, v := range c.identities {
		lines = append(lines, strings.Join(v.required(), " with "))
	}
	if c.files != nil {
		lines = append(lines, "a profile: "+strings.Join(append(slices.Clone(n.Profile.Env), n.File.Env...), ", "))
	}
	if len(n.MachineRole.Env) > 0 {
		lines = append(lines, "the role of the machine: "+strings.Join(n.MachineRole.Env, ", "))
	}
	if c.files != nil {
		lines = append(lines, c.files.places()...)
	}
	return lines
}

// ExpiredCodes are the codes with which the cloud's APIs call keys expired: they
// are renewed once (Chain.Invalidate), and the call is repeated once, which is
// safe for a write too, since it was refused.
func (c *Cloud) ExpiredCodes() []string {
	if c.sts == nil {
		return nil
	}
	return slices.Clone(c.sts.expired)
}
