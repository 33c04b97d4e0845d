package provider

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func checkResource(name string) func(*setup, tftypes.Value) []*tfprotov6.Diagnostic {
	return func(s *setup, config tftypes.Value) []*tfprotov6.Diagnostic {
		resp, err := s.server.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: name, Config: s.wire(config),
		})
		s.must(err)
		return resp.Diagnostics
	}
}

// useResource creates with a configuration, and updates to it and from it. Where the
// form is open, the apply has what is known then: the core plans once more, and
// wants that plan and the result to be as the first plan promised.
func useResource(name string) func(*setup, leaf, form, tftypes.Value, tftypes.Value) {
	return func(s *setup, a leaf, f form, known, config tftypes.Value) {
		r := matrixResource{s, name, a, f}
		s.nextRun()
		none := resourceState{value: tftypes.NewValue(config.Type(), nil)}
		s.startAll()
		r.reach("create", none, known, config)
		s.startAll()
		s.nextRun()
		base, ok := r.reach("create", none, known, known)
		if !ok {
			s.t.Errorf("%s: %s is %s: what follows cannot be created", name, a, f.name)
			return
		}
		s.nextRun()
		updated, _ := r.reach("update", base, known, config)
		s.nextRun()
		r.reach("update", updated, known, known)
	}
}

// resourceState is a resource as the core holds it between calls.
type resourceState struct {
	value   tftypes.Value
	private []byte
}

// matrixResource is a resource one of whose arguments has a form.
type matrixResource struct {
	*setup

	name string
	a    leaf
	f    form
}

// reach plans and applies. It returns false where the configuration is refused, or
// asks for a replacement.
func (r matrixResource) reach(call string, prior resourceState, known, config tftypes.Value) (resourceState, bool) {
	r.t.Helper()
	r.nextRun()
	plan, planned := r.propose(call, prior, config)
	if plan == nil {
		return prior, false
	}
	if r.f.open && !config.IsFullyKnown() {
		config = known
		r.nextRun()
		again, replanned := r.propose(call+", everything known", prior, config)
		if again == nil {
			return prior, false
		}
		if unkept(planned, replanned) != "" {
			r.t.Errorf("%s %s: %s is %s: known values changed in the second plan:\n%s", call, r.name, r.a, r.f.name,
				unkept(planned, replanned))
		}
		plan, planned = again, replanned
	}
	return r.carryOut(call, prior, config, plan, planned)
}

// carryOut applies a plan. It returns false, and what there was before, where that fails.
func (r matrixResource) carryOut(
	call string, prior resourceState, config tftypes.Value, plan *tfprotov6.PlanResourceChangeResponse,
	planned tftypes.Value,
) (resourceState, bool) {
	r.t.Helper()
	resp, err := r.server.ApplyResourceChange(r.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName:       r.name,
		PriorState:     r.wire(prior.value),
		PlannedState:   plan.PlannedState,
		Config:         r.wire(config),
		PlannedPrivate: plan.PlannedPrivate,
	})
	r.must(err)
	permits(r.t, call+" "+r.name, r.a, r.f, resp.Diagnostics)
	after, err := resp.NewState.Unmarshal(config.Type())
	r.must(err)
	if hasError(resp.Diagnostics) {
		return prior, false
	}
	if !after.IsFullyKnown() || unkept(planned, after) != "" {
		r.t.Errorf("%s %s: %s is %s: the result is not as planned:\n%s", call, r.name, r.a, r.f.name, unkept(planned, after))
	}
	return resourceState{after, resp.Private}, true
}

// propose plans as the core does, and checks the plan as the core does. The plan is
// nil where there is an error, or a replacement.
func (r matrixResource) propose(
	call string, prior resourceState, config tftypes.Value,
) (*tfprotov6.PlanResourceChangeResponse, tftypes.Value) {
	r.t.Helper()
	was, set := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	r.must(config.As(&set))
	if !prior.value.IsNull() {
		r.must(prior.value.As(&was))
	}
	proposed := map[string]tftypes.Value{}
	for name, value := range set {
		proposed[name] = value
	}
	for _, a := range r.schema.ResourceSchemas[r.name].Block.Attributes {
		if a.Computed && set[a.Name].IsNull() {
			proposed[a.Name] = tftypes.NewValue(a.ValueType(), tftypes.UnknownValue)
			if value, ok := was[a.Name]; ok {
				proposed[a.Name] = value
			}
		}
	}
	resp, err := r.server.PlanResourceChange(r.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: r.name, PriorState: r.wire(prior.value), PriorPrivate: prior.private, Config: r.wire(config),
		ProposedNewState: r.wire(tftypes.NewValue(config.Type(), proposed)),
	})
	r.must(err)
	permits(r.t, "plan of "+call+" "+r.name, r.a, r.f, resp.Diagnostics)
	if hasError(resp.Diagnostics) {
		return nil, tftypes.Value{}
	}
	planned, err := resp.PlannedState.Unmarshal(config.Type())
	r.must(err)
	var got map[string]tftypes.Value
	r.must(planned.As(&got))
	for name, value := range set {
		kept, held := was[name]
		if !value.IsNull() && !got[name].Equal(value) && (!held || kept.IsNull() || !got[name].Equal(kept)) {
			r.t.Errorf("plan of %s %s: %s is %s: the plan has %s for %s, want %s as configured", call, r.name, r.a, r.f.name,
				got[name], name, value)
		}
	}
	if len(resp.RequiresReplace) > 0 && !prior.value.IsNull() {
		return nil, tftypes.Value{}
	}
	return resp, planned
}
