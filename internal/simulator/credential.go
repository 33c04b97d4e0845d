package simulator

import (
	"errors"
	"slices"
	"time"
)

// Credential is a key that a cloud accepts. With a Token it is a temporary one,
// and requests must carry the token too. A cloud with bearer tokens has
// credentials with a Token alone.
type Credential struct {
	AccessKeyID string `json:"access_key_id,omitempty"`
	Secret      string `json:"secret,omitempty"`
	Token       string `json:"token,omitempty"`
	// Expired makes the cloud answer as it does after the end of the token's
	// life.
	Expired bool `json:"expired,omitempty"`
	// Policy is what the key may do; nil permits everything. SessionPolicy
	// narrows that for a temporary key, as its exchange asked for.
	Policy        *Policy `json:"policy,omitempty"`
	SessionPolicy *Policy `json:"session_policy,omitempty"`

	// Account is the account that the key belongs to, the cloud's first one when
	// it is not set. Main makes it a key of the account itself. Otherwise it is
	// one of the User, or one of a Role for a Session.
	Account string `json:"account,omitempty"`
	Main    bool   `json:"main,omitempty"`
	User    string `json:"user,omitempty"`
	Role    string `json:"role,omitempty"`
	Session string `json:"session,omitempty"`
	// Expires is when the key ends by the cloud's clock; zero is never.
	Expires time.Time `json:"expires,omitzero"`
}

// Allows reports whether the key may carry out an action on a resource.
func (k Credential) Allows(action, resource string) bool {
	return k.Policy.Allows(action, resource) && k.SessionPolicy.Allows(action, resource)
}

// same reports whether two credentials are found by the same text.
func (k Credential) same(other Credential) bool {
	return k.AccessKeyID == other.AccessKeyID && (k.AccessKeyID != "" || k.Token == other.Token)
}

// Keys are the credentials that a simulated cloud accepts from the start, so that
// a test or a demonstration can pick one by what it is good for. A kind that the
// cloud does not have is zero.
type Keys struct {
	// Lasting may do everything and has no end.
	Lasting Credential
	// Temporary needs its token; Expired is one whose life is over.
	Temporary, Expired Credential
	// Denied may do nothing, ReadOnly may describe and nothing else.
	Denied, ReadOnly Credential
	// Disabled was a key once.
	Disabled Credential
	// Second is a key of the second account, Main one of the first account itself,
	// with which no role can be assumed.
	Second, Main Credential
}

// All returns the credentials that there are.
func (k Keys) All() []Credential {
	all := []Credential{k.Lasting, k.Temporary, k.Expired, k.Denied, k.ReadOnly, k.Disabled, k.Second, k.Main}
	return slices.DeleteFunc(all, func(c Credential) bool { return c.AccessKeyID == "" && c.Token == "" })
}

// Accept adds credentials to those that the cloud accepts, for good.
func (c *Cloud) Accept(credentials ...Credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range credentials {
		c.baseline.credentials = withCredential(c.baseline.credentials, k)
		c.credentials = withCredential(c.credentials, k)
	}
}

// SeedCredentials adds credentials, or takes the place of those with the same
// ids, until the next Reset.
func (c *Cloud) SeedCredentials(credentials ...Credential) error {
	if slices.ContainsFunc(credentials, func(k Credential) bool { return k.AccessKeyID == "" && k.Token == "" }) {
		return errors.New("a credential needs an access_key_id or a token")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range credentials {
		c.credentials = withCredential(c.credentials, k)
	}
	return nil
}

// withCredential returns the credentials with k, in the place of one that is
// looked up by the same text.
func withCredential(all []Credential, k Credential) []Credential {
	all = slices.DeleteFunc(slices.Clone(all), k.same)
	return append(all, k)
}

// Credentials returns those that the cloud accepts.
func (c *Cloud) Credentials() []Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.credentials)
}

// Credential finds a credential by its access key id.
func (c *Cloud) Credential(accessKeyID string) (Credential, bool) {
	return c.findCredential(func(k Credential) bool { return accessKeyID != "" && k.AccessKeyID == accessKeyID })
}

// Bearer finds a credential that is a token alone.
func (c *Cloud) Bearer(token string) (Credential, bool) {
	return c.findCredential(func(k Credential) bool { return token != "" && k.AccessKeyID == "" && k.Token == token })
}

func (c *Cloud) findCredential(is func(Credential) bool) (Credential, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, all := range [][]Credential{c.credentials, c.identities.issued} {
		if i := slices.IndexFunc(all, is); i >= 0 {
			k := all[i]
			k.Expired = k.Expired || !k.Expires.IsZero() && !c.clock().Before(k.Expires)
			return k, true
		}
	}
	return Credential{}, false
}
