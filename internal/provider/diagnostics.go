package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

func asFailure(err error) (*powerstate.Error, bool) {
	var failure *powerstate.Error
	ok := errors.As(err, &failure)
	return failure, ok
}

// diagnose is the one place where an error of the engine becomes a diagnostic:
// a sentence that says what could not be done, then what was wanted and seen,
// the cloud's code and request id, and what the user can do.
func diagnose(err error, within limit) diag.Diagnostic {
	failure, ok := asFailure(err)
	if !ok {
		return diag.NewErrorDiagnostic("Unable to work on the instance", upperFirst(err.Error())+".")
	}
	return diag.NewErrorDiagnostic(summary(failure), detail(failure, within))
}

func summary(f *powerstate.Error) string {
	verb := "read"
	switch {
	case f.Op != 0:
		verb = f.Op.String()
	case f.Target.Goal == powerstate.GoalRunning:
		verb = "start"
	case f.Target.Goal == powerstate.GoalStopped:
		verb = "stop"
	case f.Target.Goal == powerstate.GoalRebooted:
		verb = "reboot"
	}
	return fmt.Sprintf("Unable to %s instance %q", verb, f.InstanceID)
}

func detail(f *powerstate.Error, within limit) string {
	happened, remedy := explain(f, within)
	text := happened
	if facts := facts(f); facts != "" {
		text += "\n\n" + facts
	}
	if remedy != "" {
		text += "\n\n" + remedy
	}
	return text
}

// facts are the lines that a user, or the cloud's support, looks for.
func facts(f *powerstate.Error) string {
	var lines []string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("  %-12s %s", name+":", value))
		}
	}
	add("Cloud", strings.TrimSuffix(f.Cloud+", "+f.Region, ", "))
	if f.Target.Goal != 0 {
		wanted := f.Target.Goal.String()
		if f.Target.Mode != backend.UnknownMode && f.Target.Goal == powerstate.GoalStopped {
			wanted += ", " + string(f.Target.Mode)
		}
		add("Wanted", wanted)
	}
	add("Last seen", lastSeen(f))
	if op := pendingOperation(f); op != nil {
		add("Operation", strings.TrimSpace(op.Name+" "+op.RequestID)+", not ended")
	}
	if f.Fault != nil && tellsFault(f) {
		add("Code", f.Fault.Code)
		if f.Fault.Code == "" && f.Fault.Status >= http.StatusMultipleChoices {
			add("HTTP status", fmt.Sprint(f.Fault.Status))
		}
		add("Request id", f.Fault.RequestID)
	}
	return strings.Join(lines, "\n")
}

// tellsFault reports whether the cloud's last refusal has to do with the cause: of the
// others it was overcome before.
func tellsFault(f *powerstate.Error) bool {
	switch f.Cause {
	case powerstate.CloudFault, powerstate.TimedOut, powerstate.Canceled:
		return true
	case powerstate.Vanished:
		return f.Fault.Kind == backend.KindNotFound
	default:
		return false
	}
}

func lastSeen(f *powerstate.Error) string {
	if f.Last == nil {
		return ""
	}
	text := f.Last.State.String()
	if f.Last.Raw != "" {
		text += fmt.Sprintf(" (%s)", f.Last.Raw)
	}
	if f.Last.State == backend.Stopped && f.Last.StoppedMode != backend.UnknownMode {
		text += ", " + string(f.Last.StoppedMode)
	}
	if f.Cause == powerstate.TimedOut || f.Cause == powerstate.Canceled {
		text += ", for " + round(f.LastFor)
	}
	return text
}

// pendingOperation is the last operation of the instance where the wait for it has
// used up the time although the instance is in no transition.
func pendingOperation(f *powerstate.Error) *backend.Operation {
	if f.Last == nil || f.Cause != powerstate.TimedOut && f.Cause != powerstate.Canceled {
		return nil
	}
	op := f.Last.LastOperation
	settled := f.Last.State == backend.Running || f.Last.State == backend.Stopped
	if op == nil || op.State != backend.OperationRunning || !settled {
		return nil
	}
	return op
}

// diagnoseDryRun reports the answer of the cloud's own dry run: a refusal is a warning, or
// with strict_plan an error; a dry run that could not be made is a warning.
func (d *providerData) diagnoseDryRun(
	client *powerstate.Client, of surface, id string, got powerstate.Preflight,
) diag.Diagnostics {
	var diags diag.Diagnostics
	fault, op := *got.DryRun, got.Decision.Op
	f := &powerstate.Error{
		Op: op, Cloud: client.Cloud(), Region: client.Region(), InstanceID: id, Fault: &fault, Last: &got.Observed,
	}
	happened, remedy := explainFault(f, of)
	text := happened + "\n\n" + facts(f) + "\n\n"
	switch fault.Kind {
	case backend.KindInvalid, backend.KindNotFound:
		summary := fmt.Sprintf("Dry run: unable to %s instance %q", op, id)
		if d.strictPlan {
			diags.AddError(summary, text+remedy)
			break
		}
		diags.AddWarning(summary, text+remedy+"\n\nThe apply will probably fail for this instance, and goes on with the "+
			"others. "+strictHint)
	case backend.KindDenied:
		diags.AddWarning(fmt.Sprintf("Dry run denied for instance %q", id),
			text+"The plan goes on without the dry run; an apply may be denied as well. "+remedy)
	case backend.KindBusy, backend.KindThrottled, backend.KindUnavailable, backend.KindOther:
		diags.AddWarning(fmt.Sprintf("No dry run for instance %q", id), text+"The plan goes on without the dry run.")
	}
	return diags
}

func placeOf(client *powerstate.Client) string {
	if client.Region() == "" {
		return client.Cloud()
	}
	return client.Cloud() + " (" + client.Region() + ")"
}

// sentence ends a cloud's message with a full stop.
func sentence(message string) string {
	message = strings.TrimSpace(message)
	if message == "" {
		return "no explanation."
	}
	if strings.HasSuffix(message, ".") {
		return message
	}
	return message + "."
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// round keeps durations readable.
func round(d time.Duration) string {
	if d < time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
