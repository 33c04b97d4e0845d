package oidc_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	issuer := oidc.NewIssuer(oidc.HCPTerraform)
	keys, err := issuer.KeySet()
	if err != nil {
		t.Fatal(err)
	}
	sign := func(header map[string]any, claims any) string {
		return mustText(t)(issuer.Sign(header, claims))
	}
	claims := oidc.Claims{
		Issuer: oidc.HCPTerraform, Subject: "s", Audience: oidc.Audience{"a"}, Expires: 4102444800, NotBefore: 1, IssuedAt: 2,
	}
	good := sign(nil, claims)
	parts := strings.Split(good, ".")
	body := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x","aud":"a","exp":9}`))
	other := mustText(t)(oidc.NewIssuer(oidc.HCPTerraform).Token(claims))
	for _, test := range []struct {
		name, token string
		want        error
	}{
		{"a good one", good, nil},
		{"a list of audiences", sign(nil, map[string]any{"aud": []string{"a", "b"}, "exp": 1}), nil},
		{"a line break after it", good + "\n", oidc.ErrMalformed},
		{"a line break in it", parts[0] + ".\n" + parts[1] + "." + parts[2], oidc.ErrMalformed},
		{"a space before it", " " + good, oidc.ErrMalformed},
		{"two parts", parts[0] + "." + parts[1], oidc.ErrMalformed},
		{"nothing", "", oidc.ErrMalformed},
		{"a body that is not JSON", parts[0] + ".AAAA." + parts[2], oidc.ErrMalformed},
		{"an end that is text", sign(nil, map[string]any{"exp": "soon"}), oidc.ErrMalformed},
		{"no algorithm", sign(map[string]any{"alg": "none"}, claims), oidc.ErrAlgorithm},
		{"another algorithm", sign(map[string]any{"alg": "HS256"}, claims), oidc.ErrAlgorithm},
		{"another key", other, oidc.ErrSignature},
		{"another key under the same name", rename(t, other, parts[0]), oidc.ErrSignature},
		{"another body", parts[0] + "." + body + "." + parts[2], oidc.ErrSignature},
		{"another last character of the signature", good[:len(good)-1] + next(good[len(good)-1]), oidc.ErrMalformed},
		{"no signature", parts[0] + "." + parts[1] + ".", oidc.ErrSignature},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := keys.Verify(test.token)
			if !errors.Is(err, test.want) {
				t.Fatalf("error is %v, want %v", err, test.want)
			}
			if test.token == good {
				if diff := cmp.Diff(claims, got); diff != "" {
					t.Errorf("claims (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// next is the character after one, which differs in bits that a signature does not
// have.
func next(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)+1])
}

// rename puts another header before a token.
func rename(t *testing.T, token, header string) string {
	t.Helper()
	_, rest, ok := strings.Cut(token, ".")
	if !ok {
		t.Fatal("the token has no parts")
	}
	return header + "." + rest
}

func mustText(t *testing.T) func(string, error) string {
	t.Helper()
	return func(s string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestTimesOfAToken(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	for name, test := range map[string]struct {
		claims oidc.Claims
		want   error
	}{
		"in time":            {oidc.Claims{Expires: 1001, NotBefore: 1000}, nil},
		"at its end":         {oidc.Claims{Expires: 1000}, oidc.ErrExpired},
		"without an end":     {oidc.Claims{}, oidc.ErrExpired},
		"before it is valid": {oidc.Claims{Expires: 2000, NotBefore: 1001}, oidc.ErrNotYet},
	} {
		if err := test.claims.CheckTime(now); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: error is %v, want %v", name, err, test.want)
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	issuer := oidc.NewIssuer("https://issuer.example")
	before := issuer.Generation()
	old := mustText(t)(issuer.Token(oidc.Claims{Subject: "s"}))
	issuer.Rotate()
	fresh := mustText(t)(issuer.Token(oidc.Claims{Subject: "s"}))
	all, err := issuer.KeySet()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := issuer.KeySetAt(before)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{old, fresh} {
		if _, err := all.Verify(token); err != nil {
			t.Errorf("with all keys: %v", err)
		}
	}
	if _, err := stored.Verify(old); err != nil {
		t.Errorf("the old token with the old keys: %v", err)
	}
	if _, err := stored.Verify(fresh); !errors.Is(err, oidc.ErrSignature) {
		t.Errorf("the new token with the old keys: %v, want %v", err, oidc.ErrSignature)
	}
	claims, err := oidc.Read(fresh)
	if err != nil || claims.Issuer != "https://issuer.example" || claims.Expires-claims.IssuedAt != 3600 {
		t.Errorf("claims are %+v (%v), want those of the issuer for an hour", claims, err)
	}
}

func TestPublishedDocuments(t *testing.T) {
	t.Parallel()
	issuer := oidc.NewIssuer("https://issuer.example/path/")
	get := func(path string, into any) {
		t.Helper()
		out := httptest.NewRecorder()
		issuer.Handler().ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if out.Code != http.StatusOK {
			t.Fatalf("%s answers %d", path, out.Code)
		}
		if err := json.Unmarshal(out.Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	get(oidc.DiscoveryPath, &discovery)
	if discovery.Issuer != issuer.URL() || discovery.Keys != "https://issuer.example/path/.well-known/jwks" {
		t.Errorf("discovery is %+v", discovery)
	}
	var keys oidc.KeySet
	get(oidc.KeysPath, &keys)
	if _, err := keys.Verify(mustText(t)(issuer.Token(oidc.Claims{Subject: "s"}))); err != nil {
		t.Errorf("with the published keys: %v", err)
	}
}

func TestAnIssuerAdoptsTheKeysOfAnother(t *testing.T) {
	t.Parallel()
	first, second := oidc.NewIssuer(oidc.HCPTerraform), oidc.NewIssuer(oidc.HCPTerraform)
	if err := second.Adopt(first); err != nil {
		t.Fatal(err)
	}
	token, err := second.Token(oidc.Claims{Subject: "s"})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := first.KeySet()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Verify(token); err != nil {
		t.Errorf("the first issuer's keys refuse the token of the second: %v", err)
	}
	second.Rotate()
	if token, err = second.Token(oidc.Claims{Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Verify(token); err == nil {
		t.Error("the first issuer's keys accept a token of a key that the second has made since")
	}
}
