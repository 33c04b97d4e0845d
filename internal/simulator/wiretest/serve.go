package wiretest

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Serve serves a wire until the test ends. Its transitions take the time that is
// given; with zero, one ends at the first describe after it, and no test waits.
func Serve(
	t *testing.T, wire simulator.Wire, transition time.Duration, instances ...simulator.Instance,
) *simulator.Server {
	t.Helper()
	server, err := simulator.NewServer(wire)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context(), simulator.DefaultAddress); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	wire.Cloud().SetTransition(transition)
	if err := wire.Cloud().Seed(instances...); err != nil {
		t.Fatal(err)
	}
	return server
}

// Set sets a switch of a cloud.
func Set(t *testing.T, cloud *simulator.Cloud, name, value string) {
	t.Helper()
	if err := cloud.SetSetting(name, value); err != nil {
		t.Fatal(err)
	}
}

// Trouble puts a trouble and returns its id.
func Trouble(t *testing.T, cloud *simulator.Cloud, trouble simulator.Trouble) string {
	t.Helper()
	id, err := cloud.AddTrouble(trouble)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Status returns the true status of an instance.
func Status(t *testing.T, cloud *simulator.Cloud, id string) string {
	t.Helper()
	i, ok := cloud.Instance(id)
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	return i.Status
}
