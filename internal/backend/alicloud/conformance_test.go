package alicloud_test

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest/simtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	cloud "github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	simtest.Run(t, simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, secret driverkit.Secret) (backend.Driver, error) {
			keys := alicloud.Credentials{AccessKeyID: cloud.DemoID, AccessKeySecret: secret}
			return alicloud.New(keys, "cn-hangzhou", alicloud.Options{Endpoint: url})
		},
		Secret:      cloud.DemoSecret,
		ID:          func(number int) string { return fmt.Sprintf("i-conformance%08d", number) },
		Prepaid:     "PrePaid",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "Forbidden.RAM",
		// A number without a unit: it is read as the vendor's SDK reads it.
		Fixed: []string{cloud.RetryAfterUnit},
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.StopWhileStopped) == cloud.SwitchesMode
		},
	})
}

func TestKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	key := func(name string, refused bool, keys alicloud.Credentials) simtest.Key {
		return simtest.Key{Name: name, Refused: refused, Driver: func(url string) (backend.Driver, error) {
			return alicloud.New(keys, "cn-hangzhou", alicloud.Options{Endpoint: url})
		}}
	}
	simtest.Keys(t, func() simulator.Wire { return cloud.New() }, simulator.Instance{ID: "i-conformance1"},
		[]string{
			cloud.DemoSecret, cloud.TemporarySecret, cloud.TemporaryToken, cloud.ExpiredSecret, cloud.ExpiredToken,
			cloud.DeniedSecret,
		},
		key("one that lasts", false, alicloud.Credentials{AccessKeyID: cloud.DemoID, AccessKeySecret: cloud.DemoSecret}),
		key("a temporary one", false, alicloud.Credentials{
			AccessKeyID: cloud.TemporaryID, AccessKeySecret: cloud.TemporarySecret, SecurityToken: cloud.TemporaryToken,
		}),
		key("a temporary one without its token", true, alicloud.Credentials{
			AccessKeyID: cloud.TemporaryID, AccessKeySecret: cloud.TemporarySecret,
		}),
		key("one that has expired", true, alicloud.Credentials{
			AccessKeyID: cloud.ExpiredID, AccessKeySecret: cloud.ExpiredSecret, SecurityToken: cloud.ExpiredToken,
		}),
		key("one that may do nothing", true, alicloud.Credentials{
			AccessKeyID: cloud.DeniedID, AccessKeySecret: cloud.DeniedSecret,
		}),
		key("one that nobody knows", true, alicloud.Credentials{
			AccessKeyID: "LTAI-nobody", AccessKeySecret: cloud.DemoSecret,
		}),
	)
}

// TestWhatMayNotBeSeenIsNotGone: the cloud lists nothing for those who may not describe,
// and for who may see some instances only.
func TestWhatMayNotBeSeenIsNotGone(t *testing.T) {
	t.Parallel()
	const id = "i-conformance1"
	for _, test := range []struct {
		name, keyID, secret, answer string
		hidden                      bool
	}{
		{"a key without permissions", cloud.DeniedID, cloud.DeniedSecret, cloud.Forbidden, false},
		{"an instance that is hidden and forbidden", cloud.DemoID, cloud.DemoSecret, cloud.Forbidden, true},
		{"an instance that is hidden alone", cloud.DemoID, cloud.DemoSecret, cloud.Allowed, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wire := cloud.New()
			keys := alicloud.Credentials{
				AccessKeyID:     driverkit.Secret(test.keyID),
				AccessKeySecret: driverkit.Secret(test.secret),
			}
			driver, err := alicloud.New(keys, "cn-hangzhou", alicloud.Options{Endpoint: simtest.Serve(t, wire)})
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.Cloud().Seed(simulator.Instance{ID: id}); err != nil {
				t.Fatal(err)
			}
			if err := wire.Cloud().SetSetting(cloud.HiddenAttribute, test.answer); err != nil {
				t.Fatal(err)
			}
			if test.hidden {
				if _, err := wire.Cloud().AddTrouble(
					simulator.Trouble{Kind: simulator.Hidden, InstanceIDs: []string{id}},
				); err != nil {
					t.Fatal(err)
				}
			}
			if found, err := driver.Describe(t.Context(), []string{id}); err != nil || len(found) != 0 {
				t.Fatalf("describe: got %v, %v, want nothing and no error", found, err)
			}
			err = driver.CheckAbsent(t.Context(), id)
			if err == nil || driver.Fault(err).Kind != backend.KindDenied {
				t.Errorf("check of its absence: got %v, want an error that is denied", err)
			}
		})
	}
}
