package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// configureWith validates and configures with a value of the provider's schema. The
// second result is what configured, as far as the configuration was valid.
func (r *rpc) configureWith(a leaf, f form, config tftypes.Value) bool {
	r.t.Helper()
	valid, err := r.server.ValidateProviderConfig(r.t.Context(),
		&tfprotov6.ValidateProviderConfigRequest{Config: r.wire(config)})
	r.must(err)
	permits(r.t, "validate the provider", a, f, valid.Diagnostics)
	if hasError(valid.Diagnostics) {
		return false
	}
	resp, err := r.server.ConfigureProvider(r.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: r.wire(config),
	})
	r.must(err)
	permits(r.t, "configure the provider", a, f, resp.Diagnostics)
	return !hasError(resp.Diagnostics)
}

func TestEveryArgumentOfTheProviderInEveryForm(t *testing.T) {
	t.Parallel()
	for _, a := range argumentsOf(rpcOf(t, clouds).schema.Provider.Block) {
		t.Run(a.String(), func(t *testing.T) {
			t.Parallel()
			for _, f := range formsOf(a) {
				r := rpcOf(t, clouds)
				empty := eachOf(r.providerType(), nil)
				r.configureWith(a, f, replaced(t, empty, a.path, f))
			}
		})
	}
}

// A plan does with a provider that is not fully known what it can: it is no error,
// and what is planned is what is declared.
func TestPlansWithEveryArgumentOfTheProviderUnknown(t *testing.T) {
	t.Parallel()
	for _, a := range argumentsOf(bareRPC(t, newMemory()).schema.Provider.Block) {
		t.Run(a.String(), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				for _, f := range formsOf(a) {
					driver := newMemory()
					s := &setup{rpc: bareRPC(t, driver), cloud: driver}
					s.startAll()
					base := encode(t, s.providerType(), configured)
					if !s.configureWith(a, f, replaced(t, base, a.path, f)) || !f.open {
						continue
					}
					plan := s.plan(map[string]any{"cloud": "here", "instance_id": "h-000", "state": "stopped"}, held{})
					permits(t, "plan", a, f, plan.Diagnostics)
					if got := s.values(plan.PlannedState)["state"]; got != "stopped" {
						t.Errorf("%s is %s: got the planned state %v, want stopped", a, f.name, got)
					}
				}
			})
		})
	}
}

func (r *rpc) providerType() tftypes.Object {
	r.t.Helper()
	object, ok := r.schema.Provider.ValueType().(tftypes.Object)
	if !ok {
		r.t.Fatal("the provider's schema is no object")
	}
	return object
}
