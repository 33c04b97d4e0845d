package simulator

import (
	"context"
	"net/http"
)

// Roles returns the roles of the cloud.
func (k *Control) Roles(ctx context.Context) ([]Role, error) {
	var out []Role
	err := k.do(ctx, http.MethodGet, "roles", nil, &out)
	return out, err
}

// SeedRoles puts roles, in place of those of the same account and name.
func (k *Control) SeedRoles(ctx context.Context, roles ...Role) error {
	return k.do(ctx, http.MethodPost, "roles", roles, nil)
}

// Providers returns the identity providers of the cloud.
func (k *Control) Providers(ctx context.Context) ([]OIDCProvider, error) {
	var out []OIDCProvider
	err := k.do(ctx, http.MethodGet, "providers", nil, &out)
	return out, err
}

// SeedProviders puts identity providers, in place of those of the same account
// and name.
func (k *Control) SeedProviders(ctx context.Context, providers ...OIDCProvider) error {
	return k.do(ctx, http.MethodPost, "providers", providers, nil)
}

// SetMachine sets the role whose keys the metadata service returns.
func (k *Control) SetMachine(ctx context.Context, m Machine) error {
	return k.do(ctx, http.MethodPut, "machine", m, nil)
}

// Issued returns the keys that the token and metadata services handed out.
func (k *Control) Issued(ctx context.Context) ([]Credential, error) {
	var out []Credential
	err := k.do(ctx, http.MethodGet, "keys", nil, &out)
	return out, err
}

// ExpireIssued ends all keys that were handed out and returns how many.
func (k *Control) ExpireIssued(ctx context.Context) (int, error) {
	var out map[string]int
	err := k.do(ctx, http.MethodPost, "keys/expire", nil, &out)
	return out["expired"], err
}

// ExchangeCounts returns how often keys were handed out, by action and role.
func (k *Control) ExchangeCounts(ctx context.Context) (map[string]int, error) {
	var out map[string]int
	err := k.do(ctx, http.MethodGet, "calls/exchanges", nil, &out)
	return out, err
}

// IssuerControl steers the identity provider of a simulator that runs elsewhere.
type IssuerControl struct{ control *Control }

// NewIssuerControl returns a client for the identity provider of the simulator at
// a base URL.
func NewIssuerControl(baseURL string) *IssuerControl {
	return &IssuerControl{NewControl(baseURL, "issuer")}
}

// Token returns a token as the request wants it.
func (k *IssuerControl) Token(ctx context.Context, request TokenRequest) (string, error) {
	var out tokenAnswer
	err := k.control.do(ctx, http.MethodPost, "token", request, &out)
	return out.Token, err
}

// Rotate makes the provider sign with a new key.
func (k *IssuerControl) Rotate(ctx context.Context) error {
	return k.control.do(ctx, http.MethodPost, "rotate", nil, nil)
}
