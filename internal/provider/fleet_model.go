package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// fleetModel is the resource instance_fleet_power_state as Terraform holds it.
type fleetModel struct {
	members
	ID        types.String `tfsdk:"id"`
	Instances types.Map    `tfsdk:"instances"`
}

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

// stateMixed is what a fleet's state holds after a refresh that found
// differing states.
const stateMixed = "mixed"

// observe fills in what became of each id, in the order of ids: every id is
// accounted for. An id with an error keeps what was last read of it.
func (m *fleetModel) observe(ids []string, results []powerstate.Result) {
	members := make(map[string]memberModel, len(ids))
	for i, id := range ids {
		members[id] = memberOf(results[i], m.Region.ValueString())
	}
	m.setInstances(members)
}

// observeOver is observe, and refresh, over what is there, after an operation that
// failed: an id of which nothing was seen keeps what was known of it.
func (m *fleetModel) observeOver(ctx context.Context, ids []string, results []powerstate.Result) diag.Diagnostics {
	known := make(map[string]memberModel)
	var diags diag.Diagnostics
	if !m.Instances.IsNull() && !m.Instances.IsUnknown() {
		diags.Append(m.Instances.ElementsAs(ctx, &known, false)...)
	}
	all, more := m.ids(ctx)
	diags.Append(more...)
	members := make(map[string]memberModel, len(all))
	for _, id := range all {
		if was, ok := known[id]; ok {
			members[id] = was // Unless something became of it.
		}
	}
	for i, id := range ids {
		member := memberOf(results[i], m.Region.ValueString())
		was, ok := known[id]
		if failure, failed := asFailure(results[i].Err); ok && failed && failure.Last == nil {
			member.State, member.Status, member.Charging = was.State, was.Status, was.Charging
		}
		members[id] = member
	}
	m.refresh(lastOf(results))
	words := make(map[string]bool)
	for _, member := range members {
		words[member.State.ValueString()] = true
	}
	m.State = types.StringValue(only(words, stateMixed))
	m.setInstances(members)
	return diags
}

// setInstances is MapValueFrom without its reflection, which takes a second of
// computing for 10,000 instances.
func (m *fleetModel) setInstances(members map[string]memberModel) {
	values := make(map[string]attr.Value, len(members))
	for id, member := range members {
		values[id] = types.ObjectValueMust(memberType.AttrTypes, map[string]attr.Value{
			"state": member.State, "status": member.Status, "charging": member.Charging, "error": member.Error,
		})
	}
	m.Instances = types.MapValueMust(memberType, values)
}

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

// reason is why an instance failed, in one line.
func reason(f *powerstate.Error) string {
	happened, _ := explain(f, limit{})
	code, requestID := faultOf(f)
	var codes []string
	if code != "" {
		codes = append(codes, code)
	}
	if requestID != "" {
		codes = append(codes, "request id "+requestID)
	}
	if len(codes) > 0 {
		happened += " (" + strings.Join(codes, ", ") + ")"
	}
	return happened
}

// common is the state of a fleet as its state attribute shows it, the word that
// all instances share, or mixed; and the mode that those share which are
// stopped, or none.
func common(results []powerstate.Result) (state string, mode backend.StoppedMode) {
	words := make(map[string]bool)
	modes := make(map[backend.StoppedMode]bool)
	for _, r := range results {
		if r.Err != nil {
			words[stateMixed] = true
			continue
		}
		words[r.After.State.String()] = true
		if r.After.State == backend.Stopped {
			modes[plainMode(r.After.StoppedMode)] = true
		}
	}
	return only(words, stateMixed), only(modes, backend.UnknownMode)
}

// only is the one member of a set, or what stands for any other number.
func only[T comparable](set map[T]bool, otherwise T) T {
	if len(set) != 1 {
		return otherwise
	}
	for member := range set {
		return member
	}
	return otherwise
}

// fleetID names a fleet by its first set of ids; it stays when ids come and go.
func fleetID(cloudName, scope string, ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, ",")))
	return formatID(cloudName, scope, "fleet-"+hex.EncodeToString(sum[:6]))
}

// origins are the states found at create or import, by state and mode, kept in
// private state for on_destroy = "restore".
type origins map[origin][]string

// byID returns the origin of an id.
func (o origins) byID() map[string]origin {
	all := make(map[string]origin)
	for what, ids := range o {
		for _, id := range ids {
			all[id] = what
		}
	}
	return all
}

// MarshalText makes an origin the key of a JSON object.
func (o origin) MarshalText() ([]byte, error) { return []byte(o.State + "/" + o.Mode), nil }

// UnmarshalText reads what MarshalText wrote.
func (o *origin) UnmarshalText(text []byte) error {
	state, mode, ok := strings.Cut(string(text), "/")
	if !ok {
		return fmt.Errorf("origin %q has no slash", text)
	}
	*o = origin{State: state, Mode: mode}
	return nil
}

// noteOrigins adds the origins of ids that have none yet, and forgets those of
// ids that left.
func noteOrigins(known map[string]origin, ids []string, results []powerstate.Result) origins {
	all := make(origins)
	for i, id := range ids {
		what, ok := known[id]
		if !ok {
			what, ok = originOf(results[i].Before)
		}
		if ok {
			all[what] = append(all[what], id)
		}
	}
	return all
}

func saveOrigins(ctx context.Context, private privateSetter, all origins) diag.Diagnostics {
	return savePrivate(ctx, private, originKey, "the original states", all)
}

func loadOrigins(ctx context.Context, private privateData) (map[string]origin, diag.Diagnostics) {
	all := make(origins)
	_, diags := loadPrivate(ctx, private, originKey, "the original states", &all)
	return all.byID(), diags
}
