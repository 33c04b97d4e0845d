package provider

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// TestAccPowerState stops and starts one real instance of each cloud for which
// INSTANCE_ACC_<CLOUD> names one as region/instance_id (for Zenlayer
// service/instance_id), with the credentials of the cloud's usual variables:
//
//	INSTANCE_ACC_TENCENTCLOUD=ap-guangzhou/ins-r8hr2upy make testacc
//
// The stops are graceful and keep charging, and the instance ends in the state
// in which it was found. It is down for some minutes, and a restart can change
// what you pay.
func TestAccPowerState(t *testing.T) {
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("a live test: run it with make testacc, credentials, and INSTANCE_ACC_<CLOUD>=region/instance_id")
	}
	found := false
	for _, name := range cloudNames(clouds) {
		scope, id, ok := strings.Cut(os.Getenv("INSTANCE_ACC_"+strings.ToUpper(name)), "/")
		if !ok {
			continue
		}
		found = true
		t.Run(name, func(t *testing.T) {
			attribute := "region"
			if field := clouds[name].scopeField; field != "" {
				attribute = field
			}
			config := func(state string) string {
				return fmt.Sprintf("provider \"instance\" {\n %s { %s = %q }\n}\n", name, attribute, scope) +
					power(id, state, `on_destroy = "restore"`)
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
					"instance": func() (tfprotov6.ProviderServer, error) { return NewServer(New("acc"))(), nil },
				},
				Steps: []resource.TestStep{
					{Config: config("stopped")},
					{Config: config("stopped"), PlanOnly: true},
					{Config: config("running")},
					{ResourceName: web, ImportState: true, ImportStateId: name + "/" + scope + "/" + id},
				},
			})
		})
	}
	if !found {
		t.Fatal("no INSTANCE_ACC_<CLOUD> names an instance as region/instance_id")
	}
}
