package oidc_test

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// FuzzVerify shows that the only token that is taken is the one that was signed.
func FuzzVerify(f *testing.F) {
	issuer := oidc.NewIssuer(oidc.HCPTerraform)
	keys, err := issuer.KeySet()
	if err != nil {
		f.Fatal(err)
	}
	good, err := issuer.Token(oidc.Claims{Subject: "s", Audience: oidc.Audience{"a"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		good, good + "\n", "eyJhbGciOiJub25lIn0.e30.", "..", "eyJ9.e30.AA", `{"web_identity_token":"` + good + `"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := keys.Verify(token); err == nil && token != good {
			t.Errorf("%q is taken", token)
		}
	})
}
