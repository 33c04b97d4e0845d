package simtest

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Key is a way to sign, as a driver is given it.
type Key struct {
	Name string
	// Driver returns a driver with the key for the simulator at a URL.
	Driver func(url string) (backend.Driver, error)
	// Refused says that the cloud does not take the key, or does not let it do
	// anything.
	Refused bool
}

// Keys shows that the cloud takes each key as it should: an instance is stopped
// with it, or is not and the fault is KindDenied. None of the secrets may stand
// in an error.
func Keys(t *testing.T, newWire func() simulator.Wire, instance simulator.Instance, secrets []string, keys ...Key) {
	t.Helper()
	for _, key := range keys {
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			wire := newWire()
			driver, err := key.Driver(Serve(t, wire))
			if err != nil {
				t.Fatal(err)
			}
			cloud := wire.Cloud()
			cloud.SetTransition(0)
			if err := cloud.Seed(instance); err != nil {
				t.Fatal(err)
			}
			err = driver.Stop(t.Context(), []string{instance.ID}, backend.StopOptions{})[0].Err
			seen, _ := cloud.Instance(instance.ID)
			if got, want := seen.Status == cloud.Words().Running, key.Refused; got != want {
				t.Errorf("the instance is %q after the stop, want it running: %v", seen.Status, want)
			}
			if !key.Refused {
				if err != nil {
					t.Errorf("stop: %v, want no error", err)
				}
				return
			}
			if err == nil {
				t.Fatal("stop: got no error, want one")
			}
			fault := driver.Fault(err)
			if got, want := fault.Kind, backend.KindDenied; got != want || fault.Advice == "" {
				t.Errorf("fault is %+v, want %v with an advice", fault, want)
			}
			wantNoSecrets(t, secrets, err.Error(), fault.Message, fault.Advice)
		})
	}
}

func wantNoSecrets(t *testing.T, secrets []string, texts ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, text := range texts {
			if strings.Contains(text, secret) {
				t.Errorf("a text tells a secret: %s", text)
			}
		}
	}
}
