// Package localcloud puts the simulated clouds together on one port, and has the
// table of services. It knows the names of the clouds and nothing else of them;
// how each speaks is in its own package under simulator.
package localcloud

import (
	"context"
	"errors"
	"fmt"
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
