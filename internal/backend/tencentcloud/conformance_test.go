package tencentcloud_test

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest/simtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	cloud "github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	simtest.Run(t, simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url, secret string) (backend.Driver, error) {
			keys := tencentcloud.Credentials{SecretID: cloud.DemoID, SecretKey: secret}
			return tencentcloud.New(keys, "ap-guangzhou", tencentcloud.Options{Endpoint: url})
		},
		Secret:    cloud.DemoSecret,
		ID:        func(number int) string { return fmt.Sprintf("ins-%08d", number) },
		Prepaid:   "PREPAID",
		Forbidden: "UnauthorizedOperation",
	})
}
