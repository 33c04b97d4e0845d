package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// members are the instances of a fleet, or of an action, with what is declared of them.
type members struct {
	declaration
	InstanceIDs types.List   `tfsdk:"instance_ids"`
	MaxFailures types.String `tfsdk:"max_failures"`
}

// ids are the known ids that are named, sorted, each once.
func (m members) ids(ctx context.Context) ([]string, diag.Diagnostics) {
	var ids []string
	if m.InstanceIDs.IsUnknown() || m.InstanceIDs.IsNull() {
		return nil, nil
	}
	var values []types.String
	diags := m.InstanceIDs.ElementsAs(ctx, &values, false)
	for _, value := range values {
		if !value.IsUnknown() && !value.IsNull() {
			ids = append(ids, value.ValueString())
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), diags
}

// idsKnown reports whether every id is known.
func (m members) idsKnown() bool {
	if m.InstanceIDs.IsUnknown() {
		return false
	}
	return !slices.ContainsFunc(m.InstanceIDs.Elements(), func(v attr.Value) bool { return v.IsUnknown() })
}

// checkCloud refuses an id that is null, and ids and a mode that do not go with the cloud.
func (m members) checkCloud(ctx context.Context, clouds map[string]cloud) diag.Diagnostics {
	ids, diags := m.ids(ctx)
	if slices.ContainsFunc(m.InstanceIDs.Elements(), attr.Value.IsNull) {
		diags.AddAttributeError(path.Root("instance_ids"), "Instance id that is null",
			"An element of `instance_ids` is null, so it names no instance. Leave it out, for example with `compact(...)`, "+
				"or give it a value.")
		return diags
	}
	return append(diags, m.declaration.checkCloud(clouds, onFleet, ids...)...)
}

// diagnoseAll tells which instances failed, each with its reason: an error when they are
// more than max_failures, or the run was cut short, else a warning. total is how many
// instances there are, and done what can be said of those that did not fail.
func (m members) diagnoseAll(
	verb string, total int, ids []string, results []powerstate.Result, within limit, done string,
) diag.Diagnostics {
	var diags diag.Diagnostics
	failed, most := len(failedOf(ids, results)), m.mayFail(total)
	if failed == 0 {
		return diags
	}
	summary := fmt.Sprintf("Unable to %s %d of %s", verb, failed, instances(total))
	text := reasons(ids, results, within) + "\n\n"
	cut, next, lasting := "The next apply goes on from where they are.", "The next apply touches only those that are "+
		"not as declared.",
		"so the apply goes on. The next plan shows them again."
	if within.of.acts() {
		cut, next, lasting = "An action that was interrupted does not count as done, whatever `max_failures` "+
			"says.", "", "so the action counts as done."
	}
	switch {
	case slices.ContainsFunc(results, isCut): // It is not known how many would have failed.
		diags.AddError(summary, text+cut)
	case failed > most:
		diags.AddError(summary, strings.TrimSpace(fmt.Sprintf("%sAt most %d may fail (%s). "+
			"%s%s", text, most, m.failuresName(), others(total-failed, done), next)))
	default:
		diags.AddWarning(summary+": "+firstAndMore(failedOf(ids, results)),
			fmt.Sprintf("%sUp to %d may fail (%s), %s", text, most, m.failuresName(), lasting))
	}
	return diags
}
