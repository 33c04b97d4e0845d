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

// onlyReads is true of a refresh, a preflight and a listing, which change
// nothing.
func (l limit) onlyReads() bool {
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

// pendingOperation is the last operation of the instance where the wait for it has
// used up the time although the instance is in no transition.
func pendingOperation(f *powerstate.Error) *backend.Operation {
	if f.Last == nil || f.Cause != powerstate.TimedOut && f.Cause != powerstate.Canceled {
		return nil
	}
	op := f.Last.LastOperation
	if op == nil || op.State != backend.OperationRunning || f.Last.State != backend.Running && f.Last.State != backend.Stopped {
		return nil
	}
	return op
}

// explain says what happened and what can be done about it.
func explain(f *powerstate.Error, within limit) (happened, remedy string) {
	switch f.Cause {
	case powerstate.CloudFault:
		return explainFault(f)
	case powerstate.Refused:
		return explainRefusal(f)
	case powerstate.TimedOut:
		return unfinished(f, fmt.Sprintf("The time limit%s passed", within), within), timeoutRemedy(f, within)
	case powerstate.Canceled:
		remedy = "What the cloud was already asked for goes on. The next apply begins by reading the instance." + restartRemedy(f)
		if within.onlyReads() {
			remedy = "Nothing was changed."
		}
		return unfinished(f, "The run was interrupted", within), remedy
	case powerstate.NoEffect:
		return explainNoEffect(f), noEffectRemedy(f) + restartRemedy(f)
	case powerstate.AnswerLost:
		return fmt.Sprintf("The answer to the %s was lost, and the instance was not observed to leave the running state since: it may not have been rebooted.", f.Op),
			noEffectRemedy(f)
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

// unfinished says that an operation was ended, and what it was waiting for.
func unfinished(f *powerstate.Error, ended string, within limit) string {
	text := ended + " before " + awaited(f, within) + "."
	switch {
	case f.Queued:
		text = ended + " while another operation of this run on the same instance was under way."
	case f.Last != nil && f.Last.State == backend.Absent:
		text = ended + " while the cloud listed no such instance."
	}
	return text + restarting(f) + lastFault(f)
}

// awaited is what an operation that was ended was waiting for.
func awaited(f *powerstate.Error, within limit) string {
	switch {
	case f.InstanceID == "":
		return "the listing ended"
	case within.onlyReads() || f.Target.Goal == 0:
		return "the instance could be read"
	case f.Target.Goal == powerstate.GoalRebooted:
		return "the cloud reported the instance as running again"
	}
	return "the cloud reported the instance as " + f.Target.Goal.String()
}

// restarting says in which state an operation left an instance that was to be stopped
// again in another mode.
func restarting(f *powerstate.Error) string {
	if !f.Restarting {
		return ""
	}
	return fmt.Sprintf(" The instance was started so that it can be stopped again in the mode %q, and was %s when it was last observed.", f.Target.Mode, f.Last.State)
}

// restartRemedy is what the next apply does about that.
func restartRemedy(f *powerstate.Error) string {
	if !f.Restarting {
		return ""
	}
	return fmt.Sprintf(" The next apply stops the instance in the mode %q; until then it is charged as running.", f.Target.Mode)
}

func timeoutRemedy(f *powerstate.Error, within limit) string {
	if within.onlyReads() {
		return "Nothing was changed. If the cloud is often that slow, raise `" + within.attribute + "`."
	}
	return "The next apply begins by reading the instance and goes on from there. If such a transition takes longer, raise `" +
		within.attribute + "`" + forceHint(f) + "." + restartRemedy(f)
}

// lastFault is the error that was met last, which is often why time ran out.
func lastFault(f *powerstate.Error) string {
	if f.Fault == nil || f.Fault.Message == "" {
		return ""
	}
	text := " The last error: "
	if answered(f.Fault) {
		text = " The cloud's last refusal: "
	}
	text += sentence(f.Fault.Message)
	if f.Fault.RetryAfter > 0 {
		text += fmt.Sprintf(" It asked for a pause of %s.", f.Fault.RetryAfter)
	}
	return text
}

// answered reports whether a fault comes from an answer of the cloud, or of a gateway
// before it, and not from a call that got none.
func answered(fault *backend.Fault) bool {
	return fault.Status != 0 || fault.Code != "" || fault.RequestID != ""
}

// explainNoEffect says what became of a call that the cloud accepted.
func explainNoEffect(f *powerstate.Error) string {
	text := fmt.Sprintf("The cloud accepted the %s, ", f.Op)
	switch {
	case f.Last == nil:
		text += "but the instance is as it was."
	case f.Returned:
		text += fmt.Sprintf("but the instance is %s again.", f.Last.State)
	default:
		text += fmt.Sprintf("but the instance is still %s.", f.Last.State)
	}
	if f.Last != nil && f.Last.LastOperation != nil && f.Last.LastOperation.Message != "" {
		text += " The cloud's reason: " + sentence(f.Last.LastOperation.Message)
	}
	return text
}

func forceHint(f *powerstate.Error) string {
	if f.Target.Goal == powerstate.GoalStopped && !f.Target.ForceStop && f.Target.ForceStopAfter == 0 &&
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
	switch {
	case f.Fault != nil && answered(f.Fault):
		return "The cloud answered: " + sentence(message) + restarting(f), remedy + restartRemedy(f)
	case kind == backend.KindUnavailable:
		return "The cloud could not be reached: " + sentence(message) + restarting(f), remedy + restartRemedy(f)
	}
	return "The call failed: " + sentence(message) + restarting(f), remedy + restartRemedy(f)
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
		Op: op, Cloud: client.Cloud(), Region: client.Region(), InstanceID: id, Fault: &fault, Last: &got.Observed,
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
