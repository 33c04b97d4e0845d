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
	simtest.Run(t, simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, secret driverkit.Secret) (backend.Driver, error) {
			keys := tencentcloud.Credentials{SecretID: cloud.DemoID, SecretKey: secret}
			return tencentcloud.New(keys, "ap-guangzhou", tencentcloud.Options{Endpoint: url})
		},
		Secret:      cloud.DemoSecret,
		ID:          func(number int) string { return fmt.Sprintf("ins-%08d", number) },
		Prepaid:     "PREPAID",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "UnauthorizedOperation",
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.StopWhileStopped) == cloud.SwitchesMode
			h.HidesLastOperation = setting(cloud.LatestOperation) == cloud.Null
		},
	})
}

func TestKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	key := func(name string, refused bool, keys tencentcloud.Credentials) simtest.Key {
		return simtest.Key{Name: name, Refused: refused, Driver: func(url string) (backend.Driver, error) {
			return tencentcloud.New(keys, "ap-guangzhou", tencentcloud.Options{Endpoint: url})
		}}
	}
	simtest.Keys(t, func() simulator.Wire { return cloud.New() }, simulator.Instance{ID: "ins-00000001"},
		[]string{
			cloud.DemoSecret, cloud.TemporarySecret, cloud.TemporaryToken, cloud.ExpiredSecret, cloud.ExpiredToken,
			cloud.DeniedSecret,
		},
		key("one that lasts", false, tencentcloud.Credentials{SecretID: cloud.DemoID, SecretKey: cloud.DemoSecret}),
		key("a temporary one", false, tencentcloud.Credentials{
			SecretID: cloud.TemporaryID, SecretKey: cloud.TemporarySecret, Token: cloud.TemporaryToken,
		}),
		key("a temporary one without its token", true, tencentcloud.Credentials{
			SecretID: cloud.TemporaryID, SecretKey: cloud.TemporarySecret,
		}),
		key("one that has expired", true, tencentcloud.Credentials{
			SecretID: cloud.ExpiredID, SecretKey: cloud.ExpiredSecret, Token: cloud.ExpiredToken,
		}),
		key("one that may do nothing", true, tencentcloud.Credentials{
			SecretID: cloud.DeniedID, SecretKey: cloud.DeniedSecret,
		}),
		key("one that nobody knows", true, tencentcloud.Credentials{SecretID: "AKID-nobody", SecretKey: cloud.DemoSecret}),
	)
}
