package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = runningHoursFunction{}

// newRunningHoursFunction returns the function running_hours.
func newRunningHoursFunction() function.Function { return runningHoursFunction{} }

// runningHoursFunction tells for how many hours of a period a schedule runs.
type runningHoursFunction struct{}

func (runningHoursFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "running_hours"
}

func (runningHoursFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Hours of a period in which a weekly schedule runs",
		MarkdownDescription: "Returns for how many hours of a period a schedule runs, with a fraction. Multiply them by " +
			"the price of an hour to compare schedules; see " +
			guideLink("What a schedule costs", "schedules#what-a-schedule-costs") + ".",
		Parameters: scheduleParameters(
			function.StringParameter{
				Name: "from", AllowUnknownValues: true,
				MarkdownDescription: "Beginning of the period, in RFC 3339 form, such as `2026-12-01T00:00:00+08:00`.",
			},
			function.StringParameter{
				Name: "to", AllowUnknownValues: true,
				MarkdownDescription: "End of the period, which does not include it, in RFC 3339 form: not before `from`, and " +
					fmt.Sprintf("at most %d years after it.", maxYears),
			},
		),
		Return: function.Float64Return{},
	}
}

// maxYears is the longest period, which is computed in a moment. A longer one is a
// mistake in a year.
const maxYears = 100

// checkPeriod refuses a period that ends before it begins, or is too long.
func checkPeriod(from, to time.Time) *function.FuncError {
	switch {
	case to.Before(from):
		return function.NewArgumentFuncError(timesArgument+1,
			"the period ends before it begins: write a time that is not before the argument \"from\"")
	case to.After(from.AddDate(maxYears, 0, 0)):
		return function.NewArgumentFuncError(timesArgument+1,
			fmt.Sprintf("the period is longer than %d years: check the years of \"from\" and \"to\"", maxYears))
	}
	return nil
}

func (runningHoursFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	call, known, problem := readScheduleCall(ctx, req.Arguments, 2)
	if problem == nil && len(call.times) == 2 {
		problem = checkPeriod(call.times[0], call.times[1])
	}
	if problem != nil {
		resp.Error = problem
		return
	}
	hours := types.Float64Unknown()
	if known {
		hours = types.Float64Value(call.schedule.RunningHours(call.times[0], call.times[1], call.zone))
	}
	resp.Error = resp.Result.Set(ctx, hours)
}
