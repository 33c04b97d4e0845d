package volcengine_test

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest/simtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	cloud "github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	simtest.Run(t, conformance())
}

func conformance() simtest.Cloud {
	return simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, key simulator.Credential) (backend.Driver, error) {
			return volcengine.New(volcengine.Credentials{
				AccessKey:    driverkit.Secret(key.AccessKeyID),
				SecretKey:    driverkit.Secret(key.Secret),
				SessionToken: driverkit.Secret(key.Token),
			}, "cn-beijing", volcengine.Options{Endpoint: url})
		},
		Keys:        cloud.Keys(),
		ID:          func(number int) string { return fmt.Sprintf("i-conformance%08d", number) },
		Prepaid:     "PrePaid",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "AccessDenied",
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.ModeChange) == cloud.Accepted || setting(cloud.ModeChange) == cloud.ToStopCharging
			h.RebootsStopped = setting(cloud.RebootStopped) == cloud.Accepted
		},
	}
}
