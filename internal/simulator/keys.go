package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"
)

// Issued returns the keys that the token and metadata services handed out, in
// their order.
func (c *Cloud) Issued() []Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.identities.issued)
}

// ExpireIssued ends all keys that were handed out so far, whatever end their
// holders were told, and returns how many it ended.
func (c *Cloud) ExpireIssued() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	ended := 0
	for i := range c.identities.issued {
		if k := &c.identities.issued[i]; !k.Expired {
			k.Expired = true
			ended++
		}
	}
	c.identities.machineKeys = nil
	return ended
}

// SetKeyLife makes all keys that are handed out from now on live this long,
// whatever was asked for; zero ends that.
func (c *Cloud) SetKeyLife(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.identities.life = d
}

// SetClockOffset sets how far the cloud's clock is ahead of this machine's; a
// negative offset is behind. Signatures, tokens and the ends of keys are judged
// by it, and the header Date of each answer shows it.
func (c *Cloud) SetClockOffset(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.identities.offset = d
}

// Now is the time on the cloud's clock.
func (c *Cloud) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock()
}

// clock is Now with the lock held.
func (c *Cloud) clock() time.Time { return time.Now().Add(c.identities.offset) }

// Clock is the time on the cloud's clock, which ends keys and is told to
// callers. Now is this machine's, by which transitions are timed.
func (tx *Tx) Clock() time.Time { return tx.cloud.clock() }

// Grant are keys that a service hands out.
type Grant struct {
	Credential

	// Since is when the keys were made; whole seconds, as all clouds write it.
	Since time.Time
	// RoleID is the cloud's other name of the role.
	RoleID string
}

// issue makes keys of a role, which the policy narrows unless it is nil.
func (tx *Tx) issue(role Role, session string, life time.Duration, narrowed *Policy) Grant {
	c := tx.cloud
	if c.identities.life > 0 {
		life = c.identities.life
	}
	since := c.clock().UTC().Truncate(time.Second)
	g := Grant{
		Credential: Credential{
			AccessKeyID: c.words.Identity.KeyPrefix + random(10), Secret: random(16), Token: random(48),
			Account: role.Account, Role: role.Name, Session: session, Policy: role.Policy, SessionPolicy: narrowed,
			Expires: since.Add(life),
		},
		Since: since, RoleID: c.words.Identity.RoleID(role.Account, role.Name),
	}
	c.identities.issued = append(c.identities.issued, g.Credential)
	tx.req.Call.Issued = g.AccessKeyID
	return g
}

// random returns text of twice as many hexadecimal digits as there are bytes.
func random(bytes int) string {
	b := make([]byte, bytes)
	// Read never fails (crypto/rand documents that it ends the program instead).
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Identify tells the machine which key signed a call. The call then reaches
// only what belongs to the account of the key.
func (r *Request) Identify(key Credential) {
	r.caller = key
	r.Call.Account = r.cloud.account(key.Account)
	r.Call.Principal = r.cloud.principal(key)
}

// Caller returns the key that Identify was given.
func (tx *Tx) Caller() Credential { return tx.req.caller }

// principal is the cloud's name of the identity behind a key, empty for a cloud
// without such names.
func (c *Cloud) principal(key Credential) string {
	w := c.words.Identity
	account := c.account(key.Account)
	switch {
	case w.Root == nil:
		return ""
	case key.Main:
		return w.Root(account)
	case key.Role != "":
		return w.Session(account, key.Role, key.Session)
	default:
		return w.User(account, key.UserName())
	}
}

// UserName is the name of the user whose key it is.
func (k Credential) UserName() string {
	if k.User != "" {
		return k.User
	}
	return "simulator"
}

// reaches reports whether an instance belongs to the account of the caller.
func (tx *Tx) reaches(i Instance) bool {
	return tx.cloud.account(i.Account) == tx.cloud.account(tx.req.Call.Account)
}

// ExchangeCounts returns how often keys of a role were handed out, by the
// action and the role, as in "AssumeRole acs:ram::1:role/operator".
func (c *Cloud) ExchangeCounts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	for _, k := range c.calls {
		if k.Issued != "" {
			counts[k.Action+" "+k.Role]++
		}
	}
	return counts
}
