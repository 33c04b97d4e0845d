package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const powerStatesType = "instance_power_states"

// words and wordMap are a list and a map of texts in a configuration.
func words(all ...string) []tftypes.Value {
	list := make([]tftypes.Value, len(all))
	for i, one := range all {
		list[i] = tftypes.NewValue(tftypes.String, one)
	}
	return list
}

func wordMap(all map[string]string) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(all))
	for key, one := range all {
		values[key] = tftypes.NewValue(tftypes.String, one)
	}
	return values
}

// readData reads a data source as a map; a list of texts becomes a []string.
func (r *rpc) readData(typeName string, config map[string]any) (map[string]any, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	typ := r.schema.DataSourceSchemas[typeName].ValueType()
	if config == nil {
		config = map[string]any{}
	}
	value := r.dynamic(typ, config)
	valid, err := r.server.ValidateDataResourceConfig(r.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: typeName, Config: value,
	})
	r.must(err)
	if hasError(valid.Diagnostics) {
		return nil, valid.Diagnostics
	}
	resp, err := r.server.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: typeName, Config: value,
	})
	r.must(err)
	if hasError(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(typ)
	r.must(err)
	var attributes map[string]tftypes.Value
	r.must(state.As(&attributes))
	out := make(map[string]any, len(attributes))
	for name, attribute := range attributes {
		out[name] = plainList(attribute)
	}
	return out, resp.Diagnostics
}

func plainList(value tftypes.Value) any {
	var list []tftypes.Value
	if value.IsNull() || !value.Type().Is(tftypes.List{}) || value.As(&list) != nil {
		return plain(value)
	}
	texts := []string{}
	for _, one := range list {
		text, _ := plain(one).(string)
		texts = append(texts, text)
	}
	return texts
}

// assorted are instances of many kinds, under h-.
func assorted() []backend.Instance {
	prod := map[string]string{"env": "prod"}
	return []backend.Instance{
		{
			ID: "h-3", Name: "web-1", State: backend.Running, Tags: prod, PublicIP: "203.0.113.5", PrivateIP: "10.0.0.5",
			ChargeType: backend.PayAsYouGo, Type: "S5.MEDIUM4", Zone: "r-1-a",
		},
		{
			ID:              "h-1",
			Name:            "web-2",
			State:           backend.Stopped,
			StoppedMode:     backend.KeepCharging,
			Tags:            map[string]string{"env": "test"},
			ChargeType:      backend.Spot,
			Type:            "S5.MEDIUM4",
			Zone:            "r-1-b",
			StopChargingBar: "it is a spot instance",
		},
		{
			ID:          "h-2",
			Name:        "db-1",
			State:       backend.Stopped,
			StoppedMode: backend.StopCharging,
			Tags:        prod,
			ChargeType:  backend.PayAsYouGo,
			Type:        "S5.LARGE8",
			Zone:        "r-1-b",
		},
		{ID: "h-4", Name: "old", State: backend.Unavailable},
		{ID: "h-5", Name: "paid", State: backend.Stopped, StoppedMode: backend.StopCharging, ChargeType: backend.Prepaid},
	}
}

func TestDataOfOneInstance(t *testing.T) {
	t.Parallel()
	flat := machine(backend.Running)
	flat.ID = "f-1"
	for name, test := range map[string]struct{ config, want map[string]any }{
		"a running one": {
			map[string]any{"instance_id": "h-3"},
			map[string]any{
				"id":                "here/r-1/h-3",
				"cloud":             "here",
				"region":            "r-1",
				"instance_id":       "h-3",
				"state":             "running",
				"status":            "RUNNING",
				"stopped_mode":      nil,
				"charging":          true,
				"instance_name":     "web-1",
				"public_ip":         "203.0.113.5",
				"private_ip":        "10.0.0.5",
				"tags":              map[string]any{"env": "prod"},
				"timeouts":          nil,
				"charge_type":       "pay_as_you_go",
				"instance_type":     "S5.MEDIUM4",
				"zone":              "r-1-a",
				"can_stop_charging": true,
			},
		},
		"a stopped one that is not paid for, with all that can be said": {
			map[string]any{"cloud": "here", "region": "r-9", "instance_id": "h-2", "timeouts": map[string]any{"read": "1m"}},
			map[string]any{
				"id":                "here/r-9/h-2",
				"cloud":             "here",
				"region":            "r-9",
				"instance_id":       "h-2",
				"state":             "stopped",
				"status":            "STOPPED",
				"stopped_mode":      "stop_charging",
				"charging":          false,
				"instance_name":     "db-1",
				"public_ip":         nil,
				"private_ip":        nil,
				"tags":              map[string]any{"env": "prod"},
				"timeouts":          map[string]any{"read": "1m"},
				"charge_type":       "pay_as_you_go",
				"instance_type":     "S5.LARGE8",
				"zone":              "r-1-b",
				"can_stop_charging": true,
			},
		},
		"one that cannot stop charging": {
			map[string]any{"instance_id": "h-1"},
			map[string]any{
				"id":                "here/r-1/h-1",
				"cloud":             "here",
				"region":            "r-1",
				"instance_id":       "h-1",
				"state":             "stopped",
				"status":            "STOPPED",
				"stopped_mode":      "keep_charging",
				"charging":          true,
				"instance_name":     "web-2",
				"public_ip":         nil,
				"private_ip":        nil,
				"tags":              map[string]any{"env": "test"},
				"timeouts":          nil,
				"charge_type":       "spot",
				"instance_type":     "S5.MEDIUM4",
				"zone":              "r-1-b",
				"can_stop_charging": false,
			},
		},
		"one that cannot be operated": {
			map[string]any{"instance_id": "h-4"},
			map[string]any{
				"id":                "here/r-1/h-4",
				"cloud":             "here",
				"region":            "r-1",
				"instance_id":       "h-4",
				"state":             "unavailable",
				"status":            "UNAVAILABLE",
				"stopped_mode":      nil,
				"charging":          nil,
				"instance_name":     "old",
				"public_ip":         nil,
				"private_ip":        nil,
				"tags":              map[string]any{},
				"timeouts":          nil,
				"charge_type":       nil,
				"instance_type":     nil,
				"zone":              nil,
				"can_stop_charging": true,
			},
		},
		"one on a cloud without regions": {
			map[string]any{"cloud": "flat", "instance_id": "f-1"},
			map[string]any{
				"id":                "flat/vm/f-1",
				"cloud":             "flat",
				"region":            nil,
				"instance_id":       "f-1",
				"state":             "running",
				"status":            "RUNNING",
				"stopped_mode":      nil,
				"charging":          true,
				"instance_name":     "web",
				"public_ip":         "203.0.113.5",
				"private_ip":        "10.0.0.5",
				"tags":              map[string]any{},
				"timeouts":          nil,
				"charge_type":       nil,
				"instance_type":     nil,
				"zone":              nil,
				"can_stop_charging": true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, append(assorted(), flat)...)
				got, diags := s.readData(powerStateType, test.config)
				wantTexts(t, diags, "")
				if diff := cmp.Diff(got, test.want); diff != "" {
					t.Errorf("values (-got +want):\n%s", diff)
				}
				s.wantCalls(1)
			})
		})
	}
}

func TestDataOfOneInstanceThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config  map[string]any
		trouble *memory.Trouble
		want    string
	}{
		"an instance that does not exist": {
			map[string]any{"instance_id": "h-9"}, nil, `
error at AttributeName("instance_id"): There is no instance "h-9"

here (r-1) has no such instance. ` +
				`Check ` + "`instance_id`, `region`" + `, and that the credentials belong to the account of the instance.`,
		},
		"an id of another cloud": {
			map[string]any{"cloud": "here", "instance_id": "f-1"}, nil, `
error at AttributeName("instance_id"): Instance id of another cloud

"f-1" is not in the form of an instance id of here, such as "h-1"; it looks like one of ` + "`flat`. " +
				"Correct `instance_id`, or set `cloud`.",
		},
		"a read that is denied": {
			map[string]any{"instance_id": "h-1"}, &memory.Trouble{Fault: backend.Fault{
				Kind: backend.KindDenied, Code: "NoRights", Message: "You may not.",
			}}, `
error: Unable to read instance "h-1"

The cloud answered: You may not.

  Cloud:       here, r-1
  Code:        NoRights
  Request id:  req-1

Check the credentials of the provider's configuration and the permissions of their owner.`,
		},
		"a read that takes too long": {
			map[string]any{"instance_id": "h-1", "timeouts": map[string]any{"read": "3s"}}, &memory.Trouble{
				Times: memory.Always, Hang: true,
			}, `
error: Unable to read instance "h-1"

The time limit of 3s (` + "`timeouts.read`" + `) passed before the instance could be read.

  Cloud:       here, r-1

Nothing was changed. If the cloud is often that slow, raise ` + "`timeouts.read`.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, assorted()...)
				if test.trouble != nil {
					s.cloud.Fail(*test.trouble)
				}
				_, diags := s.readData(powerStateType, test.config)
				wantTexts(t, diags, test.want)
			})
		})
	}
}
