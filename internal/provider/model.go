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

// keepKnown takes over what the plan promised about attributes that the
// transition cannot have changed, so that a change made elsewhere between plan
// and apply shows as drift in the next plan and not as an error of this one.
func (m *powerStateModel) keepKnown(plan powerStateModel) {
	keepString(&m.Status, plan.Status)
	keepString(&m.InstanceName, plan.InstanceName)
	keepString(&m.PublicIP, plan.PublicIP)
	keepString(&m.PrivateIP, plan.PrivateIP)
	keepString(&m.StoppedMode, plan.StoppedMode)
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
		return "", "", "", fmt.Errorf("the id %q does not have three parts. %s", id, form)
	}
	if _, ok := clouds[parts[0]]; !ok {
		return "", "", "", fmt.Errorf("the id %q names the cloud %q, which is none of %s. %s", id, parts[0], quoteAll(cloudNames(clouds)), form)
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
