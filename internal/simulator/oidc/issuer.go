// Package oidc makes and checks workload identity tokens, so that tests and
// demonstrations need no identity provider: JSON Web Tokens (RFC 7519) that are
// signed with RS256, as those of HCP Terraform, GitHub Actions and GitLab are.
// An Issuer signs, a KeySet checks form and signature, and Claims check their
// time. Whether a token opens a role is left to package simulator.
package oidc

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// HCPTerraform is the issuer of the tokens of HCP Terraform
// (https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens).
const HCPTerraform = "https://app.terraform.io"

// algorithm is the only one that is signed with and accepted.
const algorithm = "RS256"

// keyBits is the size of a key, the least that RS256 allows (RFC 7518, 3.3).
const keyBits = 2048

// Paths of the two documents that an issuer publishes
// (OpenID Connect Discovery 1.0, section 4).
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/.well-known/jwks"
)

// Issuer signs tokens. Its first key is made when it is first needed, since
// that takes a noticeable time. All methods are safe for concurrent use.
type Issuer struct {
	url string

	mu         sync.Mutex
	generation int // number of the newest key, from zero
	keys       map[int]*rsa.PrivateKey
}

// NewIssuer returns an issuer whose tokens name the URL as iss. Nothing is
// fetched from there.
func NewIssuer(url string) *Issuer {
	return &Issuer{url: url, keys: map[int]*rsa.PrivateKey{}}
}

// URL returns what the tokens name as iss.
func (i *Issuer) URL() string { return i.url }

// Rotate makes a new key the one that signs. The old ones stay in the key set.
func (i *Issuer) Rotate() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.generation++
}

// Adopt takes over the keys of another issuer, in place of its own. Many simulators in
// one process then make one key.
func (i *Issuer) Adopt(other *Issuer) error {
	other.mu.Lock()
	_, err := other.key(other.generation)
	generation, keys := other.generation, maps.Clone(other.keys)
	other.mu.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.generation, i.keys = generation, keys
	return err
}

// Generation returns the number of the key that signs now, for KeySetAt.
func (i *Issuer) Generation() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.generation
}

// key returns the private key of a generation; i.mu is held.
func (i *Issuer) key(generation int) (*rsa.PrivateKey, error) {
	if k, ok := i.keys[generation]; ok {
		return k, nil
	}
	k, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	i.keys[generation] = k
	return k, nil
}

// Token signs the claims with the newest key. An Issuer that the claims leave
// out is the issuer's own; without IssuedAt and Expires the token was made now
// and lasts an hour.
func (i *Issuer) Token(c Claims) (string, error) {
	if c.Issuer == "" {
		c.Issuer = i.url
	}
	now := time.Now()
	if c.IssuedAt == 0 {
		c.IssuedAt = now.Unix()
	}
	if c.Expires == 0 {
		c.Expires = now.Add(time.Hour).Unix()
	}
	return i.Sign(nil, c)
}

// Sign signs any claims as they are. Header overrides fields of the token's
// header, so that a test can make a token that must be refused: with alg "none"
// there is no signature, and with any other the signature is that of RS256.
func (i *Issuer) Sign(header map[string]any, claims any) (string, error) {
	i.mu.Lock()
	k, err := i.key(i.generation)
	i.mu.Unlock()
	if err != nil {
		return "", err
	}
	head := map[string]any{"typ": "JWT", "alg": algorithm, "kid": keyID(&k.PublicKey)}
	for name, value := range header {
		head[name] = value
	}
	first, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	second, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := encode(first) + "." + encode(second)
	if head["alg"] == "none" {
		return signed + ".", nil
	}
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed + "." + encode(signature), nil
}

// KeySet returns the public keys of all generations.
func (i *Issuer) KeySet() (KeySet, error) { return i.KeySetAt(i.Generation()) }

// KeySetAt returns the public keys that there were when the given generation
// was the newest: what a cloud has that stored the keys then.
func (i *Issuer) KeySetAt(generation int) (KeySet, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var set KeySet
	for g := range generation + 1 {
		k, err := i.key(g)
		if err != nil {
			return KeySet{}, err
		}
		set.Keys = append(set.Keys, Key{
			Type: "RSA", Use: "sig", Algorithm: algorithm, ID: keyID(&k.PublicKey),
			N: encode(k.N.Bytes()), E: encode(big.NewInt(int64(k.E)).Bytes()),
		})
	}
	return set, nil
}

// Handler serves the discovery document and the key set under the two paths.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+DiscoveryPath, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": i.url, "jwks_uri": strings.TrimSuffix(i.url, "/") + KeysPath,
			"response_types_supported":              []string{"id_token"},
			"subject_types_supported":               []string{"public"},
			"id_token_signing_alg_values_supported": []string{algorithm},
		})
	})
	mux.HandleFunc("GET "+KeysPath, func(w http.ResponseWriter, _ *http.Request) {
		set, err := i.KeySet()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, set)
	})
	return mux
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The client may be gone, and there is no other place for the error.
	_ = json.NewEncoder(w).Encode(v)
}

// keyID names a key by its modulus.
func keyID(k *rsa.PublicKey) string {
	sum := sha256.Sum256(k.N.Bytes())
	return encode(sum[:12])
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
