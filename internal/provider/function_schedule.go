package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/schedule"
)

var _ provider.ProviderWithFunctions = (*instanceProvider)(nil)

// Functions implements provider.ProviderWithFunctions.
func (p *instanceProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newScheduledStateFunction, newNextChangeFunction, newRunningHoursFunction}
}

// The positions of the arguments that all functions of the schedule take; the
// times follow.
const (
	scheduleArgument int64 = iota
	timezoneArgument
	timesArgument
)

// scheduleParameters are those of a function of the schedule: schedule, time zone
// and times.
//
// The schedule is a dynamic parameter: it is a string, such as the value of a tag,
// or an object. An object type would not do for the latter. Terraform converts an
// argument to the parameter's type, and an object type has no optional
// attributes: with it, each call would have to write stopped_dates = [] and
// running_dates = [], and a misspelled attribute would be dropped without a word.
// With a dynamic parameter the provider sees what was written: exceptions can be
// left out, a misspelled attribute is an error, and so is a value of a wrong type,
// with its place in the schedule.
//
// Unknown values are let through, so that "terraform validate" finds what is
// wrong in a schedule although the timestamp is not known then.
func scheduleParameters(times ...function.Parameter) []function.Parameter {
	return append([]function.Parameter{
		function.DynamicParameter{
			Name: "schedule", AllowUnknownValues: true,
			MarkdownDescription: "Weekly schedule: a string of windows, such as `mon-fri 08:00-19:30 / sat+sun 10:00-14:00`, " +
				"or an object, which can also have dates; see " +
				guideLink("The form of a schedule", "schedules#the-form-of-a-schedule") + ".",
		},
		function.StringParameter{
			Name: "timezone", AllowUnknownValues: true,
			MarkdownDescription: "IANA name of the schedule's time zone, such as `Europe/Berlin` or `UTC`.",
		},
	}, times...)
}

// timestampParameter is the time of scheduled_state and next_change.
func timestampParameter() function.Parameter {
	return function.StringParameter{
		Name: "timestamp", AllowUnknownValues: true,
		MarkdownDescription: "Time to evaluate the schedule at, in RFC 3339 form. Use `plantimestamp()`; `timestamp()` " +
			"is unknown until the apply, so a plan could not show the state.",
	}
}

// scheduleCall are the arguments of a call.
type scheduleCall struct {
	schedule *schedule.Schedule
	zone     *time.Location
	times    []time.Time
}

// readScheduleCall reads the arguments of a function with this number of times.
// What is known of them is checked; known is false when something is not.
func readScheduleCall(
	ctx context.Context, args function.ArgumentsData, times int,
) (call scheduleCall, known bool, problem *function.FuncError) {
	var value types.Dynamic
	var timezone types.String
	timestamps := make([]types.String, times)
	targets := []any{&value, &timezone}
	for i := range timestamps {
		targets = append(targets, &timestamps[i])
	}
	if problem := args.Get(ctx, targets...); problem != nil {
		return call, false, problem
	}
	call.schedule, known, problem = parseSchedule(value)
	if problem != nil {
		return call, false, problem
	}
	var err error
	if timezone.IsUnknown() {
		known = false
	} else if call.zone, err = schedule.LoadZone(timezone.ValueString()); err != nil {
		return call, false, function.NewArgumentFuncError(timezoneArgument, err.Error())
	}
	for i, timestamp := range timestamps {
		if timestamp.IsUnknown() {
			known = false
			continue
		}
		at, err := schedule.ParseTimestamp(timestamp.ValueString())
		if err != nil {
			return call, false, function.NewArgumentFuncError(timesArgument+int64(i), err.Error())
		}
		call.times = append(call.times, at)
	}
	return call, known, nil
}

// parseSchedule reads the argument of the schedule; known is false when a part of
// it is not known.
func parseSchedule(argument types.Dynamic) (parsed *schedule.Schedule, known bool, problem *function.FuncError) {
	var err error
	known = true
	if text, ok := underlying(argument).(types.String); ok && !text.IsNull() && !text.IsUnknown() {
		parsed, err = schedule.ParseText(text.ValueString())
	} else {
		var spec schedule.Spec
		if spec, known, err = readSchedule(argument); err == nil && known {
			parsed, err = schedule.Parse(spec)
		}
	}
	if err != nil {
		return nil, false, function.NewArgumentFuncError(scheduleArgument, err.Error())
	}
	return parsed, known, nil
}

// scheduleFields are the attributes of a schedule.
var scheduleFields = []string{"running", "stopped_dates", "running_dates"}

// readSchedule reads the object of a schedule, or a map of lists, which a
// variable may hold.
func readSchedule(argument types.Dynamic) (spec schedule.Spec, known bool, err error) {
	value := underlying(argument)
	if value != nil && value.IsUnknown() {
		return spec, false, nil
	}
	var attributes map[string]attr.Value
	switch value := value.(type) {
	case types.Object:
		attributes = value.Attributes()
	case types.Map:
		attributes = value.Elements()
	default:
		return spec, false, fmt.Errorf("a schedule is an object, such as %s, or a string, such as %q, but this is %s",
			`{ running = ["mon-fri 08:00-19:30"] }`, "mon-fri 08:00-19:30", kindOf(value))
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !slices.Contains(scheduleFields, name) {
			return spec, false, fmt.Errorf("a schedule has no attribute %s: there are %s",
				shown(name), strings.Join(scheduleFields, ", "))
		}
	}
	// Without this, a variable that was never set would stop instances.
	if running := underlying(attributes["running"]); running == nil || running.IsNull() {
		return spec, false, errors.New(
			`the attribute "running" is missing: write running = [] for a schedule without windows`)
	}
	known = true
	for i, into := range []*[]string{&spec.Running, &spec.StoppedDates, &spec.RunningDates} {
		texts, ok, err := readTexts(scheduleFields[i], attributes[scheduleFields[i]])
		if err != nil {
			return spec, false, err
		}
		*into = texts
		known = known && ok
	}
	return spec, known, nil
}

// readTexts reads a list of strings, as which a tuple or a set counts.
func readTexts(name string, value attr.Value) (texts []string, known bool, err error) {
	value = underlying(value)
	if value == nil || value.IsNull() {
		return nil, true, nil
	}
	if value.IsUnknown() {
		return nil, false, nil
	}
	var elements []attr.Value
	switch value := value.(type) {
	case types.List:
		elements = value.Elements()
	case types.Set:
		elements = value.Elements()
	case types.Tuple:
		elements = value.Elements()
	default:
		return nil, false, fmt.Errorf("%s must be a list of strings, but is %s", name, kindOf(value))
	}
	known = true
	for i, element := range elements {
		element = underlying(element)
		if element != nil && element.IsUnknown() {
			known = false
			continue
		}
		text, ok := element.(types.String)
		if !ok || text.IsNull() {
			return nil, false, fmt.Errorf("%s[%d] must be a string, but is %s", name, i, kindOf(element))
		}
		texts = append(texts, text.ValueString())
	}
	return texts, known, nil
}

// underlying takes a value out of its dynamic wrapping; a null that has no type
// is nil.
func underlying(value attr.Value) attr.Value {
	for {
		dynamic, ok := value.(types.Dynamic)
		if !ok || dynamic.IsUnknown() {
			return value
		}
		if dynamic.IsNull() {
			return nil
		}
		value = dynamic.UnderlyingValue()
	}
}

// kindOf is the kind of a value in words.
func kindOf(value attr.Value) string {
	if value == nil || value.IsNull() {
		return "null"
	}
	switch value.(type) {
	case types.String:
		return "a string"
	case types.Number:
		return "a number"
	case types.Bool:
		return "a bool"
	case types.List, types.Set, types.Tuple:
		return "a list"
	case types.Object, types.Map:
		return "an object"
	}
	return "of another type"
}
