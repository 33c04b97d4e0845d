package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// Offset is a time.Duration that may be negative, in JSON as in Go: "-10m".
type Offset time.Duration

// Std returns o as a time.Duration.
func (o Offset) Std() time.Duration { return time.Duration(o) }

// MarshalJSON implements json.Marshaler.
func (o Offset) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(o).String()) }

// UnmarshalJSON implements json.Unmarshaler.
func (o *Offset) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("an offset is a string such as \"-10m\", not %s", data)
	}
	v, err := time.ParseDuration(s)
	*o = Offset(v)
	return err
}

// TokenRequest asks the issuer of a server for a token. Times count from now; a
// negative one is in the past.
type TokenRequest struct {
	// Issuer is the server's own unless it is set.
	Issuer   string        `json:"issuer,omitempty"`
	Subject  string        `json:"subject"`
	Audience oidc.Audience `json:"audience"`
	// ExpiresIn is an hour when it is not set.
	ExpiresIn Offset `json:"expires_in,omitempty"`
	// NotBeforeIn is left out of the token when it is not set.
	NotBeforeIn Offset `json:"not_before_in,omitempty"`
	// Algorithm, such as "none", takes the place of RS256 in the header.
	Algorithm string `json:"algorithm,omitempty"`
}

// Token makes a token of the request.
func (t TokenRequest) Token(issuer *oidc.Issuer) (string, error) {
	now := time.Now()
	c := oidc.Claims{
		Issuer: issuer.URL(), Subject: t.Subject, Audience: t.Audience, IssuedAt: now.Unix(),
		Expires: now.Add(time.Hour).Unix(),
	}
	if t.Issuer != "" {
		c.Issuer = t.Issuer
	}
	if t.ExpiresIn != 0 {
		c.Expires = now.Add(t.ExpiresIn.Std()).Unix()
	}
	if t.NotBeforeIn != 0 {
		c.NotBefore = now.Add(t.NotBeforeIn.Std()).Unix()
	}
	var header map[string]any
	if t.Algorithm != "" {
		header = map[string]any{"alg": t.Algorithm}
	}
	return issuer.Sign(header, c)
}

// tokenAnswer is what the control interface answers to a TokenRequest.
type tokenAnswer struct {
	Token string `json:"token"`
}

// identityFuncs are the parts of the control interface about roles and keys.
func identityFuncs() map[string]controlFunc {
	return map[string]controlFunc{
		"GET /_simulator/v1/{cloud}/roles":           listRoles,
		"POST /_simulator/v1/{cloud}/roles":          seedRoles,
		"GET /_simulator/v1/{cloud}/providers":       listProviders,
		"POST /_simulator/v1/{cloud}/providers":      seedProviders,
		"GET /_simulator/v1/{cloud}/machine":         getMachine,
		"PUT /_simulator/v1/{cloud}/machine":         putMachine,
		"GET /_simulator/v1/{cloud}/keys":            listKeys,
		"POST /_simulator/v1/{cloud}/keys/expire":    expireKeys,
		"GET /_simulator/v1/{cloud}/calls/exchanges": countExchanges,
	}
}

// handleIssuer serves the documents of the issuer, and its tokens.
func (k *control) handleIssuer(mux *http.ServeMux) {
	const prefix = ControlPrefix + "issuer"
	mux.Handle(prefix+"/.well-known/", http.StripPrefix(prefix, k.server.issuer.Handler()))
	mux.HandleFunc("POST "+prefix+"/token", func(w http.ResponseWriter, r *http.Request) {
		var request TokenRequest
		if fail := decode(r, &request); fail != nil {
			writeError(w, fail.status, fail.err)
			return
		}
		token, err := request.Token(k.server.issuer)
		if err != nil {
			writeError(w, http.StatusInternalServerError, err)
			return
		}
		if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
			writePlain(w, token)
			return
		}
		writeJSON(w, http.StatusOK, tokenAnswer{token})
	})
	mux.HandleFunc("POST "+prefix+"/rotate", func(w http.ResponseWriter, _ *http.Request) {
		k.server.issuer.Rotate()
		writeJSON(w, http.StatusOK, done)
	})
}

func listRoles(c *Cloud, _ *http.Request) (any, *failure) { return orEmpty(c.Roles()), nil }

func seedRoles(c *Cloud, r *http.Request) (any, *failure) {
	return seedAll(r, func(roles []Role) error { return c.SeedRoles(roles...) })
}

func listProviders(c *Cloud, _ *http.Request) (any, *failure) { return orEmpty(c.Providers()), nil }

func seedProviders(c *Cloud, r *http.Request) (any, *failure) {
	return seedAll(r, func(providers []OIDCProvider) error { return c.SeedProviders(providers...) })
}

// seedAll decodes a list and hands it to a function that seeds it.
func seedAll[T any](r *http.Request, seed func([]T) error) (any, *failure) {
	var all []T
	if fail := decode(r, &all); fail != nil {
		return nil, fail
	}
	if err := seed(all); err != nil {
		return nil, bad(err)
	}
	return done, nil
}

func getMachine(c *Cloud, _ *http.Request) (any, *failure) { return c.Machine(), nil }

func putMachine(c *Cloud, r *http.Request) (any, *failure) {
	var m Machine
	if fail := decode(r, &m); fail != nil {
		return nil, fail
	}
	if err := c.SetMachine(m); err != nil {
		return nil, bad(err)
	}
	return getMachine(c, r)
}

func listKeys(c *Cloud, _ *http.Request) (any, *failure) { return orEmpty(c.Issued()), nil }

func expireKeys(c *Cloud, _ *http.Request) (any, *failure) {
	return map[string]int{"expired": c.ExpireIssued()}, nil
}

func countExchanges(c *Cloud, _ *http.Request) (any, *failure) { return c.ExchangeCounts(), nil }

// orEmpty makes an empty list of none, which JSON writes as null.
func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
