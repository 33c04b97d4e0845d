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

var services = []zenlayercloud.Service{zenlayercloud.VM, zenlayercloud.ZEC}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, service := range services {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			simtest.Run(t, conformance(service))
		})
	}
}

func conformance(service zenlayercloud.Service) simtest.Cloud {
	return simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, key simulator.Credential) (backend.Driver, error) {
			return zenlayercloud.New(zenlayercloud.Credentials{
				AccessKeyID:       driverkit.Secret(key.AccessKeyID),
				AccessKeyPassword: driverkit.Secret(key.Secret),
				Token:             driverkit.Secret(key.Token),
			}, service, zenlayercloud.Options{Endpoint: url})
		},
		Keys:          cloud.Keys(),
		ID:            func(number int) string { return fmt.Sprintf("conformance-%08d", number) },
		Template:      simulator.Instance{Extra: map[string]string{cloud.ServiceKey: string(service)}},
		Prepaid:       "PREPAID",
		ChargeTypes:   chargeTypes[service],
		Forbidden:     "OPERATION_DENIED_NO_PERMISSION",
		NoReasons:     service == zenlayercloud.ZEC,
		NoRebootForce: true,
		Undocumented: func(h *backendtest.Harness, setting func(name string) string) {
			h.RefusesReads = setting(cloud.AbsentIDs) != cloud.Omitted
			h.RefusesWrites = setting(cloud.Failures) == cloud.RefusedWhole
		},
	}
}

// chargeTypes are those that each service reports.
var chargeTypes = map[zenlayercloud.Service][]backend.ChargeType{
	zenlayercloud.VM: {backend.PayAsYouGo, backend.Prepaid},
}
