// Package localcloud puts the simulated clouds together on one port, and has the
// table of services. It knows the names of the clouds and nothing else of them;
// how each speaks is in its own package under simulator.
package localcloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// New returns a server with all clouds, empty, that does not listen yet.
func New() (*simulator.Server, error) { return simulator.NewServer(wires(Services())...) }

// Start serves all clouds on a loopback address until Close;
// simulator.DefaultAddress picks a free port.
func Start(ctx context.Context, address string) (*simulator.Server, error) {
	server, err := New()
	if err != nil {
		return nil, err
	}
	if err := server.Start(ctx, address); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return server, nil
}

// Demo seeds the fleet that each cloud has for demonstrations.
func Demo(server *simulator.Server) error {
	for _, wire := range server.Wires() {
		if err := wire.Cloud().Seed(wire.DemoFleet()...); err != nil {
			return fmt.Errorf("demo fleet of %s: %w", wire.Cloud().Name(), err)
		}
	}
	return nil
}

// Seed seeds instances from JSON: an object from the names of clouds to lists
// of instances.
func Seed(server *simulator.Server, data []byte) error {
	var fleets map[string][]simulator.Instance
	if err := simulator.DecodeStrict(data, &fleets); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(fleets)) {
		cloud := server.Cloud(name)
		if cloud == nil {
			return fmt.Errorf("there is no cloud %q", name)
		}
		if err := cloud.Seed(fleets[name]...); err != nil {
			return err
		}
	}
	return nil
}

// Baseline makes the instances that there are now those that a reset of the
// simulator returns to.
func Baseline(server *simulator.Server) {
	for _, wire := range server.Wires() {
		wire.Cloud().Baseline()
	}
}

// SetTransition sets how long every transition of every cloud takes.
func SetTransition(server *simulator.Server, d time.Duration) {
	for _, wire := range server.Wires() {
		wire.Cloud().SetTransition(d)
	}
}
