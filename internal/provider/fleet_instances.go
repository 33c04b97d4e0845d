package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// memberModel is one instance of a fleet.
type memberModel struct {
	State    types.String `tfsdk:"state"`
	Status   types.String `tfsdk:"status"`
	Charging types.Bool   `tfsdk:"charging"`
	Error    types.String `tfsdk:"error"`
}

var memberType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"state": types.StringType, "status": types.StringType, "charging": types.BoolType, "error": types.StringType,
}}

// value is the member as Terraform holds it.
func (m memberModel) value() attr.Value {
	return types.ObjectValueMust(memberType.AttrTypes, map[string]attr.Value{
		"state": m.State, "status": m.Status, "charging": m.Charging, "error": m.Error,
	})
}

// memberFrom reads a member; ok is false for one that is not known.
func memberFrom(value attr.Value) (m memberModel, ok bool) {
	object, ok := value.(types.Object)
	if !ok || object.IsNull() || object.IsUnknown() {
		return m, false
	}
	attributes := object.Attributes()
	m.State, _ = attributes["state"].(types.String)
	m.Status, _ = attributes["status"].(types.String)
	m.Charging, _ = attributes["charging"].(types.Bool)
	m.Error, _ = attributes["error"].(types.String)
	return m, !m.State.IsUnknown()
}

// memberOf is what is known of an instance after an operation.
func memberOf(r powerstate.Result, region string) memberModel {
	in := r.After
	failure, failed := asFailure(r.Err)
	if failed {
		in = backend.Instance{State: backend.Unknown}
		if failure.Last != nil {
			in = *failure.Last
		}
	}
	member := memberModel{
		State:    types.StringValue(in.State.String()),
		Status:   orNull(in.Raw),
		Charging: types.BoolPointerValue(powerstate.Charging(in)),
		Error:    types.StringNull(),
	}
	switch {
	case failed:
		member.Error = types.StringValue(reason(failure))
	case in.State == backend.Absent:
		member.Error = types.StringValue(isAbsent(region))
	}
	return member
}

// known are the members that are known, by id. It reads them without the framework's
// reflection, which takes a second of computing for 10,000 instances.
func (m fleetModel) known() map[string]memberModel {
	elements := m.Instances.Elements()
	known := make(map[string]memberModel, len(elements))
	for id, value := range elements {
		if member, ok := memberFrom(value); ok {
			known[id] = member
		}
	}
	return known
}

// setInstances stores members, and leaves unknown the ids that are not among them.
func (m *fleetModel) setInstances(ids []string, known map[string]memberModel) {
	values := make(map[string]attr.Value, len(ids))
	for _, id := range ids {
		values[id] = types.ObjectUnknown(memberType.AttrTypes)
		if member, ok := known[id]; ok {
			values[id] = member.value()
		}
	}
	m.Instances = types.MapValueMust(memberType, values)
}

// planInstances plans stopped_mode, and what is known of each instance: unknown for those
// that the plan touches, and as it is for the others. prior is nil where the instances are
// others; changed are those that another object may change in this run.
// applied tells whether the private state has the declared mode.
func (m *fleetModel) planInstances(
	ids []string, config fleetModel, prior *fleetModel, changed []string, applied bool,
) {
	d := m.overall()
	if prior == nil {
		d.planMode(config.declaration, nil, modeFacts{})
	} else {
		held := prior.overall()
		members := prior.known()
		for _, member := range members {
			if member.State.ValueString() == stateStopped {
				held.State = member.State // The mode was observed.
			}
		}
		if len(members) == 0 {
			held.State = types.StringValue(stateStopped) // Any mode satisfies what has no instance.
		}
		d.planMode(config.declaration, &held, modeFacts{applied: applied, billed: prior.billed()})
	}
	m.StoppedMode = d.StoppedMode
	if !m.idsKnown() {
		m.Instances = types.MapUnknown(memberType)
		if config.StoppedMode.IsNull() && d.State.ValueString() != stateRunning {
			m.StoppedMode = types.StringUnknown() // An instance that joins may stop.
		}
		return
	}
	kept := make(map[string]memberModel, len(ids))
	if prior != nil {
		kept = prior.known()
		otherMode, declared := m.otherMode(config.declaration, prior.declaration), m.declared()
		for _, id := range ids {
			if was, ok := kept[id]; ok && declared(id).touches(was, otherMode) {
				delete(kept, id)
			}
		}
		for _, id := range changed {
			if declared(id).declares() {
				delete(kept, id)
			}
		}
	}
	m.setInstances(ids, kept)
	if config.StoppedMode.IsNull() && prior != nil && d.State.ValueString() != stateRunning {
		m.planUndeclaredMode(ids, prior.StoppedMode)
	}
}

// planUndeclaredMode plans a mode that the configuration does not name: a stop may choose
// it, and where there is none it stays.
func (m *fleetModel) planUndeclaredMode(ids []string, held types.String) {
	touched := m.touched(ids)
	groups, _ := m.groups(touched)
	stops := slices.ContainsFunc(groups, func(g group) bool { return g.State.ValueString() != stateRunning })
	switch {
	case !stops && held.IsNull():
		m.StoppedMode = billedMode(m.billed()) // Those that differed may start, or leave.
	case !stops:
		m.StoppedMode = undeclaredMode(held, m.billed())
	default:
		m.StoppedMode = types.StringUnknown()
	}
}

// billed is whether the instances that are stopped are charged for; null where that is not
// the same for all.
func (m fleetModel) billed() types.Bool {
	all := make(map[types.Bool]bool)
	for _, member := range m.known() {
		if member.State.ValueString() == stateStopped {
			all[member.Charging] = true
		}
	}
	return only(all, types.BoolNull())
}

// otherMode reports whether the configuration asks for another mode than prior has.
func (d declaration) otherMode(config, prior declaration) bool {
	if config.StoppedMode.IsNull() {
		return false
	}
	wanted, _ := parseMode(config.StoppedMode.ValueString())
	held, _ := parseMode(prior.StoppedMode.ValueString())
	return config.StoppedMode.IsUnknown() || wanted != held
}

// touches reports whether a plan may touch an instance that was so. Where another mode
// is asked for, the billing tells which instances are in it.
func (d declaration) touches(was memberModel, otherMode bool) bool {
	switch {
	case !d.declares():
		return false
	case !was.Error.IsNull() || !was.State.Equal(d.State):
		return true
	case !otherMode || d.State.ValueString() != stateStopped:
		return false
	}
	mode, _ := parseMode(d.StoppedMode.ValueString())
	if mode == powerstate.StopChargingIfSupported {
		return false // An instance that is stopped satisfies it.
	}
	return !was.Charging.Equal(types.BoolValue(mode == backend.KeepCharging)) || mode == backend.UnknownMode
}

// touched are the ids that an apply of the plan touches.
func (m fleetModel) touched(ids []string) []string {
	elements := m.Instances.Elements()
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, kept := memberFrom(elements[id])
		return kept
	})
}

// observe fills in what became of ids, in their order, and keeps what is known of the
// others. An id with an error keeps what was last read of it.
func (m *fleetModel) observe(ids []string, results []powerstate.Result) {
	known := m.known()
	all := make([]string, 0, len(ids)+len(known))
	for i, id := range ids {
		known[id] = memberOf(results[i], m.Region.ValueString())
	}
	for id := range known {
		all = append(all, id)
	}
	m.setInstances(all, known)
}

// settle fills in what an apply that succeeded has read of ids.
func (m *fleetModel) settle(prior types.String, ids []string, results []powerstate.Result) {
	if m.StoppedMode.IsUnknown() {
		m.StoppedMode = undeclaredMode(prior, m.billed())
		m.StoppedMode = m.modeOver(ids, results)
	}
	m.observe(ids, results)
}
