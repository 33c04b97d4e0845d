package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var _ provider.ProviderWithFunctions = functionsProvider{}

// functionsProvider is a provider whose functions are those of the schedule.
type functionsProvider struct{ provider.Provider }

func (functionsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newScheduledStateFunction, newNextChangeFunction}
}

func newFunctionServer() tfprotov6.ProviderServer {
	constructor := newWith("test", memoryClouds(newMemory()), powerstate.Options{})
	return NewServer(func() provider.Provider { return functionsProvider{constructor()} })()
}

// texts6 is a tuple of strings, as HCL's [...] arrives.
func texts6(values ...string) tftypes.Value {
	types, elements := make([]tftypes.Type, len(values)), make([]tftypes.Value, len(values))
	for i, value := range values {
		types[i], elements[i] = tftypes.String, text6(value)
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, elements)
}

func text6(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func unknown6(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, tftypes.UnknownValue) }

// object6 is an object, as HCL's {...} arrives.
func object6(attributes map[string]tftypes.Value) tftypes.Value {
	types := make(map[string]tftypes.Type, len(attributes))
	for name, value := range attributes {
		types[name] = value.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, attributes)
}

func windows6(windows ...string) tftypes.Value {
	return object6(map[string]tftypes.Value{"running": texts6(windows...)})
}

// call calls a function and renders what it returns: its text, null, unknown, or
// the error and the position of the argument that it points at.
func call(t *testing.T, name string, object, timezone, timestamp tftypes.Value) string {
	t.Helper()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, value := range []tftypes.Value{object, timezone, timestamp} {
		of := tftypes.Type(tftypes.String)
		if i == 0 {
			of = tftypes.DynamicPseudoType
		}
		argument, err := tfprotov6.NewDynamicValue(of, value)
		if err != nil {
			t.Fatalf("argument %d: %v", i, err)
		}
		req.Arguments = append(req.Arguments, &argument)
	}
	resp, err := newFunctionServer().CallFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		if resp.Error.FunctionArgument == nil {
			return "error: " + resp.Error.Text
		}
		return fmt.Sprintf("error at argument %d: %s", *resp.Error.FunctionArgument, resp.Error.Text)
	}
	result, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case !result.IsKnown():
		return "unknown"
	case result.IsNull():
		return "null"
	}
	var text string
	if err := result.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestScheduleFunctions(t *testing.T) {
	t.Parallel()
	list := tftypes.List{ElementType: tftypes.String}
	set := tftypes.Set{ElementType: tftypes.String}
	noType := tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	for _, tt := range []struct {
		name         string
		object       tftypes.Value
		zone, at     string
		state, after string
	}{
		{"in a window", windows6("mon-fri 08:00-19:30"), "Europe/Berlin", "2026-11-23T12:00:00Z", "running", "2026-11-23T19:30:00+01:00"},
		{"outside", windows6("mon-fri 08:00-19:30"), "Europe/Berlin", "2026-11-28T12:00:00Z", "stopped", "2026-11-30T08:00:00+01:00"},
		{"without windows", windows6(), "UTC", "2026-11-28T12:00:00Z", "stopped", "null"},
		{
			"with both kinds of dates", object6(map[string]tftypes.Value{
				"running": texts6("daily 08:00-20:00"), "stopped_dates": texts6("2026-12-24/2026-12-26"), "running_dates": texts6("2026-12-27"),
			}), "Asia/Shanghai", "2026-12-24T12:00:00+08:00", "stopped", "2026-12-27T00:00:00+08:00",
		},
		{
			"from a variable of an object type", object6(map[string]tftypes.Value{
				"running":       tftypes.NewValue(list, []tftypes.Value{text6("daily 08:00-20:00")}),
				"stopped_dates": tftypes.NewValue(set, []tftypes.Value{text6("2026-12-24")}),
				"running_dates": tftypes.NewValue(list, nil),
			}), "UTC", "2026-12-24T12:00:00Z", "stopped", "2026-12-25T08:00:00Z",
		},
		{
			"from a variable of a map type", tftypes.NewValue(tftypes.Map{ElementType: list}, map[string]tftypes.Value{
				"running": tftypes.NewValue(list, []tftypes.Value{text6("daily 08:00-20:00")}),
			}), "UTC", "2026-12-24T12:00:00Z", "running", "2026-12-24T20:00:00Z",
		},
		{
			"with null for what is left out", object6(map[string]tftypes.Value{"running": texts6("daily 08:00-20:00"), "stopped_dates": noType}),
			"UTC", "2026-12-24T12:00:00Z", "running", "2026-12-24T20:00:00Z",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := call(t, "scheduled_state", tt.object, text6(tt.zone), text6(tt.at)); got != tt.state {
				t.Errorf("scheduled_state: got %s, want %s", got, tt.state)
			}
			if got := call(t, "next_change", tt.object, text6(tt.zone), text6(tt.at)); got != tt.after {
				t.Errorf("next_change: got %s, want %s", got, tt.after)
			}
		})
	}
}

func TestScheduleFunctionErrorsPointAtTheArgument(t *testing.T) {
	t.Parallel()
	number := tftypes.NewValue(tftypes.Number, 8)
	const zone, at = "Europe/Berlin", "2026-11-23T12:00:00Z"
	good := windows6("daily 08:00-20:00")
	for _, tt := range []struct {
		name     string
		object   tftypes.Value
		zone, at string
		want     string
	}{
		{"a string for a schedule", text6("mon-fri 08:00-19:30"), zone, at, `error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, but this is a string`},
		{"a list for a schedule", texts6("mon-fri 08:00-19:30"), zone, at, `error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, but this is a list`},
		{"null for a schedule", tftypes.NewValue(tftypes.DynamicPseudoType, nil), zone, at, `error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, but this is null`},
		{"an empty object", object6(nil), zone, at, `error at argument 0: the attribute "running" is missing: write running = [] for a schedule without windows`},
		{"windows that are null", object6(map[string]tftypes.Value{"running": tftypes.NewValue(tftypes.DynamicPseudoType, nil)}), zone, at, `error at argument 0: the attribute "running" is missing: write running = [] for a schedule without windows`},
		{"a misspelled attribute", object6(map[string]tftypes.Value{"running": texts6(), "stoped_dates": texts6()}), zone, at, `error at argument 0: a schedule has no attribute "stoped_dates": there are running, stopped_dates, running_dates`},
		{"a string for a list", object6(map[string]tftypes.Value{"running": text6("daily 08:00-20:00")}), zone, at, `error at argument 0: running must be a list of strings, but is a string`},
		{"an object for a list", object6(map[string]tftypes.Value{"running": texts6(), "running_dates": good}), zone, at, `error at argument 0: running_dates must be a list of strings, but is an object`},
		{"a bool for a list", object6(map[string]tftypes.Value{"running": tftypes.NewValue(tftypes.Bool, true)}), zone, at, `error at argument 0: running must be a list of strings, but is a bool`},
		{
			"a number in a list", object6(map[string]tftypes.Value{"running": tftypes.NewValue(
				tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Number}}, []tftypes.Value{text6("daily 08:00-20:00"), number})}), zone, at,
			`error at argument 0: running[1] must be a string, but is a number`,
		},
		{
			"null in a list", object6(map[string]tftypes.Value{"running": tftypes.NewValue(
				tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})}), zone, at,
			`error at argument 0: running[0] must be a string, but is null`,
		},
		{"a window that is wrong", windows6("daily 08:00-20:00", "mon-fry 08:00-19:30"), zone, at, `error at argument 0: running[1]: "mon-fry 08:00-19:30": "fry" is not a day: write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends`},
		{"a zone that does not exist", good, "Europe/Berln", at, `error at argument 1: "Europe/Berln" is not a time zone: write a name of the IANA database, such as "Europe/Berlin" or "UTC"`},
		{"the zone of the machine", good, "Local", at, `error at argument 1: "Local" is not a time zone: write a name of the IANA database, such as "Europe/Berlin" or "UTC"`},
		{"a timestamp of another form", good, zone, "2026-11-23 12:00", `error at argument 2: "2026-11-23 12:00" is not a timestamp: write it in the form of RFC 3339, such as "2026-11-28T08:00:00Z"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"scheduled_state", "next_change"} {
				if diff := cmp.Diff(tt.want, call(t, name, tt.object, text6(tt.zone), text6(tt.at))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestScheduleFunctionsOfUnknownValues(t *testing.T) {
	t.Parallel()
	list := tftypes.List{ElementType: tftypes.String}
	elements := tftypes.NewValue(list, []tftypes.Value{unknown6(tftypes.String)})
	good, zone, at := windows6("daily 08:00-20:00"), text6("UTC"), text6("2026-11-23T12:00:00Z")
	for _, tt := range []struct {
		name               string
		object, zone, time tftypes.Value
		want               string
	}{
		{"a timestamp that is not known", good, zone, unknown6(tftypes.String), "unknown"},
		{"a zone that is not known", good, unknown6(tftypes.String), at, "unknown"},
		{"a schedule that is not known", unknown6(tftypes.DynamicPseudoType), zone, at, "unknown"},
		{"a list that is not known", object6(map[string]tftypes.Value{"running": texts6(), "stopped_dates": unknown6(list)}), zone, at, "unknown"},
		{"windows that are not known", object6(map[string]tftypes.Value{"running": unknown6(tftypes.DynamicPseudoType)}), zone, at, "unknown"},
		{"an element that is not known", object6(map[string]tftypes.Value{"running": elements}), zone, at, "unknown"},
		{
			"what is known is checked all the same", windows6("x"), unknown6(tftypes.String), unknown6(tftypes.String),
			`error at argument 0: running[0]: "x" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"the zone too", unknown6(tftypes.DynamicPseudoType), text6("Mars"), unknown6(tftypes.String),
			`error at argument 1: "Mars" is not a time zone: write a name of the IANA database, such as "Europe/Berlin" or "UTC"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"scheduled_state", "next_change"} {
				if got := call(t, name, tt.object, tt.zone, tt.time); got != tt.want {
					t.Errorf("%s: got %s, want %s", name, got, tt.want)
				}
			}
		})
	}
}

func TestScheduleFunctionDefinitionsAreValid(t *testing.T) {
	t.Parallel()
	resp, err := newFunctionServer().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		t.Errorf("diagnostics: %s", texts(resp.Diagnostics))
	}
	for _, name := range []string{"scheduled_state", "next_change"} {
		definition := resp.Functions[name]
		if definition == nil {
			t.Errorf("there is no function %s", name)
			continue
		}
		var got []string
		for _, parameter := range definition.Parameters {
			got = append(got, parameter.Name)
		}
		if diff := cmp.Diff([]string{"schedule", "timezone", "timestamp"}, got); diff != "" {
			t.Errorf("parameters of %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWholeScheduledState(t *testing.T) {
	t.Parallel()
	cliPath(t)
	output := func(name, want string) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(want))
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"instance": func() (tfprotov6.ProviderServer, error) { return newFunctionServer(), nil },
		},
		Steps: []resource.TestStep{
			{
				Config: `
variable "schedule" {
  type    = object({ running = list(string), stopped_dates = optional(set(string)) })
  default = { running = ["weekdays 08:00-19:30"] }
}
locals {
  office = { running = ["mon-fri 08:00-19:30"], stopped_dates = ["2026-12-24/2027-01-03"] }
}
output "state"    { value = provider::instance::scheduled_state(local.office, "Europe/Berlin", "2026-11-23T12:00:00Z") }
output "holiday"  { value = provider::instance::scheduled_state(local.office, "Europe/Berlin", "2026-12-28T12:00:00Z") }
output "next"     { value = provider::instance::next_change(local.office, "Europe/Berlin", "2026-12-24T12:00:00Z") }
output "never"    { value = provider::instance::next_change({ running = [] }, "UTC", "2026-12-24T12:00:00Z") == null }
output "variable" { value = provider::instance::next_change(var.schedule, "UTC", "2026-11-23T12:00:00Z") }
output "in_a_plan" {
  value = provider::instance::scheduled_state({ running = ["daily 00:00-24:00"] }, "UTC", plantimestamp())
}
`,
				ConfigStateChecks: []statecheck.StateCheck{
					output("state", "running"), output("holiday", "stopped"), output("next", "2027-01-04T08:00:00+01:00"),
					statecheck.ExpectKnownOutputValue("never", knownvalue.Bool(true)),
					output("variable", "2026-11-23T19:30:00Z"), output("in_a_plan", "running"),
				},
			},
			{
				Config: `output "state" { value = provider::instance::scheduled_state({ running = ["mon-fry 08:00-19:30"] }, "UTC", timestamp()) }`,
				ExpectError: says(`Invalid value for "schedule" parameter: running[0]: "mon-fry 08:00-19:30": "fry" is not a day: ` +
					`write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends`),
			},
			{
				Config:      `output "state" { value = provider::instance::scheduled_state({ running = [] }, "Europe/Berln", plantimestamp()) }`,
				ExpectError: says(`Invalid value for "timezone" parameter: "Europe/Berln" is not a time zone`),
			},
		},
	})
}
