package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/panics"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// A fleet has one of two forms: instance_ids with one state for all, or states, which has
// a state for each id.

// byState reports whether the fleet has a state for each id.
func (m fleetModel) byState() bool { return !m.States.IsNull() }

// surface names the attribute that has the ids.
func (m fleetModel) surface() surface {
	if m.byState() {
		return surface{ids: "states"}
	}
	return onFleet
}

// stateName names the attribute that has the states.
func (m fleetModel) stateName() string {
	if m.byState() {
		return "states"
	}
	return "state"
}

// checkForm refuses what is neither of the two forms, as far as it is known.
func (m fleetModel) checkForm() diag.Diagnostics {
	var diags diag.Diagnostics
	is := func(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }
	switch {
	case m.InstanceIDs.IsNull() && m.States.IsNull():
		diags.AddAttributeError(path.Root("instance_ids"), "No instances are named",
			"Set `instance_ids` and `state`, or `states` to a map from id to `running` or `stopped`. "+
				"A fleet without instances has `instance_ids = []`, or `states = {}`.")
	case is(m.InstanceIDs) && is(m.States):
		diags.AddAttributeError(path.Root("states"), "Instances are named twice",
			"Both `instance_ids` and `states` are set. Remove `instance_ids` and `state`, or remove `states`.")
	case is(m.States) && is(m.State):
		diags.AddAttributeError(path.Root("state"), "State for all beside a state for each",
			"`states` has a state for each id, and `state` is for the ids of `instance_ids`. Remove one of the two.")
	case m.States.IsNull() && m.State.IsNull():
		diags.AddAttributeError(path.Root("state"), "State is not set",
			"Set `state` to `running` or `stopped`: it is the state of all instances in `instance_ids`.")
	}
	return diags
}

// checkCloud refuses a state that is null, and ids and a mode that do not go with the
// cloud.
func (m fleetModel) checkCloud(ctx context.Context, clouds map[string]cloud) diag.Diagnostics {
	if !m.byState() {
		return m.members.checkCloud(ctx, clouds)
	}
	ids, diags := m.ids(ctx)
	elements := m.States.Elements()
	for _, id := range ids {
		if elements[id].IsNull() {
			diags.AddAttributeError(path.Root("states").AtMapKey(id), "State that is null",
				fmt.Sprintf("The state of instance %q in `states` is null. Leave the id out, or set it to `running` or "+
					"`stopped`.", id))
			return diags
		}
	}
	return append(diags, m.declaration.checkCloud(clouds, m.surface(), ids...)...)
}

// ids are the known ids of the fleet, sorted, each once.
func (m fleetModel) ids(ctx context.Context) ([]string, diag.Diagnostics) {
	if m.byState() {
		return slices.Sorted(maps.Keys(m.States.Elements())), nil
	}
	return m.members.ids(ctx)
}

// idsKnown reports whether every id is known.
func (m fleetModel) idsKnown() bool {
	if m.byState() {
		return !m.States.IsUnknown()
	}
	return m.members.idsKnown()
}

// declared returns what is declared of each instance by its id.
func (m fleetModel) declared() func(id string) declaration {
	if !m.byState() {
		return func(string) declaration { return m.declaration }
	}
	states := m.States.Elements()
	return func(id string) declaration {
		d := m.declaration
		d.State, _ = states[id].(types.String)
		return d
	}
}

// overall is what is declared of all instances: its state is that which they share, or
// mixed.
func (m fleetModel) overall() declaration {
	d := m.declaration
	if !m.byState() {
		return d
	}
	words := make(map[string]bool)
	for _, value := range m.States.Elements() {
		if value.IsUnknown() {
			d.State = types.StringUnknown()
			return d
		}
		if word, ok := value.(types.String); ok {
			words[word.ValueString()] = true
		}
	}
	d.State = types.StringValue(only(words, stateMixed))
	if m.States.IsUnknown() {
		d.State = types.StringUnknown()
	}
	return d
}

// transitions is the limit of how many instances are in a transition at a time; nil where
// there is none.
func (m fleetModel) transitions() *powerstate.Transitions {
	if m.MaxInTransition.IsNull() {
		return nil
	}
	return powerstate.NewTransitions(wholeNumber(m.MaxInTransition))
}

// outcome is what can be said of the instances that are as declared.
func (d declaration) outcome() string {
	if d.State.ValueString() == stateMixed {
		return "as declared"
	}
	return d.State.ValueString()
}

// group are instances of a fleet of which the same is declared.
type group struct {
	declaration
	ids []string
}

// groups are the ids by what is declared of them, and those of which nothing is.
func (m fleetModel) groups(ids []string) (groups []group, undeclared []string) {
	declared := m.declared()
	at := make(map[types.String]int)
	for _, id := range ids {
		d := declared(id)
		if !d.declares() {
			undeclared = append(undeclared, id)
			continue
		}
		i, ok := at[d.State]
		if !ok {
			i = len(groups)
			at[d.State] = i
			groups = append(groups, group{declaration: d})
		}
		groups[i].ids = append(groups[i].ids, id)
	}
	return groups, undeclared
}

// reach brings instances to what is declared of them, and observes those of which nothing
// is, all at once. The results are in the order of ids, of which the first are reached.
func (m fleetModel) reach(
	ctx context.Context, client *powerstate.Client, config declaration, touched []string, opts powerstate.ReachOptions,
) (ids []string, results []powerstate.Result, reached int) {
	groups, undeclared := m.groups(touched)
	for _, g := range groups {
		ids = append(ids, g.ids...)
	}
	reached = len(ids)
	var stop func()
	opts.Finished, stop = logProgress(ctx, m.overall().outcome(), ids)
	defer stop()
	var parts panics.Group
	each := make([][]powerstate.Result, len(groups)+1)
	for i, g := range groups {
		parts.Go(func() { each[i] = client.ReachAll(ctx, g.ids, g.asks(config).target(), opts) })
	}
	if len(undeclared) > 0 {
		parts.Go(func() { each[len(groups)] = client.ObserveAll(ctx, undeclared) })
	}
	parts.Wait()
	return append(ids, undeclared...), slices.Concat(each...), reached
}

// refresh puts what was observed of all into the attributes that declare it. A fleet
// without instances is as it is declared.
func (m *fleetModel) refresh(ids []string, results []powerstate.Result) {
	word, mode := common(results)
	if slices.ContainsFunc(results, isStopped) {
		m.StoppedMode = observedMode(m.StoppedMode, mode)
	}
	if len(ids) == 0 {
		return
	}
	if !m.byState() {
		m.State = types.StringValue(word)
		return
	}
	observed := make(map[string]string, len(ids))
	for i, id := range ids {
		observed[id] = backend.Unknown.String()
		if results[i].Err == nil {
			observed[id] = results[i].After.State.String()
		}
	}
	m.setStates(observed)
}

// setStates puts the states of ids in the place of those that are declared.
func (m *fleetModel) setStates(words map[string]string) {
	if !m.byState() {
		set := make(map[string]bool)
		for _, word := range words {
			set[word] = true
		}
		m.State = types.StringValue(only(set, stateMixed))
		return
	}
	values := make(map[string]attr.Value, len(words))
	for id, word := range words {
		values[id] = types.StringValue(word)
	}
	m.States = types.MapValueMust(types.StringType, values)
}
