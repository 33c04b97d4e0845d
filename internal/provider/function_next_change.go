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

func (nextChangeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "When the state that a weekly schedule asks for changes next",
		MarkdownDescription: "Returns the first time after the given one at which the answer of `scheduled_state` changes, in the form of RFC 3339 with the offset of the time zone, " +
			"so that a run can be scheduled for it; or null when the answer never changes.\n\n" + clockChanges,
		Parameters: scheduleParameters(),
		Return:     function.StringReturn{},
	}
}

func (nextChangeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	m, known, problem := readMoment(ctx, req.Arguments)
	if problem != nil {
		resp.Error = problem
		return
	}
	change := types.StringUnknown()
	if known {
		change = types.StringNull()
		if at, ok := m.schedule.NextChange(m.at, m.zone); ok {
			change = types.StringValue(schedule.FormatTimestamp(at, m.zone))
		}
	}
	resp.Error = resp.Result.Set(ctx, change)
}
