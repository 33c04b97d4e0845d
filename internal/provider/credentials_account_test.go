package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

func TestKeysOfAnAccountThatIsNotAllowedReachNoAPI(t *testing.T) {
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
			n := clouds[s.Cloud].account.Names()
			plan := func(accounts ...tftypes.Value) (got string, reads int) {
				block := map[string]any{
					n.ID.Name: s.Keys.Lasting.AccessKeyID, n.Secret.Name: s.Keys.Lasting.Secret,
					"endpoint": server.URL(), "sts_endpoint": server.URL(),
				}
				if accounts != nil {
					block["allowed_account_ids"] = accounts
				}
				before := server.Cloud(s.Cloud).CallCounts()["DescribeInstances"]
				r := rpcOf(t, clouds)
				wantTexts(t, r.configure(map[string]any{s.Cloud: block}), "")
				got = texts(r.plan(map[string]any{
					"cloud": s.Cloud, "region": server.Cloud(s.Cloud).Regions()[0], "instance_id": clouds[s.Cloud].example, "state": "stopped",
				}, held{}).Diagnostics)
				return got, server.Cloud(s.Cloud).CallCounts()["DescribeInstances"] - before
			}
			if got, reads := plan(); reads == 0 {
				t.Errorf("without the guard no call of the API arrives: %s", got)
			}
			got, reads := plan(tftypes.NewValue(tftypes.String, "1"))
			want := "and `allowed_account_ids` allows only"
			if !strings.Contains(got, "Unable to get credentials for "+s.Cloud) || !strings.Contains(got, want) || reads > 0 {
				t.Errorf("got %s and %d reads, want an error with %q and none", got, reads, want)
			}
		})
	}
}
