package driverkit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

func TestNoVerbShowsASecret(t *testing.T) {
	t.Parallel()
	const value = "test/Secret+Key=Value&0002=="
	type credentials struct{ ID, Secret, Token driverkit.Secret }
	creds := credentials{ID: "AKIDtest0001", Secret: value}
	keys := driverkit.Keys{{Name: "secret_key", Value: value}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		for _, holder := range []any{creds, &creds, []credentials{creds}, keys, driverkit.NewRedactor(value)} {
			got := fmt.Sprintf(verb, holder)
			if strings.Contains(got, value) || strings.Contains(got, fmt.Sprintf("%x", value)) {
				t.Errorf("%s of %T shows the secret: %s", verb, holder, got)
			}
		}
	}
	if got, want := fmt.Sprintf("%+v", creds), "{ID:*** Secret:*** Token:}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
