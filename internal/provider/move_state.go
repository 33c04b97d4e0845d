package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var _ resource.ResourceWithMoveState = (*powerStateResource)(nil)

// The one resource of another provider that is a power state and nothing else,
// so that a moved block can hand it over. The vendor has it under three brands,
// which share the API and the attributes of this resource.
const (
	movedType     = "volcengine_ecs_instance_state"
	movedProvider = "volcengine/volcengine"
	movedCloud    = "volcengine"
	movedVersion  = 0
)

// movedProviders are the providers that have such a resource, by its type: from any
// registry or mirror. The first is the one that its vendor publishes.
var movedProviders = map[string][]string{
	movedType:                     {movedProvider},
	"byteplus_ecs_instance_state": {"byteplus-sdk/byteplus", "byteplus/byteplus"},
	"vestack_ecs_instance_state":  {"volcengine/vestack", "vestack/vestack"},
}

// MoveState takes over a resource of movedProviders. Terraform asks for a move
// before it configures the provider, and that resource knows no region, so
// region and id stay null until settle fills them in.
//
// The original state of on_destroy = "restore" stays unknown: what is there now
// may be what the former resource made.
//
// Terraform also asks when a moved resource comes from this provider under
// another address, a mirror's say. Then all is kept as it is.
func (r *powerStateResource) MoveState(ctx context.Context) []resource.StateMover {
	var own resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &own)
	return []resource.StateMover{{SourceSchema: &own.Schema, StateMover: moveOwn(ownType)}, {StateMover: moveState}}
}

// ownType is the resource's own name, and ownProvider that of the provider in
// an address.
const (
	ownType     = "instance_power_state"
	ownProvider = "instance"
)

// moveOwn passes on a state of a resource of this provider, and leaves anything else to
// the next mover.
func moveOwn(typeName string) func(context.Context, resource.MoveStateRequest, *resource.MoveStateResponse) {
	return func(_ context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		of := req.SourceProviderAddress[strings.LastIndex(req.SourceProviderAddress, "/")+1:]
		if req.SourceTypeName != typeName || of != ownProvider {
			return
		}
		readable := req.SourceState != nil && !req.SourceState.Raw.IsNull() &&
			req.SourceSchemaVersion == req.SourceState.Schema.GetVersion()
		if !readable {
			resp.Diagnostics.AddError("Unable to move "+typeName,
				fmt.Sprintf("This version of the provider cannot read the stored state, which is of the provider %s. Use the "+
					"version that wrote it, or a newer one.", req.SourceProviderAddress))
			return
		}
		resp.TargetState.Raw, resp.TargetPrivate = req.SourceState.Raw, req.SourcePrivate
	}
}

func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if !movable(req) {
		resp.Diagnostics.AddError(fmt.Sprintf("Unable to move %s", req.SourceTypeName),
			fmt.Sprintf("An `instance_power_state` can take the place of %s, and of no other resource. The `moved` block names "+
				"`%s` of the provider %s.\n\nRemove the `moved` block. A resource that creates an instance stays in the "+
				"configuration, with an `instance_power_state` beside it: without it, Terraform would no longer manage the "+
				"instance itself.",
				movedSources(), req.SourceTypeName, req.SourceProviderAddress))
		return
	}
	was, err := readMoved(req)
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Unable to move %s", req.SourceTypeName),
			fmt.Sprintf("The stored state of the resource cannot be taken over: %s.\n\nReplace the `moved` block with a "+
				"`removed` block for the former resource and an `import` block for the new one: neither does anything to the "+
				"instance.", err))
		return
	}
	forced := was.Action == "ForceStop"
	for name, value := range map[string]any{
		"cloud": movedCloud, "instance_id": was.InstanceID, "state": movedStates[was.Action], "stopped_mode": was.mode(),
		"force_stop": forced, "allow_restart": false, "on_destroy": onDestroyLeave,
	} {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
	}
	if forced {
		resp.Diagnostics.AddAttributeWarning(path.Root("force_stop"), "Forced stop taken over",
			fmt.Sprintf("The former resource of instance %q has `action = \"ForceStop\"`, so `force_stop` is true after the "+
				"move. The move itself makes no call. Set `force_stop = true` in the configuration if later stops are to cut the "+
				"power too: unsaved data can be lost. If you leave it out, the plan changes it to false: later stops are "+
				"graceful.", was.InstanceID))
	}
}

// movable reports whether a move is one that this provider knows. The registry
// does not matter: OpenTofu's differs from Terraform's, and mirrors from both.
// OpenTofu before 1.12.4 and 1.11.12 sends what the type's name implies, and
// no address (opentofu/opentofu#4352).
func movable(req resource.MoveStateRequest) bool {
	providers, known := movedProviders[req.SourceTypeName]
	_, provider, full := strings.Cut(req.SourceProviderAddress, "/")
	implied, _, _ := strings.Cut(req.SourceTypeName, "_")
	return known && (full && slices.Contains(providers, provider) || req.SourceProviderAddress == implied)
}

// movedSources lists the resources that can be moved.
func movedSources() string {
	var all []string
	for _, of := range slices.Backward(slices.Sorted(maps.Keys(movedProviders))) {
		all = append(all, fmt.Sprintf("`%s` of the provider %s", of, movedProviders[of][0]))
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// moved is what is read of a resource that can be moved. Its other
// attributes are its own id and the status, which a refresh reads anew.
type moved struct {
	InstanceID  string `json:"instance_id"`
	Action      string `json:"action"`
	StoppedMode string `json:"stopped_mode"`
}

// movedStates are the values of action, as the provider's page lists them.
var movedStates = map[string]string{"Start": stateRunning, "Stop": stateStopped, "ForceStop": stateStopped}

func readMoved(req resource.MoveStateRequest) (was moved, err error) {
	if req.SourceSchemaVersion != movedVersion {
		return was, fmt.Errorf("it has the schema version %d, and only %d is known", req.SourceSchemaVersion, movedVersion)
	}
	if len(req.SourceRawState.JSON) == 0 {
		return was, errors.New("it was written by Terraform 0.11 or earlier")
	}
	if err := json.Unmarshal(req.SourceRawState.JSON, &was); err != nil {
		return was, fmt.Errorf("it does not have the attributes of a %s: %w", req.SourceTypeName, err)
	}
	if !word.MatchString(was.InstanceID) {
		return was, fmt.Errorf("its `instance_id` is %s, which is not an instance's id", shown(was.InstanceID))
	}
	if _, known := movedStates[was.Action]; !known {
		return was, fmt.Errorf("its `action` is %s, which is none of `Start`, `Stop`, `ForceStop`", shown(was.Action))
	}
	return was, nil
}

// mode is the mode in the spelling of the former resource, which is no
// difference from another. It is null where there is none to keep: the former
// resource stores whatever the cloud says, also of one that runs.
func (m moved) mode() types.String {
	if _, ok := parseMode(m.StoppedMode); !ok || movedStates[m.Action] != stateStopped {
		return types.StringNull()
	}
	return orNull(m.StoppedMode)
}

// movedElsewhere is the error of a moved instance that is not in the provider's region.
// It may well be in another one, so that it is no reason to forget it.
func (r *powerStateResource) movedElsewhere(client *powerstate.Client, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), fmt.Sprintf("Moved instance %q not found", id),
		fmt.Sprintf("A `moved` block took over the instance, and there is no such instance in %s, the region of the "+
			"provider's `%s` block. If it is in another region, use a provider configuration of that region (`alias`) for "+
			"the resource; if it is gone, remove the resource, and the `moved` block.",
			placeOf(client), client.Cloud()))
}

// settle fills in what a move could not know: the region, which is the
// provider's, and the id. Whatever else brings a resource into the state gives
// it an id.
func (r *powerStateResource) settle(m *powerStateModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.ID.IsNull() || m.InstanceID.IsNull() {
		return diags
	}
	name := m.Cloud.ValueString()
	s := r.data.settings[name]
	if s.unknown {
		diags.AddAttributeError(path.Root("region"), "Region of a moved instance is not known yet",
			fmt.Sprintf("A `moved` block took over instance %q, whose region is that of the provider's `%s` block. That block "+
				"holds values that are known only after another resource was applied. Apply that resource first (`-target`), or "+
				"give the values as variables.",
				m.InstanceID.ValueString(), name))
		return diags
	}
	if s.region == "" {
		diags.AddAttributeError(path.Root("region"), "Region of a moved instance is not known",
			fmt.Sprintf("A `moved` block took over instance %q, and the former resource does not store its region. Set "+
				"`region` in the provider's `%s` block, or the environment variable %s. An instance in another region than the "+
				"others needs a provider configuration of its own (`alias`).",
				m.InstanceID.ValueString(), name, strings.Join(r.clouds[name].regionEnv, " or ")))
		return diags
	}
	m.Region = types.StringValue(s.region)
	m.ID = types.StringValue(formatID(name, r.data.scope(name, s.region), m.InstanceID.ValueString()))
	return diags
}
