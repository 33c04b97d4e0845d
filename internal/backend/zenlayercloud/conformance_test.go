package zenlayercloud_test

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest/simtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/zenlayercloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	cloud "github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, service := range []zenlayercloud.Service{zenlayercloud.VM, zenlayercloud.ZEC} {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			simtest.Run(t, simtest.Cloud{
				Wire: func() simulator.Wire { return cloud.New() },
				Driver: func(url string, secret driverkit.Secret) (backend.Driver, error) {
					keys := zenlayercloud.Credentials{AccessKeyID: cloud.DemoID, AccessKeyPassword: secret}
					return zenlayercloud.New(keys, service, zenlayercloud.Options{Endpoint: url})
				},
				Secret:        cloud.DemoSecret,
				ID:            func(number int) string { return fmt.Sprintf("conformance-%08d", number) },
				Template:      simulator.Instance{Extra: map[string]string{cloud.ServiceKey: string(service)}},
				Prepaid:       "PREPAID",
				ChargeTypes:   chargeTypes[service],
				Forbidden:     "OPERATION_DENIED_NO_PERMISSION",
				NoReasons:     service == zenlayercloud.ZEC,
				NoRebootForce: true,
				Undocumented: func(h *backendtest.Harness, setting func(string) string) {
					h.RefusesReads = setting(cloud.AbsentIDs) != cloud.Omitted
					h.RefusesWrites = setting(cloud.Failures) == cloud.RefusedWhole
				},
			})
		})
	}
}

// chargeTypes are what each service reports.
var chargeTypes = map[zenlayercloud.Service][]backend.ChargeType{
	zenlayercloud.VM: {backend.PayAsYouGo, backend.Prepaid},
}

func TestKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	key := func(name string, refused bool, keys zenlayercloud.Credentials) simtest.Key {
		return simtest.Key{Name: name, Refused: refused, Driver: func(url string) (backend.Driver, error) {
			return zenlayercloud.New(keys, zenlayercloud.VM, zenlayercloud.Options{Endpoint: url})
		}}
	}
	simtest.Keys(t, func() simulator.Wire { return cloud.New() }, simulator.Instance{ID: "conformance-1"},
		[]string{cloud.DemoSecret, cloud.DeniedSecret, cloud.DisabledSecret, cloud.AccessToken, cloud.ExpiredAccessToken},
		key("one that lasts", false, zenlayercloud.Credentials{
			AccessKeyID: cloud.DemoID, AccessKeyPassword: cloud.DemoSecret,
		}),
		key("an access token", false, zenlayercloud.Credentials{Token: cloud.AccessToken}),
		key("an access token that has expired", true, zenlayercloud.Credentials{Token: cloud.ExpiredAccessToken}),
		key("one that is disabled", true, zenlayercloud.Credentials{
			AccessKeyID: cloud.DisabledID, AccessKeyPassword: cloud.DisabledSecret,
		}),
		key("one that may do nothing", true, zenlayercloud.Credentials{
			AccessKeyID: cloud.DeniedID, AccessKeyPassword: cloud.DeniedSecret,
		}),
		key("one that nobody knows", true, zenlayercloud.Credentials{
			AccessKeyID: "nobody", AccessKeyPassword: cloud.DemoSecret,
		}),
	)
}
