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
	simtest.Run(t, conformance())
}

func conformance() simtest.Cloud {
	return simtest.Cloud{
		Wire: func() simulator.Wire { return cloud.New() },
		Driver: func(url string, key simulator.Credential) (backend.Driver, error) {
			return newDriver(url, key)
		},
		Keys:        cloud.Keys(),
		ID:          func(number int) string { return fmt.Sprintf("i-conformance%08d", number) },
		Prepaid:     "PrePaid",
		ChargeTypes: []backend.ChargeType{backend.PayAsYouGo, backend.Prepaid, backend.Spot},
		Forbidden:   "Forbidden.RAM",
		// A number without a unit: it is read as the vendor's SDK reads it.
		Fixed: []string{cloud.RetryAfterUnit},
		Undocumented: func(h *backendtest.Harness, setting func(string) string) {
			h.ChangesMode = setting(cloud.StopWhileStopped) == cloud.SwitchesMode
		},
	}
}

func newDriver(url string, key simulator.Credential) (*alicloud.Driver, error) {
	return alicloud.New(alicloud.Credentials{
		AccessKeyID:     driverkit.Secret(key.AccessKeyID),
		AccessKeySecret: driverkit.Secret(key.Secret),
		SecurityToken:   driverkit.Secret(key.Token),
	}, "cn-hangzhou", alicloud.Options{Endpoint: url})
}

// TestWhatMayNotBeSeenIsNotGone: the cloud lists nothing for a caller that may not
// describe, and for one that may see some instances only.
func TestWhatMayNotBeSeenIsNotGone(t *testing.T) {
	t.Parallel()
	const id = "i-conformance1"
	keys := cloud.Keys()
	for _, test := range []struct {
		name   string
		key    simulator.Credential
		answer string
		hidden bool
	}{
		{"a key without permissions", keys.Denied, cloud.Forbidden, false},
		{"an instance that is hidden and forbidden", keys.Lasting, cloud.Forbidden, true},
		{"an instance that is hidden alone", keys.Lasting, cloud.Allowed, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wire := cloud.New()
			driver, err := newDriver(simtest.Serve(t, wire), test.key)
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
