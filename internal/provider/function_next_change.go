package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/schedule"
)

var _ function.Function = nextChangeFunction{}

// newNextChangeFunction returns the function next_change.
func newNextChangeFunction() function.Function { return nextChangeFunction{} }

// nextChangeFunction tells when the answer of scheduled_state changes next.
type nextChangeFunction struct{}

func (nextChangeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "next_change"
}

func (nextChangeFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Time at which a weekly schedule changes state next",
		MarkdownDescription: "Returns the next time at which the result of `scheduled_state` changes, in RFC 3339 form " +
			"with the offset of the time zone, or null if it never changes. Use it to schedule the next run; see " +
			guideLink("Schedules", "schedules") + ".",
		Parameters: scheduleParameters(timestampParameter()),
		Return:     function.StringReturn{},
	}
}

func (nextChangeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	call, known, problem := readScheduleCall(ctx, req.Arguments, 1)
	if problem != nil {
		resp.Error = problem
		return
	}
	change := types.StringUnknown()
	if known {
		change = types.StringNull()
		if at, ok := call.schedule.NextChange(call.times[0], call.zone); ok {
			change = types.StringValue(schedule.FormatTimestamp(at, call.zone))
		}
	}
	resp.Error = resp.Result.Set(ctx, change)
}
