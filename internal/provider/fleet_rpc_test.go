package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const fleetType = "instance_fleet_power_state"

// fleetSetup is a setup whose resource is a fleet.
type fleetSetup struct {
	*setup
	typ tftypes.Object
}

// newFleet is a setup with n instances, h-000 and so on, in one state.
func newFleet(t *testing.T, n int, state backend.State) (f *fleetSetup, ids []string) {
	t.Helper()
	return fleetIn(t, newSetup(t), n, state)
}

func fleetIn(t *testing.T, s *setup, n int, state backend.State) (f *fleetSetup, ids []string) {
	t.Helper()
	typ := listsInside(t, s.schema.ResourceSchemas[fleetType].ValueType())
	return &fleetSetup{setup: s, typ: typ}, s.cloud.AddN(n, backend.Instance{ID: "h", State: state})
}

// listsInside is a type with lists for sets: on the wire they are the same, and
// the tests need not compare each element with each other.
func listsInside(t *testing.T, typ tftypes.Type) tftypes.Object {
	t.Helper()
	object, ok := typ.(tftypes.Object)
	if !ok {
		t.Fatalf("got the type %s, want an object", typ)
	}
	object.AttributeTypes = maps.Clone(object.AttributeTypes)
	for name, of := range object.AttributeTypes {
		if set, ok := of.(tftypes.Set); ok {
			object.AttributeTypes[name] = tftypes.List{ElementType: set.ElementType}
		}
	}
	return object
}

// fleetOf is a minimal fleet in a state, with further attributes.
func fleetOf(state string, ids []string, more map[string]any) map[string]any {
	config := map[string]any{"instance_ids": ids, "state": state}
	maps.Copy(config, more)
	return config
}

// toValue encodes plain Go values; what an object leaves out is null.
func toValue(t testing.TB, typ tftypes.Type, value any) tftypes.Value {
	t.Helper()
	switch of := typ.(type) {
	case tftypes.Object:
		values, ok := value.(map[string]any)
		if !ok {
			break
		}
		attributes := make(map[string]tftypes.Value, len(of.AttributeTypes))
		for name, attribute := range of.AttributeTypes {
			attributes[name] = toValue(t, attribute, values[name])
		}
		for name := range values {
			if _, ok := of.AttributeTypes[name]; !ok {
				t.Fatalf("there is no attribute %q", name)
			}
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.Map:
		values, ok := value.(map[string]any)
		if !ok {
			break
		}
		members := make(map[string]tftypes.Value, len(values))
		for name, member := range values {
			members[name] = toValue(t, of.ElementType, member)
		}
		return tftypes.NewValue(typ, members)
	case tftypes.List:
		switch values := value.(type) {
		case []string:
			elements := make([]tftypes.Value, len(values))
			for i, element := range values {
				elements[i] = tftypes.NewValue(of.ElementType, element)
			}
			return tftypes.NewValue(typ, elements)
		case []any:
			elements := make([]tftypes.Value, len(values))
			for i, element := range values {
				elements[i] = tftypes.NewValue(of.ElementType, element)
			}
			return tftypes.NewValue(typ, elements)
		}
	}
	if number, ok := value.(int); ok && typ.Is(tftypes.String) { // The CLI converts it so.
		value = fmt.Sprint(number)
	}
	return tftypes.NewValue(typ, value)
}

// fromValue is the other way round.
func fromValue(t testing.TB, value tftypes.Value) any {
	t.Helper()
	if !value.IsKnown() {
		return tftypes.UnknownValue
	}
	if value.IsNull() {
		return nil
	}
	var err error
	switch value.Type().(type) {
	case tftypes.Object, tftypes.Map:
		var members map[string]tftypes.Value
		err = value.As(&members)
		out := make(map[string]any, len(members))
		for name, member := range members {
			out[name] = fromValue(t, member)
		}
		if err == nil {
			return out
		}
	case tftypes.List:
		var elements []tftypes.Value
		err = value.As(&elements)
		out := make([]string, len(elements))
		for i, element := range elements {
			out[i] = fmt.Sprint(fromValue(t, element))
		}
		if err == nil {
			return out
		}
	}
	if value.Type().Is(tftypes.Number) {
		var number big.Float
		if err = value.As(&number); err == nil {
			n, _ := number.Int64()
			return int(n)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain(value)
}

func (f *fleetSetup) dynamic(values map[string]any) *tfprotov6.DynamicValue {
	f.t.Helper()
	var value any
	if values != nil {
		value = values
	}
	out, err := tfprotov6.NewDynamicValue(f.typ, toValue(f.t, f.typ, value))
	f.must(err)
	return &out
}

func (f *fleetSetup) values(state *tfprotov6.DynamicValue) map[string]any {
	f.t.Helper()
	if state == nil {
		return nil
	}
	value, err := state.Unmarshal(f.typ)
	f.must(err)
	all, _ := fromValue(f.t, value).(map[string]any)
	return all
}

// prior is what is held, or null.
func (f *fleetSetup) prior(h held) *tfprotov6.DynamicValue {
	if h.state == nil {
		return f.dynamic(nil)
	}
	return h.state
}

func (f *fleetSetup) check(config map[string]any) []*tfprotov6.Diagnostic {
	f.t.Helper()
	resp, err := f.server.ValidateResourceConfig(f.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: fleetType, Config: f.dynamic(config),
	})
	f.must(err)
	return resp.Diagnostics
}

// plan proposes as the core does: what is held, or unknown, for computed
// attributes that the configuration does not set.
func (f *fleetSetup) plan(config map[string]any, prior held) *tfprotov6.PlanResourceChangeResponse {
	f.t.Helper()
	return f.planIn(f.t.Context(), config, prior)
}

func (f *fleetSetup) planIn(
	ctx context.Context, config map[string]any, prior held,
) *tfprotov6.PlanResourceChangeResponse {
	f.t.Helper()
	resp, err := f.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName:         fleetType,
		PriorState:       f.prior(prior),
		PriorPrivate:     prior.private,
		Config:           f.dynamic(config),
		ProposedNewState: f.propose(config, prior),
	})
	f.must(err)
	return resp
}

// propose is the core's proposal for a fleet.
func (f *fleetSetup) propose(config map[string]any, prior held) *tfprotov6.DynamicValue {
	f.t.Helper()
	proposed := maps.Clone(config)
	was := f.values(prior.state)
	for _, attribute := range f.schema.ResourceSchemas[fleetType].Block.Attributes {
		if _, set := config[attribute.Name]; set || !attribute.Computed || config == nil {
			continue
		}
		proposed[attribute.Name] = tftypes.UnknownValue
		if prior.state != nil {
			proposed[attribute.Name] = was[attribute.Name]
		}
	}
	return f.dynamic(proposed)
}

func (f *fleetSetup) apply(
	ctx context.Context, config map[string]any, prior held, plan *tfprotov6.PlanResourceChangeResponse,
) (held, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	resp, err := f.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:       fleetType,
		PriorState:     f.prior(prior),
		PlannedState:   plan.PlannedState,
		Config:         f.dynamic(config),
		PlannedPrivate: plan.PlannedPrivate,
	})
	f.must(err)
	return held{state: resp.NewState, private: resp.Private}, resp.Diagnostics
}

// try plans and applies; the plan must be right, and what comes of it is the
// test's business.
func (f *fleetSetup) try(config map[string]any, prior held) (held, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	plan := f.plan(config, prior)
	if hasError(plan.Diagnostics) {
		f.t.Fatalf("plan: %s", texts(plan.Diagnostics))
	}
	planned := f.values(plan.PlannedState)
	after, diags := f.apply(f.t.Context(), config, prior, plan)
	if hasError(diags) {
		return after, diags
	}
	got := f.values(after.state)
	for name, value := range planned {
		if !keepsTo(got[name], value) {
			f.t.Errorf("%s is %v after the apply, want %v as planned", name, got[name], value)
		}
	}
	return after, diags
}

// keepsTo reports whether a value of a result is what was planned: it may be anything
// known where the plan knew nothing.
func keepsTo(got, planned any) bool {
	members, ok := planned.(map[string]any)
	if !ok {
		return got != tftypes.UnknownValue && (planned == tftypes.UnknownValue || cmp.Equal(got, planned))
	}
	result, ok := got.(map[string]any)
	if !ok || len(result) != len(members) {
		return false
	}
	for name, member := range members {
		if !keepsTo(result[name], member) {
			return false
		}
	}
	return true
}

// step is try without an error.
func (f *fleetSetup) step(config map[string]any, prior held) held {
	f.t.Helper()
	after, diags := f.try(config, prior)
	if hasError(diags) {
		f.t.Fatalf("apply: %s", texts(diags))
	}
	return after
}

func (f *fleetSetup) destroy(prior held) (held, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	return f.apply(f.t.Context(), nil, prior, f.plan(nil, prior))
}

func (f *fleetSetup) read(prior held) (held, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	resp, err := f.server.ReadResource(f.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: fleetType, CurrentState: prior.state, Private: prior.private,
	})
	f.must(err)
	return held{state: resp.NewState, private: resp.Private}, resp.Diagnostics
}

func (f *fleetSetup) refresh(prior held) held {
	f.t.Helper()
	after, diags := f.read(prior)
	if len(diags) > 0 {
		f.t.Fatalf("read: %s", texts(diags))
	}
	return after
}

func (f *fleetSetup) importID(id string) (held, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	resp, err := f.server.ImportResourceState(f.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: fleetType, ID: id,
	})
	f.must(err)
	if len(resp.ImportedResources) == 0 {
		return held{}, resp.Diagnostics
	}
	one := resp.ImportedResources[0]
	return held{state: one.State, private: one.Private}, resp.Diagnostics
}

// changes names the attributes that a plan changes or leaves unknown.
func (f *fleetSetup) changes(prior held, plan *tfprotov6.PlanResourceChangeResponse) []string {
	f.t.Helper()
	names := []string{}
	was := f.values(prior.state)
	for name, value := range f.values(plan.PlannedState) {
		if !cmp.Equal(was[name], value) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (f *fleetSetup) wantState(h held, want map[string]any) {
	f.t.Helper()
	all, got := f.values(h.state), map[string]any{}
	for name := range want {
		got[name] = all[name]
	}
	if diff := cmp.Diff(got, want); diff != "" {
		f.t.Errorf("state (-got +want):\n%s", diff)
	}
}

// wantMembers checks what is known of each instance, as "state" or "state:
// error".
func (f *fleetSetup) wantMembers(h held, want map[string]string) {
	f.t.Helper()
	got := map[string]string{}
	members, _ := f.values(h.state)["instances"].(map[string]any)
	for id, member := range members {
		values, _ := member.(map[string]any)
		got[id] = fmt.Sprint(values["state"])
		if values["error"] != nil {
			got[id] += fmt.Sprint(": ", values["error"])
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		f.t.Errorf("instances (-got +want):\n%s", diff)
	}
}

// wantWritten checks each write: what it was, and on how many instances.
func (f *fleetSetup) wantWritten(want ...string) {
	f.t.Helper()
	got := []string{}
	for i, call := range f.cloud.Calls(memory.Start, memory.Stop, memory.Reboot) {
		got = append(got, fmt.Sprintf("%s of %d", f.writes()[i], len(call.IDs)))
	}
	slices.Sort(got)
	wantNames(f.t, "writes", got, want...)
	f.cloud.ForgetCalls()
}

// written are the ids of the one write that there was.
func (f *fleetSetup) written() []string {
	f.t.Helper()
	calls := f.cloud.Calls(memory.Start, memory.Stop, memory.Reboot)
	if len(calls) != 1 {
		f.t.Fatalf("got %d writes, want 1", len(calls))
	}
	return sorted(calls[0].IDs)
}
