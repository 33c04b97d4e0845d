package simtest

import (
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// keys shows that the driver can use each kind of credential that its cloud has: an
// instance is stopped with it, or is not and the fault is KindDenied. No secret may be in
// an error.
func keys(t *testing.T, c Cloud) {
	t.Helper()
	withoutToken, unknown := c.Keys.Temporary, c.Keys.Lasting
	withoutToken.Token = ""
	unknown.AccessKeyID += "-unknown"
	for _, test := range []struct {
		name    string
		key     simulator.Credential
		refused bool
	}{
		{"one that lasts", c.Keys.Lasting, false},
		{"a temporary one", c.Keys.Temporary, false},
		{"a temporary one without its token", withoutToken, true},
		{"one that has expired", c.Keys.Expired, true},
		{"one that is disabled", c.Keys.Disabled, true},
		{"one that may do nothing", c.Keys.Denied, true},
		{"one that the cloud does not know", unknown, true},
	} {
		if test.key.AccessKeyID == "" && test.key.Token == "" {
			continue // The cloud has none of this kind.
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c.stopWith(t, test.key, test.refused)
		})
	}
}

// stopWith stops an instance with a credential.
func (c Cloud) stopWith(t *testing.T, key simulator.Credential, refused bool) {
	t.Helper()
	wire := c.Wire()
	driver := c.driver(t, Serve(t, wire), key)
	cloud := wire.Cloud()
	cloud.SetTransition(0)
	instance := c.Template
	instance.ID = c.ID(1)
	if err := cloud.Seed(instance); err != nil {
		t.Fatal(err)
	}
	err := driver.Stop(t.Context(), []string{instance.ID}, backend.StopOptions{})[0].Err
	seen, _ := cloud.Instance(instance.ID)
	if got, want := seen.Status == cloud.Words().Running, refused; got != want {
		t.Errorf("the instance is %q after the stop, want it running: %v", seen.Status, want)
	}
	if !refused {
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
	for _, known := range c.Keys.All() {
		for _, secret := range []string{known.Secret, known.Token} {
			if text := err.Error() + fault.Message + fault.Advice; secret != "" && strings.Contains(text, secret) {
				t.Errorf("a text tells a secret: %s", text)
			}
		}
	}
}
