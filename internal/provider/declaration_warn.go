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
// they were not read.
func (d declaration) consequences(of surface, ids []string, totals *planSummary) diag.Diagnostics {
	var diags diag.Diagnostics
	if d.State.ValueString() != stateStopped || totals != nil && totals.stop+totals.restart+totals.wait == 0 {
		return diags
	}
	var forced []string
	if totals != nil {
		forced = totals.forced
	}
	after := d.ForceStopAfter.ValueString()
	switch {
	case d.ForceStop.ValueBool():
		diags.AddAttributeWarning(path.Root("force_stop"), "Forced stop planned",
			of.subject(ids)+" will lose power at once: unsaved data can be lost. Set `force_stop = false` for a graceful stop.")
	case len(forced) > 0:
		diags.AddAttributeWarning(path.Root("state"), "Forced stop planned",
			fmt.Sprintf("The cloud stops %s by cutting the power, whatever it is asked: unsaved data can be lost.", of.named(forced)))
	}
	if after != "" && !d.ForceStop.ValueBool() && (len(forced) == 0 || len(forced) < totals.stop) {
		diags.AddAttributeWarning(path.Root("force_stop_after"), "Forced stop possible",
			fmt.Sprintf("%s will lose power when a graceful stop has not ended after %s: unsaved data can then be lost.", of.either(ids), after))
	}
	mode, _ := parseMode(d.StoppedMode.ValueString())
	preferred := mode == powerstate.StopChargingIfSupported
	if mode == backend.StopCharging || preferred && (totals == nil || totals.stopCharging > 0) {
		detail := of.subject(ids) + " will release CPU and memory"
		if preferred && (totals == nil || totals.stopCharging < totals.stop+totals.restart+totals.wait) {
			detail += of.whereSupported()
		}
		detail += ": a later start may find no stock"
		if totals == nil {
			detail += ", and an assigned public address can be released"
		} else if len(totals.releases) > 0 {
			detail += ", and public addresses can be released: " + strings.Join(firstOf(totals.releases), ", ")
		}
		diags.AddAttributeWarning(path.Root("stopped_mode"), "Stop-charging planned", detail+".")
	}
	return diags
}

// cuts says that a stop cuts the power; it is empty for a graceful one.
func (d declaration) cuts() string {
	after := d.ForceStopAfter.ValueString()
	switch {
	case d.ForceStop.ValueBool():
		return ", and a stop cuts the power: unsaved data can be lost"
	case after != "":
		return ", and a stop cuts the power when a graceful one has not ended after " + after + ": unsaved data can be lost"
	}
	return ""
}

// released says what on_destroy will do to instances that leave the state; it is empty
// where that is nothing.
func (d declaration) released() string {
	what := ""
	switch d.OnDestroy.ValueString() {
	case onDestroyRunning:
		what = "started, unless already running"
	case onDestroyStopped:
		what = "stopped, unless already stopped" + d.cuts()
	case onDestroyRestore:
		what = "brought back to the original state" + d.cuts()
	default:
		return ""
	}
	return fmt.Sprintf(" will be %s (`on_destroy = %q`). No instance is deleted.", what, d.OnDestroy.ValueString())
}

// destroyWarning says what a destroy will do to the instances; who names them.
func (d declaration) destroyWarning(who string) diag.Diagnostics {
	what := d.released()
	if what == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Destroy changes the power state", who+what)}
}

// originLost says what a create that failed means for on_destroy = "restore": it
// writes no state, so that nothing remembers how the instances were found.
func (d declaration) originLost() diag.Diagnostics {
	if d.OnDestroy.ValueString() != onDestroyRestore {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Original state is not kept",
		"`on_destroy` is `restore`, and a create that fails writes nothing to the state. The next apply takes what it finds for the original state, "+
			"also where this one has already begun to change it. Bring what was changed back before it, if that matters.")}
}

// originUnknown says of which instances on_destroy = "restore" does not know where to
// bring them.
func (d declaration) originUnknown(ids []string) diag.Diagnostics {
	if d.OnDestroy.ValueString() != onDestroyRestore || len(ids) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Original state is not known",
		fmt.Sprintf("`on_destroy` is `restore`, but the state before Terraform managed it is not known. Left unchanged: %s.",
			strings.Join(firstOf(ids), ", ")))}
}

// notRefreshed says that a refresh read nothing, since the provider's configuration is
// not known yet.
func (d declaration) notRefreshed(what string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("State not refreshed",
		fmt.Sprintf("The provider's `%s` block is not known yet, so %s was not read; its state is as it was at the last run.", d.Cloud.ValueString(), what))
}
