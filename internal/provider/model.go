package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// powerStateModel is the resource instance_power_state as Terraform holds it.
type powerStateModel struct {
	ID             types.String   `tfsdk:"id"`
	Cloud          types.String   `tfsdk:"cloud"`
	Region         types.String   `tfsdk:"region"`
	InstanceID     types.String   `tfsdk:"instance_id"`
	State          types.String   `tfsdk:"state"`
	ForceStop      types.Bool     `tfsdk:"force_stop"`
	ForceStopAfter types.String   `tfsdk:"force_stop_after"`
	StoppedMode    types.String   `tfsdk:"stopped_mode"`
	AllowRestart   types.Bool     `tfsdk:"allow_restart"`
	OnDestroy      types.String   `tfsdk:"on_destroy"`
	Status         types.String   `tfsdk:"status"`
	Charging       types.Bool     `tfsdk:"charging"`
	InstanceName   types.String   `tfsdk:"instance_name"`
	PublicIP       types.String   `tfsdk:"public_ip"`
	PrivateIP      types.String   `tfsdk:"private_ip"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// The values of on_destroy.
const (
	onDestroyLeave   = "leave"
	onDestroyRestore = "restore"
	onDestroyRunning = "running"
	onDestroyStopped = "stopped"
)

// The values of state that can be asked for.
var (
	stateRunning = backend.Running.String()
	stateStopped = backend.Stopped.String()
)

// The default time limits.
const (
	defaultTimeout     = 20 * time.Minute
	defaultReadTimeout = 5 * time.Minute
)

// target is what the model asks of the engine. A word that a refresh has observed
// asks for nothing, and the engine refuses it.
func (m powerStateModel) target() powerstate.Target {
	goal := powerstate.Goal(0)
	switch m.State.ValueString() {
	case stateRunning:
		goal = powerstate.GoalRunning
	case stateStopped:
		goal = powerstate.GoalStopped
	}
	return m.targetFor(goal)
}

// asks returns the plan as the configuration asks for it. A mode that it does not
// name is in the plan a promise about what was read, and nothing that a stop is
// to use.
func (m powerStateModel) asks(config powerStateModel) powerStateModel {
	m.StoppedMode = config.StoppedMode
	return m
}

// declares reports whether the state is one that can be asked for, or may turn
// out to be. It is not where ignore_changes puts what was observed in the place
// of what is configured.
func (m powerStateModel) declares() bool {
	word := m.State.ValueString()
	return m.State.IsUnknown() || word == stateRunning || word == stateStopped
}

// moves reports whether a plan may touch the instance, which is where prior says
// it is: it declares another state, or another mode of what is stopped.
func (m powerStateModel) moves(prior powerStateModel) bool {
	return m.declares() && (!m.State.Equal(prior.State) ||
		m.State.ValueString() == stateStopped && !m.StoppedMode.Equal(prior.StoppedMode))
}

// targetFor is target with another goal.
func (m powerStateModel) targetFor(goal powerstate.Goal) powerstate.Target {
	after, err := time.ParseDuration(m.ForceStopAfter.ValueString())
	if err != nil {
		after = 0 // Validated with the configuration: it is not set.
	}
	mode, _ := parseMode(m.StoppedMode.ValueString())
	return powerstate.Target{
		Goal:           goal,
		Mode:           mode,
		ForceStop:      m.ForceStop.ValueBool(),
		ForceStopAfter: after,
		AllowRestart:   m.AllowRestart.ValueBool(),
	}
}

// originTarget is the target that brings back the state found at create or
// import.
func (m powerStateModel) originTarget(o origin) powerstate.Target {
	if o.State == stateRunning {
		return m.targetFor(powerstate.GoalRunning)
	}
	m.StoppedMode = orNull(o.Mode)
	return m.targetFor(powerstate.GoalStopped)
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

// parseMode reads a mode in any cloud's spelling. ok is false for a word that
// is none; the empty string is the unknown mode.
func parseMode(s string) (mode backend.StoppedMode, ok bool) {
	switch strings.ToLower(strings.ReplaceAll(s, "_", "")) {
	case "":
		return backend.UnknownMode, true
	case "keepcharging":
		return backend.KeepCharging, true
	case "stopcharging":
		return backend.StopCharging, true
	}
	return backend.UnknownMode, false
}

// observedMode is the mode to store for a stopped instance: in the spelling
// that is there already, when it says the same. An instance to which the
// question does not apply keeps being charged.
func observedMode(stored types.String, seen backend.StoppedMode) types.String {
	if seen == backend.NotApplicable {
		seen = backend.KeepCharging
	}
	if mode, _ := parseMode(stored.ValueString()); mode == seen && seen != backend.UnknownMode {
		return stored
	}
	return orNull(string(seen))
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
