package provider

import (
	"context"
	"fmt"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

var _ provider.ProviderWithFunctions = functionsProvider{}

// functionsProvider is a provider whose functions are those of the schedule.
type functionsProvider struct{ provider.Provider }

func (functionsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newScheduledStateFunction, newNextChangeFunction, newRunningHoursFunction}
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
func call(t *testing.T, name string, arguments ...tftypes.Value) string {
	t.Helper()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, value := range arguments {
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
	of := tftypes.Type(tftypes.String)
	if name == "running_hours" {
		of = tftypes.Number
	}
	result, err := resp.Result.Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case !result.IsKnown():
		return "unknown"
	case result.IsNull():
		return "null"
	}
	if of.Is(tftypes.Number) {
		var number big.Float
		if err := result.As(&number); err != nil {
			t.Fatal(err)
		}
		return number.String()
	}
	var text string
	if err := result.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// scheduleCalls are the functions of the schedule, each with the arguments that
// follow schedule, time zone and time.
var scheduleCalls = map[string][]tftypes.Value{
	"scheduled_state": nil, "next_change": nil, "running_hours": {text6("2026-12-24T00:00:00Z")},
}

func TestRunningHours(t *testing.T) {
	t.Parallel()
	office := text6("mon-fri 08:00-19:30 / sat+sun 10:00-14:00")
	const from, to = "2026-11-23T00:00:00+08:00", "2026-11-30T00:00:00+08:00"
	for _, tt := range []struct {
		name, from, to string
		schedule       tftypes.Value
		want           string
	}{
		{"a week of a string", from, to, office, "65.5"},
		{"a week of an object", from, to, windows6("mon-fri 08:00-19:30", "sat,sun 10:00-14:00"), "65.5"},
		{"no time", from, from, office, "0"},
		{"a third of an hour", "2026-11-23T08:00:00+08:00", "2026-11-23T08:20:00+08:00", office, "0.3333333333"},
		{
			"a period that ends before it begins", to, from, office,
			`error at argument 3: the period ends before it begins: write a time that is not before the argument "from"`,
		},
		{
			"a mistake in a year", "0026-11-23T00:00:00Z", to, office,
			`error at argument 3: the period is longer than 100 years: check the years of "from" and "to"`,
		},
		{
			"a beginning of another form", "2026-11-23", to, office,
			`error at argument 2: "2026-11-23" is not a timestamp: ` +
				`write it in the form of RFC 3339, such as "2026-11-28T08:00:00Z"`,
		},
		{
			"an end of another form", from, "monday", office,
			`error at argument 3: "monday" is not a timestamp: write it in the form of RFC 3339, such as "2026-11-28T08:00:00Z"`,
		},
		{
			"a schedule that is wrong", from, to, text6("mon-fri 08:00-19:30 /"),
			`error at argument 0: character 22: a window is missing beside a slash: ` +
				`write "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := call(t, "running_hours", tt.schedule, text6("Asia/Shanghai"), text6(tt.from), text6(tt.to))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	unknown := unknown6(tftypes.String)
	for name, ends := range map[string][2]tftypes.Value{"from": {unknown, text6(to)}, "to": {text6(from), unknown}} {
		if got := call(t, "running_hours", office, text6("UTC"), ends[0], ends[1]); got != "unknown" {
			t.Errorf("with %s unknown: got %s, want unknown", name, got)
		}
	}
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
		{
			"in a window", windows6("mon-fri 08:00-19:30"), "Europe/Berlin", "2026-11-23T12:00:00Z", "running",
			"2026-11-23T19:30:00+01:00",
		},
		{
			"outside", windows6("mon-fri 08:00-19:30"), "Europe/Berlin", "2026-11-28T12:00:00Z", "stopped",
			"2026-11-30T08:00:00+01:00",
		},
		{
			"in a window of a string", text6("mon-fri 08:00-19:30 / sat+sun 10:00-14:00"), "Europe/Berlin",
			"2026-11-28T12:00:00Z", "running", "2026-11-28T14:00:00+01:00",
		},
		{
			"outside of a string", text6("mon-fri 08:00-19:30"), "Europe/Berlin", "2026-11-28T12:00:00Z", "stopped",
			"2026-11-30T08:00:00+01:00",
		},
		{"without windows", windows6(), "UTC", "2026-11-28T12:00:00Z", "stopped", "null"},
		{
			"with both kinds of dates", object6(map[string]tftypes.Value{
				"running":       texts6("daily 08:00-20:00"),
				"stopped_dates": texts6("2026-12-24/2026-12-26"),
				"running_dates": texts6("2026-12-27"),
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
			"with null for what is left out",
			object6(map[string]tftypes.Value{"running": texts6("daily 08:00-20:00"), "stopped_dates": noType}),
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
	mixed := tftypes.NewValue(
		tftypes.Tuple{ElementTypes: []tftypes.Type{tftypes.String, tftypes.Number}},
		[]tftypes.Value{text6("daily 08:00-20:00"), number})
	withNull := tftypes.NewValue(
		tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
	const zone, at = "Europe/Berlin", "2026-11-23T12:00:00Z"
	good := windows6("daily 08:00-20:00")
	for _, tt := range []struct {
		name     string
		object   tftypes.Value
		zone, at string
		want     string
	}{
		{
			"an empty string", text6(""), zone, at,
			`error at argument 0: the schedule is empty: write windows, such as "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"`,
		},
		{
			"a misspelled string", text6("mon-fry 08:00-19:30"), zone, at,
			`error at argument 0: character 5: "fry" is not a day: ` +
				`write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends`,
		},
		{
			"a string that is null", tftypes.NewValue(tftypes.String, nil), zone, at,
			`error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, or a string, ` +
				`such as "mon-fri 08:00-19:30", but this is null`,
		},
		{
			"a number for a schedule", number, zone, at,
			`error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, or a string, ` +
				`such as "mon-fri 08:00-19:30", but this is a number`,
		},
		{
			"a bool for a schedule", tftypes.NewValue(tftypes.Bool, true), zone, at,
			`error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, or a string, ` +
				`such as "mon-fri 08:00-19:30", but this is a bool`,
		},
		{
			"a list for a schedule", texts6("mon-fri 08:00-19:30"), zone, at,
			`error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, or a string, ` +
				`such as "mon-fri 08:00-19:30", but this is a list`,
		},
		{
			"null for a schedule", tftypes.NewValue(tftypes.DynamicPseudoType, nil), zone, at,
			`error at argument 0: a schedule is an object, such as { running = ["mon-fri 08:00-19:30"] }, or a string, ` +
				`such as "mon-fri 08:00-19:30", but this is null`,
		},
		{
			"an empty object", object6(nil), zone, at,
			`error at argument 0: the attribute "running" is missing: write running = [] for a schedule without windows`,
		},
		{
			"windows that are null",
			object6(map[string]tftypes.Value{"running": tftypes.NewValue(tftypes.DynamicPseudoType, nil)}),
			zone, at,
			`error at argument 0: the attribute "running" is missing: write running = [] for a schedule without windows`,
		},
		{
			"a misspelled attribute",
			object6(map[string]tftypes.Value{"running": texts6(), "stoped_dates": texts6()}),
			zone, at,
			`error at argument 0: a schedule has no attribute "stoped_dates": there are running, stopped_dates, running_dates`,
		},
		{
			"a string for a list",
			object6(map[string]tftypes.Value{"running": text6("daily 08:00-20:00")}),
			zone, at,
			`error at argument 0: running must be a list of strings, but is a string`,
		},
		{
			"an object for a list",
			object6(map[string]tftypes.Value{"running": texts6(), "running_dates": good}),
			zone, at,
			`error at argument 0: running_dates must be a list of strings, but is an object`,
		},
		{
			"a bool for a list",
			object6(map[string]tftypes.Value{"running": tftypes.NewValue(tftypes.Bool, true)}),
			zone, at,
			`error at argument 0: running must be a list of strings, but is a bool`,
		},
		{
			"a number in a list", object6(map[string]tftypes.Value{"running": mixed}), zone, at,
			`error at argument 0: running[1] must be a string, but is a number`,
		},
		{
			"null in a list", object6(map[string]tftypes.Value{"running": withNull}), zone, at,
			`error at argument 0: running[0] must be a string, but is null`,
		},
		{
			"a window that is wrong", windows6("daily 08:00-20:00", "mon-fry 08:00-19:30"), zone, at,
			`error at argument 0: running[1]: "mon-fry 08:00-19:30": "fry" is not a day: ` +
				`write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends`,
		},
		{
			"a zone that does not exist", good, "Europe/Berln", at,
			`error at argument 1: "Europe/Berln" is not a time zone: ` +
				`write a name of the IANA database, such as "Europe/Berlin" or "UTC"`,
		},
		{
			"the zone of the machine", good, "Local", at,
			`error at argument 1: "Local" is not a time zone: ` +
				`write a name of the IANA database, such as "Europe/Berlin" or "UTC"`,
		},
		{
			"a timestamp of another form", good, zone, "2026-11-23 12:00",
			`error at argument 2: "2026-11-23 12:00" is not a timestamp: ` +
				`write it in the form of RFC 3339, such as "2026-11-28T08:00:00Z"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for name, more := range scheduleCalls {
				arguments := append([]tftypes.Value{tt.object, text6(tt.zone), text6(tt.at)}, more...)
				if diff := cmp.Diff(tt.want, call(t, name, arguments...)); diff != "" {
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
		{"a string that is not known", unknown6(tftypes.String), zone, at, "unknown"},
		{
			"a string is checked all the same", text6("mon"), unknown6(tftypes.String), unknown6(tftypes.String),
			`error at argument 0: character 1: "mon" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"a list that is not known",
			object6(map[string]tftypes.Value{"running": texts6(), "stopped_dates": unknown6(list)}),
			zone, at, "unknown",
		},
		{
			"windows that are not known",
			object6(map[string]tftypes.Value{"running": unknown6(tftypes.DynamicPseudoType)}),
			zone, at, "unknown",
		},
		{"an element that is not known", object6(map[string]tftypes.Value{"running": elements}), zone, at, "unknown"},
		{
			"what is known is checked all the same", windows6("x"), unknown6(tftypes.String), unknown6(tftypes.String),
			`error at argument 0: running[0]: "x" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"the zone too", unknown6(tftypes.DynamicPseudoType), text6("Mars"), unknown6(tftypes.String),
			`error at argument 1: "Mars" is not a time zone: ` +
				`write a name of the IANA database, such as "Europe/Berlin" or "UTC"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for name, more := range scheduleCalls {
				if got := call(t, name, append([]tftypes.Value{tt.object, tt.zone, tt.time}, more...)...); got != tt.want {
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
	for name, want := range map[string][]string{
		"scheduled_state": {"schedule", "timezone", "timestamp"},
		"next_change":     {"schedule", "timezone", "timestamp"},
		"running_hours":   {"schedule", "timezone", "from", "to"},
	} {
		definition := resp.Functions[name]
		if definition == nil {
			t.Errorf("there is no function %s", name)
			continue
		}
		var got []string
		for _, parameter := range definition.Parameters {
			got = append(got, parameter.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parameters of %s (-want +got):\n%s", name, diff)
		}
	}
}
