package wiretest

import (
	"strings"
	"sync"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// Issuer is one for all tests of a package, since a key takes long to make.
var Issuer = sync.OnceValue(func() *oidc.Issuer { return oidc.NewIssuer(oidc.HCPTerraform) })

// ApplyRun is the subject of a run that the role of an apply trusts.
var ApplyRun = oidc.HCPSubject("demo", "demo", "demo", "apply")

// Token returns a good token for an audience, with what the change makes of it.
func Token(t *testing.T, audience string, change func(*oidc.Claims)) string {
	t.Helper()
	c := oidc.Claims{Subject: ApplyRun, Audience: oidc.Audience{audience}}
	if change != nil {
		change(&c)
	}
	text, err := Issuer().Token(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// SpoilToken changes the signature of a token.
func SpoilToken(token string) string {
	cut := strings.LastIndexByte(token, '.') + 1
	return token[:cut] + strings.Repeat("A", len(token)-cut)
}
