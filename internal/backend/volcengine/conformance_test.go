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
	simtest.Run(t, simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, secret driverkit.Secret) (backend.Driver, error) {
			keys := volcengine.Credentials{AccessKey: cloud.DemoID, SecretKey: secret}
			return volcengine.New(keys, "cn-beijing", volcengine.Options{Endpoint: url})
		},
		Secret:      cloud.DemoSecret,
		ID:          func(number int) string { return fmt.Sprintf("i-conformance%08d", number) },
		Prepaid:     "PrePaid",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "AccessDenied",
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.ModeChange) == cloud.Accepted || setting(cloud.ModeChange) == cloud.ToStopCharging
			h.RebootsStopped = setting(cloud.RebootStopped) == cloud.Accepted
		},
	})
}

func TestKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	key := func(name string, refused bool, keys volcengine.Credentials) simtest.Key {
		return simtest.Key{Name: name, Refused: refused, Driver: func(url string) (backend.Driver, error) {
			return volcengine.New(keys, "cn-beijing", volcengine.Options{Endpoint: url})
		}}
	}
	simtest.Keys(
		t,
		func() simulator.Wire { return cloud.New() },
		simulator.Instance{ID: "i-conformance1"},
		[]string{
			cloud.DemoSecret, cloud.TemporarySecret, cloud.TemporaryToken, cloud.ExpiredSecret, cloud.ExpiredToken,
			cloud.DeniedSecret,
		},
		key("one that lasts", false, volcengine.Credentials{AccessKey: cloud.DemoID, SecretKey: cloud.DemoSecret}),
		key("a temporary one", false, volcengine.Credentials{
			AccessKey: cloud.TemporaryID, SecretKey: cloud.TemporarySecret, SessionToken: cloud.TemporaryToken,
		}),
		key("a temporary one without its token", true, volcengine.Credentials{
			AccessKey: cloud.TemporaryID, SecretKey: cloud.TemporarySecret,
		}),
		key("one that has expired", true, volcengine.Credentials{
			AccessKey: cloud.ExpiredID, SecretKey: cloud.ExpiredSecret, SessionToken: cloud.ExpiredToken,
		}),
		key(
			"one that may do nothing",
			true,
			volcengine.Credentials{AccessKey: cloud.DeniedID, SecretKey: cloud.DeniedSecret},
		),
		key("one that nobody knows", true, volcengine.Credentials{AccessKey: "AKLT-nobody", SecretKey: cloud.DemoSecret}),
	)
}
