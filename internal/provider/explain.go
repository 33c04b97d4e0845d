package provider

import (
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// explain says what happened and what can be done about it.
func explain(f *powerstate.Error, within limit) (happened, remedy string) {
	switch f.Cause {
	case powerstate.CloudFault:
		return explainFault(f, within.of)
	case powerstate.Refused:
		return explainRefusal(f, within.of)
	case powerstate.TimedOut:
		return unfinished(f, fmt.Sprintf("The time limit%s passed", within), within), timeoutRemedy(f, within)
	case powerstate.Canceled:
		remedy = within.of.goesOn(notUndone+" The next apply begins by reading the instance.") + restartRemedy(f)
		if within.onlyReads {
			remedy = "Nothing was changed."
		}
		return unfinished(f, "The run was interrupted", within), remedy
	case powerstate.NoEffect:
		return explainNoEffect(f), within.of.noEffectRemedy(f) + restartRemedy(f)
	case powerstate.AnswerLost:
		return fmt.Sprintf("The answer to the %s was lost, and no later read showed the instance leave the running state: "+
			"it may not have been rebooted.", f.Op), within.of.noEffectRemedy(f)
	case powerstate.ModeIgnored:
		return explainMode(f), within.of.ignoredRemedy()
	case powerstate.Vanished:
		return "The instance existed when the operation began, and is gone now: somebody has deleted it.",
			within.of.replacedRemedy()
	case powerstate.BecameUnavailable:
		return "The instance can no longer be operated" + because(blockedClause(f)) + ".",
			"Resolve this in the cloud's console, then apply again."
	case powerstate.Withdrawn:
		return "Another resource of this run declares the instance, so it was left to that one.", ""
	}
	return upperFirst(f.Error()) + ".", ""
}

// unfinished says that an operation was ended, and what it was waiting for.
func unfinished(f *powerstate.Error, ended string, within limit) string {
	text := ended + " before " + awaited(f, within) + "."
	switch {
	case f.Held:
		text = ended + " before the call was made: as many instances as `max_in_transition` permits were still in a " +
			"transition."
	case f.Queued:
		text = ended + " while another operation of this run on the same instance was under way."
	case f.Last != nil && f.Last.State == backend.Absent:
		text = ended + " while the cloud listed no such instance."
	}
	if f.Unanswered {
		text += fmt.Sprintf(" The %s was sent and is not answered yet: it may have taken effect.", nameOf(f))
	}
	return text + restarting(f) + lastFault(f)
}

// awaited is what an operation that was ended was waiting for.
func awaited(f *powerstate.Error, within limit) string {
	switch {
	case f.InstanceID == "":
		return "the listing ended"
	case within.onlyReads && f.Op != 0:
		return "the dry run was answered"
	case within.onlyReads || f.Target.Goal == 0:
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
	return fmt.Sprintf(" The instance was started so that it can be stopped again in the mode %q, "+
		"and was %s when it was last observed.", f.Target.Mode, f.Last.State)
}

// restartRemedy is what the next apply does about that.
func restartRemedy(f *powerstate.Error) string {
	if !f.Restarting {
		return ""
	}
	return fmt.Sprintf(" The next apply stops the instance in the mode %q; until then it is charged as running.",
		f.Target.Mode)
}

func timeoutRemedy(f *powerstate.Error, within limit) string {
	if f.Fault != nil && f.Fault.Unreachable && within.onlyReads {
		return strings.TrimSpace("Nothing was changed. Check the network between this machine and the cloud. " +
			f.Fault.Advice)
	}
	if within.onlyReads && f.Fault != nil && f.Fault.Advice != "" {
		return "Nothing was changed. " + f.Fault.Advice
	}
	if within.onlyReads {
		return "Nothing was changed. If the cloud is often that slow, raise `" + within.attribute + "`."
	}
	if refusedCall(f) {
		return refusedRemedy(f, within) + restartRemedy(f)
	}
	if f.Held {
		return within.of.goesOn("The next apply goes on from there.") +
			" Raise `max_in_transition` or `" + within.attribute + "`."
	}
	return within.of.goesOn("The next apply begins by reading the instance and goes on from there.") +
		" If such a transition takes longer, raise `" + within.attribute + "`" + forceHint(f) + "." + restartRemedy(f)
}

// refusedRemedy is what can be done about a call that the cloud refused until time was up.
func refusedRemedy(f *powerstate.Error, within limit) string {
	switch {
	case f.Fault.Advice != "":
		return f.Fault.Advice
	case f.Fault.Kind == backend.KindThrottled:
		return "The calls of this account exceed the limit of the cloud. Try again when its other callers have ended, " +
			"or give the call more time with `" + within.attribute + "`."
	}
	return "Find out in the cloud's console what keeps the instance busy, such as a lock or an operation that does not " +
		"end, then try again."
}

// lastFault is the error that was met last, which is often why time ran out.
func lastFault(f *powerstate.Error) string {
	if f.Fault == nil || f.Fault.Message == "" {
		return ""
	}
	text := " The cloud's last refusal: " + sentence(f.Fault.Message)
	if refusedCall(f) {
		text = fmt.Sprintf(" The cloud refused the %s until then: %s", nameOf(f), sentence(f.Fault.Message))
	}
	if f.Fault.Unreachable || f.Fault.Unsent || !answered(f.Fault) || f.Fault.Kind == backend.KindUnavailable {
		// An answer that cannot be read, or that of a broken server, refuses nothing.
		text = " " + outcomeOf(f.Fault)
	}
	if f.Fault.RetryAfter > 0 {
		text += fmt.Sprintf(" It asked for a pause of %s.", f.Fault.RetryAfter)
	}
	return text
}

// refusedCall reports whether the cloud refused the last call until the operation ended.
func refusedCall(f *powerstate.Error) bool {
	return f.CallRefused && f.Fault != nil && f.Op != 0 && answered(f.Fault)
}

// nameOf names the last call.
func nameOf(f *powerstate.Error) string {
	if f.Forced {
		return "forced " + f.Op.String()
	}
	return f.Op.String()
}

// answered reports whether a fault has anything that only an answer can give.
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
	return text + restarting(f)
}

func forceHint(f *powerstate.Error) string {
	if f.Target.Goal == powerstate.GoalStopped && !f.Target.ForceStop && f.Target.ForceStopAfter == 0 &&
		f.Last != nil && f.Last.State == backend.Stopping {
		return "; if the guest does not shut down, `force_stop_after` cuts the power after a while (unsaved data can be lost)"
	}
	return ""
}

func explainMode(f *powerstate.Error) string {
	seen := "the cloud does not report its mode"
	if f.Last != nil && f.Last.StoppedMode != backend.UnknownMode {
		seen = fmt.Sprintf("the cloud reports %q", f.Last.StoppedMode)
	}
	happened := fmt.Sprintf("The instance stopped, but not in the mode %q: %s.", f.Target.Mode, seen)
	if f.Last != nil && f.Last.StopChargingBar != "" {
		happened += " The likely reason: " + f.Last.StopChargingBar + "."
	}
	return happened
}

func explainRefusal(f *powerstate.Error, of surface) (happened, remedy string) {
	switch f.Reason {
	case powerstate.IsAbsent:
		where := fmt.Sprintf("Check `%s`, `region`,", of.ids)
		if f.Region == "" {
			where = fmt.Sprintf("Check `%s`, the `service` of the provider's `%s` block,", of.ids, f.Cloud)
		}
		return isAbsent(f.Region), where + " and that the credentials belong to the account of the instance."
	case powerstate.IsUnavailable:
		return "The instance exists but cannot be operated" + because(blockedClause(f)) + ".",
			"Resolve this in the cloud's console, then plan again."
	case powerstate.IsBlocked:
		return "The instance cannot be operated" + because(blockedClause(f)) + ".",
			"Remove the cause in the cloud's console, then plan again."
	case powerstate.IsStopped:
		return "The instance is stopped, and only a running one can be rebooted.", "Start it instead."
	case powerstate.ModeUnsupported:
		bar := ""
		if f.Last != nil {
			bar = f.Last.StopChargingBar
		}
		return "The instance cannot stop charging" + because(bar) + ".",
			"Set `stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out."
	case powerstate.ModeNeedsRestart:
		return fmt.Sprintf("The instance is already stopped, in a mode other than %q, "+
				"and no call changes the mode of a stopped instance.", f.Target.Mode),
			of.modeRemedy()
	case powerstate.NoReason:
	}
	return upperFirst(f.Error()) + ".", ""
}

// isAbsent says that there is no such instance; region is empty on a cloud without
// regions.
func isAbsent(region string) string {
	if region == "" {
		return "There is no such instance in the service that the provider is configured for."
	}
	return "There is no such instance in that region."
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

func explainFault(f *powerstate.Error, of surface) (happened, remedy string) {
	if f.Fault == nil {
		message := ""
		if f.Err != nil {
			message = f.Err.Error()
		}
		return "The call failed: " + sentence(message) + restarting(f), remedyOf(backend.KindOther, of) + restartRemedy(f)
	}
	remedy = f.Fault.Advice
	if remedy == "" {
		remedy = remedyOf(f.Fault.Kind, of)
	}
	return outcomeOf(f.Fault) + restarting(f), remedy + restartRemedy(f)
}

// outcomeOf says how a call failed. That the cloud answered is said only of an answer.
func outcomeOf(fault *backend.Fault) string {
	text := "The cloud answered: "
	switch {
	case fault.Unreachable:
		text = "The cloud could not be reached: "
	case fault.Unsent:
		text = "The call was not made: "
	case !answered(fault):
		text = "The call failed: "
	}
	return text + sentence(fault.Message)
}

// remedyOf is what can be done about a fault whose code tells no more.
func remedyOf(kind backend.Kind, of surface) string {
	switch kind {
	case backend.KindDenied:
		return "Check the credentials of the provider's configuration and the permissions of their owner."
	case backend.KindNotFound:
		return "Check `" + of.ids + "` and `region`."
	case backend.KindInvalid:
		return "Check the attributes of the resource against what this instance supports."
	case backend.KindThrottled, backend.KindBusy, backend.KindUnavailable:
		return "Apply again later."
	case backend.KindOther:
	}
	return "Look the code up in the cloud's documentation; if it is one that the provider should handle, report it."
}
