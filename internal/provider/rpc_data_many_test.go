package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestDataOfManyInstances(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config map[string]any
		want   []string
		warned string
	}{
		"all of the region": {nil, []string{"h-1", "h-2", "h-3", "h-4", "h-5"}, ""},
		"by name":           {map[string]any{"name": "web-*"}, []string{"h-1", "h-3"}, ""},
		"by tags": {
			map[string]any{"tags": wordMap(map[string]string{"env": "prod"})}, []string{"h-2", "h-3"}, "",
		},
		"by a tag of any value": {
			map[string]any{"tags": wordMap(map[string]string{"env": ""})}, []string{"h-1", "h-2", "h-3"}, "",
		},
		"by states": {
			map[string]any{"states": words("running", "unavailable")}, []string{"h-3", "h-4"}, "",
		},
		"those that are billed": {map[string]any{"charging": true}, []string{"h-1", "h-3", "h-5"}, ""},
		"those that are not":    {map[string]any{"charging": false}, []string{"h-2"}, ""},
		"stopped and still billed": {
			map[string]any{"states": words("stopped"), "charging": true}, []string{"h-1", "h-5"}, "",
		},
		"by a charge type": {
			map[string]any{"charge_types": words("pay_as_you_go")}, []string{"h-2", "h-3"}, "",
		},
		"by charge types": {
			map[string]any{"charge_types": words("spot", "prepaid")}, []string{"h-1", "h-5"}, "",
		},
		"by types": {
			map[string]any{"instance_types": words("S5.MEDIUM4", "S6.NONE")}, []string{"h-1", "h-3"}, "",
		},
		"by zones": {map[string]any{"zones": words("r-1-b")}, []string{"h-1", "h-2"}, ""},
		"those that can stop charging": {
			map[string]any{"can_stop_charging": true, "zones": words("r-1-b")}, []string{"h-2"}, "",
		},
		"those that cannot": {map[string]any{"can_stop_charging": false}, []string{"h-1"}, ""},
		"by ids and charge types": {
			map[string]any{"instance_ids": words("h-1", "h-2"), "charge_types": words("spot")}, []string{"h-1"}, "",
		},
		"by all at once": {
			map[string]any{
				"name": "*-1", "states": words("stopped"), "charging": false, "tags": wordMap(map[string]string{"env": "prod"}),
			},
			[]string{"h-2"},
			"",
		},
		"none": {map[string]any{"name": "no-such-name"}, []string{}, ""},
		"by ids, in whatever order": {
			map[string]any{"instance_ids": words("h-3", "h-1", "h-3")}, []string{"h-1", "h-3"}, "",
		},
		"by ids and more": {
			map[string]any{"instance_ids": words("h-1", "h-2", "h-3"), "name": "web-*", "states": words("stopped")},
			[]string{"h-1"},
			"",
		},
		"by no ids, which is not all ids": {map[string]any{"instance_ids": words()}, []string{}, ""},
		"by ids of which one is missing": {map[string]any{"instance_ids": words("h-1", "h-9")}, []string{"h-1"}, `
warning at AttributeName("instance_ids"): 1 instance of ` + "`instance_ids`" + ` is missing

here (r-1) does not have h-9. The result leaves it out.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, assorted()...)
				got, diags := s.readData(powerStatesType, test.config)
				wantTexts(t, diags, test.warned)
				if diff := cmp.Diff(got["ids"], any(test.want)); diff != "" {
					t.Errorf("ids (-got +want):\n%s", diff)
				}
				all, _ := got["instances"].(map[string]any)
				if got, want := len(all), len(test.want); got != want {
					t.Errorf("there are %d instances, want %d", got, want)
				}
				for _, id := range test.want {
					one, _ := all[id].(map[string]any)
					if got, want := one["id"], any("here/r-1/"+id); got != want {
						t.Errorf("the id of %s is %v, want %v", id, got, want)
					}
				}
			})
		})
	}
}

// A variable has no value in validation, and one of its elements may have none
// either.
func TestASearchByValuesThatAreNotKnownIsValid(t *testing.T) {
	t.Parallel()
	r := newRPC(t, newMemory(), configured)
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	list := []tftypes.Value{unknown}
	for attribute, values := range map[string][]any{
		"name":              {tftypes.UnknownValue},
		"charging":          {tftypes.UnknownValue},
		"can_stop_charging": {tftypes.UnknownValue},
		"tags":              {tftypes.UnknownValue, map[string]tftypes.Value{"env": unknown}},
		"states":            {tftypes.UnknownValue, list},
		"charge_types":      {tftypes.UnknownValue, list},
		"instance_types":    {tftypes.UnknownValue, list},
		"zones":             {tftypes.UnknownValue, list},
		"instance_ids":      {tftypes.UnknownValue, list},
	} {
		for _, value := range values {
			typ := r.schema.DataSourceSchemas[powerStatesType].ValueType()
			config := r.dynamic(typ, map[string]any{attribute: value})
			resp, err := r.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
				TypeName: powerStatesType, Config: config,
			})
			r.must(err)
			if len(resp.Diagnostics) > 0 {
				t.Errorf("%s = %v: %s", attribute, value, texts(resp.Diagnostics))
			}
		}
	}
}

func TestDataOfManyInstancesAreJoinedAndPaged(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t)
		ids := s.cloud.AddN(250, backend.Instance{ID: "h", State: backend.Running})
		if _, diags := s.readData(powerStatesType, map[string]any{"instance_ids": words(ids...)}); len(diags) > 0 {
			t.Fatal(texts(diags))
		}
		s.wantCalls(3, memory.Describe)
		if _, diags := s.readData(powerStatesType, nil); len(diags) > 0 {
			t.Fatal(texts(diags))
		}
		s.wantCalls(3, memory.List)
		s.wantCalls(6)
	})
}

func TestDataOfManyInstancesThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config  map[string]any
		trouble *memory.Trouble
		want    string
	}{
		"a state that is none": {
			map[string]any{"states": words("stoped")}, nil, `
error at AttributeName("states").ElementKeyInt(0): Invalid states[0]

` + "`states[0]` must be `running`, `stopped`, `starting`, `stopping`, `restarting`, `unavailable` or `unknown`; " +
				"got \"stoped\".",
		},
		"no state at all": {
			map[string]any{"states": words()}, nil, `
error at AttributeName("states"): Empty states

` + "`states` is empty, so it matches nothing. Leave it out, or set it to null, to match everything.",
		},
		"a charge type that is none": {
			map[string]any{"charge_types": words("PREPAID")}, nil, `
error at AttributeName("charge_types").ElementKeyInt(0): Invalid charge_types[0]

` + "`charge_types[0]` must be `pay_as_you_go`, `prepaid` or `spot`; got \"PREPAID\".",
		},
		"a zone that is null by mistake": {
			map[string]any{"zones": []tftypes.Value{tftypes.NewValue(tftypes.String, nil)}}, nil, `
error at AttributeName("zones"): Zone that is null

An element of ` + "`zones` is null. Leave it out, or give it a value.",
		},
		"a name that is empty by mistake": {
			map[string]any{"name": ""}, nil, `
error at AttributeName("name"): Empty name

` + "`name` is empty. Leave it out, or set it to null, to find instances of any name.",
		},
		"a tag that is null by mistake": {
			map[string]any{"tags": map[string]tftypes.Value{"env": tftypes.NewValue(tftypes.String, nil)}}, nil, `
error at AttributeName("tags"): Tag without a value

The value of the tag "env" in ` + "`tags` is null. Set it to the value to search for, " +
				"or to an empty string to find instances with any value of the tag.",
		},
		"an id of another cloud": {
			map[string]any{"cloud": "here", "instance_ids": words("h-1", "f-1")}, nil, `
error at AttributeName("instance_ids"): Instance id of another cloud

"f-1" is not in the form of an instance id of here, such as "h-1"; it looks like one of ` + "`flat`. " +
				"Correct `instance_ids`, or set `cloud`.",
		},
		"a listing that is denied": {
			nil, &memory.Trouble{Op: memory.List, Fault: backend.Fault{
				Kind: backend.KindDenied, Code: "NoRights", Message: "You may not.",
			}}, `
error: Unable to list the instances of here (r-1)

The cloud answered: You may not.

  Cloud:       here, r-1
  Code:        NoRights
  Request id:  req-1

Check the credentials of the provider's configuration and the permissions of their owner.`,
		},
		"reads that are denied": {
			map[string]any{"instance_ids": words("h-1", "h-2")}, &memory.Trouble{
				Op: memory.Describe, Fault: backend.Fault{Kind: backend.KindDenied, Code: "NoRights", Message: "You may not."},
			}, `
error: Unable to read 2 of 2 instances

The cloud answered: You may not. Code: NoRights.
  - h-1 (request id req-1)
  - h-2 (request id req-1)
Check the credentials of the provider's configuration and the permissions of their owner.`,
		},
		"a listing that takes too long": {
			map[string]any{"timeouts": map[string]any{"read": "3s"}}, &memory.Trouble{
				Op: memory.List, Times: memory.Always, Hang: true,
			}, `
error: Unable to list the instances of here (r-1)

The time limit of 3s (` + "`timeouts.read`" + `) passed before the listing ended.

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
				began := time.Now()
				_, diags := s.readData(powerStatesType, test.config)
				wantTexts(t, diags, test.want)
				if test.trouble != nil && test.trouble.Hang {
					wantElapsed(t, began, 3*time.Second)
				}
			})
		})
	}
}

func TestNoInstanceIsAWarningWhereItMayBeAMissingPermission(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := setupOf(t, memory.Options{}, func(d *memory.Driver) backend.Driver { return memory.WithAbsenceCheck(d) }, nil)
		got, diags := s.readData(powerStatesType, nil)
		wantTexts(t, diags, `
warning: No instance found in here (r-1)

Here Cloud also returns an empty list if the credentials lack the permission to list instances. `+
			`If there should be some, check the permissions.`)
		if diff := cmp.Diff(got["ids"], any([]string{})); diff != "" {
			t.Errorf("ids (-got +want):\n%s", diff)
		}
		s.cloud.Add(machine(backend.Running))
		_, diags = s.readData(powerStatesType, map[string]any{"states": words("stopped")})
		wantTexts(t, diags, "")
	})
}
