package tencentcloud_test

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest/simtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	cloud "github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	simtest.Run(t, conformance())
}

func conformance() simtest.Cloud {
	return simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, key simulator.Credential) (backend.Driver, error) {
			return tencentcloud.New(tencentcloud.Credentials{
				SecretID:  driverkit.Secret(key.AccessKeyID),
				SecretKey: driverkit.Secret(key.Secret),
				Token:     driverkit.Secret(key.Token),
			}, "ap-guangzhou", tencentcloud.Options{Endpoint: url})
		},
		Keys:        cloud.Keys(),
		ID:          func(number int) string { return fmt.Sprintf("ins-%08d", number) },
		Prepaid:     "PREPAID",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "UnauthorizedOperation",
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.StopWhileStopped) == cloud.SwitchesMode
			h.HidesLastOperation = setting(cloud.LatestOperation) == cloud.Null
		},
	}
}
