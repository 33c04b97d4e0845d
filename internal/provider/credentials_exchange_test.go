package provider

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
)

// A token is exchanged once for all regions, and keys that last ask no token
// service.
func TestKeysAreFoundOnceForAllRegions(t *testing.T) {
	for _, s := range localcloud.Services() {
		if !s.Federation.Tokens() {
			continue
		}
		t.Run(s.Cloud, func(t *testing.T) {
			clearEnvironment(t)
			server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			f := s.Federation
			request := f.Request("apply")
			token, err := server.Issuer().Token(oidc.Claims{Subject: request.Subject, Audience: request.Audience})
			if err != nil {
				t.Fatal(err)
			}
			role := map[string]any{f.RoleArgument: f.ApplyRole, f.TokenArgument: token}
			for _, line := range f.Arguments {
				name, value, _ := strings.Cut(line, " = ")
				role[name] = strings.Trim(value, `"`)
			}
			n := clouds[s.Cloud].account.Names()
			for _, test := range []struct {
				name      string
				block     map[string]any
				exchanges int
			}{
				{"a web identity", map[string]any{f.Block: role}, 1},
				{"keys that last", map[string]any{n.ID.Name: s.Keys.Lasting.AccessKeyID, n.Secret.Name: s.Keys.Lasting.Secret}, 0},
			} {
				t.Run(test.name, func(t *testing.T) {
					before := exchanges(server.Cloud(s.Cloud))
					test.block["endpoint"], test.block["sts_endpoint"] = server.URL(), server.URL()
					r := rpcOf(t, clouds)
					wantTexts(t, r.configure(map[string]any{s.Cloud: test.block}), "")
					for _, region := range server.Cloud(s.Cloud).Regions()[:2] {
						for range 3 {
							got := texts(r.plan(map[string]any{
								"cloud": s.Cloud, "region": region, "instance_id": clouds[s.Cloud].example, "state": "stopped",
							}, held{}).Diagnostics)
							if !strings.Contains(got, "There is no such instance") {
								t.Errorf("%s: got %s, want an answer of the API", region, got)
							}
						}
					}
					if got := exchanges(server.Cloud(s.Cloud)) - before; got != test.exchanges {
						t.Errorf("got %d calls to the token service, want %d", got, test.exchanges)
					}
				})
			}
		})
	}
}

// exchanges counts the calls to the token service and the metadata service.
func exchanges(cloud *simulator.Cloud) int {
	n := 0
	for action, count := range cloud.CallCounts() {
		if strings.HasPrefix(action, "AssumeRole") || action == "GetCallerIdentity" || strings.HasPrefix(action, "metadata:") {
			n += count
		}
	}
	return n
}
