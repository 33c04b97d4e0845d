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

// limit is the time limit of an operation and the attribute that sets it.
type limit struct {
	attribute string
	d         time.Duration
}

// onlyLooks is true of a refresh, a preflight and a listing, which change
// nothing.
func (l limit) onlyLooks() bool {
	return l.attribute == "timeouts.read" || l.attribute == "timeouts.list"
}

// String names the limit, as far as it is known, after the words "time limit".
func (l limit) String() string {
	if l.attribute == "" {
		return ""
	}
	return fmt.Sprintf(" of %s (`%s`)", l.d, l.attribute)
}

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
	verb := "look at"
	switch {
	case f.Op != 0:
		verb = f.Op.String()
	case f.Target.State == backend.Running:
		verb = "start"
	case f.Target.State == backend.Stopped:
		verb = "stop"
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
	if f.Target.State == backend.Running || f.Target.State == backend.Stopped {
		wanted := f.Target.State.String()
		if f.Target.Mode != backend.UnknownMode && f.Target.State == backend.Stopped {
			wanted += ", " + string(f.Target.Mode)
		}
		add("Wanted", wanted)
	}
	add("Last seen", lastSeen(f))
	if f.Fault != nil && tellsFault(f.Cause) {
		add("Code", f.Fault.Code)
		if f.Fault.Code == "" && f.Fault.Status >= http.StatusMultipleChoices {
			add("HTTP status", fmt.Sprint(f.Fault.Status))
		}
		add("Request id", f.Fault.RequestID)
	}
	return strings.Join(lines, "\n")
}

// tellsFault reports whether the cloud's last refusal has to do with a cause: of
// the others it was overcome before.
func tellsFault(c powerstate.Cause) bool {
	return c == powerstate.CloudFault || c == powerstate.TimedOut || c == powerstate.Canceled
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

// explain says what happened and what can be done about it.
func explain(f *powerstate.Error, within limit) (happened, remedy string) {
	switch f.Cause {
	case powerstate.CloudFault:
		return explainFault(f)
	case powerstate.Refused:
		return explainRefusal(f)
	case powerstate.TimedOut:
		happened = fmt.Sprintf("The time limit%s passed before %s.", within, goal(f, within))
		return withLastFault(f, happened), timeoutRemedy(f, within)
	case powerstate.Canceled:
		remedy = "What the cloud was already asked for goes on. The next apply begins with a look at the instance."
		if within.onlyLooks() {
			remedy = "Nothing was changed."
		}
		return withLastFault(f, fmt.Sprintf("The run was interrupted before %s.", goal(f, within))), remedy
	case powerstate.NoEffect:
		if f.Op == backend.OpReboot && f.Fault != nil && f.Fault.Kind == backend.KindUnavailable {
			return "The answer to the reboot was lost, and the instance was not seen to leave the running state since: it may not have been rebooted.", noEffectRemedy(f)
		}
		happened = fmt.Sprintf("The cloud accepted the %s, but the instance is %s again.", f.Op, stateWord(f))
		if f.Last != nil && f.Last.LastOperation != nil && f.Last.LastOperation.Message != "" {
			happened += " The cloud's reason: " + sentence(f.Last.LastOperation.Message)
		}
		return happened, noEffectRemedy(f)
	case powerstate.ModeIgnored:
		return explainMode(f)
	case powerstate.Vanished:
		return "The instance was there when the operation began, and is gone: somebody deleted it meanwhile.",
			"Remove the resource from the configuration, or change `instance_id` to that of the new instance."
	case powerstate.BecameUnavailable:
		return "The instance can no longer be operated" + because(blockedClause(f)) + ".", "See to it in the cloud's console, then apply again."
	}
	return upperFirst(f.Error()) + ".", ""
}

func goal(f *powerstate.Error, within limit) string {
	switch {
	case within.onlyLooks():
	case f.Target.State == backend.Running:
		return "the cloud reported the instance as running"
	case f.Target.State == backend.Stopped:
		return "the cloud reported the instance as stopped"
	}
	return "the cloud answered"
}

func timeoutRemedy(f *powerstate.Error, within limit) string {
	if f.Fault != nil && f.Fault.Unreachable && within.onlyLooks() {
		return strings.TrimSpace("Nothing was changed. Check the network between this machine and the cloud. " + f.Fault.Advice)
	}
	if within.onlyLooks() {
		return "Nothing was changed. If the cloud is often that slow, raise `" + within.attribute + "`."
	}
	return "The next apply begins with a look at the instance and goes on from there. If such a transition takes longer, raise `" +
		within.attribute + "`" + forceHint(f) + "."
}

// withLastFault adds the cloud's last refusal, which is often why time ran out.
func withLastFault(f *powerstate.Error, happened string) string {
	if f.Fault == nil || f.Fault.Message == "" {
		return happened
	}
	if f.Fault.Unreachable || f.Fault.Unsent {
		return happened + " " + opening(f.Fault) + sentence(f.Fault.Message)
	}
	return happened + " The cloud's last refusal: " + sentence(f.Fault.Message)
}

func forceHint(f *powerstate.Error) string {
	if f.Target.State == backend.Stopped && !f.Target.ForceStop && f.Target.ForceStopAfter == 0 &&
		f.Last != nil && f.Last.State == backend.Stopping {
		return "; if the guest does not obey, `force_stop_after` cuts the power after a while (unsaved data can be lost)"
	}
	return ""
}

func noEffectRemedy(f *powerstate.Error) string {
	if f.Op == backend.OpStop && !f.Target.ForceStop {
		return "The guest may have ignored the request to shut down. Shut it down from inside, or set `force_stop_after` or `force_stop` to cut the power (unsaved data can be lost)."
	}
	if f.Op == backend.OpStart {
		return "The cloud may have no stock of this instance type in the zone at the moment: apply again later, or change the type."
	}
	return "Apply again; if it stays so, see the instance's operations in the cloud's console."
}

func explainMode(f *powerstate.Error) (happened, remedy string) {
	seen := "it does not say in which mode"
	if f.Last != nil && f.Last.StoppedMode != backend.UnknownMode {
		seen = fmt.Sprintf("it reads back %q", f.Last.StoppedMode)
	}
	happened = fmt.Sprintf("The instance stopped, but not in the mode %q: %s.", f.Target.Mode, seen)
	if f.Last != nil && f.Last.StopChargingBar != "" {
		happened += " The likely reason: " + f.Last.StopChargingBar + "."
	}
	return happened, "Set `stopped_mode` to what the instance supports, or leave it out. The instance is stopped, and its state will show that at the next refresh."
}

func explainRefusal(f *powerstate.Error) (happened, remedy string) {
	if f.Reason == powerstate.IsAbsent && f.Region == "" {
		return "There is no such instance in the service that the provider is configured for.",
			"Check `instance_id`, the `service` of the provider's `" + f.Cloud + "` object, and that the credentials belong to the account of the instance."
	}
	switch f.Reason {
	case powerstate.IsAbsent:
		return "There is no such instance in that region.", "Check `instance_id`, `region`, and that the credentials belong to the account of the instance."
	case powerstate.IsUnavailable:
		return "The instance exists but cannot be operated" + because(blockedClause(f)) + ".", "See to it in the cloud's console, then plan again."
	case powerstate.IsBlocked:
		return "The instance cannot be operated" + because(blockedClause(f)) + ".", "Remove the cause in the cloud's console, then plan again."
	case powerstate.IsStopped:
		return "The instance is stopped, and only a running one can be rebooted.", "Start it instead."
	case powerstate.ModeUnsupported:
		bar := ""
		if f.Last != nil {
			bar = f.Last.StopChargingBar
		}
		return "The instance cannot stop charging" + because(bar) + ".", "Set `stopped_mode = \"keep_charging\"`, or leave it out."
	case powerstate.ModeNeedsRestart:
		return fmt.Sprintf("The instance is already stopped, in another mode than %q, and no call changes the mode of a stopped instance.", f.Target.Mode),
			"Set `allow_restart = true` to permit that it is started and stopped again, or set `stopped_mode` to the mode that it is in."
	case powerstate.NoReason:
	}
	return upperFirst(f.Error()) + ".", ""
}

func blockedClause(f *powerstate.Error) string {
	switch {
	case f.Last == nil:
		return ""
	case f.Last.Blocked != "":
		return f.Last.Blocked
	}
	return f.Last.StartBlocked
}

func because(clause string) string {
	if clause == "" {
		return ""
	}
	return ": " + clause
}

func explainFault(f *powerstate.Error) (happened, remedy string) {
	message := ""
	if f.Err != nil {
		message = f.Err.Error()
	}
	kind := backend.KindOther
	if f.Fault != nil {
		message, remedy, kind = f.Fault.Message, f.Fault.Advice, f.Fault.Kind
	}
	if remedy == "" {
		remedy = remedyOf(kind)
	}
	return opening(f.Fault) + sentence(message), remedy
}

// opening is how a fault begins. Only an answer of the API is said to be the
// cloud's.
func opening(fault *backend.Fault) string {
	switch {
	case fault == nil:
		return "The call failed: "
	case fault.Unreachable:
		return "The cloud could not be reached: "
	case fault.Unsent:
		return "The call was not made: "
	}
	return "The cloud answered: "
}

// remedyOf is what can be done about a fault whose code tells no more.
func remedyOf(kind backend.Kind) string {
	switch kind {
	case backend.KindDenied:
		return "Check the credentials of the provider's configuration and the permissions of their owner."
	case backend.KindNotFound:
		return "Check `instance_id` and `region`."
	case backend.KindInvalid:
		return "Check the attributes of the resource against what this instance supports."
	case backend.KindThrottled, backend.KindBusy, backend.KindUnavailable:
		return "Apply again later."
	case backend.KindOther:
	}
	return "Look the code up in the cloud's documentation; if it is one that the provider should handle, report it."
}

// diagnoseDryRun tells what the cloud's own dry run said: a refusal is an
// error, a question that could not be answered is a warning.
func diagnoseDryRun(client *powerstate.Client, id string, got powerstate.Preflight) diag.Diagnostics {
	var diags diag.Diagnostics
	fault, op := *got.DryRun, got.Decision.Op
	f := &powerstate.Error{
		Op: op, Cloud: client.Cloud(), Region: client.Region(), InstanceID: id, Fault: &fault, Last: &got.Seen,
	}
	happened, remedy := explainFault(f)
	text := happened + "\n\n" + facts(f) + "\n\n"
	switch fault.Kind {
	case backend.KindInvalid, backend.KindNotFound:
		diags.AddError(fmt.Sprintf("Dry run: unable to %s instance %q", op, id), text+remedy)
	case backend.KindDenied:
		diags.AddWarning(fmt.Sprintf("Dry run denied for instance %q", id),
			text+"The plan goes on without the dry run; an apply may be denied as well. "+remedy)
	case backend.KindBusy, backend.KindThrottled, backend.KindUnavailable, backend.KindOther:
		diags.AddWarning(fmt.Sprintf("No dry run for instance %q", id), text+"The plan goes on without the dry run.")
	}
	return diags
}

func stateWord(f *powerstate.Error) string {
	if f.Last == nil {
		return "as it was"
	}
	return f.Last.State.String()
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
		return "nothing that explains it."
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

// round keeps durations readable.
func round(d time.Duration) string {
	if d < time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
