package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// guideFile returns a file of the examples of the guides.
func guideFile(t *testing.T, parts ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "examples", "guides"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// seedGuideRoles gives a cloud the two roles of the guide: their trust policies, and
// their permissions from the page about these.
func seedGuideRoles(t *testing.T, cloud *simulator.Cloud) {
	t.Helper()
	for _, phase := range []string{"plan", "apply"} {
		var policy *simulator.Policy
		if err := json.Unmarshal(guideFile(t, "permissions", cloud.Name()+"-"+phase+".json"), &policy); err != nil {
			t.Fatal(err)
		}
		trust := guideFile(t, "hcp-terraform", cloud.Name()+"-trust-"+phase+".json")
		if err := cloud.SeedRoles(simulator.Role{
			Name: "terraform-" + phase, TrustPolicy: trust, Policy: policy,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// guideSubject is the subject of the tokens that the trust policies of the guide name.
var guideSubject = regexp.MustCompile(`organization:[^"]+:run_phase:`)

// guideToken is the token of a run in the workspace of the guide.
func guideToken(t *testing.T, issuer *oidc.Issuer, row simulator.Service, phase string) simulator.TokenRequest {
	t.Helper()
	trust := string(guideFile(t, "hcp-terraform", row.Cloud+"-trust-"+phase+".json"))
	return simulator.TokenRequest{
		Issuer:   issuer.URL(),
		Subject:  guideSubject.FindString(trust) + phase,
		Audience: oidc.Audience{row.Federation.Audience},
	}
}

// TestTrustPoliciesOfTheGuide uses the policies of the guide as they stand: only the
// token of the right phase of the right workspace opens a role, and the role of a plan
// cannot stop an instance.
func TestTrustPoliciesOfTheGuide(t *testing.T) {
	eachTokenService(t, func(t *testing.T, s *simulation, row simulator.Service) {
		cloud := s.server.Cloud(row.Cloud)
		seedGuideRoles(t, cloud)
		ids := s.seed(row, row.Region, 1, 2)
		use := func(phase string, request simulator.TokenRequest) *rpc {
			t.Helper()
			token, err := request.Token(s.server.Issuer())
			if err != nil {
				t.Fatal(err)
			}
			role := row.Federation.ApplyRole
			if phase == "plan" {
				role = row.Federation.PlanRole
			}
			return s.provider(map[string]any{row.Cloud: s.here(row,
				webIdentity(row, role, map[string]any{row.Federation.TokenArgument: token}))})
		}
		config := stopped(row, row.Region, ids[0])
		for _, phase := range []string{"plan", "apply"} {
			token := guideToken(t, s.server.Issuer(), row, phase)
			if got := use(phase, token).plan(config, held{}); hasError(got.Diagnostics) {
				t.Fatalf("the token of the %s does not open its role: %s", phase, texts(got.Diagnostics))
			}
			for name, change := range map[string]func(*simulator.TokenRequest){
				"the other phase": func(r *simulator.TokenRequest) {
					*r = guideToken(t, s.server.Issuer(), row, map[string]string{"plan": "apply", "apply": "plan"}[phase])
				},
				"another workspace": func(r *simulator.TokenRequest) {
					r.Subject = strings.Replace(r.Subject, "workspace:environment-power", "workspace:environment-power-2", 1)
				},
				"another organization": func(r *simulator.TokenRequest) {
					r.Subject = strings.Replace(r.Subject, "organization:example", "organization:example2", 1)
				},
				"another audience": func(r *simulator.TokenRequest) { r.Audience = oidc.Audience{"other.workload.identity"} },
				"another issuer":   func(r *simulator.TokenRequest) { r.Issuer = "https://tfe.example.com" },
			} {
				refused := token
				change(&refused)
				before := len(cloud.Issued())
				got := texts(use(phase, refused).plan(config, held{}).Diagnostics)
				if !strings.Contains(got, "Unable to get credentials for "+row.Cloud) || len(cloud.Issued()) != before {
					t.Errorf("%s role, token of %s: got %q, want a refusal of the exchange", phase, name, got)
				}
			}
		}
		inFakeTime(t, func(t *testing.T) {
			s.t = t
			apply := use("apply", guideToken(t, s.server.Issuer(), row, "apply"))
			if got := s.stop(apply, row, row.Region, ids[0]); got != "" {
				t.Errorf("the role of an apply cannot stop an instance: %s", got)
			}
			other := stopped(row, row.Region, ids[1])
			plan := apply.plan(other, held{})
			_, diags := use("plan", guideToken(t, s.server.Issuer(), row, "plan")).apply(t.Context(), other, held{}, plan)
			if got := texts(diags); !strings.Contains(got, "Unable to stop instance") || !strings.Contains(got, "Code:") {
				t.Errorf("the role of a plan stops an instance: %q", got)
			}
			if in, _ := cloud.Instance(ids[1]); in.Status != cloud.Words().Running {
				t.Errorf("%s is %q", ids[1], in.Status)
			}
		})
	})
}

// The recipes for other CI systems set variables that the provider reads.
func TestRecipesOfTheGuideSetVariablesThatAreRead(t *testing.T) {
	t.Parallel()
	assignment := regexp.MustCompile(`(?m)^\s+(ALI[A-Z_]+): `)
	read := variables()
	for _, name := range []string{"github.yml", "gitlab.yml"} {
		found := assignment.FindAllStringSubmatch(string(guideFile(t, "hcp-terraform", name)), -1)
		if len(found) != 4 {
			t.Errorf("%s sets %d variables, want 4", name, len(found))
		}
		for _, match := range found {
			if !slices.Contains(read, match[1]) {
				t.Errorf("%s sets %s, which is not read", name, match[1])
			}
		}
	}
}
