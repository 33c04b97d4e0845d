package provider

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// formerTimeouts is what the SDK of the former provider keeps about time limits in the
// private state.
const formerTimeouts = `{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":` +
	`{"create":3600000000000,"delete":3600000000000,"update":3600000000000}}`

// former is a volcengine_ecs_instance_state as Terraform stores it: its
// attributes, and what its SDK keeps about time limits.
func former(attributes string) *tfprotov6.MoveResourceStateRequest {
	return &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/volcengine/volcengine",
		SourceTypeName:        "volcengine_ecs_instance_state",
		SourceState:           &tfprotov6.RawState{JSON: []byte(attributes)},
		SourcePrivate:         []byte(formerTimeouts),
		TargetTypeName:        powerStateType,
	}
}

// formerly is former with the attributes that matter; mode is JSON.
func formerly(action, mode string) *tfprotov6.MoveResourceStateRequest {
	return former(`{"action":"` + action + `","id":"state:i-y1","instance_id":"i-y1","status":"STOPPED","stopped_mode":` +
		mode + `,"timeouts":null}`)
}

func (r *rpc) move(req *tfprotov6.MoveResourceStateRequest) (held, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.MoveResourceState(r.t.Context(), req)
	r.must(err)
	return held{state: resp.TargetState, private: resp.TargetPrivate}, resp.Diagnostics
}

const movedForce = `warning at AttributeName("force_stop"): Forced stop taken over

The former resource of instance "i-y1" has ` + "`action = \"ForceStop\"`, so `force_stop` is true after the move. " +
	"The move itself makes no call. " +
	"Set `force_stop = true` in the configuration if later stops are to cut the power too: unsaved data can be lost. " +
	"If you leave it out, the plan changes it to false: later stops are graceful."

// Terraform asks an unconfigured provider.
func TestAMoveTakesOverWhatTheFormerResourceSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source   *tfprotov6.MoveResourceStateRequest
		want     map[string]any
		warnings string
	}{
		"a start": {formerly("Start", `""`), map[string]any{"state": "running"}, ""},
		"a start with the mode of a running one": {
			formerly("Start", `"KeepCharging"`), map[string]any{"state": "running"}, "",
		},
		"a stop": {
			formerly("Stop", `"KeepCharging"`), map[string]any{"state": "stopped", "stopped_mode": "KeepCharging"}, "",
		},
		"a stop that stops charging": {
			formerly("Stop", `"StopCharging"`), map[string]any{"state": "stopped", "stopped_mode": "StopCharging"}, "",
		},
		"a stop without a mode":     {formerly("Stop", `null`), map[string]any{"state": "stopped"}, ""},
		"a stop with an empty mode": {formerly("Stop", `""`), map[string]any{"state": "stopped"}, ""},
		"a stop to which the mode does not apply": {
			formerly("Stop", `"NotApplicable"`), map[string]any{"state": "stopped"}, "",
		},
		"a forced stop": {
			formerly("ForceStop", `"StopCharging"`),
			map[string]any{"state": "stopped", "stopped_mode": "StopCharging", "force_stop": true},
			movedForce,
		},
		"a stop with time limits": {
			former(`{"action":"Stop","id":"state:i-y1","instance_id":"i-y1","status":"STOPPED","stopped_mode":null,` +
				`"timeouts":{"create":"30m","delete":null,"update":"30m"}}`),
			map[string]any{"state": "stopped"},
			"",
		},
		"a state without status": {
			former(`{"action":"Stop","id":"state:i-y1","instance_id":"i-y1"}`), map[string]any{"state": "stopped"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			got, diags := r.move(test.source)
			wantTexts(t, diags, test.warnings)
			want := map[string]any{
				"cloud": "volcengine", "instance_id": "i-y1", "force_stop": false, "allow_restart": false, "on_destroy": "leave",
				"id": nil, "region": nil, "stopped_mode": nil, "force_stop_after": nil, "status": nil, "charging": nil,
				"instance_name": nil, "public_ip": nil, "private_ip": nil, "found_state": nil, "timeouts": nil,
			}
			maps.Copy(want, test.want)
			if diff := cmp.Diff(r.values(got.state), want); diff != "" {
				t.Errorf("values (-got +want):\n%s", diff)
			}
			if _, known := originIn(t, got); known {
				t.Error("an original state is kept, want none: the former resource may have made what is there")
			}
		})
	}
}

func TestAMoveDoesNotAskForTheRegistry(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"Terraform's":           "registry.terraform.io/volcengine/volcengine",
		"OpenTofu's":            "registry.opentofu.org/volcengine/volcengine",
		"a private one":         "app.terraform.io/volcengine/volcengine",
		"a mirror":              "mirror.example.com:8443/volcengine/volcengine",
		"none, as OpenTofu did": "volcengine",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			req := formerly("Stop", `null`)
			req.SourceProviderAddress = address
			got, diags := r.move(req)
			wantTexts(t, diags, "")
			r.wantValues(got.state, map[string]any{"instance_id": "i-y1", "state": "stopped"})
		})
	}
}

// The sister brands have the same resource.
func TestAMoveFromASisterBrand(t *testing.T) {
	t.Parallel()
	for address, brand := range map[string]string{
		"registry.terraform.io/byteplus-sdk/byteplus":   "byteplus",
		"registry.opentofu.org/byteplus-sdk/byteplus":   "byteplus",
		"mirror.example.com:8443/byteplus-sdk/byteplus": "byteplus",
		"registry.terraform.io/byteplus/byteplus":       "byteplus",
		"byteplus": "byteplus",
		"registry.terraform.io/volcengine/vestack": "vestack",
		"private.example.com/vestack/vestack":      "vestack",
		"vestack":                                  "vestack",
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			req := formerly("Stop", `"KeepCharging"`)
			req.SourceTypeName, req.SourceProviderAddress = brand+"_ecs_instance_state", address
			got, diags := r.move(req)
			wantTexts(t, diags, "")
			r.wantValues(got.state, map[string]any{
				"cloud":        "volcengine",
				"instance_id":  "i-y1",
				"state":        "stopped",
				"stopped_mode": "KeepCharging",
				"force_stop":   false,
			})

			req = formerly("Hibernate", `null`)
			req.SourceTypeName, req.SourceProviderAddress = brand+"_ecs_instance_state", address
			if _, diags = r.move(req); len(diags) != 1 || diags[0].Summary != "Unable to move "+brand+"_ecs_instance_state" {
				t.Errorf("got %q, want an error that names the resource", texts(diags))
			}
		})
	}
}

func TestAMoveFromAnythingElseIsRefused(t *testing.T) {
	t.Parallel()
	const text = "error: Unable to move TYPE\n\n" +
		"An `instance_power_state` can take the place of `volcengine_ecs_instance_state` of the provider " +
		"volcengine/volcengine, " +
		"`vestack_ecs_instance_state` of the provider volcengine/vestack or `byteplus_ecs_instance_state` of the provider " +
		"byteplus-sdk/byteplus, " +
		"and of no other resource. The `moved` block names `TYPE` of the provider ADDRESS.\n\n" +
		"Remove the `moved` block. A resource that creates an instance stays in the configuration, " +
		"with an `instance_power_state` beside it: without it, Terraform would no longer manage the instance itself."
	for name, test := range map[string]struct{ typ, address string }{
		"an instance":                    {"volcengine_ecs_instance", "registry.terraform.io/volcengine/volcengine"},
		"an instance of another cloud":   {"tencentcloud_instance", "registry.terraform.io/tencentcloudstack/tencentcloud"},
		"a namesake of another provider": {"volcengine_ecs_instance_state", "registry.terraform.io/example/volcengine"},
		"a provider of a longer name":    {"volcengine_ecs_instance_state", "registry.terraform.io/my-volcengine/volcengine"},
		"the type of another brand":      {"byteplus_ecs_instance_state", "registry.terraform.io/volcengine/volcengine"},
		"an instance of a sister brand":  {"byteplus_ecs_instance", "registry.terraform.io/byteplus-sdk/byteplus"},
		"a built-in provider":            {"terraform_data", "terraform.io/builtin/terraform"},
		"a namesake of this resource":    {"instance_power_state", "registry.terraform.io/example/power"},
		"the fleet":                      {"instance_fleet_power_state", "registry.terraform.io/instance-power/instance"},
		"a name without an address":      {"volcengine_ecs_instance", "volcengine"},
		"an address of another form":     {"volcengine_ecs_instance_state", "volcengine/volcengine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			req := formerly("Stop", `null`)
			req.SourceTypeName, req.SourceProviderAddress = test.typ, test.address
			got, diags := r.move(req)
			wantTexts(t, diags, strings.NewReplacer("TYPE", test.typ, "ADDRESS", test.address).Replace(text))
			if state := r.values(got.state); state != nil {
				t.Errorf("got the state %v, want none", state)
			}
		})
	}
}

func TestAMoveOfAnUnreadableStateIsRefused(t *testing.T) {
	t.Parallel()
	newer := formerly("Stop", `null`)
	newer.SourceSchemaVersion = 1
	flat := formerly("Stop", `null`)
	flat.SourceState = &tfprotov6.RawState{Flatmap: map[string]string{"action": "Stop", "instance_id": "i-y1"}}
	for name, test := range map[string]struct {
		source *tfprotov6.MoveResourceStateRequest
		want   string
	}{
		"an unknown action": {
			formerly("Reboot", `null`), "its `action` is \"Reboot\", which is none of `Start`, `Stop`, `ForceStop`",
		},
		"an action in another case": {
			formerly("stop", `null`), "its `action` is \"stop\", which is none of `Start`, `Stop`, `ForceStop`",
		},
		"no action": {
			former(`{"instance_id":"i-y1","action":null}`),
			"its `action` is \"\", which is none of `Start`, `Stop`, `ForceStop`",
		},
		"no instance": {
			former(`{"instance_id":null,"action":"Stop"}`), "its `instance_id` is \"\", which is not an instance's id",
		},
		"two ids in one": {
			former(`{"instance_id":"i-y1,i-y2","action":"Stop"}`),
			"its `instance_id` is \"i-y1,i-y2\", which is not an instance's id",
		},
		"an empty object": {former(`{}`), "its `instance_id` is \"\", which is not an instance's id"},
		"null":            {former(`null`), "its `instance_id` is \"\", which is not an instance's id"},
		"a number for the action": {
			former(`{"instance_id":"i-y1","action":1}`),
			"it does not have the attributes of a volcengine_ecs_instance_state: json: " +
				"cannot unmarshal number into Go struct field moved.action of type string",
		},
		"a list": {
			former(`[]`),
			"it does not have the attributes of a volcengine_ecs_instance_state: json: " +
				"cannot unmarshal array into Go value of type provider.moved",
		},
		"half an object": {
			former(`{"instance_id":`),
			"it does not have the attributes of a volcengine_ecs_instance_state: unexpected end of JSON input",
		},
		"a newer schema":          {newer, "it has the schema version 1, and only 0 is known"},
		"a state in the old form": {flat, "it was written by Terraform 0.11 or earlier"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			got, diags := r.move(test.source)
			wantTexts(t, diags, "error: Unable to move volcengine_ecs_instance_state\n\n"+
				"The stored state of the resource cannot be taken over: "+test.want+".\n\n"+
				"Replace the `moved` block with a `removed` block for the former resource and an `import` block for the new one: "+
				"neither does anything to the instance.")
			if state := r.values(got.state); state != nil {
				t.Errorf("got the state %v, want none", state)
			}
		})
	}
}

// A mirror has another address, and so has the other CLI's registry.
func TestAMoveFromAnotherAddressOfThisProviderKeepsAll(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t, machine(backend.Running))
		config := resourceOf("stopped", map[string]any{
			"force_stop_after": "5m", "on_destroy": "restore", "timeouts": map[string]any{"update": "10m"},
		})
		before := s.step(config, held{})
		text, err := json.Marshal(s.values(before.state))
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{
			"registry.opentofu.org/instance-power/instance", "app.terraform.io/example/instance", "instance",
		} {
			after, diags := s.move(&tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: address, SourceTypeName: powerStateType, SourceState: &tfprotov6.RawState{JSON: text},
				SourcePrivate: before.private, TargetTypeName: powerStateType,
			})
			wantTexts(t, diags, "")
			s.wantValues(after.state, s.values(before.state))
			if o, _ := originIn(t, after); o != `"running/"` {
				t.Errorf("the original state is %s after the move, want \"running/\"", o)
			}
			wantNames(t, "changes", s.changes(after, s.plan(config, s.refresh(after))))
		}
	})
}

func TestAMoveOfAnUnreadableStateOfThisProviderIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		json    string
		version int64
	}{
		"of a later version": {`{"instance_id":"h-1"}`, 1},
		"of another shape":   {`{"instance_id":{}}`, 0},
		"that is null":       {`null`, 0},
		"that is no JSON":    {`{`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := bareRPC(t, newMemory())
			got, diags := r.move(&tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: "app.terraform.io/example/instance",
				SourceTypeName:        powerStateType,
				SourceSchemaVersion:   test.version,
				SourceState:           &tfprotov6.RawState{JSON: []byte(test.json)},
				TargetTypeName:        powerStateType,
			})
			wantTexts(t, diags, "error: Unable to move instance_power_state\n\n"+
				"This version of the provider cannot read the stored state, "+
				"which is of the provider app.terraform.io/example/instance. Use the version that wrote it, or a newer one.")
			if state := r.values(got.state); state != nil {
				t.Errorf("got the state %v, want none", state)
			}
		})
	}
}
