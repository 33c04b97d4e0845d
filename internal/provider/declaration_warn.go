package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// consequences warns of what a planned stop does to the instances; totals is nil where
// they were not read. What the configuration says may be folded into one warning for
// many resources. What was observed of an instance names it in the summary.
func (d declaration) consequences(of surface, ids []string, totals *planSummary) diag.Diagnostics {
	var diags diag.Diagnostics
	if d.State.IsUnknown() {
		return d.consequencesIfStopped(of, ids)
	}
	if d.State.ValueString() != stateStopped {
		return diags
	}
	var seen planSummary
	if totals != nil {
		seen = *totals
		if ids = seen.stopping(); len(ids) == 0 {
			return diags
		}
	}
	after := d.ForceStopAfter.ValueString()
	if d.ForceStop.ValueBool() {
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced stop planned",
			of.subject(ids)+" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.")
	} else {
		diags.Append(alwaysForced(seen.forced)...)
	}
	if after != "" && !d.ForceStop.ValueBool() && (totals == nil || len(seen.forced) < len(ids)) {
		diags.AddAttributeWarning(path.Root("force_stop_after"), "Forced stop possible",
			fmt.Sprintf("%s will lose power if a graceful stop has not finished after %s: unsaved data can then be lost.",
				of.either(ids), after))
	}
	mode, _ := parseMode(d.StoppedMode.ValueString())
	preferred := mode == powerstate.StopChargingIfSupported
	if mode == backend.StopCharging || preferred && (totals == nil || seen.stopCharging > 0) {
		summary, detail := "Stop-charging planned", of.subject(ids)+" will release CPU and memory"
		if preferred && (totals == nil || seen.stopCharging < len(ids)) {
			detail += of.whereSupported(ids)
		}
		detail += ": a later start may find no stock"
		if totals == nil {
			detail += ", and an assigned public address can be released"
		} else if len(seen.releases) > 0 {
			detail += ", and public addresses can be released: " + strings.Join(firstOf(seen.releases), ", ")
			summary = fmt.Sprintf("Stop-charging of %s can release %s", instanceAndMore(seen.releasing),
				itsAddress(len(seen.releasing)))
		}
		diags.AddAttributeWarning(path.Root("stopped_mode"), summary, detail+".")
	}
	if of.one() {
		diags.Append(restartPlanned(seen.restart)...)
	}
	return diags
}

// consequencesIfStopped is consequences while the state is not known yet.
func (d declaration) consequencesIfStopped(of surface, ids []string) diag.Diagnostics {
	var diags diag.Diagnostics
	const condition = "`state` is not known yet. If it is `stopped`, "
	subject := lowerFirst(of.subject(ids))
	after := d.ForceStopAfter.ValueString()
	switch {
	case d.ForceStop.ValueBool():
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced stop possible",
			condition+subject+" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful "+
				"stop.")
	case after != "":
		diags.AddAttributeWarning(path.Root("force_stop_after"), "Forced stop possible",
			condition+lowerFirst(of.either(ids))+" will lose power if a graceful stop has not finished after "+after+": "+
				"unsaved data can then be lost.")
	}
	mode, _ := parseMode(d.StoppedMode.ValueString())
	supported := ""
	if mode == powerstate.StopChargingIfSupported {
		supported = of.whereSupported(ids)
	}
	if mode == backend.StopCharging || supported != "" {
		diags.AddAttributeWarning(path.Root("stopped_mode"), "Stop-charging possible",
			condition+subject+" will release CPU and memory"+supported+": a later start may find no stock, and an assigned "+
				"public address can be released.")
	}
	return diags
}

func itsAddress(n int) string {
	if n == 1 {
		return "its address"
	}
	return "their addresses"
}

// alwaysForced warns of instances that the cloud stops by cutting the power.
func alwaysForced(ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("state"),
		fmt.Sprintf("Forced stop of %s planned", instanceAndMore(ids)),
		fmt.Sprintf("The cloud stops %s by cutting the power, whatever the request says: unsaved data can be lost.",
			strings.Join(firstOf(ids), ", ")))}
}

// restartPlanned warns of instances that are started only for another stopped mode.
func restartPlanned(ids []string) diag.Diagnostics {
	if len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("allow_restart"),
		fmt.Sprintf("Restart of %s planned", instanceAndMore(ids)),
		fmt.Sprintf("Stopped in another mode: %s. A start and a stop will change the mode, since nothing else can.",
			strings.Join(firstOf(ids), ", ")))}
}

// cuts says that a stop cuts the power; it is empty for a graceful one.
func (d declaration) cuts() string {
	after := d.ForceStopAfter.ValueString()
	switch {
	case d.ForceStop.ValueBool():
		return ", and a stop cuts the power: unsaved data can be lost"
	case after != "":
		return ", and a stop cuts the power if a graceful one has not finished after " + after + ": unsaved data can be lost"
	}
	return ""
}

// originLost says what a create that failed means for on_destroy = "restore": it
// writes no state, so that nothing remembers how the instances were found.
func (d declaration) originLost() diag.Diagnostics {
	if d.OnDestroy.ValueString() != onDestroyRestore {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Original state is not kept",
		"`on_destroy` is `restore`, but a create that fails writes nothing to the state. The next apply takes the state "+
			"that it finds for the original one, even if this apply has already changed it. If that matters, change it "+
			"back before the next apply.")}
}

// originUnknown says of which instances on_destroy = "restore" does not know where to
// bring them.
func (d declaration) originUnknown(ids []string) diag.Diagnostics {
	if d.OnDestroy.ValueString() != onDestroyRestore || len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("Original state of %s is not known", instanceAndMore(ids)),
		fmt.Sprintf("`on_destroy` is `restore`, but the state before Terraform managed it is not known. Left unchanged: %s.",
			strings.Join(firstOf(ids), ", ")))}
}

// notRefreshed says that a refresh read nothing, since the provider's configuration is
// not known yet.
func (d declaration) notRefreshed(what string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("State not refreshed",
		fmt.Sprintf("The provider's `%s` block is not known yet, so %s was not read; its state is as it was at the last "+
			"run.", d.Cloud.ValueString(), what))
}
