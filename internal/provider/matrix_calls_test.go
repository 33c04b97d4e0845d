package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestEveryArgumentInEveryForm(t *testing.T) {
	t.Parallel()
	for _, m := range schemaUses(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := matrixSetup(t)
				cases := 0
				for _, base := range m.bases(t, s) {
					for _, a := range argumentsOf(m.block) {
						for _, f := range formsOf(a) {
							if !f.value.IsNull() && excluded(t, base, a) {
								continue
							}
							cases++
							config := replaced(t, base, a.path, f)
							checked := m.check(s, config)
							permits(t, "validate "+m.name, a, f, checked)
							if !hasError(checked) {
								known := base
								if f.open {
									known = m.known(t, s, a, base, config)
								}
								m.use(s, a, f, known, config)
							}
						}
					}
				}
				if cases < 10 {
					t.Errorf("got %d cases", cases)
				}
				t.Logf("%d cases", cases)
			})
		})
	}
}

// excluded reports whether an argument cannot be set beside another one of the base.
func excluded(t *testing.T, base tftypes.Value, a leaf) bool {
	t.Helper()
	other, ok := map[string]string{"instance_ids": "states", "states": "instance_ids"}[a.String()]
	object, _ := base.Type().(tftypes.Object)
	if _, both := object.AttributeTypes["states"].(tftypes.Map); !ok || !both {
		return false
	}
	return !valueAt(t, base, []string{other}).IsNull()
}

// schemaUses are the schemas of everything that has one, but for the provider.
func schemaUses(t *testing.T) []schemaUse {
	t.Helper()
	var all []schemaUse
	schema := bareRPC(t, newMemory()).schema
	for name, one := range schema.ResourceSchemas {
		least := [][]string{{"instance_id", "state"}}
		if name == fleetType {
			least = [][]string{{"instance_ids", "state"}}
			for _, a := range argumentsOf(one.Block) {
				if a.String() == "states" {
					least = append(least, []string{"states"})
				}
			}
		}
		all = append(all, schemaUse{name, one.Block, least, inMemory, checkResource(name), useResource(name)})
	}
	for name, one := range schema.DataSourceSchemas {
		least := [][]string{{}}
		if name == powerStateType {
			least = [][]string{{"instance_id"}}
		}
		all = append(all, schemaUse{"data " + name, one.Block, least, inMemory, checkData(name), useData(name)})
	}
	for name, one := range schema.ListResourceSchemas {
		all = append(all,
			schemaUse{"list " + name, one.Block, [][]string{{}}, inMemory, checkList(name), useList(name)})
	}
	for name, one := range schema.ActionSchemas {
		least := [][]string{{"instance_ids"}}
		all = append(all,
			schemaUse{"action " + name, one.Schema.Block, least, inMemory, checkAction(name), useAction(name)})
	}
	return all
}

func (r *rpc) wire(value tftypes.Value) *tfprotov6.DynamicValue {
	r.t.Helper()
	out, err := tfprotov6.NewDynamicValue(value.Type(), value)
	r.must(err)
	return &out
}

func checkData(name string) func(*setup, tftypes.Value) []*tfprotov6.Diagnostic {
	return func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic {
		resp, err := s.server.ValidateDataResourceConfig(s.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: name, Config: s.wire(config),
		})
		s.must(err)
		return resp.Diagnostics
	}
}

// useData reads. The core does so only when everything is known.
func useData(name string) func(*setup, leaf, form, tftypes.Value, tftypes.Value) {
	return func(s *setup, a leaf, f form, _, config tftypes.Value) {
		if f.open {
			return
		}
		resp, err := s.server.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: name, Config: s.wire(config),
		})
		s.must(err)
		permits(s.t, "read "+name, a, f, resp.Diagnostics)
		if hasError(resp.Diagnostics) {
			return
		}
		state, err := resp.State.Unmarshal(config.Type())
		s.must(err)
		if !state.IsFullyKnown() {
			s.t.Errorf("read %s: %s is %s: the result is not known: %s", name, a, f.name, state)
		}
	}
}

func checkList(name string) func(*setup, tftypes.Value) []*tfprotov6.Diagnostic {
	return func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic {
		resp, err := s.listServer().ValidateListResourceConfig(s.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: name, Config: s.wire(config),
		})
		s.must(err)
		return resp.Diagnostics
	}
}

// useList lists. The core does so only when everything is known.
func useList(name string) func(*setup, leaf, form, tftypes.Value, tftypes.Value) {
	return func(s *setup, a leaf, f form, _, config tftypes.Value) {
		if f.open {
			return
		}
		_, diags := s.results(s.t.Context(), &tfprotov6.ListResourceRequest{TypeName: name, Config: s.wire(config)})
		permits(s.t, "list "+name, a, f, diags)
	}
}

func (s *setup) actionServer() tfprotov6.ActionServer {
	s.t.Helper()
	server, ok := s.server.(tfprotov6.ActionServer)
	if !ok {
		s.t.Fatal("the server has no actions")
	}
	return server
}

func checkAction(name string) func(*setup, tftypes.Value) []*tfprotov6.Diagnostic {
	return func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic {
		resp, err := s.actionServer().ValidateActionConfig(s.t.Context(), &tfprotov6.ValidateActionConfigRequest{
			ActionType: name, Config: s.wire(config),
		})
		s.must(err)
		return resp.Diagnostics
	}
}

// useAction plans, and invokes when everything is known.
func useAction(name string) func(*setup, leaf, form, tftypes.Value, tftypes.Value) {
	return func(s *setup, a leaf, f form, known, config tftypes.Value) {
		plan, err := s.actionServer().PlanAction(s.t.Context(), &tfprotov6.PlanActionRequest{
			ActionType: name, Config: s.wire(config),
		})
		s.must(err)
		permits(s.t, "plan "+name, a, f, plan.Diagnostics)
		if hasError(plan.Diagnostics) {
			return
		}
		if f.open {
			config = known
		}
		stream, err := s.actionServer().InvokeAction(s.t.Context(), &tfprotov6.InvokeActionRequest{
			ActionType: name, Config: s.wire(config),
		})
		s.must(err)
		for event := range stream.Events {
			if e, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				permits(s.t, "invoke "+name, a, f, e.Diagnostics)
			}
		}
	}
}
