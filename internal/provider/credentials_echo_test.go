package provider

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// A cloud, or a proxy in front of it, may repeat in its error what it was sent. The
// diagnostics and the log show none of it.
func TestAnErrorThatRepeatsSecretsShowsNone(t *testing.T) {
	eachSimulation(t, func(t *testing.T, first *simulation, row simulator.Service) {
		for _, k := range kindsOf(t, first.server, row, t.TempDir()) {
			t.Run(k.name, func(t *testing.T) {
				clearEnvironment(t)
				s := newSimulation(t)
				own := s.kind(t, row, k.name)
				for name, value := range own.env {
					t.Setenv(name, value)
				}
				inFakeTime(t, func(t *testing.T) {
					s.t = t
					owned := row
					owned.Template.Account = own.account
					ids := s.seed(owned, row.Region, 1, 2)
					config := map[string]any{row.Cloud: s.here(row, own.block)}
					r := s.provider(config)
					if plan := r.plan(stopped(row, row.Region, ids[0]), held{}); hasError(plan.Diagnostics) {
						t.Fatalf("plan: %s", texts(plan.Diagnostics))
					}
					cloud := s.server.Cloud(row.Cloud)
					// An external id that does not fit is worth seeing.
					own.secrets = slices.DeleteFunc(own.secrets, func(secret string) bool { return secret == externalID })
					secrets := slices.Concat(own.secrets, issued(cloud))
					s.echo(row, simulator.Trouble{Action: "describe"}, secrets)
					seen := texts(r.plan(stopped(row, row.Region, ids[1]), held{}).Diagnostics)
					wantEcho(t, "the API", seen, s, secrets)
					if len(cloud.Issued()) == 0 {
						return
					}
					for _, action := range []string{simulator.TokenService, simulator.MetadataService} {
						s.echo(row, simulator.Trouble{Action: action}, secrets)
					}
					seen = texts(s.provider(config).plan(stopped(row, row.Region, ids[1]), held{}).Diagnostics)
					// The keys of the plan before are not those of this provider.
					wantEcho(t, "the token service", seen, s, own.secrets)
				})
			})
		}
	})
}

// echo makes calls fail with a message that has every form of the secrets.
func (s *simulation) echo(row simulator.Service, trouble simulator.Trouble, secrets []string) {
	s.t.Helper()
	var message []string
	for _, secret := range secrets {
		message = append(message, secret, url.QueryEscape(secret))
		for _, before := range []string{"", "u", "u:"} {
			text := []byte(before + secret + "!")
			message = append(message, base64.StdEncoding.EncodeToString(text), base64.RawURLEncoding.EncodeToString(text))
		}
	}
	trouble.Kind, trouble.Code, trouble.Status = simulator.Error, "Echo", 403
	trouble.Message = "It repeats " + strings.Join(message, " ") + " at its end."
	if _, err := s.server.Cloud(row.Cloud).AddTrouble(trouble); err != nil {
		s.t.Fatal(err)
	}
}

// wantEcho checks that a message of a service arrived, without the secrets.
func wantEcho(t *testing.T, service, text string, s *simulation, secrets []string) {
	t.Helper()
	if !strings.Contains(text, "It repeats ") && !strings.Contains(text, "Forbidden") &&
		!strings.Contains(text, "HTTP status 403") {
		t.Errorf("%s: the error is not that of the service: %s", service, text)
	}
	wantNoSecret(t, service, text+"\n"+s.log.String(), secrets...)
}
