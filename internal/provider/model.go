package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// powerStateModel is the resource instance_power_state as Terraform holds it.
type powerStateModel struct {
	declaration
	ID           types.String `tfsdk:"id"`
	InstanceID   types.String `tfsdk:"instance_id"`
	Status       types.String `tfsdk:"status"`
	Charging     types.Bool   `tfsdk:"charging"`
	InstanceName types.String `tfsdk:"instance_name"`
	PublicIP     types.String `tfsdk:"public_ip"`
	PrivateIP    types.String `tfsdk:"private_ip"`
	FoundState   types.String `tfsdk:"found_state"`
}

// observe fills in what was read of the instance. What the configuration fixes
// (instance_id, force_stop, ...) is left alone, and so is the mode of an
// instance that is not stopped: it is what the next stop is to use.
func (m *powerStateModel) observe(in backend.Instance) {
	m.State = types.StringValue(in.State.String())
	m.Status = types.StringValue(in.Raw)
	m.Charging = types.BoolPointerValue(powerstate.Charging(in))
	m.InstanceName = types.StringValue(in.Name)
	m.PublicIP = orNull(in.PublicIP)
	m.PrivateIP = orNull(in.PrivateIP)
	if in.State == backend.Stopped {
		m.StoppedMode = observedMode(m.StoppedMode, in.StoppedMode)
	}
	if m.StoppedMode.IsUnknown() {
		m.StoppedMode = types.StringNull()
	}
}

// foundAs is the state in which an instance was found: the one that it was in, or was
// going to. It is null where that cannot be told.
func foundAs(state backend.State) types.String {
	o, _ := originOf(backend.Instance{State: state})
	return orNull(o.State)
}

// releases is what on_destroy asks for the instance; found is the origin that is kept
// beside found_state, with the mode in which the instance was stopped.
func (m powerStateModel) releases(found origin) releases {
	id := m.InstanceID.ValueString()
	r := releases{declaration: m.declaration, of: onInstance, id: m.ID, now: map[string]string{id: m.State.ValueString()}}
	if state := m.FoundState.ValueString(); state != "" && state != found.State {
		found = origin{State: state}
	}
	if found.State != "" {
		r.found = map[string]origin{id: found}
	}
	return r
}

// keepKnown takes over what the plan promised about attributes that the
// transition cannot have changed, so that a change made elsewhere between plan
// and apply shows as drift in the next plan and not as an error of this one.
func (m *powerStateModel) keepKnown(plan powerStateModel) {
	keepString(&m.Status, plan.Status)
	keepString(&m.InstanceName, plan.InstanceName)
	keepString(&m.PublicIP, plan.PublicIP)
	keepString(&m.PrivateIP, plan.PrivateIP)
	keepString(&m.StoppedMode, plan.StoppedMode)
	keepString(&m.FoundState, plan.FoundState)
	if !plan.Charging.IsUnknown() {
		m.Charging = plan.Charging
	}
}

func keepString(value *types.String, planned types.String) {
	if !planned.IsUnknown() {
		*value = planned
	}
}

func orNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// formatID writes the id of the resource; scope is the region, or what stands
// for it.
func formatID(cloudName, scope, instanceID string) string {
	return cloudName + "/" + scope + "/" + instanceID
}

// parseID reads the id of an import.
func parseID(clouds map[string]cloud, id string) (cloudName, scope, instanceID string, err error) {
	parts := strings.Split(id, "/")
	form := "Write it as cloud/region/instance_id, for example " + exampleIDs(clouds) + "."
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return "", "", "", fmt.Errorf("the id %s does not have three parts. %s", shown(id), form)
	}
	if _, ok := clouds[parts[0]]; !ok {
		return "", "", "", fmt.Errorf("the id %s names the cloud %s, which is none of %s. %s",
			shown(id), shown(parts[0]), quoteAll(cloudNames(clouds)), form)
	}
	return parts[0], parts[1], parts[2], nil
}

func exampleIDs(clouds map[string]cloud) string {
	var examples []string
	for _, name := range cloudNames(clouds) {
		scope := "region"
		if c := clouds[name]; c.scopeField != "" {
			scope = c.field(c.scopeField).fallback
		}
		examples = append(examples, "`"+formatID(name, scope, clouds[name].example)+"`")
	}
	return strings.Join(examples, ", ")
}
