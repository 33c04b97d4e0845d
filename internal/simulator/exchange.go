package simulator

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// Exchange asks for keys of a role: by the key that signed the call, or by the
// token of an identity provider.
type Exchange struct {
	Account, Role string
	Session       string
	Duration      time.Duration
	// Clamp makes the role's longest life of a longer Duration, which is an
	// error otherwise.
	Clamp bool
	// Policy narrows what the keys may do; nil leaves them all that the role may.
	Policy *Policy
	// Conditions are what a trust policy can ask for beside the token's claims,
	// by their names in the cloud's language.
	Conditions map[string]string

	// Token is that of an identity provider; without it the caller's key
	// decides. Provider is the provider's name in ProviderAccount; an empty one
	// stands for the provider of the role's account whose issuer the token
	// names.
	Token                     string
	Federated                 bool
	Provider, ProviderAccount string
}

// Objection is the reason for which an exchange is refused; the wire maps it to the
// cloud's code.
type Objection string

// The objections.
const (
	NoSuchRole      Objection = "no_such_role"
	NotTrusted      Objection = "not_trusted"
	TooLong         Objection = "too_long"
	NoSuchProvider  Objection = "no_such_provider"
	KeysUnreachable Objection = "keys_unreachable"
	TokenMalformed  Objection = "token_malformed"
	TokenAlgorithm  Objection = "token_algorithm" //nolint:gosec // A reason, and no secret.
	TokenSignature  Objection = "token_signature"
	TokenExpired    Objection = "token_expired"
	TokenNotYet     Objection = "token_not_yet"
	WrongIssuer     Objection = "wrong_issuer"
	WrongAudience   Objection = "wrong_audience"
)

// Exchange issues keys, or returns an objection. The token is checked before the
// role, so that a caller without a good token cannot tell which roles exist.
func (tx *Tx) Exchange(x Exchange) (Grant, oidc.Claims, Objection) {
	var none Grant
	i, w := &tx.cloud.identities, tx.cloud.words.Identity
	who := attempt{conditions: map[string][]string{}, like: w.Like}
	account := tx.cloud.account(x.Account)
	for name, value := range x.Conditions {
		if value != "" {
			who.conditions[plain(name)] = []string{value}
		}
	}
	var claims oidc.Claims
	if x.Federated {
		provider, found, objection := tx.federate(x, account)
		if objection != "" {
			return none, found, objection
		}
		claims = found
		who.action, who.kind = w.FederatedAction, "Federated"
		who.principals = []string{w.Provider(provider.Account, provider.Name)}
		who.conditions["oidc:iss"] = []string{claims.Issuer}
		who.conditions["oidc:sub"] = []string{claims.Subject}
		who.conditions["oidc:aud"] = claims.Audience
	} else {
		caller := tx.cloud.account(tx.req.caller.Account)
		who.action, who.kind = w.AssumeAction, w.PrincipalKey
		who.principals = []string{w.Root(caller), tx.cloud.principal(tx.req.caller)}
		if role := tx.req.caller.Role; role != "" {
			who.principals = append(who.principals, w.Role(caller, role))
		}
	}
	role := i.role(account, x.Role)
	if role == nil {
		return none, claims, NoSuchRole
	}
	// SeedRoles has parsed it; a role without a policy trusts nobody.
	trust, err := w.parseTrustPolicy(role.TrustPolicy)
	if err != nil || !trust.allows(who) {
		return none, claims, NotTrusted
	}
	if x.Duration > role.maxSession() {
		if !x.Clamp {
			return none, claims, TooLong
		}
		x.Duration = role.maxSession()
	}
	return tx.issue(*role, x.Session, x.Duration, x.Policy), claims, ""
}

// federate finds the provider of a token and checks the token with its keys.
func (tx *Tx) federate(x Exchange, account string) (*OIDCProvider, oidc.Claims, Objection) {
	token := x.Token
	if tx.Setting(TokenWhitespace) == Trimmed {
		token = strings.TrimSpace(token)
	}
	claims, err := oidc.Read(token)
	if err != nil {
		return nil, claims, TokenMalformed
	}
	provider := tx.provider(x, account, claims.Issuer)
	switch {
	case provider == nil:
		return nil, claims, NoSuchProvider
	case provider.Issuer != claims.Issuer:
		return nil, claims, WrongIssuer
	case provider.Unreachable:
		return nil, claims, KeysUnreachable
	}
	keys, err := tx.keys(provider)
	if err != nil {
		return nil, claims, KeysUnreachable
	}
	if _, err = keys.Verify(token); err == nil {
		err = claims.CheckTime(tx.Clock())
	}
	for reason, objection := range map[error]Objection{
		oidc.ErrMalformed: TokenMalformed, oidc.ErrAlgorithm: TokenAlgorithm, oidc.ErrSignature: TokenSignature,
		oidc.ErrExpired: TokenExpired, oidc.ErrNotYet: TokenNotYet,
	} {
		if errors.Is(err, reason) {
			return nil, claims, objection
		}
	}
	if err != nil {
		return nil, claims, KeysUnreachable
	}
	if !slices.ContainsFunc(claims.Audience, func(a string) bool { return slices.Contains(provider.Audiences, a) }) {
		return nil, claims, WrongAudience
	}
	return provider, claims, ""
}

// RoleOfID returns the name of the role that has the id in an account, or empty.
func (tx *Tx) RoleOfID(account, id string) string {
	account = tx.cloud.account(account)
	for _, r := range tx.cloud.identities.roles {
		if r.Account == account && tx.cloud.words.Identity.RoleID(account, r.Name) == id {
			return r.Name
		}
	}
	return ""
}

func (tx *Tx) provider(x Exchange, account, issuer string) *OIDCProvider {
	all := tx.cloud.identities.providers
	at := slices.IndexFunc(all, func(p OIDCProvider) bool {
		if x.Provider == "" {
			return p.Account == account && p.Issuer == issuer
		}
		return p.Account == tx.cloud.account(x.ProviderAccount) && p.Name == x.Provider
	})
	if at < 0 {
		return nil
	}
	return &all[at]
}

// keys are the keys of a provider: its own, those of the issuer when the
// provider was put, or those of the issuer now.
func (tx *Tx) keys(p *OIDCProvider) (oidc.KeySet, error) {
	if p.KeySet != nil {
		return *p.KeySet, nil
	}
	issuer := tx.cloud.identities.issuer(p.Issuer)
	if issuer == nil {
		return oidc.KeySet{}, errors.New("there is no issuer of this URL")
	}
	if tx.Setting(ProviderKeys) == Stored {
		return issuer.KeySetAt(p.generation)
	}
	return issuer.KeySet()
}

// The switches that all clouds with a token service share, and their values.
const (
	// ProviderKeys: whether a cloud fetches the keys of an issuer when it checks
	// a token, or has those that the issuer had when the provider was put. No
	// page of Tencent Cloud tells; its provider is created with the keys.
	ProviderKeys = "oidc_provider_keys"
	Fetched      = "fetched"
	Stored       = "stored"

	// TokenWhitespace: a token with white space before or after it.
	TokenWhitespace = "oidc_token_whitespace"
	Refused         = "refused"
	Trimmed         = "trimmed"
)

// ExchangeSettings are the switches of a token service. Keys are the values of
// ProviderKeys, the default first.
func ExchangeSettings(keys ...string) []Setting {
	return []Setting{
		{
			Name: ProviderKeys, Doc: "the keys that check tokens: the issuer's now, or those of when the provider was put",
			Values: keys,
		},
		{Name: TokenWhitespace, Doc: "an OIDC token with white space before or after it", Values: []string{Refused, Trimmed}},
	}
}
