package oidc

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The reasons for which a token is refused by itself. A cloud has a code for
// each of them, or one for several.
var (
	ErrMalformed = errors.New("the token is malformed")
	ErrAlgorithm = errors.New("the algorithm of the token is not supported")
	ErrSignature = errors.New("the signature of the token is wrong")
	ErrExpired   = errors.New("the token is expired")
	ErrNotYet    = errors.New("the token is not valid yet")
)

// Claims are the claims of a token that decide whether it opens a role. Times
// are seconds since 1970.
type Claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  Audience `json:"aud"`
	Expires   int64    `json:"exp"`
	NotBefore int64    `json:"nbf,omitempty"`
	IssuedAt  int64    `json:"iat,omitempty"`
}

// Audience is the claim aud: one text or a list of texts (RFC 7519, 4.1.3).
type Audience []string

// MarshalJSON implements json.Marshaler: one audience is a text.
func (a Audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Audience) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*a = Audience{one}
		return nil
	}
	var all []string
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*a = all
	return nil
}

// CheckTime reports ErrExpired or ErrNotYet when the token does not hold at a
// time. A token without an end never holds.
func (c Claims) CheckTime(now time.Time) error {
	if now.Unix() >= c.Expires {
		return ErrExpired
	}
	if c.NotBefore > now.Unix() {
		return ErrNotYet
	}
	return nil
}

// HCPSubject is the subject of a run of HCP Terraform; the phase is plan or
// apply.
func HCPSubject(organization, project, workspace, phase string) string {
	return "organization:" + organization + ":project:" + project + ":workspace:" + workspace + ":run_phase:" + phase
}

// KeySet is a JSON Web Key Set (RFC 7517, section 5).
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Key is a public key of a set. N and E are base64url.
type Key struct {
	Type      string `json:"kty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	ID        string `json:"kid"`
	N         string `json:"n"`
	E         string `json:"e"`
}

// part is one part of a token. The decoder of the standard library skips line
// breaks, which no cloud does, so the form is checked before it.
var part = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// Verify checks form, algorithm and signature of a token and returns its
// claims. A token with anything before or after it, such as a line break, is
// malformed. The time is left to CheckTime.
func (s KeySet) Verify(token string) (Claims, error) {
	var none Claims
	header, claims, err := read(token)
	if err != nil {
		return none, err
	}
	if header.Algorithm != algorithm {
		return none, fmt.Errorf("%w: %s", ErrAlgorithm, header.Algorithm)
	}
	at := slices.IndexFunc(s.Keys, func(k Key) bool { return k.ID == header.KeyID })
	if at < 0 {
		return none, fmt.Errorf("%w: there is no key %q", ErrSignature, header.KeyID)
	}
	public, err := s.Keys[at].public()
	if err != nil {
		return none, err
	}
	cut := strings.LastIndexByte(token, '.')
	// Strict, since otherwise bits of the last character could be changed.
	signature, err := base64.RawURLEncoding.Strict().DecodeString(token[cut+1:])
	if err != nil {
		return none, fmt.Errorf("%w: its third part is not base64url", ErrMalformed)
	}
	sum := sha256.Sum256([]byte(token[:cut]))
	if rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) != nil {
		return none, ErrSignature
	}
	return claims, nil
}

// Read returns the claims of a token without checking who signed it: enough to
// find the provider whose keys decide.
func Read(token string) (Claims, error) {
	_, claims, err := read(token)
	return claims, err
}

type tokenHeader struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

func read(token string) (tokenHeader, Claims, error) {
	var header tokenHeader
	var claims Claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return header, claims, fmt.Errorf("%w: it has %d parts, not 3", ErrMalformed, len(parts))
	}
	for _, p := range parts {
		if !part.MatchString(p) {
			return header, claims, fmt.Errorf("%w: a part is not base64url", ErrMalformed)
		}
	}
	for i, into := range []any{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return header, claims, fmt.Errorf("%w: a part is not base64url", ErrMalformed)
		}
		if json.Unmarshal(data, into) != nil {
			return header, claims, fmt.Errorf("%w: a part is not JSON of the right types", ErrMalformed)
		}
	}
	return header, claims, nil
}

func (k Key) public() (*rsa.PublicKey, error) {
	n, err := base64.RawURLEncoding.DecodeString(k.N)
	if err != nil || k.Type != "RSA" {
		return nil, fmt.Errorf("key %q of the set is not an RSA key", k.ID)
	}
	e, err := base64.RawURLEncoding.DecodeString(k.E)
	if err != nil {
		return nil, fmt.Errorf("key %q of the set has no exponent", k.ID)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}
