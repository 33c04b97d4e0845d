package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var _ function.Function = scheduledStateFunction{}

// newScheduledStateFunction returns the function scheduled_state.
func newScheduledStateFunction() function.Function { return scheduledStateFunction{} }

// scheduledStateFunction tells the state that a weekly schedule asks for.
type scheduledStateFunction struct{}

func (scheduledStateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "scheduled_state"
}

func (scheduledStateFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "State that a weekly schedule gives at a time",
		MarkdownDescription: "Returns `running` if the time is in one of the schedule's windows, otherwise `stopped`: a " +
			"value for the argument `state`. Only an apply starts or stops instances, so schedule the runs too; see " +
			guideLink("Schedules", "schedules") + ".",
		Parameters: scheduleParameters(timestampParameter()),
		Return:     function.StringReturn{},
	}
}

func (scheduledStateFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	call, known, problem := readScheduleCall(ctx, req.Arguments, 1)
	if problem != nil {
		resp.Error = problem
		return
	}
	state := types.StringUnknown()
	if known {
		word := backend.Stopped
		if call.schedule.Running(call.times[0], call.zone) {
			word = backend.Running
		}
		state = types.StringValue(word.String())
	}
	resp.Error = resp.Result.Set(ctx, state)
}
