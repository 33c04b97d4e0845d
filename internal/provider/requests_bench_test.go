package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// BenchmarkRequests is what one single resource costs the provider in a plan that
// changes nothing, by request.
func BenchmarkRequests(b *testing.B) {
	driver := newMemory()
	driver.Add(backend.Instance{ID: "h-1", State: backend.Running})
	r := newRPC(b, driver, configured)
	config := map[string]any{"instance_id": "h-1", "state": stateRunning}
	now := r.reach(config, held{})
	value, proposed := r.dynamic(r.resourceType(), config), r.propose(config, now)
	ctx := b.Context()
	b.Run("validate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := r.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: powerStateType, Config: value,
			})
			r.must(err)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
				TypeName: powerStateType, CurrentState: now.state, Private: now.private,
			})
			r.must(err)
		}
	})
	b.Run("plan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := r.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
				TypeName: powerStateType, PriorState: now.state, PriorPrivate: now.private, Config: value,
				ProposedNewState: proposed,
			})
			r.must(err)
		}
	})
}
