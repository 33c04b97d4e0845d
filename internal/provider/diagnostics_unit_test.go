package provider

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// What an apply cannot bring about, or only at the edges of the engine's
// contract, is tested on the texts alone. The rest is in the tests over RPC.
func TestDiagnosticsThatAreRarelySeen(t *testing.T) {
	t.Parallel()
	running := &backend.Instance{State: backend.Running, Raw: "RUNNING"}
	stop := powerstate.Target{Goal: powerstate.GoalStopped}
	create := onInstance.limit("create", 90*time.Second)
	const facts = "\n\n  Cloud:       here, r-1\n  Wanted:      stopped\n"
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"an error that is not the engine's": {
			errors.New("read the plan: strange"), "Unable to work on the instance\n\nRead the plan: strange.",
		},
		"an answer without a code": {
			failure(powerstate.Error{
				Target: stop, Op: backend.OpStop,
				Fault: &backend.Fault{Kind: backend.KindUnavailable, Status: 502, Message: "Bad Gateway"},
			}),
			"Unable to stop instance \"h-1\"\n\nThe cloud answered: Bad Gateway." + facts + "  HTTP status: 502\n\n" +
				"Apply again later.",
		},
		"an answer without a text": {
			failure(powerstate.Error{Target: stop, Fault: &backend.Fault{Kind: backend.KindBusy, Code: "Busy", Status: 409}}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The cloud answered: no explanation." + facts + "  Code:        Busy\n\nApply again later.",
		},
		"an error without a fault": {
			failure(powerstate.Error{Target: stop, Op: backend.OpStop, Err: errors.New("the driver gave no outcome")}),
			"Unable to stop instance \"h-1\"\n\nThe call failed: the driver gave no outcome." + facts +
				"\nLook the code up in the cloud's documentation; if it is one that the provider should handle, report it.",
		},
		"a throttle that is the end": {
			failure(powerstate.Error{
				Target: stop, Fault: &backend.Fault{Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down."},
			}),
			"Unable to stop instance \"h-1\"\n\nThe cloud answered: slow down." + facts + "  Code:        Throttling\n\n" +
				"Apply again later.",
		},
		"a reboot": {
			failure(powerstate.Error{
				Op: backend.OpReboot, Fault: &backend.Fault{Kind: backend.KindDenied, Code: "Denied", Message: "no"},
			}),
			"Unable to reboot instance \"h-1\"\n\nThe cloud answered: no.\n\n" +
				"  Cloud:       here, r-1\n  Code:        Denied\n\n" +
				"Check the credentials of the provider's configuration and the permissions of their owner.",
		},
		"a cloud without regions": {
			&powerstate.Error{Cloud: "flat", InstanceID: "f-1", Cause: powerstate.TimedOut},
			"Unable to read instance \"f-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the instance could be read.\n\n  Cloud:       flat\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time after less than a second": {
			failure(powerstate.Error{Cause: powerstate.TimedOut, Target: stop, Last: running, LastFor: 314 * time.Millisecond}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped." + facts +
				"  Last seen:   running (RUNNING), for 310ms\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time before the call was answered": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: stop, Op: backend.OpStop, Last: running, LastFor: time.Second, Unanswered: true,
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The stop was sent and is not answered yet: it may have taken effect." + facts +
				"  Last seen:   running (RUNNING), for 1s\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an interruption while the cloud refused": {
			failure(powerstate.Error{
				Cause: powerstate.Canceled, Target: stop, Fault: &backend.Fault{Code: "Throttling", Message: "slow down"},
			}),
			"Unable to stop instance \"h-1\"\n\nThe run was interrupted before the cloud reported the instance as stopped. " +
				"The cloud's last refusal: slow down." +
				facts + "  Code:        Throttling\n\n" +
				"Calls that the cloud has already accepted are not undone. The next apply begins by reading the instance.",
		},
		"a call without an effect on what was never seen": {
			failure(powerstate.Error{Cause: powerstate.NoEffect, Op: backend.OpReboot}),
			"Unable to reboot instance \"h-1\"\n\nThe cloud accepted the reboot, but the instance is as it was.\n\n" +
				"  Cloud:       here, r-1\n\n" +
				"Apply again; if it stays so, see the instance's operations in the cloud's console.",
		},
		"a call without an effect on what stays as it is": {
			failure(powerstate.Error{
				Cause: powerstate.NoEffect, Op: backend.OpStop, Target: stop,
				Last: &backend.Instance{State: backend.Stopping, Raw: "STOPPING"},
			}),
			"Unable to stop instance \"h-1\"\n\nThe cloud accepted the stop, but the instance is still stopping." + facts +
				"  Last seen:   stopping (STOPPING)\n\n" +
				"The guest may have ignored the request to shut down. " +
				"Shut it down from inside, or set `force_stop_after` or `force_stop` to cut the power (unsaved data can be lost).",
		},
		"a call that got no answer": {
			failure(powerstate.Error{
				Target: stop, Op: backend.OpStop,
				Fault: &backend.Fault{Kind: backend.KindUnavailable, Message: "dial tcp: no route", Unreachable: true},
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The cloud could not be reached: dial tcp: no route." + facts + "\nApply again later.",
		},
		"an end of time while calls got no answer": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: stop,
				Fault: &backend.Fault{Kind: backend.KindUnavailable, Message: "dial tcp: no route", Unreachable: true},
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The cloud could not be reached: dial tcp: no route." + facts +
				"\nThe next apply begins by reading the instance and goes on from there. If such a transition takes longer, " +
				"raise `timeouts.create`.",
		},
		"an end of time after an answer that cannot be read": {
			failure(powerstate.Error{Cause: powerstate.TimedOut, Target: stop, Op: backend.OpStop, Fault: &backend.Fault{
				Kind: backend.KindUnavailable, Status: 200, Message: "the answer cannot be read: unexpected end of JSON input",
			}}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The cloud answered: the answer cannot be read: unexpected end of JSON input." + facts +
				"\nThe next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time while the cloud asked for a long pause": {
			failure(powerstate.Error{Cause: powerstate.TimedOut, Target: stop, Fault: &backend.Fault{
				Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down", RetryAfter: 24 * time.Hour,
			}}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The cloud's last refusal: slow down. It asked for a pause of 24h0m0s." + facts + "  Code:        Throttling\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time while every cut was refused": {
			failure(powerstate.Error{
				Cause:       powerstate.TimedOut,
				Target:      powerstate.Target{Goal: powerstate.GoalStopped, ForceStopAfter: 30 * time.Second},
				Op:          backend.OpStop,
				CallRefused: true,
				Forced:      true,
				LastFor:     80 * time.Second,
				Last:        &backend.Instance{State: backend.Stopping, Raw: "STOPPING"},
				Fault: &backend.Fault{
					Kind: backend.KindBusy, Code: "IncorrectInstanceStatus", Message: "the instance is stopping", RequestID: "req-7",
				},
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The cloud refused the forced stop until then: the instance is stopping." + facts +
				"  Last seen:   stopping (STOPPING), for 1m20s\n  Code:        IncorrectInstanceStatus\n  Request id:  req-7\n\n" +
				"Find out in the cloud's console what keeps the instance busy, such as a lock or an operation that does not end, " +
				"then try again.",
		},
		"an end of time while every stop was refused, with the advice of the cloud's code": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: stop, Op: backend.OpStop, CallRefused: true,
				Fault: &backend.Fault{Kind: backend.KindBusy, Code: "Locked", Message: "locked", Advice: "Unlock the instance."},
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The cloud refused the stop until then: locked." + facts + "  Code:        Locked\n\nUnlock the instance.",
		},
		"an end of time while every start was throttled": {
			failure(powerstate.Error{
				Cause:       powerstate.TimedOut,
				Target:      powerstate.Target{Goal: powerstate.GoalRunning},
				Op:          backend.OpStart,
				CallRefused: true,
				Fault:       &backend.Fault{Kind: backend.KindThrottled, Code: "Throttling", Message: "slow down"},
			}),
			"Unable to start instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as running. " +
				"The cloud refused the start until then: slow down.\n\n" +
				"  Cloud:       here, r-1\n  Wanted:      running\n  Code:        Throttling\n\n" +
				"The calls of this account exceed the limit of the cloud. Try again when its other callers have ended, " +
				"or give the call more time with `timeouts.create`.",
		},
		"an end of time behind another operation": {
			failure(powerstate.Error{Cause: powerstate.TimedOut, Target: stop, Queued: true}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed while another operation of this run on the same instance was " +
				"under way." +
				facts +
				"\nThe next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time in the search for an instance": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: stop, Last: &backend.Instance{State: backend.Absent}, LastFor: 90 * time.Second,
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed while the cloud listed no such instance." +
				facts + "  Last seen:   absent, for 1m30s\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time while an operation does not move": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: powerstate.Target{Goal: powerstate.GoalRunning}, Op: backend.OpStart,
				LastFor: 90 * time.Second,
				Last: &backend.Instance{State: backend.Stopped, Raw: "STOPPED", LastOperation: &backend.Operation{
					Name: "StartInstances", RequestID: "req-7", State: backend.OperationRunning,
				}},
			}),
			"Unable to start instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as running.\n\n" +
				"  Cloud:       here, r-1\n  Wanted:      running\n  Last seen:   stopped (STOPPED), for 1m30s\n" +
				"  Operation:   StartInstances req-7, not ended\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`.",
		},
		"an end of time in a restart for the mode": {
			failure(powerstate.Error{
				Cause: powerstate.TimedOut, Target: powerstate.Target{
					Goal: powerstate.GoalStopped, Mode: backend.StopCharging, AllowRestart: true,
				},
				Op: backend.OpStop, Last: running, LastFor: 5 * time.Second, Restarting: true,
			}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The time limit of 1m30s (`timeouts.create`) passed before the cloud reported the instance as stopped. " +
				"The instance was started so that it can be stopped again in the mode \"stop_charging\", " +
				"and was running when it was last observed.\n\n" +
				"  Cloud:       here, r-1\n  Wanted:      stopped, stop_charging\n  Last seen:   running (RUNNING), for 5s\n\n" +
				"The next apply begins by reading the instance and goes on from there. " +
				"If such a transition takes longer, raise `timeouts.create`. " +
				"The next apply stops the instance in the mode \"stop_charging\"; until then it is charged as running.",
		},
		"a reboot whose answer was lost": {
			failure(powerstate.Error{
				Cause: powerstate.AnswerLost, Op: backend.OpReboot, Target: powerstate.Target{Goal: powerstate.GoalRebooted},
				Last:  running,
				Fault: &backend.Fault{Kind: backend.KindUnavailable, Message: "connection reset"},
			}),
			"Unable to reboot instance \"h-1\"\n\n" +
				"The answer to the reboot was lost, and no later read showed the instance leave the running state: " +
				"it may not have been rebooted.\n\n" +
				"  Cloud:       here, r-1\n  Wanted:      rebooted\n  Last seen:   running (RUNNING)\n\n" +
				"Apply again; if it stays so, see the instance's operations in the cloud's console.",
		},
		"an absent instance of a cloud without regions": {
			&powerstate.Error{
				Cause: powerstate.Refused, Reason: powerstate.IsAbsent, Target: stop, Cloud: "flat", InstanceID: "f-1",
			},
			"Unable to stop instance \"f-1\"\n\n" +
				"There is no such instance in the service that the provider is configured for.\n\n" +
				"  Cloud:       flat\n  Wanted:      stopped\n\n" +
				"Check `instance_id`, the `service` of the provider's `flat` block, " +
				"and that the credentials belong to the account of the instance.",
		},
		"an unavailable instance that does not say why": {
			failure(powerstate.Error{Cause: powerstate.Refused, Reason: powerstate.IsUnavailable, Target: stop}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The instance exists but cannot be operated." + facts + "\nResolve this in the cloud's console, then plan again.",
		},
		"a bar without a reason": {
			failure(powerstate.Error{Cause: powerstate.Refused, Reason: powerstate.ModeUnsupported, Target: stop}),
			"Unable to stop instance \"h-1\"\n\n" +
				"The instance cannot stop charging." + facts +
				"\nSet `stopped_mode` to `keep_charging` or `stop_charging_if_supported`, or leave it out.",
		},
		"a reboot of what is stopped": {
			failure(powerstate.Error{Cause: powerstate.Refused, Reason: powerstate.IsStopped, Op: backend.OpReboot}),
			"Unable to reboot instance \"h-1\"\n\nThe instance is stopped, and only a running one can be rebooted.\n\n" +
				"  Cloud:       here, r-1\n\nStart it instead.",
		},
		"a refusal without a reason": {
			failure(powerstate.Error{Cause: powerstate.Refused, Target: stop}),
			"Unable to stop instance \"h-1\"\n\nRead here instance h-1: refused." + facts[:len(facts)-1],
		},
		"a cause that does not exist": {
			failure(powerstate.Error{Cause: 99, Target: stop}),
			"Unable to stop instance \"h-1\"\n\nRead here instance h-1: invalid." + facts[:len(facts)-1],
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := diagnose(test.err, create)
			if diff := cmp.Diff(got.Summary()+"\n\n"+got.Detail(), test.want); diff != "" {
				t.Errorf("diagnostic (-got +want):\n%s", diff)
			}
		})
	}
}

// failure is an error of the engine about h-1.
func failure(e powerstate.Error) error {
	e.Cloud, e.Region, e.InstanceID = "here", "r-1", "h-1"
	return &e
}

func TestAnInterruptedReadChangedNothing(t *testing.T) {
	t.Parallel()
	got := diagnose(
		failure(powerstate.Error{Cause: powerstate.Canceled, Target: powerstate.Target{Goal: powerstate.GoalStopped}}),
		onInstance.limit("read", time.Minute),
	)
	const want = "The run was interrupted before the instance could be read.\n\n  Cloud:       here, r-1\n" +
		"  Wanted:      stopped\n\nNothing was changed."
	if diff := cmp.Diff(got.Detail(), want); diff != "" {
		t.Errorf("diagnostic (-got +want):\n%s", diff)
	}
}

// TestAReadThatIsRefusedUntilItsTimeIsUpNamesTheAdvice: more time does not help it.
func TestAReadThatIsRefusedUntilItsTimeIsUpNamesTheAdvice(t *testing.T) {
	t.Parallel()
	for advice, want := range map[string]string{
		"Check it.": "Check it.", "": "If the cloud is often that slow, raise `timeouts.read`.",
	} {
		got := diagnose(failure(powerstate.Error{Cause: powerstate.TimedOut, Fault: &backend.Fault{
			Kind: backend.KindUnavailable, Message: "odd", Status: 200, Advice: advice,
		}}), onInstance.limit("read", time.Minute))
		if !strings.HasSuffix(got.Detail(), "\n\nNothing was changed. "+want) {
			t.Errorf("got %q, want it to end in %q", got.Detail(), want)
		}
	}
}

func TestPiecesOfDiagnostics(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		sentence("  it failed "):             "it failed.",
		sentence("It failed."):               "It failed.",
		sentence(" "):                        "no explanation.",
		upperFirst(""):                       "",
		upperFirst("über"):                   "Über",
		round(1499 * time.Millisecond):       "1s",
		round(3 * time.Millisecond):          "0s",
		round(754 * time.Second):             "12m34s",
		because(""):                          "",
		because("it is locked"):              ": it is locked",
		limit{attribute: "timeout"}.String(): " of 0s (`timeout`)",
		limit{}.String():                     "",
		quoteAll([]string{"one", "two"}):     "`one`, `two`",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
